//! What a person chose is taken back.

use std::fmt;
use std::str::FromStr;

use keepsave_core::ids::{SaveId, UserId, VersionId};
use keepsave_core::time::Time;

use super::delete::delete_row;
use crate::app::App;
use crate::events::Event;
use crate::saves::view::SaveView;
use crate::vault::tree::TreeStep;
use crate::vault::{Tx, saves, versions};
use crate::versions::{NotDone, of_user, restore, undelete};

/// What takes a choice back: steps that are done together or not at all. As a text it travels in a
/// form: `restore:14 reopen:13`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undo {
    /// The versions that were current.
    pub restore: Vec<VersionId>,
    /// The branches that waited for a person.
    pub reopen: Vec<VersionId>,
    /// The branches that were not deleted.
    pub unearth: Vec<VersionId>,
    /// The rows that were listed.
    pub undelete: Vec<SaveId>,
    /// The rows that came to be.
    pub delete: Vec<SaveId>,
}

impl Undo {
    /// Whether there is nothing to take back.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Does more: what `other` takes back, too.
    pub fn append(&mut self, mut other: Self) {
        self.restore.append(&mut other.restore);
        self.reopen.append(&mut other.reopen);
        self.unearth.append(&mut other.unearth);
        self.undelete.append(&mut other.undelete);
        self.delete.append(&mut other.delete);
    }

    fn parts(&mut self) -> [(&'static str, Part<'_>); 5] {
        [
            ("restore", Part::Versions(&mut self.restore)),
            ("reopen", Part::Versions(&mut self.reopen)),
            ("unearth", Part::Versions(&mut self.unearth)),
            ("undelete", Part::Saves(&mut self.undelete)),
            ("delete", Part::Saves(&mut self.delete)),
        ]
    }
}

enum Part<'a> {
    Versions(&'a mut Vec<VersionId>),
    Saves(&'a mut Vec<SaveId>),
}

impl fmt::Display for Undo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for (name, part) in self.clone().parts() {
            match part {
                Part::Versions(ids) => words.extend(ids.iter().map(|id| format!("{name}:{id}"))),
                Part::Saves(ids) => words.extend(ids.iter().map(|id| format!("{name}:{id}"))),
            }
        }
        f.write_str(&words.join(" "))
    }
}

/// A text that takes nothing back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoUndo;

impl FromStr for Undo {
    type Err = NoUndo;

    fn from_str(text: &str) -> Result<Self, NoUndo> {
        let mut undo = Self::default();
        for word in text.split_whitespace() {
            let (step, id) = word.split_once(':').ok_or(NoUndo)?;
            let id: i64 = id.parse().map_err(|_| NoUndo)?;
            let part = undo.parts().into_iter().find(|(name, _)| *name == step);
            match part.ok_or(NoUndo)?.1 {
                Part::Versions(ids) => ids.push(VersionId(id)),
                Part::Saves(ids) => ids.push(SaveId(id)),
            }
        }
        Ok(undo)
    }
}

/// Takes a choice back, as far as all of it is the person's: all or nothing.
pub async fn undo(app: &App, user: UserId, undo: Undo) -> Result<(), NotDone> {
    let now = app.now();
    let deleted = undo.delete.clone();
    let (views, steps) = app
        .vault
        .write(move |tx| take_back(tx, user, &undo, now))
        .await?;
    app.follow(steps);
    for view in &views {
        app.events.tell(user, view.changed(None));
    }
    if !deleted.is_empty() {
        app.events.tell(user, Event::Deleted { save_ids: deleted });
    }
    Ok(())
}

fn take_back(
    tx: &Tx<'_>,
    user: UserId,
    undo: &Undo,
    now: Time,
) -> Result<(Vec<SaveView>, Vec<TreeStep>), NotDone> {
    let mut steps = Vec::new();
    let mut views = Vec::new();
    for id in &undo.delete {
        let save = saves::of_user(tx, user, *id)?.ok_or(NotDone::Unknown)?;
        steps.extend(delete_row(tx, &save, now)?);
    }
    for id in &undo.undelete {
        let (view, more) = undelete::bring_row_back(tx, user, *id, now)?;
        views.push(view);
        steps.extend(more);
    }
    let were_current = undo.restore.iter();
    let were_current = were_current.map(|id| of_user(tx, user, *id).map(|(record, _)| record));
    let were_current = were_current.collect::<Result<Vec<_>, _>>()?;
    let (restored, more) = restore::restore_all(tx, user, were_current, now)?;
    views.extend(restored);
    steps.extend(more);
    for id in &undo.unearth {
        of_user(tx, user, *id)?;
        versions::unearth(tx, *id)?;
    }
    for id in &undo.reopen {
        of_user(tx, user, *id)?;
        versions::reopen(tx, *id)?;
    }
    Ok((views, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_choice_back_travels_as_a_text() {
        let undo = Undo {
            restore: vec![VersionId(14), VersionId(15)],
            reopen: vec![VersionId(13)],
            unearth: vec![VersionId(1)],
            undelete: vec![SaveId(2)],
            delete: vec![SaveId(3)],
        };
        let text = undo.to_string();
        assert_eq!(
            text,
            "restore:14 restore:15 reopen:13 unearth:1 undelete:2 delete:3"
        );
        assert_eq!(text.parse(), Ok(undo));
        assert_eq!("".parse(), Ok(Undo::default()));
        for bad in ["restore", "restore:", "restore:x", "purge:1", "1"] {
            assert_eq!(bad.parse::<Undo>(), Err(NoUndo), "{bad}");
        }
    }
}
