//! Why a device was told what it was told: the sentence of a decision in the words of the page. On
//! the wire it stays RomM's.

use keepsave_core::lineage::Reason;

use super::page::Page;
use super::words::Phrase;
use crate::overview::sessions::Step;

impl Page {
    /// Why, in one sentence. A reason that is not known here is said as it was told.
    pub fn why(&self, step: &Step, device: impl Into<String>) -> Phrase<'static> {
        let device: String = device.into();
        let said = &step.operation.reason;
        let known = Reason::ALL.iter().find(|reason| reason.as_str() == said);
        let Some(reason) = known else {
            return self.said(said.clone());
        };
        match (reason, step.held, step.head) {
            (Reason::NotOnServer, ..) => self.why_first(),
            (Reason::Untracked, ..) => self.why_untracked(device),
            (Reason::Identical | Reason::HeadHasContent, ..) => self.why_same(),
            (Reason::ClientNewer, ..) => self.why_played_on(device),
            (Reason::ServerNewer, Some(held), Some(head)) => self.why_gets(device, held, head),
            (Reason::ServerNewerNoHistory, _, Some(head)) => self.why_gets_known(device, head),
            (Reason::ServerNewer | Reason::ServerNewerNoHistory, ..) => {
                self.why_gets_unnumbered(device)
            }
            (Reason::BothChanged, Some(held), _) => self.why_parted(device, held),
            (Reason::BothChanged, ..) => self.why_parted_unnumbered(device),
            (Reason::NotOnClient, _, Some(head)) => self.why_gets_first(device, head),
            (Reason::NotOnClient, ..) => self.why_gets_first_unnumbered(device),
            (Reason::ServerUpdatedNotOnClient, ..) => self.why_gets_newer(device),
            (Reason::Deleted, ..) => self.why_deleted(),
            (Reason::ClientWentBack, ..) => self.why_went_back(device),
            (Reason::WentBackWhileOthersMovedOn, ..) => self.why_went_back_conflict(device),
            (Reason::UnknownNoHistory, ..) => self.why_unknown(device),
            (Reason::UnhashedWithHead, ..) => self.why_no_hash_upload(device),
            (Reason::UnhashedBehind, ..) => self.why_no_hash(device),
            (Reason::OtherFileAhead, ..) => self.why_other_file(device),
            (Reason::RemovedOnClient, ..) => self.why_removed(device),
            (Reason::CompanionNeverHeld, ..) => self.why_companion(device),
            _ => self.said(said.clone()),
        }
    }
}
