//! Which RomM the stand-in is, and what it is known to do wrong.

/// A release of RomM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// Saves with slots and devices; nothing negotiates.
    V4_8_1,
    /// Negotiation, sync sessions and play sessions.
    V4_9,
    /// Sign-in by device code, and saves that can be shown to others.
    V5_1,
}

impl Release {
    /// What its heartbeat calls it.
    pub fn version(self) -> &'static str {
        match self {
            Self::V4_8_1 => "4.8.1",
            Self::V4_9 => "4.9.0",
            Self::V5_1 => "5.1.0",
        }
    }
}

/// What RomM does that costs its clients something. Each has its release's default, and a test may
/// switch it to see what a client does with and without.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one quirk that is there or not"
)]
pub struct Quirks {
    /// An upload whose content its slot has already adds nothing: the older row is the answer. It
    /// is told before a row of the device is written, so the device is shown as not current.
    pub dedupes: bool,
    /// That upload's file is removed even when it lies where the older row's file does. Names carry
    /// the second, so the same upload twice within a second removes the only copy.
    pub dedupe_removes_the_only_copy: bool,
    /// Whole seconds are kept of every moment. Only the answer to the request that makes a row has
    /// a fraction, so the device that made it is shown as not current.
    pub keeps_whole_seconds: bool,
    /// No limit on tries of pairing codes, device codes and their polls when false.
    pub limits_rates: bool,
    /// How often a device may ask whether it was let in. 0 lets it ask at once.
    pub poll_interval_seconds: u32,
    /// A device that synced a row when it was updated is not current: it must have synced later.
    pub current_is_later_than_the_update: bool,
    /// Listing saves for a device writes a row for it on each save that has none.
    pub listing_writes_device_rows: bool,
    /// A PUT takes no notice of the device that sends it.
    pub put_ignores_the_device: bool,
    /// A PUT leaves the hash of what was there before.
    pub put_leaves_the_hash: bool,
    /// A content counts as there already when any slot of the game has it.
    pub dedupes_across_slots: bool,
    /// An `autocleanup_limit` of 0 removes the upload too.
    pub cleanup_may_remove_all: bool,
    /// An upload over a row from another emulator lands in that emulator's folder, while the row
    /// goes on to show the file where it was.
    pub rows_stay_where_they_were: bool,
    /// An upload takes over a row of its name from another slot.
    pub names_cross_slots: bool,
}

impl Quirks {
    /// What is known of a release.
    pub fn of(release: Release) -> Self {
        let oldest = release == Release::V4_8_1;
        let before_5 = release < Release::V5_1;
        Self {
            dedupes: true,
            dedupe_removes_the_only_copy: true,
            keeps_whole_seconds: true,
            limits_rates: true,
            poll_interval_seconds: 5,
            current_is_later_than_the_update: oldest,
            listing_writes_device_rows: oldest,
            put_ignores_the_device: oldest,
            put_leaves_the_hash: oldest,
            dedupes_across_slots: oldest,
            cleanup_may_remove_all: before_5,
            rows_stay_where_they_were: before_5,
            names_cross_slots: before_5,
        }
    }
}
