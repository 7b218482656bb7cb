//! The shape of every decision: what to do, why in one sentence, and the facts it stands on.

use serde::{Deserialize, Serialize};

use crate::ids::VersionId;
use crate::reasons::reasons;

/// What was decided. Logs, `--json` and pages show this same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision<A> {
    /// What to do.
    pub action: A,
    /// Why.
    pub reason: Reason,
    /// What it was decided on.
    pub facts: Facts,
}

/// The facts that a decision used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The timeline's head.
    pub head: Option<VersionId>,
    /// What the device last held.
    pub baseline: Option<VersionId>,
    /// Whether the device has the head.
    pub has_head: bool,
    /// How the content in question stands to the timeline; none where no content is in question.
    pub content: Option<Relation>,
}

/// How a content stands to a timeline, as seen from one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It is the head's.
    Head,
    /// It is the baseline's, not the head's.
    Baseline,
    /// Every version with it is one that the baseline grew from.
    BeforeBaseline,
    /// Some version has it.
    Known,
    /// No version has it.
    Unknown,
    /// The client sent no hash to tell.
    Unhashed,
}

reasons! {
    /// Why: one sentence. Where the case is RomM's, so is the sentence: clients match it.
    pub enum Reason {
        // Negotiate: RomM's sentences.
        /// Nothing in the slot.
        NotOnServer => "Save exists on client but not on server",
        /// The device opted out.
        Untracked => "Save is untracked on this device",
        /// The content is the head's.
        Identical => "Content is identical",
        /// The device has the head and the content is new.
        ClientNewer => "Client save is newer than last sync",
        /// The content is known and the head went past it.
        ServerNewer => "Server save is newer than last sync",
        /// The content is known, of a device that never synced here.
        ServerNewerNoHistory => "Server save is newer (no sync history)",
        /// The content is new and the device does not have the head.
        BothChanged => "Both sides changed since last sync",
        /// The device never held any version and did not name the slot.
        NotOnClient => "Save exists on server but not on client",
        /// The device did not name the slot, whose head went past what it held.
        ServerUpdatedNotOnClient => "Server save updated since last sync, not present on client",
        // Negotiate: cases that RomM does not have.
        /// The content was deleted, and the head did not grow from it.
        Deleted => "Save was deleted on the server",
        /// The device has the head and shows older content.
        ClientWentBack => "Client went back to an older save",
        /// The device shows older content than it held, and the head moved on.
        WentBackWhileOthersMovedOn => "Client went back to an older save while other devices moved on",
        /// A new content from a device that never synced here.
        UnknownNoHistory => "Both sides have a save (no sync history)",
        /// No hash, from a device that has the head.
        UnhashedWithHead => "Client sent no content hash, uploading compares the content",
        /// No hash, from a device that does not have the head.
        UnhashedBehind => "Client sent no content hash and the server save changed since last sync",
        /// Another file of the same slot on this device is ahead of this one.
        OtherFileAhead => "Another file of this slot on the client is ahead of this one",
        /// The device has the head and did not name the slot.
        RemovedOnClient => "Client has no file for this slot and had the newest save",
        /// A companion file that the device never held.
        CompanionNeverHeld => "Client never held this companion file",
        // Uploads.
        /// The newest row holds this very content.
        HeadHasContent => "The newest save of the slot has this content",
        /// Nothing in the slot.
        FirstInSlot => "First save of the slot",
        /// The device has the head.
        FollowsHead => "Follows the newest save, which the device has",
        /// No device was named, so none can be stale.
        NoDevice => "Follows the newest save, as no device is named",
        /// The content is an older version's, made the head again.
        Reverts => "Goes back to an older save of the slot",
        /// A person chose this content over the newest.
        Overwrites => "Replaces the newest save on request",
        /// An upload that was stored before, sent again after others moved on.
        LateRetry => "Was stored before and the slot has moved on since",
        /// The device does not have the head.
        Stale => "Slot has a newer save since your last sync",
        /// The device does not have the archive row's content.
        StaleArchive => "Save has been updated since your last sync",
        /// A blank file over one that is not.
        Blank => "Slot has a save and this upload is blank",
        /// A person restored a version.
        Restored => "Restored by a person",
        /// The archive row of that name takes the content.
        ArchiveUpdated => "Updates the archived save of that name",
        /// A row is rewritten in place.
        Rewritten => "Rewrites the save on request",
    }
}
