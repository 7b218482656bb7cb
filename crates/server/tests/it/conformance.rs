//! The suites that every backend of the store must pass, over those that there are.

use keepsave_server::vault::Vault;
use keepsave_testkit::conformance::{blobs, database};

/// Each function of a suite as a test of its own, in memory and on disk.
macro_rules! over_every_backend {
    ($suite:ident, $vault:ident => $store:expr; $($name:ident,)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                let $vault = Vault::in_memory().unwrap();
                $suite::$name($store).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_disk() {
                let data = tempfile::tempdir().unwrap();
                let $vault = Vault::open(data.path()).unwrap();
                $suite::$name($store).await;
            }
        }
    )*};
}

over_every_backend! {
    blobs, vault => vault.blobs();
    what_goes_in_comes_out,
    pieces_do_not_matter,
    what_is_broken_off_is_not_there,
    a_reader_can_begin_anywhere,
    what_is_not_there_is_missing,
    what_came_in_lately_stays,
    what_is_set_aside_is_gone_until_it_comes_again,
    an_open_blob_stays_readable,
    every_blob_is_listed,
    many_at_once_make_one_blob,
}

over_every_backend! {
    database, vault => &vault;
    what_is_written_is_read,
    a_failed_work_is_undone,
    works_at_once_stand_alone,
    a_reader_sees_one_moment,
    values_come_back,
    the_dialect_is_shared,
    references_hold,
}
