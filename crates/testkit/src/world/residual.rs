//! What no rule of a server can fix: each by its number in the list of such, as a pattern of what a
//! client did and what was true meanwhile. Nothing is lost in any of them; all versions stay.
//!
//! A law that was broken where a foreign client synced is either one of these, or a finding.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use keepsave_core::content::{BlobHash, Digest};

use super::foreign::{Deed, Kind, What};

/// One of them, recognised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Residual {
    /// Its number.
    pub number: u8,
    /// What happened.
    pub says: String,
}

impl fmt::Display for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "residual {}: {}", self.number, self.says)
    }
}

/// What a foreign client did to one game in one sync, and what was true before and after.
pub struct Case<'a> {
    /// Which client.
    pub kind: Kind,
    /// What it did before.
    pub past: &'a [Deed],
    /// What it did now.
    pub deeds: &'a [Deed],
    /// What the newest row showed before and shows now.
    pub head: (Option<BlobHash>, Option<BlobHash>),
    /// What the server had before.
    pub held: &'a BTreeSet<BlobHash>,
    /// Every version's content, and whether a person deleted it.
    pub versions: &'a [(BlobHash, bool)],
    /// Whether one content grew from another.
    pub grew_from: &'a dyn Fn(&BlobHash, &BlobHash) -> bool,
}

/// A content as the server knows it.
pub fn blob(bytes: &Bytes) -> BlobHash {
    Digest::of(bytes).blob
}

/// Every one that this is.
pub fn recognised(case: &Case<'_>) -> Vec<Residual> {
    let all: [fn(&Case<'_>) -> Option<String>; 10] = [
        an_edit_after_a_download_that_was_not_kept,
        told_to_download_again_after_going_back,
        a_choice_that_was_sent_again,
        an_edit_that_tender_adopted,
        asked_for_want_of_a_hash,
        what_was_deleted_came_back,
        held_back_by_grout,
        a_late_retry_that_was_refused,
        deleted_and_an_older_one_too,
        a_companion_was_picked,
    ];
    let found = (1..).zip(all);
    let found = found.filter_map(|(number, is_it)| {
        let says = is_it(case)?;
        Some(Residual { number, says })
    });
    found.collect()
}

impl Case<'_> {
    /// What it sent now without anyone choosing so, and how that was answered.
    fn sent(&self) -> impl Iterator<Item = (&Bytes, Option<u16>)> {
        self.deeds.iter().filter_map(|deed| match &deed.what {
            What::Sent {
                content,
                overwrite: false,
                status,
            } => Some((content, *status)),
            _ => None,
        })
    }

    fn all(&self) -> impl Iterator<Item = &What> {
        self.past.iter().chain(self.deeds).map(|deed| &deed.what)
    }

    /// Whether all bytes of a content came to this client, and never got to the file.
    fn was_not_kept(&self, wanted: &BlobHash) -> bool {
        let is = |content: &Bytes| blob(content) == *wanted;
        let came = last_at(
            self.all(),
            |what| matches!(what, What::Received { content, .. } if is(content)),
        );
        let kept = last_at(
            self.all(),
            |what| matches!(what, What::Replaced { after, .. } if is(after)),
        );
        came.is_some() && came > kept
    }

    /// What it was told now about its file.
    fn told(&self) -> impl Iterator<Item = (bool, Option<&Bytes>, &str, &str)> {
        self.deeds.iter().filter_map(|deed| match &deed.what {
            What::Told {
                shown,
                held,
                action,
                reason,
            } => Some((
                shown.is_some(),
                held.as_ref(),
                action.as_str(),
                reason.as_str(),
            )),
            _ => None,
        })
    }
}

/// Where the last of them is for which that holds.
fn last_at<'a>(
    all: impl Iterator<Item = &'a What>,
    is_it: impl Fn(&What) -> bool,
) -> Option<usize> {
    let numbered = all.enumerate().filter(|(_, what)| is_it(what));
    numbered.last().map(|(at, _)| at)
}

/// 1. All bytes of the head came, they were not kept, and an edit of what was there went up before
///    the next inventory: it looks like a game that was played. And the price of the rule that such
///    bytes count again only when proven: one conflict that needed not be.
fn an_edit_after_a_download_that_was_not_kept(case: &Case<'_>) -> Option<String> {
    let head = case.head.0?;
    if !case.was_not_kept(&head) {
        return None;
    }
    let grew = |content: &Bytes| (case.grew_from)(&blob(content), &head);
    let mut sent = case.sent();
    let is_accepted = sent.any(|(content, status)| status != Some(409) && !grew(content));
    let is_asked = case.told().any(|(_, _, action, _)| action == "conflict");
    (is_accepted || is_asked)
        .then(|| "a download that was not kept counted as held when an edit came".to_owned())
}

/// 2. A person went back right after an optimistic download, or picked an old row and the
///    confirmation was lost: told to download once more.
fn told_to_download_again_after_going_back(case: &Case<'_>) -> Option<String> {
    let went_back = last_at(case.all(), |what| *what == What::WentBack)?;
    let since = case.all().skip(went_back);
    let told_since = since
        .filter(|what| matches!(what, What::Told { .. }))
        .count();
    let is_first = told_since <= case.told().count();
    let is_told = case.told().any(|(_, _, action, _)| action == "download");
    (is_told && is_first).then(|| "a person went back, and was told to download again".to_owned())
}

/// 3. What a person had chosen was sent once more, blindly, after others had moved on.
fn a_choice_that_was_sent_again(case: &Case<'_>) -> Option<String> {
    let (before, after) = case.head;
    let is_it = |what: &What| matches!(what, What::Sent { content, overwrite: true, .. } if Some(blob(content)) == after);
    let was_sent = case.past.iter().any(|deed| is_it(&deed.what));
    let is_sent = case.deeds.iter().any(|deed| is_it(&deed.what));
    (before != after && was_sent && !is_sent).then(|| "a choice came twice".to_owned())
}

/// 4. The answer to a first upload was lost, the file was edited, and tender takes the edit for what
///    is in sync; it waits for the next change. And the conflicts that it sees by its own old
///    baseline.
fn an_edit_that_tender_adopted(case: &Case<'_>) -> Option<String> {
    let adopted = case
        .all()
        .any(|what| matches!(what, What::Adopted(content) if !case.held.contains(&blob(content))));
    let asked = case
        .deeds
        .iter()
        .any(|deed| matches!(deed.what, What::Asked(_)));
    let told = case.told().any(|(_, _, action, _)| action == "conflict");
    let lost = case
        .past
        .iter()
        .any(|deed| matches!(deed.what, What::Sent { status: None, .. }));
    (case.kind == Kind::Tender && (adopted || asked && !told && lost))
        .then(|| "tender goes by a baseline of before a lost answer".to_owned())
}

/// 5. A client that sends no hash is asked at every change that another made.
fn asked_for_want_of_a_hash(case: &Case<'_>) -> Option<String> {
    let mut told = case.told();
    told.any(|(has_hash, held, action, _)| !has_hash && held.is_some() && action == "conflict")
        .then(|| "a file without a hash is asked about".to_owned())
}

/// 6. A client that ignores what it is told uploads what was deleted: it is back.
fn what_was_deleted_came_back(case: &Case<'_>) -> Option<String> {
    let was_deleted = |content: &Bytes| case.versions.contains(&(blob(content), true));
    let mut sent = case.sent();
    let is_sent = sent.any(|(content, status)| status != Some(409) && was_deleted(content));
    (case.kind == Kind::Tender && is_sent).then(|| "what was deleted came back".to_owned())
}

/// 7. Grout does not upload what it once downloaded: it becomes the head with the next play.
fn held_back_by_grout(case: &Case<'_>) -> Option<String> {
    let held_back = case.deeds.iter().find_map(|deed| match &deed.what {
        What::HeldBack(content) => Some(blob(content)),
        _ => None,
    })?;
    (Some(held_back) != case.head.0).then(|| "an older save waits for the next play".to_owned())
}

/// 8. An upload that was stored and came again is refused, for no row shows it any more.
fn a_late_retry_that_was_refused(case: &Case<'_>) -> Option<String> {
    let mut sent = case.sent();
    let refused = sent.find(|(_, status)| *status == Some(409))?.0;
    let was_sent = case.past.iter().any(|deed| {
        matches!(&deed.what, What::Sent { content, status: None | Some(200..=299), .. }
            if content == refused)
    });
    (was_sent && case.held.contains(&blob(refused))).then(|| "a late retry was refused".to_owned())
}

/// 9. What was deleted as one version is there as an older one, too: who held the deleted one is
///    told that there is nothing to do.
fn deleted_and_an_older_one_too(case: &Case<'_>) -> Option<String> {
    let mut told = case.told();
    let held = told.find_map(|(_, held, action, reason)| {
        held.filter(|_| action == "no_op" && reason.contains("deleted"))
    })?;
    let is = |is_deleted| case.versions.contains(&(blob(held), is_deleted));
    let is_revived = case.sent().next().is_some();
    (is(true) && is(false) && !is_revived)
        .then(|| "what it held is deleted, and an older one is not".to_owned())
}

/// 10. Who takes the newest row takes that of a companion for the save.
fn a_companion_was_picked(case: &Case<'_>) -> Option<String> {
    let ending = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let is_it = |deed: &Deed| match &deed.what {
        What::Received { file_name, .. } => ending(file_name) != ending(&deed.file),
        _ => false,
    };
    let picked = case.deeds.iter().find(|deed| is_it(deed))?;
    Some(format!("another file was taken for {}", picked.file))
}

#[cfg(test)]
mod tests;
