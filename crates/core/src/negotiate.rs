//! Negotiate: what a device that showed its inventory is told to do, decided by lineage.
//!
//! One call decides everything that one inventory says about one timeline; the caller groups the
//! entries and turns the decisions into operations. Nothing here reads a client's clock: the times
//! that an inventory carries are not even an argument.

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::lineage::{
    Decision, Facts, History, Holding, Inventory, Reason, Relation, Standing, Version, is_gone,
};

/// What a line of a plan tells the client to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send the file.
    Upload,
    /// Fetch the head.
    Download,
    /// A person must choose.
    Conflict,
    /// Nothing to do.
    NoOp,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Upload, Self::Download, Self::Conflict, Self::NoOp];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Conflict => "conflict",
            Self::NoOp => "no_op",
        }
    }

    /// The action of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

/// What the client should do about one file or slot, and why.
pub type SyncDecision = Decision<Action>;

/// The answer to everything that an inventory says about one timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// One decision per entry, in the entries' order.
    pub decisions: Vec<SyncDecision>,
    /// What is known of the device from now on.
    pub holding: Holding,
}

/// Decides the entries of one inventory that name one timeline, each by the hash that the client
/// sent for it.
pub fn negotiate<H: History>(
    history: &H,
    holding: &Holding,
    entries: &[Option<ContentHash>],
) -> Result<Negotiated, H::Error> {
    let head = history.head()?;
    if holding.untracked {
        let at = Standing::towards(history, head, Some(holding))?;
        let untracked = at.decide(Action::NoOp, Reason::Untracked, None);
        return Ok(Negotiated {
            decisions: vec![untracked; entries.len()],
            holding: holding.clone(),
        });
    }
    let inventory = Inventory::gather(history, head.as_ref(), entries)?;
    let holding = inventory.settle(history, holding)?;
    let at = Standing::towards(history, head.clone(), Some(&holding))?;
    let baseline_is_shown = at.baseline.as_ref().is_some_and(|one| inventory.shows(one));
    let mut decisions = Vec::with_capacity(entries.len());
    for (hash, versions) in inventory.entries() {
        decisions.push(decide(history, &at, hash, versions, baseline_is_shown)?);
    }
    Ok(Negotiated {
        decisions,
        holding: inventory.first_baseline(history, holding)?,
    })
}

/// Decides one entry: the first line that fits.
fn decide<H: History>(
    history: &H,
    at: &Standing,
    hash: Option<ContentHash>,
    versions: &[Version],
    baseline_is_shown: bool,
) -> Result<SyncDecision, H::Error> {
    use Relation::{Baseline, BeforeBaseline, Head, Known, Unhashed, Unknown};

    let relation = relate(history, at, hash, versions)?;
    let synced_before = at.baseline.is_some();
    let (action, reason) = match relation {
        Head => (Action::NoOp, Reason::Identical),
        Baseline | BeforeBaseline | Known if was_deleted(history, at, relation, versions)? => {
            (Action::NoOp, Reason::Deleted)
        }
        _ if at.head.is_none() => (Action::Upload, Reason::NotOnServer),
        // Another file of the device holds what the device holds, so this one did not go back, it
        // was left behind. Uploading each in turn would undo the other at every sync.
        BeforeBaseline | Known if baseline_is_shown => (Action::Download, Reason::OtherFileAhead),
        Unknown if at.has_head => (Action::Upload, Reason::ClientNewer),
        Unhashed if at.has_head => (Action::Upload, Reason::UnhashedWithHead),
        _ if at.has_head => (Action::Upload, Reason::ClientWentBack),
        BeforeBaseline => (Action::Conflict, Reason::WentBackWhileOthersMovedOn),
        Baseline | Known if synced_before => (Action::Download, Reason::ServerNewer),
        Baseline | Known => (Action::Download, Reason::ServerNewerNoHistory),
        Unhashed => (Action::Conflict, Reason::UnhashedBehind),
        Unknown if synced_before => (Action::Conflict, Reason::BothChanged),
        Unknown => (Action::Conflict, Reason::UnknownNoHistory),
    };
    Ok(at.decide(action, reason, Some(relation)))
}

/// How the content of an entry stands to the timeline. `versions` are those that have it.
fn relate<H: History>(
    history: &H,
    at: &Standing,
    hash: Option<ContentHash>,
    versions: &[Version],
) -> Result<Relation, H::Error> {
    let is = |one: &Option<Version>| {
        one.as_ref()
            .is_some_and(|one| hash.is_some() && one.content.hash == hash)
    };
    Ok(if hash.is_none() {
        Relation::Unhashed
    } else if is(&at.head) {
        Relation::Head
    } else if versions.is_empty() {
        Relation::Unknown
    } else if is(&at.baseline) {
        Relation::Baseline
    } else if let Some(baseline) = &at.baseline
        && all(versions, |version| history.grew_from(baseline, version))?
    {
        Relation::BeforeBaseline
    } else {
        Relation::Known
    })
}

/// Whether what the entry holds was deleted: its baseline, or every version with its content.
fn was_deleted<H: History>(
    history: &H,
    at: &Standing,
    relation: Relation,
    versions: &[Version],
) -> Result<bool, H::Error> {
    let is_gone = |version: &Version| is_gone(history, at.head.as_ref(), version);
    if relation == Relation::Baseline
        && let Some(baseline) = &at.baseline
        && is_gone(baseline)?
    {
        return Ok(true);
    }
    all(versions, is_gone)
}

/// Whether `holds` for every version.
fn all<E>(
    versions: &[Version],
    mut holds: impl FnMut(&Version) -> Result<bool, E>,
) -> Result<bool, E> {
    for version in versions {
        if !holds(version)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Decides about a timeline that the inventory did not name; none when it has nothing to offer. Only
/// a download goes into the plan: on the rest RomM is silent, and so is the plan.
///
/// A companion file is offered only to devices that have held it: most clients sync one file per
/// slot and would write it over the save.
pub fn offer<H: History>(
    history: &H,
    holding: &Holding,
    is_companion: bool,
) -> Result<Option<SyncDecision>, H::Error> {
    let Some(head) = history.head()? else {
        return Ok(None);
    };
    let at = Standing::towards(history, Some(head), Some(holding))?;
    let synced_before = at.baseline.is_some();
    let (action, reason) = if holding.untracked {
        (Action::NoOp, Reason::Untracked)
    } else if is_companion && !synced_before {
        (Action::NoOp, Reason::CompanionNeverHeld)
    } else if at.has_head {
        (Action::NoOp, Reason::RemovedOnClient)
    } else if synced_before {
        (Action::Download, Reason::ServerUpdatedNotOnClient)
    } else {
        (Action::Download, Reason::NotOnClient)
    };
    Ok(Some(at.decide(action, reason, None)))
}

/// Decides an entry of a timeline in which nothing was ever stored.
pub fn negotiate_new(hash: Option<ContentHash>) -> SyncDecision {
    negotiate_archive(None, hash)
}

/// The content that a client names by a text: none without a text. A text that is no hash names
/// content that is not on the server, and the same text the same content.
pub fn content_named(text: Option<&str>) -> Option<ContentHash> {
    let text = text.filter(|text| !text.is_empty())?;
    let stand_in = || ContentHash(Md5::digest(text.as_bytes()).into());
    Some(text.parse().unwrap_or_else(|_| stand_in()))
}

/// Decides an entry without a slot. The archive is never paired: the client sends what the row of
/// that name does not hold. `row` is what that row shows.
pub fn negotiate_archive(row: Option<&Version>, hash: Option<ContentHash>) -> SyncDecision {
    let holds = row.is_some_and(|row| hash.is_some() && row.content.hash == hash);
    let (action, reason, relation) = match hash {
        None => (Action::Upload, Reason::NotOnServer, Relation::Unhashed),
        Some(_) if holds => (Action::NoOp, Reason::Identical, Relation::Head),
        Some(_) => (Action::Upload, Reason::NotOnServer, Relation::Unknown),
    };
    SyncDecision {
        action,
        reason,
        facts: Facts {
            head: row.map(|row| row.id),
            baseline: None,
            has_head: holds,
            content: Some(relation),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_hash_names_content_that_no_one_has() {
        let known = "cd3dc8b6cffb41e4163dcbd857ca87da";
        let hash = content_named(Some(known)).unwrap();
        assert_eq!(hash.to_string(), known);
        let upper = known.to_uppercase();
        assert_eq!(content_named(Some(&upper)), Some(hash));
        for none in [None, Some("")] {
            assert_eq!(content_named(none), None);
        }
        for text in [
            " ",
            "nope",
            "cd3d",
            "äöü",
            "cd3dc8b6cffb41e4163dcbd857ca87dz",
        ] {
            let named = content_named(Some(text));
            assert_eq!(named, content_named(Some(text)));
            assert_ne!(named, Some(hash));
            assert_ne!(named, None);
        }
    }

    #[test]
    fn actions_have_romms_words() {
        let words = Action::ALL.map(Action::as_str);
        assert_eq!(words, ["upload", "download", "conflict", "no_op"]);
        assert_eq!(words.map(Action::named), Action::ALL.map(Some));
        assert_eq!(Action::named("merge"), None);
    }

    #[test]
    fn what_was_never_stored_goes_up() {
        for text in [None, Some("cd3dc8b6cffb41e4163dcbd857ca87da")] {
            let decision = negotiate_new(content_named(text));
            assert_eq!(decision.action, Action::Upload);
            assert_eq!(decision.reason, Reason::NotOnServer);
        }
    }
}
