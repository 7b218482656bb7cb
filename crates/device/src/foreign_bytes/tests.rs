//! Every body, on its corpus and on what comes of changing it.

use keepsave_testkit::foreign_bytes::hold;

use super::TARGETS;

fn target(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    hold(target.name, target.body);
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            target(stringify!($name));
        }
    )*
        #[test]
        fn each_target_has_a_test() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), tested);
        }
    };
}

tests! {
    retroarch_cfg playlist es_systems gamelist es_settings es_find_rules manifest state_import
    settings zip_hash zip_unpack rzip disc_ids file_names state_names times_and_hashes answers
}
