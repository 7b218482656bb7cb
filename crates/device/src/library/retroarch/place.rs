//! Where a game's save is, and where one that comes down would be put.
//!
//! The place is computed. A save that stands elsewhere, where an older version or other settings
//! would have put it, is found there; when more than one stands, a person has to say which.

mod folders;

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use keepsave_core::layouts::{Part, part_of};

use super::RetroArch;
use super::content::Content;
use super::directory::{self, RULES, Rule, Sorting, can_be};
use super::overrides::{Layers, Named};
use super::sets::{Instead, Medium, Pattern, Root, Set};
use crate::files::Form;
use crate::library::game::{SaveFile, SavePlace, SharedFile, Stopped};
use crate::library::standing::choose;

/// What is known about one game before anything of it is looked for.
struct Asked<'a> {
    content: &'a Content,
    /// What the core's folder may be called, the likeliest first.
    cores: Vec<String>,
    layers: Layers<'a>,
    sorting: Sorting,
    base: PathBuf,
    set: Set,
}

/// Where saves of one folder's games were searched for.
#[derive(Debug)]
pub(super) struct Searched {
    base: PathBuf,
    parent: String,
    cores: Vec<String>,
    sorting: Sorting,
    computed: PathBuf,
    directories: Rc<[PathBuf]>,
}

impl Searched {
    fn is_for(&self, asked: &Asked<'_>, computed: &Path) -> bool {
        self.parent == asked.content.parent
            && self.sorting == asked.sorting
            && self.cores == asked.cores
            && self.computed == computed
            && self.base == asked.base
    }
}

/// A save that stands somewhere.
struct Candidate<'a> {
    directory: PathBuf,
    path: PathBuf,
    pattern: &'a Pattern,
}

impl RetroArch {
    /// Where the save of `content` is, or would be, when `core` plays it.
    pub fn place(&self, content: &Content, core: Option<&str>) -> SavePlace {
        let cores = core
            .map(|core| self.cores.folders(core))
            .unwrap_or_default();
        let mut layers = self.layers(content, &cores);
        let options = self.options(content, &cores, &mut layers);
        let sorting = self.sorting(&layers);
        let root = self.root(&layers);
        let base = if sorting.in_content_dir {
            content.directory.clone()
        } else {
            root.directory.clone()
        };
        let medium = Medium {
            is_disc: content.is_disc(),
            file: Some(&content.file),
        };
        let asked = Asked {
            set: Set::of(core, &options, medium),
            content,
            cores,
            layers,
            sorting,
            base,
        };
        let mut place = match &asked.set.folder {
            None => self.look(&asked),
            Some(folder) => self.look_for_folders(&asked, folder),
        };
        place.why.splice(0..0, reasons(&asked));
        place.stopped = self.stopped(&asked, &root, place.stopped.take());
        place
    }

    /// A root that was named and is not there is no place without saves: perhaps its card is out.
    fn stopped(&self, asked: &Asked<'_>, root: &Named, found: Option<Stopped>) -> Option<Stopped> {
        let missing = root
            .refused
            .clone()
            .filter(|_| !asked.sorting.in_content_dir);
        let missing = missing.map(|root| Stopped::RootMissing { root });
        let unreadable = self
            .unreadable
            .clone()
            .or_else(|| asked.layers.stopped.clone());
        unreadable.or(missing).or(found)
    }

    fn look(&self, asked: &Asked<'_>) -> SavePlace {
        let mut computed = self.computed(asked);
        let candidates = self.candidates(asked, &computed);
        let (mut why, mut chosen, mut elsewhere) = (Vec::new(), None, Vec::new());
        let mut astray = false;
        let is_computed = |save: &Candidate<'_>| save.directory == computed;
        match choose(candidates, |save| &save.path, is_computed) {
            None => why.push("no save is there yet".to_owned()),
            Some((save, others)) => {
                if save.directory != computed {
                    why.push(format!(
                        "its save stands in {}, though it would be looked for in {}",
                        save.directory.display(),
                        computed.display()
                    ));
                    if self.would_be_there(asked, &save.directory) {
                        computed.clone_from(&save.directory);
                        why.push("that is where this installation seems to keep it".to_owned());
                    }
                    astray = self.is_astray(asked, &save.directory, &computed);
                }
                elsewhere = others;
                chosen = Some(save);
            }
        }
        let pattern = chosen
            .as_ref()
            .map(|save| save.pattern)
            .or(asked.set.saves.first());
        let (stem, ending) = pattern.map_or_else(Default::default, |pattern| {
            stem_and_ending(asked.stem(), &pattern.after)
        });
        let would_be = pattern.filter(|_| !asked.cores.is_empty());
        let would_be = would_be.map(|pattern| asked.would_be(&computed, pattern));
        let files: Vec<SaveFile> = match &chosen {
            Some(save) => self.files(asked, save),
            None => Vec::new(),
        };
        let packs = asked.layers.flag("save_file_compression").unwrap_or(false);
        SavePlace {
            directory: pattern.map_or(computed.clone(), |pattern| computed.join(&pattern.below)),
            form: if packs && pattern.is_some_and(is_retroarchs_own) {
                Form::Rzip
            } else {
                Form::Raw
            },
            stem,
            ending,
            would_be,
            stopped: self.instead(asked, &computed, &files),
            shared: self.shared(asked, &computed),
            files,
            elsewhere,
            astray,
            states: None,
            why,
        }
    }

    /// Where `RetroArch` would look for the save and put a new one.
    fn computed(&self, asked: &Asked<'_>) -> PathBuf {
        let stacks = self
            .install
            .version
            .is_none_or(|version| version >= (1, 18));
        let rule = if stacks {
            Rule::Stacked
        } else {
            Rule::ContentDirAlone
        };
        let of = |core: Option<&String>| asked.directory(core.map(String::as_str), rule);
        let known = asked.cores.iter().map(|core| of(Some(core)));
        let known = known
            .into_iter()
            .find(|directory| self.folders.of(directory).is_there);
        let computed = known.unwrap_or_else(|| of(asked.cores.first()));
        if self.folders.of(&computed).is_there || can_be(&computed) {
            computed
        } else {
            asked.base.clone()
        }
    }

    /// Whether a save that stands in `directory` tells how this installation sorts: where that
    /// depends on its version or on the core, and neither is known.
    fn would_be_there(&self, asked: &Asked<'_>, directory: &Path) -> bool {
        let before = asked.directory(None, Rule::ContentDirAlone);
        let is_older =
            self.install.version.is_none() && asked.sorting.in_content_dir && before == directory;
        let by_unknown = asked.sorting.by_core && asked.cores.is_empty();
        is_older || by_unknown && directory.parent() == Some(&asked.directory(None, Rule::Stacked))
    }

    /// Whether what stands in `directory` is surely not looked for there, but in `computed`: what
    /// plays the game is known, and no version of `RetroArch` that this may be sorts so.
    fn is_astray(&self, asked: &Asked<'_>, directory: &Path, computed: &Path) -> bool {
        let is_known = !asked.sorting.by_core || !asked.cores.is_empty();
        let of = |core: Option<&str>| RULES.map(|rule| asked.directory(core, rule));
        let mut sorted: Vec<PathBuf> = match asked.cores.as_slice() {
            [] => of(None).into(),
            cores => cores.iter().flat_map(|core| of(Some(core))).collect(),
        };
        sorted.retain(|sorted| sorted == directory);
        let may_be = self.install.version.is_none() && !sorted.is_empty();
        let is_other = directory.canonicalize().ok() != computed.canonicalize().ok();
        is_known && is_other && !may_be && directory != computed
    }

    /// The directories in which a save may stand, those that are there. They are the same for every
    /// game of a folder, and games come folder by folder.
    fn searched(&self, asked: &Asked<'_>, computed: &Path) -> Rc<[PathBuf]> {
        let known = self.searched.borrow();
        if let Some(known) = known.as_ref().filter(|known| known.is_for(asked, computed)) {
            return known.directories.clone();
        }
        drop(known);
        let mut seen = BTreeSet::new();
        let is_there = |path: &PathBuf| seen.insert(path.clone()) && self.folders.of(path).is_there;
        let directories = self.directories(asked, computed).into_iter();
        let directories: Rc<[PathBuf]> = directories.filter(is_there).collect();
        *self.searched.borrow_mut() = Some(Searched {
            base: asked.base.clone(),
            parent: asked.content.parent.clone(),
            cores: asked.cores.clone(),
            sorting: asked.sorting,
            computed: computed.to_owned(),
            directories: directories.clone(),
        });
        directories
    }

    fn directories(&self, asked: &Asked<'_>, computed: &Path) -> Vec<PathBuf> {
        let mut directories = vec![computed.to_owned()];
        for core in asked.cores.iter().map(Some).chain([None]) {
            let core = core.map(String::as_str);
            let by_layout = RULES.map(|rule| asked.directory(core, rule));
            if self.only_as.is_some() {
                // Without the core's folder it would be another layout.
                if core.is_some() || asked.cores.is_empty() {
                    directories.extend(by_layout);
                }
                continue;
            }
            directories.extend(by_layout);
            for (by_content, by_core) in [(false, false), (true, false), (false, true)] {
                let sorting = Sorting {
                    in_content_dir: false,
                    by_content,
                    by_core,
                };
                let rule = Rule::Stacked;
                directories.push(directory::directory(
                    &asked.base,
                    asked.content,
                    sorting,
                    core,
                    rule,
                ));
            }
        }
        // Only where each of them is a core's: else they are of other systems, which may have a game
        // of the same name.
        if asked.cores.is_empty() && asked.sorting.by_core {
            directories.extend(self.below(&asked.directory(None, Rule::Stacked)));
        }
        directories
    }

    /// The saves that stand, each once.
    fn candidates<'a>(&self, asked: &'a Asked<'_>, computed: &Path) -> Vec<Candidate<'a>> {
        let mut seen = BTreeSet::new();
        let mut candidates = Vec::new();
        for directory in self.searched(asked, computed).iter() {
            let save = self.save_in(asked, directory);
            // One directory may go by several names.
            let Some((candidate, metadata)) = save.and_then(|save| {
                let metadata = std::fs::metadata(&save.path).ok()?;
                Some((save, metadata))
            }) else {
                continue;
            };
            if metadata.is_file() && seen.insert((metadata.dev(), metadata.ino())) {
                candidates.push(candidate);
            }
        }
        candidates
    }

    /// The directories in a directory of saves, whichever cores they belong to.
    fn below(&self, directory: &Path) -> Vec<PathBuf> {
        let folder = self.folders.of(directory);
        let inner = folder.names().map(|name| directory.join(name));
        inner
            .filter(|path| self.folders.of(path).is_there)
            .collect()
    }

    fn save_in<'a>(&self, asked: &'a Asked<'_>, directory: &Path) -> Option<Candidate<'a>> {
        asked.set.saves.iter().find_map(|pattern| {
            let path = pattern.path(directory, asked.stem());
            self.folders.has(&path).then(|| Candidate {
                directory: directory.to_owned(),
                path,
                pattern,
            })
        })
    }

    /// The save and what goes with it, one file for each part.
    fn files(&self, asked: &Asked<'_>, save: &Candidate<'_>) -> Vec<SaveFile> {
        let file = |path: PathBuf, wire_name: String, part: Part| SaveFile {
            form: Form::Raw,
            path,
            wire_name,
            part,
        };
        let mut files = vec![file(
            save.path.clone(),
            asked.wire_name(save.pattern),
            Part::save(),
        )];
        for pattern in &asked.set.companions {
            let path = pattern.path(&save.directory, asked.stem());
            let name = asked.wire_name(pattern);
            let part = part_of(&name);
            let is_new = files.iter().all(|file| file.part != part);
            if is_new && self.folders.has(&path) && path.is_file() {
                files.push(file(path, name, part));
            }
        }
        files
    }

    fn shared(&self, asked: &Asked<'_>, computed: &Path) -> Vec<SharedFile> {
        let is_all = matches!(asked.set.instead, Some(Instead::OnlyShared(_)));
        let files = asked.set.shared.iter().map(|shared| match shared.root {
            Root::Saves => computed.join(&shared.name),
            Root::System => self.system(asked).join(&shared.name),
        });
        let files = files.filter(|path| is_all || path.is_file());
        let shared = files.map(|path| SharedFile {
            path,
            why: "it holds the progress of several games: restored for one, it would roll back \
                  the others"
                .to_owned(),
        });
        shared.collect()
    }

    fn system(&self, asked: &Asked<'_>) -> PathBuf {
        if asked.layers.flag("systemfiles_in_content_dir") == Some(true) {
            return asked.content.directory.clone();
        }
        let default = self.install.tree.join("system");
        let named = asked
            .layers
            .directory("system_directory", &self.install.spelling, &default);
        named.directory
    }

    fn instead(&self, asked: &Asked<'_>, computed: &Path, files: &[SaveFile]) -> Option<Stopped> {
        let kinds = asked.set.saves.iter().filter(|pattern| {
            let save = files.first().map(|file| &file.path);
            let path = pattern.path(computed, asked.stem());
            save.is_some_and(|save| save.parent() == path.parent()) && self.folders.has(&path)
        });
        match &asked.set.instead {
            None if kinds.count() > 1 => Some(Stopped::OwnNames {
                why: "its core keeps several files for it, and which is the save is not known"
                    .to_owned(),
            }),
            None => None,
            Some(Instead::Folder(name)) => Some(Stopped::Folder {
                path: computed.join(name),
            }),
            Some(Instead::OnlyShared(change)) => Some(Stopped::OnlyShared { change: *change }),
            Some(Instead::Other(why)) => Some(Stopped::OwnNames {
                why: (*why).to_owned(),
            }),
        }
    }
}

impl Asked<'_> {
    /// By what the game's files are named.
    fn stem(&self) -> &str {
        self.set.stem.as_ref().unwrap_or(&self.content.stem)
    }

    /// What a file is called on a server.
    fn wire_name(&self, pattern: &Pattern) -> String {
        format!("{}{}", self.content.rom_stem, pattern.on_the_wire())
    }

    /// The save and its companions, as the core would write them.
    fn would_be(&self, computed: &Path, save: &Pattern) -> Vec<SaveFile> {
        let file = |pattern: &Pattern, is_save: bool| {
            let wire_name = self.wire_name(pattern);
            SaveFile {
                path: pattern.path(computed, self.stem()),
                part: if is_save {
                    Part::save()
                } else {
                    part_of(&wire_name)
                },
                wire_name,
                form: Form::Raw,
            }
        };
        let companions = self.set.companions.iter();
        let companions = companions.map(|pattern| file(pattern, false));
        std::iter::once(file(save, true))
            .chain(companions)
            .collect()
    }

    fn directory(&self, core: Option<&str>, rule: Rule) -> PathBuf {
        directory::directory(&self.base, self.content, self.sorting, core, rule)
    }
}

impl Pattern {
    fn path(&self, directory: &Path, stem: &str) -> PathBuf {
        let directory = match self.below.as_str() {
            "" => directory.to_owned(),
            below => directory.join(below),
        };
        directory.join(format!("{stem}{}", self.after))
    }

    /// What follows the ROM's stem on a server. Raw battery memory has one name there, whatever
    /// it is called here.
    fn on_the_wire(&self) -> &str {
        match self.after.as_str() {
            ".sav" => ".srm",
            "_1.mcd" => ".mcd",
            after => after,
        }
    }
}

/// Only what `RetroArch` writes itself is ever packed.
fn is_retroarchs_own(pattern: &Pattern) -> bool {
    pattern.below.is_empty() && pattern.after == ".srm"
}

/// A file's name as a stem, a dot and an ending.
fn stem_and_ending(stem: &str, after: &str) -> (String, String) {
    let (more, ending) = after.split_once('.').unwrap_or((after, ""));
    (format!("{stem}{more}"), ending.to_owned())
}

/// What led to the place.
fn reasons(asked: &Asked<'_>) -> Vec<String> {
    let mut why = Vec::new();
    let Sorting {
        in_content_dir,
        by_content,
        by_core,
    } = asked.sorting;
    why.push(if in_content_dir {
        "saves are kept beside the games".to_owned()
    } else {
        format!("saves are kept in {}", asked.base.display())
    });
    if by_content {
        why.push(format!(
            "sorted by the game's folder, {:?}",
            asked.content.parent
        ));
    }
    if by_core {
        why.push(match asked.cores.first() {
            Some(core) => format!("sorted by core, {core:?}"),
            None => "sorted by core, and what plays this game is not known".to_owned(),
        });
    }
    let overrides = asked.layers.read.iter();
    why.extend(overrides.map(|path| format!("as {} says", path.display())));
    why
}

#[cfg(test)]
mod tests;
