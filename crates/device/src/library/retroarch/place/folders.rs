//! The place of a save that is a folder, or several.

use std::path::{Path, PathBuf};

use keepsave_core::layouts::Part;

use super::super::RetroArch;
use super::super::sets::InFolders;
use super::Asked;
use crate::files::Form;
use crate::library::game::{SaveFile, SavePlace};

impl RetroArch {
    /// Where the folders stand, and where new ones would.
    pub(super) fn look_for_folders(&self, asked: &Asked<'_>, folder: &InFolders) -> SavePlace {
        let computed = self.computed(asked);
        let name = asked.stem();
        let place = |directory: &Path| match folder.below {
            "" => directory.join(name),
            below => directory.join(below).join(name),
        };
        let stands = |path: &PathBuf| match folder.form {
            Form::Folders => {
                let above = path.parent().map(|above| self.folders.of(above));
                above.is_some_and(|above| above.names().any(|is| is.starts_with(name)))
            }
            _ => path.is_dir(),
        };
        let mut why = Vec::new();
        let searched = self.searched(asked, &computed);
        let mut standing: Vec<PathBuf> = Vec::new();
        let mut stands_in = None;
        for directory in searched.iter() {
            let path = place(directory);
            if !standing.contains(&path) && stands(&path) {
                stands_in.get_or_insert(directory);
                standing.push(path);
            }
        }
        let own = place(&computed);
        if standing.is_empty() {
            why.push("no save is there yet".to_owned());
        }
        let elsewhere = standing.split_off(standing.len().min(1));
        let astray = stands_in.is_some_and(|there| self.is_astray(asked, there, &computed));
        let file = |path: &PathBuf| SaveFile {
            path: path.clone(),
            wire_name: format!("{}.zip", asked.content.rom_stem),
            part: Part::save(),
            form: folder.form,
        };
        SavePlace {
            directory: own.parent().unwrap_or(&computed).to_owned(),
            stem: name.to_owned(),
            ending: String::new(),
            form: folder.form,
            would_be: Some(vec![file(&own)]),
            files: standing.iter().map(file).collect(),
            elsewhere,
            astray,
            shared: Vec::new(),
            states: None,
            stopped: None,
            why,
        }
    }
}
