//! The files that form one save: what they have in common on the server, and whether all of them
//! are there.
//!
//! They go up one after the other, so a server may show some of a save before the rest has come, and
//! for ever if the rest never does. What they have in common says which contents belong together, so
//! that whoever fetches them sees whether one is missing.

use std::collections::HashSet;

use keepsave_core::content::{BlobHash, Digest};
use keepsave_core::ids::{RomId, SaveId};
use keepsave_core::layouts::{Part, part_of};
use keepsave_core::release::Speaks;

use super::error::LineError;
use super::line::{Item, Line};
use super::outcome::Outcome;
use super::run::Run;

/// How many digits say where the files are, so that no two slots share a set.
const PLACE_DIGITS: usize = 16;
/// How many digits say what they contain.
const CONTENT_DIGITS: usize = 48;

/// What the files of one save in a slot have in common: their contents, so that what is sent again
/// is of the same set.
fn id_of(rom: RomId, slot: &str, files: &[(Part, BlobHash)]) -> String {
    let place = Digest::of(format!("{rom}\n{slot}").as_bytes()).blob;
    let (place, contents) = (place.to_string(), contents_of(files));
    format!("{}-{contents}", &place[..PLACE_DIGITS])
}

/// A clock counts for nothing: a change of it alone never goes up, so it may be older than the rest.
fn contents_of(files: &[(Part, BlobHash)]) -> String {
    let files = files.iter().filter(|(part, _)| !part.is_clock());
    let lines = files.map(|(part, blob)| format!("{part} {blob}"));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    let contents = Digest::of(lines.join("\n").as_bytes()).blob.to_string();
    contents[..CONTENT_DIGITS].to_owned()
}

/// Whether a set consists of these files, where what it is called says so: other clients call their
/// sets as they like.
fn consists_of(id: &str, files: &[(Part, BlobHash)]) -> Option<bool> {
    let (place, contents) = id.split_once('-')?;
    let is_ours = place.len() == PLACE_DIGITS && contents.len() == CONTENT_DIGITS;
    is_ours.then(|| contents == contents_of(files))
}

impl Run<'_> {
    /// What this file has in common with those that form one save with it, where it goes up into
    /// that slot. None where a save is one file.
    pub(super) fn set_of(&self, item: &Item, slot: &str) -> Option<String> {
        if self.speaks != Speaks::Lineage || !self.in_sets {
            return None;
        }
        let items = self.plan.items.iter();
        let items = items.filter(|other| other.is_of_one_save_with(item));
        let files: Vec<_> = items.filter_map(held).collect();
        (files.len() > 1).then(|| id_of(item.entry.rom, slot, &files))
    }

    /// Refuses to put files in their places that are not all of a save: with those that stay as they
    /// are they must be what was sent together last.
    pub(super) async fn demand_whole(
        &self,
        arrived: &[(Part, BlobHash)],
        outcomes: &[Outcome],
    ) -> Result<(), LineError> {
        let Some((rom, Some(slot))) = outcomes
            .first()
            .map(|outcome| (outcome.line.rom, outcome.line.slot.as_ref()))
            .filter(|_| self.in_sets && self.speaks == Speaks::Lineage)
        else {
            return Ok(());
        };
        let lines = self.plan.lines.iter();
        let of_save = |line: &&Line| line.rom == rom && line.slot.as_ref() == Some(slot);
        let of_save = lines.filter(|line| of_save(line) && line.save.is_some());
        let of_save: Vec<&Line> = of_save.collect();
        if of_save.len() < 2 {
            return Ok(());
        }
        let shown: HashSet<SaveId> = of_save
            .iter()
            .filter_map(|line| Some(line.save.as_ref()?.id))
            .collect();
        let versions = self.engine.server.versions_of_slot(rom, slot);
        let versions = self.unless_stopped(versions).await?.into_iter();
        let shown = versions.filter(|version| {
            let save = version.save_id;
            save.is_some_and(|save| shown.contains(&save))
        });
        let newest = shown.max_by_key(|version| version.id);
        let Some(set) = newest.and_then(|version| version.set_id) else {
            return Ok(());
        };
        let mut files = arrived.to_vec();
        let comes = |part: &Part| arrived.iter().any(|(other, _)| other == part);
        let stays = of_save.iter().filter_map(|line| line.item);
        let stays = stays.filter_map(|item| held(&self.plan.items[item]));
        files.extend(stays.filter(|(part, _)| !comes(part)));
        match consists_of(&set, &files) {
            Some(false) => Err(LineError::NotWhole),
            _ => Ok(()),
        }
    }
}

fn held(item: &Item) -> Option<(Part, BlobHash)> {
    let blob = item.file()?.content.blob;
    Some((part_of(&item.entry.file_name), blob))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(part: &str, content: &str) -> (Part, BlobHash) {
        (Part::stored(part), Digest::of(content.as_bytes()).blob)
    }

    #[test]
    fn a_set_knows_its_files_in_any_order_and_wherever_it_was_copied_to() {
        let files = [file("", "a"), file("bcr", "b")];
        let id = id_of(RomId(1), "autosave", &files);
        assert_ne!(
            id,
            id_of(RomId(1), "spare", &files),
            "no two slots share a set"
        );
        let turned = [file("bcr", "b"), file("", "a")];
        assert_eq!(consists_of(&id, &turned), Some(true));
        assert_eq!(consists_of(&id, &files[..1]), Some(false));
        assert_eq!(
            consists_of(&id, &[file("", "a"), file("bcr", "older")]),
            Some(false)
        );
        let with_clock = |clock| [file("", "a"), file("bcr", "b"), file("smpc", clock)];
        let id = id_of(RomId(1), "autosave", &with_clock("then"));
        assert_eq!(consists_of(&id, &with_clock("now")), Some(true));
        for others in ["evening", "a-b", &Digest::of(b"x").blob.to_string()] {
            assert_eq!(consists_of(others, &files), None, "{others}");
        }
    }
}
