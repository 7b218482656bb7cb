//! Looks at the files that a manifest names: which are there, which are the same, which cannot be.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use keepsave_core::layouts::part_of;
use keepsave_core::limits;
use keepsave_core::names::AssetKind;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::{Entry, EntryProblem, Fault, Manifest, ManifestError, json, paired};
use crate::files::ReadError;
use crate::files::place::{self, Place};

/// Makes entries and problems of what is written.
pub(super) fn look(
    manifest: &Path,
    directory: PathBuf,
    written: Vec<json::Entry>,
) -> Result<Manifest, ManifestError> {
    let real_directory = directory
        .canonicalize()
        .unwrap_or_else(|_| directory.clone());
    let mut seen = Seen::default();
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (number, written) in (1..).zip(written) {
        let path = directory.join(&written.path);
        let place = place::find(&path);
        let file_name = file_name(&written);
        if let Ok((_, paired)) = &file_name {
            seen.save(manifest, number, &written, paired)?;
        }
        if let Ok(place) = &place {
            seen.file(manifest, number, place)?;
        }
        match judge(&written, place, file_name) {
            Ok((place, file_name)) => entries.push(Entry {
                rom: written.rom,
                outside: leads_outside(&directory, &real_directory, &path, &place.real),
                path,
                file_name,
                slot: written.slot,
                emulator: written.emulator,
            }),
            Err(fault) => problems.push(EntryProblem {
                number,
                rom: written.rom,
                part: part_of(&meant_name(&written)),
                slot: written.slot,
                path,
                fault,
            }),
        }
    }
    Ok(Manifest {
        directory,
        entries,
        problems,
    })
}

fn judge(
    written: &json::Entry,
    place: Result<Place, ReadError>,
    file_name: Result<(String, String), Fault>,
) -> Result<(Place, String), Fault> {
    let place = place.map_err(Fault::Read)?;
    let (file_name, _) = file_name?;
    let texts = [
        ("slot", &written.slot, limits::SLOT_CHARS),
        ("emulator", &written.emulator, limits::EMULATOR_CHARS),
    ];
    for (field, text, limit) in texts {
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > limit)
        {
            return Err(Fault::TooLong { field, limit });
        }
    }
    if place.found.is_some() {
        accessat(CWD, &place.real, Access::READ_OK, AtFlags::EACCESS).map_err(|errno| {
            Fault::Read(ReadError::Unreadable {
                path: place.real.clone(),
                source: errno.into(),
            })
        })?;
    }
    Ok((place, file_name))
}

/// What the file is called on the server, and how it is paired there.
fn file_name(written: &json::Entry) -> Result<(String, String), Fault> {
    let own = || {
        let name = written.path.file_name().ok_or(Fault::NoName)?;
        name.to_str().map(str::to_owned).ok_or(Fault::NameNotUtf8)
    };
    let name = written.file_name.clone().map_or_else(own, Ok)?;
    let fault = |error: keepsave_core::names::NameError| Fault::Name(error.detail(AssetKind::Save));
    let paired = paired(&name).map_err(fault)?;
    Ok((name, paired))
}

/// What the file would be called, whether or not a server takes the name.
fn meant_name(written: &json::Entry) -> String {
    let own = || written.path.file_name().unwrap_or_default();
    let name = written.file_name.clone();
    name.unwrap_or_else(|| own().to_string_lossy().into_owned())
}

/// Where the links of a path lead that is written as one within the directory.
fn leads_outside(directory: &Path, real: &Path, path: &Path, leads_to: &Path) -> Option<PathBuf> {
    let within = path.strip_prefix(directory).ok()?;
    let goes_up = within.components().any(|part| part == Component::ParentDir);
    (!goes_up && !leads_to.starts_with(real)).then(|| leads_to.to_owned())
}

/// What earlier entries mean.
#[derive(Default)]
struct Seen {
    saves: HashMap<(i64, Option<String>, String), usize>,
    files: HashMap<PathBuf, usize>,
    /// By number: where upper and lower case are the same, one file has many names.
    numbers: HashMap<(u64, u64), usize>,
}

impl Seen {
    fn save(
        &mut self,
        manifest: &Path,
        number: usize,
        written: &json::Entry,
        paired: &str,
    ) -> Result<(), ManifestError> {
        let key = (written.rom.0, written.slot.clone(), paired.to_owned());
        match self.saves.insert(key, number) {
            None => Ok(()),
            Some(first) => Err(ManifestError::SameSave {
                path: manifest.to_owned(),
                first,
                second: number,
                rom: written.rom,
                slot: written.slot.clone(),
                name: paired.to_owned(),
            }),
        }
    }

    fn file(&mut self, manifest: &Path, number: usize, place: &Place) -> Result<(), ManifestError> {
        let by_name = self.files.insert(place.real.clone(), number);
        // Two hard links are two files as soon as one is replaced.
        let only_name = |found: &&Metadata| found.nlink() == 1;
        let by_number = place.found.as_ref().filter(only_name).and_then(|found| {
            let which = (found.dev(), found.ino());
            self.numbers.insert(which, number)
        });
        match by_name.or(by_number) {
            None => Ok(()),
            Some(first) => Err(ManifestError::SameFile {
                path: manifest.to_owned(),
                first,
                second: number,
                file: place.real.clone(),
            }),
        }
    }
}
