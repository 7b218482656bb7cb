//! `MinUI` and `NextUI`: saves in a folder for each emulator, named after the whole file of the game
//! or, if `NextUI` is told to, as `RetroArch` names them.

use std::path::Path;

use keepsave_core::layouts::Part;
use keepsave_core::platforms::{Naming, tag};

use super::Installation;
use super::folders::Folders;
use super::game::{Form, Found, Game, KnownBy, SaveFile, SavePlace, Stopped};
use super::gather::Gathering;
use super::looking::Looking;
use super::machine::Machine;
use super::standing::choose;

/// The cards on which it may be: it depends on the device what they are called.
const CARDS: [&str; 2] = ["/mnt/SDCARD", "/mnt/sdcard"];

/// How saves are called and written: `saveFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// `Game.gba.sav`, and the only one that `MinUI` knows.
    #[default]
    Sav,
    /// `Game.srm`, packed.
    Srm,
    /// `Game.sav`.
    Generic,
    /// `Game.srm`.
    SrmUnpacked,
}

const FORMATS: [Format; 4] = [
    Format::Sav,
    Format::Srm,
    Format::Generic,
    Format::SrmUnpacked,
];

/// Looks for it.
pub fn find(machine: &Machine, absent: &mut Looking) -> Option<Installation> {
    let cards = CARDS.map(|card| machine.at(Path::new(card)));
    let is_there = |card: &&std::path::PathBuf| {
        absent.directory("MinUI or NextUI", &card.join(".system")) && card.join("Roms").is_dir()
    };
    let card = cards.iter().find(is_there)?;
    let settings = card.join(".userdata/shared/minuisettings.txt");
    let name = if settings.is_file() {
        "NextUI"
    } else {
        "MinUI"
    };
    let mut gathering = Gathering::new(machine, name, Naming::MinUi, KnownBy::RomFolder);
    let text = gathering.looking.text("settings of NextUI", &settings);
    let text = text.unwrap_or_default();
    let format = format(&text);
    let by_inner = number(&text, "useExtractedFileName") == Some(1);
    let folders = Folders::default();
    for shelf in gathering.directories(&card.join("Roms")) {
        let platforms = gathering.platforms(&shelf.name);
        let saves = card.join("Saves").join(tag(&shelf.name));
        for path in gathering.games_on(&shelf) {
            let (installation, known_by) = gathering.named();
            let named = path.file_name().and_then(|name| name.to_str());
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let (Some(file), Some(stem)) = (named, stem) else {
                let why = "its name is no text".to_owned();
                gathering
                    .looking
                    .note("a game", &path, Found::Unreadable(why));
                continue;
            };
            let mut save = place(&folders, &saves, file, stem, format);
            if by_inner && file.to_lowercase().ends_with(".zip") {
                let why = "NextUI is told to call saves after what is in an archive, which is not \
                           looked into: unpack the game, or turn that off";
                save.stopped = Some(Stopped::OwnNames {
                    why: why.to_owned(),
                });
            }
            gathering.add(Game {
                stem: stem.to_owned(),
                folder: shelf.name.clone(),
                platforms: platforms.clone(),
                installation,
                known_by,
                emulator: Some("minui".to_owned()),
                core: None,
                save,
                moving: Vec::new(),
                path,
            });
        }
    }
    Some(gathering.done())
}

fn format(settings: &str) -> Format {
    let number = number(settings, "saveFormat");
    number
        .and_then(|number| FORMATS.get(number).copied())
        .unwrap_or_default()
}

/// The number that a setting is set to.
fn number(settings: &str, key: &str) -> Option<usize> {
    let set = |line: &'_ str| -> Option<usize> {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().parse().ok())?
    };
    settings.lines().filter_map(set).next_back()
}

/// The name of a save of the game whose file is `file`, as a stem and an ending.
fn name(file: &str, format: Format) -> (String, &'static str) {
    match format {
        Format::Sav => (file.to_owned(), "sav"),
        Format::Generic => (shortened(file).to_owned(), "sav"),
        Format::Srm | Format::SrmUnpacked => (shortened(file).to_owned(), "srm"),
    }
}

/// Without what is taken for an extension: a dot and one to four bytes.
fn shortened(file: &str) -> &str {
    match file.rfind('.') {
        Some(dot) if (3..=5).contains(&(file.len() - dot)) => &file[..dot],
        _ => file,
    }
}

fn place(folders: &Folders, saves: &Path, file: &str, stem: &str, format: Format) -> SavePlace {
    let path = |format: Format| {
        let (stem, ending) = name(file, format);
        saves.join(format!("{stem}.{ending}"))
    };
    let usual = path(format);
    let mut standing = Vec::new();
    for other in [format].into_iter().chain(FORMATS).map(path) {
        if folders.has(&other) && other.is_file() && !standing.contains(&other) {
            standing.push(other);
        }
    }
    let mut why = vec![format!("saves are kept in {}", saves.display())];
    let chosen = choose(standing, |path| path.as_path(), |path| *path == usual);
    let (save, elsewhere) = chosen.unzip();
    match &save {
        None => why.push("no save is there yet".to_owned()),
        Some(save) if *save != usual => why.push(format!(
            "its save is {}, though it would now be called {}",
            save.display(),
            usual.display()
        )),
        Some(_) => {}
    }
    let astray = save.as_ref().is_some_and(|save| *save != usual);
    let rtc = saves.join(format!("{file}.rtc"));
    let would_be = [
        (usual.clone(), format!("{stem}.srm"), Part::save()),
        (rtc.clone(), format!("{stem}.rtc"), Part::stored("rtc")),
    ];
    let would_be = would_be.map(|(path, wire_name, part)| SaveFile {
        path,
        wire_name,
        part,
        form: Form::Raw,
    });
    let rtc = (save.is_some() && folders.has(&rtc)).then(|| SaveFile {
        form: Form::Raw,
        path: rtc,
        wire_name: format!("{stem}.rtc"),
        part: Part::stored("rtc"),
    });
    let save = save.map(|path| SaveFile {
        form: Form::Raw,
        path,
        wire_name: format!("{stem}.srm"),
        part: Part::save(),
    });
    let (named, ending) = name(file, format);
    // What stands between the stem and the ending belongs to the ending: `gba.sav`.
    let between = named.strip_prefix(stem).unwrap_or_default();
    let ending = format!("{between}.{ending}");
    SavePlace {
        directory: saves.to_owned(),
        stem: stem.to_owned(),
        ending: ending.trim_start_matches('.').to_owned(),
        form: match format {
            Format::Srm => Form::Rzip,
            Format::Sav | Format::Generic | Format::SrmUnpacked => Form::Raw,
        },
        files: save.into_iter().chain(rtc).collect(),
        elsewhere: elsewhere.unwrap_or_default(),
        astray,
        would_be: Some(would_be.into()),
        why,
        ..SavePlace::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_is_called_as_the_settings_say() {
        for (file, format, expected) in [
            ("Game.gba", 0, "Game.gba.sav"),
            ("Game.gba", 1, "Game.srm"),
            ("Game.gba", 2, "Game.sav"),
            ("Game.gba", 3, "Game.srm"),
            ("Game.gb", 1, "Game.srm"),
            ("Game.7z", 1, "Game.srm"),
            // Too short, or too long, for an extension.
            ("Game.p", 1, "Game.p.srm"),
            ("Game.chailove", 1, "Game.chailove.srm"),
            ("Hack v1.1", 2, "Hack v1.1.sav"),
            ("Hack v1.10", 2, "Hack v1.sav"),
            ("Game", 0, "Game.sav"),
        ] {
            let text = format!("font=1\nsaveFormat={format}\nx=y\n");
            let (stem, ending) = name(file, super::format(&text));
            assert_eq!(format!("{stem}.{ending}"), expected, "{file} {format}");
        }
    }

    #[test]
    fn what_settings_do_not_say_or_nobody_knows_is_as_it_is_at_first() {
        for text in ["", "saveFormat=9", "saveFormat=", "saveFormat=x", "font=1"] {
            assert_eq!(format(text), Format::Sav, "{text}");
        }
    }
}
