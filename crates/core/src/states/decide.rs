//! What a device does about one of a game's states.
//!
//! Everything a device has is sent, once, and takes nothing's place there. Here a state is replaced
//! only by one that grew from it, and only where the emulator that is here loads that. States that
//! grew apart all stay on the server, and the one here stays: a person takes another.
//!
//! A state holds the save too, as it was when the state was made. One that is loaded unasked would
//! so bring an older save back. It must go with the save that is here, or it does not stay.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::stamp::{Ending, Mark, Stamp};
use crate::ids::StateId;
use crate::reasons::reasons;

/// A state on the server, of the file that is decided about and of the core that plays the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id: what came later has a larger one.
    pub id: StateId,
    /// What it says of itself.
    pub stamp: Stamp,
}

/// The state that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it holds.
    pub content: Mark,
    /// Whether that is nothing: no bytes, or one byte again and again.
    pub blank: bool,
    /// The save that was here when it was first seen.
    pub save: Option<Mark>,
}

/// The state that was here when it was last the same as one of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What it held.
    pub content: Mark,
    /// Which one of the server it was.
    pub row: StateId,
}

/// The save that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveHere {
    /// It holds this; none where there is no save.
    Is(Option<Mark>),
    /// It cannot be read.
    Unknown,
}

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// What is here may go up.
    pub send: bool,
    /// What is on the server may come down by itself.
    pub bring: bool,
    /// A state that is loaded unasked may be moved aside: the emulator does load it.
    pub move_aside: bool,
}

/// What would load a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loader {
    /// The core.
    pub core: String,
    /// Its version, where it says one.
    pub version: Option<String>,
}

/// Why a state is not known to load here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotLoadable {
    /// Another core made it.
    OtherCore,
    /// Another version of the core made it.
    OtherVersion,
    /// Nothing says what made it.
    Unstamped,
}

impl Loader {
    /// Whether it loads a state. States of another core are noise to it; those of another version
    /// often are, and what they break is the game, so a version is another where one is not said.
    pub fn loads(&self, stamp: Option<&Stamp>) -> Result<(), NotLoadable> {
        match stamp {
            None => Err(NotLoadable::Unstamped),
            Some(stamp) if stamp.core != self.core => Err(NotLoadable::OtherCore),
            Some(stamp) if stamp.version != self.version => Err(NotLoadable::OtherVersion),
            Some(_) => Ok(()),
        }
    }
}

/// Everything that is known of one state of a game.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Which it is.
    pub ending: Ending,
    /// What is here.
    pub here: Option<Held>,
    /// What was last the same on both sides.
    pub baseline: Option<Baseline>,
    /// What the server has of it, made by the core that plays the game here.
    pub rows: &'a [Row],
    /// What would load it.
    pub loader: &'a Loader,
    /// The save that is here.
    pub save: SaveHere,
    /// What may be done.
    pub may: May,
}

/// What becomes of the file here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// It stays as it is, and so does a place where none is.
    Leave,
    /// This state of the server takes its place. What is here goes into the journal.
    Bring(StateId),
    /// It goes into the journal, for it would be loaded over the save that is here.
    Aside,
}

reasons! {
    /// Why.
    pub enum Reason {
        /// Nothing anywhere that could be had.
        Nothing => "There is none here, and none on the server that loads here",
        /// Both sides have it.
        Same => "What is here is on the server",
        /// It is new.
        New => "The server does not have what is here",
        /// It is new, and so is another.
        Apart => "It was saved here and elsewhere: both are kept, and the one here stays",
        /// The server's grew from it.
        Grew => "The server's grew from what is here",
        /// There is none here.
        OnlyThere => "It is only on the server",
        /// The same, and there are several.
        SeveralThere => "The server has several that did not grow from one another: choose one",
        /// It was deleted here.
        DeletedHere => "It was deleted here, and nothing newer is on the server",
        /// It was deleted there.
        DeletedThere => "It was deleted on the server, and stays here",
        /// A person went back.
        WentBack => "It went back to an older one here, and stays as it is",
        /// Nothing in it.
        Blank => "It holds nothing, so it is not sent",
        /// Only offered.
        Offered => "The server has another: take it, if you like",
        /// It would bring back an older save.
        Shadows => "It was made with another save than the one that is here, and would be loaded \
                    over it",
        /// Not to be sent now.
        NotSent => "What is here is to be sent, but not now",
    }
}

/// What a device does about a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is here goes up first, under a name of its own.
    pub send: bool,
    /// What becomes of it here, once it was sent.
    pub here: Here,
    /// What is here is this state of the server.
    pub adopt: Option<StateId>,
    /// What a person may take instead.
    pub offers: Vec<StateId>,
    /// Why.
    pub reason: Reason,
}

/// The states that no other grew from: of each content the one that came last.
pub fn heads(rows: &[Row]) -> Vec<&Row> {
    let mut last: HashMap<Mark, StateId> = HashMap::new();
    for row in rows {
        let outdated = [Some(row.stamp.content), row.stamp.parent];
        for content in outdated.into_iter().flatten() {
            let id = last.entry(content).or_insert(row.id);
            *id = row.id.max(*id);
        }
    }
    let is_head = |row: &&Row| last.get(&row.stamp.content) == Some(&row.id);
    let mut heads: Vec<&Row> = rows.iter().filter(is_head).collect();
    heads.sort_by_key(|row| row.id);
    heads
}

/// The states that others grew from, beyond the `keep` that came last of all. Heads stay.
pub fn superseded(rows: &[Row], keep: usize) -> Vec<StateId> {
    let heads: Vec<StateId> = heads(rows).iter().map(|row| row.id).collect();
    let mut ids: Vec<StateId> = rows.iter().map(|row| row.id).collect();
    ids.sort();
    let beyond = ids.len().saturating_sub(keep);
    let outdated = ids.into_iter().filter(|id| !heads.contains(id));
    outdated.take(beyond).collect()
}

/// Decides.
pub fn decide(facts: &Facts<'_>) -> Decision {
    let heads = heads(facts.rows);
    let known = facts.here.and_then(|held| {
        let same = facts.rows.iter();
        let same = same.filter(|row| row.stamp.content == held.content);
        same.map(|row| row.id).max()
    });
    let is_head = heads.iter().any(|head| Some(head.id) == known);
    let unsettled = facts.here.is_some_and(|held| shadows(facts, held));
    let offers: Vec<&Row> = heads
        .iter()
        .copied()
        .filter(|head| Some(head.id) != known && fits(facts, &head.stamp))
        .collect();
    let relation = Relation::of(facts, known, is_head);
    let newest = match offers.as_slice() {
        [one] if facts.may.bring && relation.gives_way_to(one, facts.baseline.as_ref()) => {
            Some(one.id)
        }
        [one] if facts.may.bring && facts.may.move_aside && unsettled => Some(one.id),
        _ => None,
    };
    let send = relation == Relation::New && facts.may.send;
    let here = match newest {
        Some(row) => Here::Bring(row),
        None if unsettled && facts.may.move_aside => Here::Aside,
        None => Here::Leave,
    };
    let adopt = known.filter(|row| {
        let is_known = facts.baseline.is_some_and(|baseline| baseline.row == *row);
        !is_known && relation != Relation::WentBack
    });
    let reason = reason(relation, here, &offers, facts, send);
    let offers = offers.into_iter().map(|row| row.id);
    let offers = offers.filter(|id| here != Here::Bring(*id)).collect();
    Decision {
        send,
        here,
        adopt,
        offers,
        reason,
    }
}

/// What the content that is here is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// None is here, and none was.
    Missing,
    /// One was here.
    Deleted,
    /// It holds nothing.
    Blank,
    /// It is on the server, and none grew from it.
    Head,
    /// It is on the server, and others grew from it.
    Outdated,
    /// It is on the server, and this device had a later one.
    WentBack,
    /// It was on the server.
    DeletedThere,
    /// It never was.
    New,
}

impl Relation {
    fn of(facts: &Facts<'_>, known: Option<StateId>, is_head: bool) -> Self {
        let (Some(held), baseline) = (facts.here, facts.baseline) else {
            return match facts.baseline {
                Some(_) => Self::Deleted,
                None => Self::Missing,
            };
        };
        let is_baseline = baseline.is_some_and(|before| before.content == held.content);
        match known {
            Some(_) if is_head => Self::Head,
            Some(row) if baseline.is_some_and(|before| !is_baseline && row < before.row) => {
                Self::WentBack
            }
            Some(_) => Self::Outdated,
            None if is_baseline => Self::DeletedThere,
            None if held.blank => Self::Blank,
            None => Self::New,
        }
    }

    /// Whether a state of the server may take the place of what is here, or of nothing.
    fn gives_way_to(self, row: &Row, baseline: Option<&Baseline>) -> bool {
        match self {
            Self::Missing | Self::Outdated => true,
            // What came to the server since is newer; what was there before is not.
            Self::Deleted | Self::DeletedThere => {
                baseline.is_none_or(|baseline| row.id > baseline.row)
            }
            Self::Blank | Self::Head | Self::WentBack | Self::New => false,
        }
    }
}

/// Whether a state loads here, and does not bring an older save with it unasked.
fn fits(facts: &Facts<'_>, stamp: &Stamp) -> bool {
    let goes_with_the_save = match (facts.ending, facts.save) {
        (Ending::Numbered(_), _) => true,
        (Ending::Auto, SaveHere::Is(save)) => stamp.save == save,
        (Ending::Auto, SaveHere::Unknown) => false,
    };
    goes_with_the_save && facts.loader.loads(Some(stamp)).is_ok()
}

/// Whether what is here would be loaded over a save that it was not made with.
fn shadows(facts: &Facts<'_>, held: Held) -> bool {
    match facts.save {
        SaveHere::Is(save) => facts.ending == Ending::Auto && held.save != save,
        SaveHere::Unknown => false,
    }
}

fn reason(
    relation: Relation,
    here: Here,
    offers: &[&Row],
    facts: &Facts<'_>,
    send: bool,
) -> Reason {
    match (here, relation) {
        (Here::Bring(_), Relation::Missing | Relation::Deleted) => Reason::OnlyThere,
        (Here::Bring(_), Relation::Outdated | Relation::DeletedThere) => Reason::Grew,
        (Here::Bring(_) | Here::Aside, _) => Reason::Shadows,
        (Here::Leave, Relation::New) if !facts.may.send => Reason::NotSent,
        (Here::Leave, Relation::New) if send && !offers.is_empty() => Reason::Apart,
        (Here::Leave, Relation::New) => Reason::New,
        (Here::Leave, Relation::Blank) => Reason::Blank,
        (Here::Leave, Relation::WentBack) => Reason::WentBack,
        (Here::Leave, Relation::Missing) => match offers {
            [] => Reason::Nothing,
            [_] => Reason::OnlyThere,
            _ => Reason::SeveralThere,
        },
        (Here::Leave, Relation::Deleted) => match offers {
            [] => Reason::Nothing,
            _ => Reason::DeletedHere,
        },
        (Here::Leave, _) if !offers.is_empty() => Reason::Offered,
        (Here::Leave, Relation::DeletedThere) => Reason::DeletedThere,
        (Here::Leave, Relation::Head | Relation::Outdated) => Reason::Same,
    }
}
