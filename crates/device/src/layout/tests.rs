//! Machines whose layout of saves changes.

mod migrate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepsave_core::ids::{DeviceId, RomId, UserId};
use keepsave_core::time::Time;

use super::reading::{Known, newest};
use super::*;
use crate::environment::SystemClock;
use crate::library::tree::Tree;
use crate::library::{Library, Stopped};
use crate::state::{Baseline, Identity, Key, State};

const CONFIG: &str = "~/.var/app/net.retrodeck.retrodeck/config";
const DEPLOYED: &str = "/var/lib/flatpak/app/net.retrodeck.retrodeck/current/active/files/\
    retrodeck/components/es-de/share/es-de/resources/systems/linux/es_systems.xml";

/// How saves are laid out: beside the games, by folder, by core.
type Flags = (bool, bool, bool);

const FLAT: Flags = (false, false, false);
const BY_FOLDER: Flags = (false, true, false);
const BY_CORE: Flags = (false, false, true);
const BY_BOTH: Flags = (false, true, true);
const BESIDE: Flags = (true, false, false);
const EVERY: [Flags; 5] = [FLAT, BY_FOLDER, BY_CORE, BY_BOTH, BESIDE];

/// A machine with one game, `gba/Zelda.gba`, which mGBA plays, and what is known of it.
struct Deck {
    tree: Tree,
    kind: Kind,
    state: State,
    _room: tempfile::TempDir,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    RetroDeck,
    RetroArch,
}

impl Deck {
    fn new(kind: Kind) -> Self {
        let tree = Tree::new();
        tree.file("~/retrodeck/roms/gba/Zelda.gba", "rom");
        let room = tempfile::tempdir().unwrap();
        let identity = Identity {
            origin: "https://saves.example".to_owned(),
            user: UserId(1),
        };
        let state = State::open(room.path(), &identity, Arc::new(SystemClock)).unwrap();
        let deck = Self {
            tree,
            kind,
            state,
            _room: room,
        };
        match kind {
            Kind::RetroDeck => {
                let systems = "<systemList><system><name>gba</name><path>%ROMPATH%/gba</path>\
                    <extension>.gba</extension><command>%EMULATOR_RETROARCH% -L \
                    %CORE_RETROARCH%/mgba_libretro.so %ROM%</command></system></systemList>";
                deck.tree.file(DEPLOYED, systems);
            }
            Kind::RetroArch => {
                let rom = "/players/deck/retrodeck/roms/gba/Zelda.gba";
                let list = format!(
                    "{{\"items\": [{{\"path\": \"{rom}\", \"core_path\": \
                     \"/cores/mgba_libretro.so\", \"db_name\": \"Nintendo - Game Boy Advance.lpl\"}}]}}"
                );
                let lists = "~/.config/retroarch/playlists";
                deck.tree
                    .file(&format!("{lists}/Nintendo - Game Boy Advance.lpl"), list);
            }
        }
        deck.root("/players/deck/retrodeck/saves");
        deck.tree.directory("~/retrodeck/saves");
        deck
    }

    /// Names the root of the saves, with saves by folder.
    fn root(&self, root: &str) {
        let json = format!(
            "{{\"paths\": {{\"roms_path\": \"/players/deck/retrodeck/roms\", \"saves_path\": \"{root}\"}}}}"
        );
        self.tree
            .file(&format!("{CONFIG}/retrodeck/retrodeck.json"), json);
        self.tree.file("~/root", root);
        self.lay_out(BY_FOLDER);
        if matches!(self.kind, Kind::RetroArch) {
            std::fs::remove_dir_all(self.tree.at("~/.var")).unwrap();
        }
    }

    fn lay_out(&self, (beside, by_folder, by_core): Flags) {
        let root = std::fs::read_to_string(self.tree.at("~/root")).unwrap();
        let cfg = format!(
            "savefile_directory = \"{root}\"\nsavefiles_in_content_dir = \"{beside}\"\n\
             sort_savefiles_by_content_enable = \"{by_folder}\"\nsort_savefiles_enable = \"{by_core}\"\n"
        );
        let path = match self.kind {
            Kind::RetroDeck => format!("{CONFIG}/retroarch/retroarch.cfg"),
            Kind::RetroArch => "~/.config/retroarch/retroarch.cfg".to_owned(),
        };
        self.tree.file(&path, cfg);
    }

    fn see(&self) -> Located {
        let machine = self.tree.machine();
        Located::of(Library::find(&machine, &[]), &machine, &[], &self.state).unwrap()
    }

    /// The one game.
    fn zelda(&self) -> Game {
        let located = self.see();
        let mut games = located.library().games();
        let game = games.next().unwrap().clone();
        assert_eq!(games.count(), 0);
        game
    }

    /// Where a layout puts the save.
    fn place(&self, flags: Flags) -> PathBuf {
        self.tree.at(place(flags))
    }

    /// Plays, with settings as they are; the file's clock says so many seconds.
    fn play(&self, flags: Flags, progress: &str, at: i64) {
        self.play_to(place(flags), progress, at);
    }

    fn play_to(&self, path: &str, progress: &str, at: i64) {
        let path = self.tree.file(path, progress);
        let file = std::fs::File::options().write(true).open(path).unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(at.unsigned_abs());
        file.set_modified(at).unwrap();
    }

    /// What stands there is in sync with the slot.
    fn synced(&self, flags: Flags) {
        let path = self.place(flags);
        let file = crate::files::snapshot(&path, &crate::files::NothingKnown)
            .unwrap()
            .unwrap();
        let baseline = Baseline {
            hash: file.content.hash,
            blob: Some(file.content.blob),
            size: Some(file.size),
            path: Some(path),
            at: Some(Time::EPOCH),
            ..Baseline::default()
        };
        self.state.record(&key(), &baseline).unwrap();
    }

    /// Where the save is read, and whether that is sure.
    fn read(&self) -> Option<(PathBuf, bool)> {
        let device = DeviceId("deck".to_owned());
        let known = Known {
            state: &self.state,
            synced: Some((&device, RomId(1), "autosave")),
        };
        let game = self.zelda();
        let chosen = newest(&game, &known).unwrap()?;
        let surely = chosen.verdict.is_none_or(|verdict| verdict.surely);
        Some((chosen.place.files[0].path.clone(), surely))
    }
}

fn place(flags: Flags) -> &'static str {
    match flags {
        FLAT => "~/retrodeck/saves/Zelda.srm",
        BY_FOLDER => "~/retrodeck/saves/gba/Zelda.srm",
        BY_CORE => "~/retrodeck/saves/mGBA/Zelda.srm",
        BY_BOTH => "~/retrodeck/saves/gba/mGBA/Zelda.srm",
        _ => "~/retrodeck/roms/gba/Zelda.srm",
    }
}

fn key() -> Key {
    Key {
        device: DeviceId("deck".to_owned()),
        rom: RomId(1),
        slot: Some("autosave".to_owned()),
        file_name: "Zelda.srm".to_owned(),
    }
}

fn mains(places: &[crate::library::SavePlace]) -> Vec<PathBuf> {
    let main = |place: &crate::library::SavePlace| Some(place.files.first()?.path.clone());
    places.iter().filter_map(main).collect()
}

#[test]
fn a_layout_that_is_seen_first_or_does_not_change_is_no_change() {
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        let deck = Deck::new(kind);
        deck.play(BY_FOLDER, "progress", 1);
        for _ in 0..3 {
            let located = deck.see();
            assert!(located.pending().is_empty(), "{kind:?}");
            assert!(!deck.zelda().is_moving());
            assert_eq!(deck.zelda().save.files[0].path, deck.place(BY_FOLDER));
        }
    }
}

#[test]
fn every_change_of_layout_has_the_save_read_where_it_was_and_touches_none() {
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        for before in EVERY {
            for now in EVERY.into_iter().filter(|now| *now != before) {
                let deck = Deck::new(kind);
                deck.lay_out(before);
                deck.play(before, "progress", 1);
                deck.see();
                deck.lay_out(now);
                let said = format!("{kind:?} {before:?} {now:?}");
                let game = deck.zelda();
                assert!(game.is_moving(), "{said}");
                assert_eq!(game.save.files[0].path, deck.place(before), "{said}");
                let last = game.moving.last().unwrap();
                assert_eq!(last.path(), deck.place(now), "{said}");
                assert_eq!(deck.read(), Some((deck.place(before), true)), "{said}");
                assert_eq!(deck.see().pending().len(), 1, "{said}");
                assert_eq!(std::fs::read(deck.place(before)).unwrap(), b"progress");
                assert!(!deck.place(now).exists(), "{said}");
            }
        }
    }
}

#[test]
fn what_is_played_on_at_the_new_place_is_read_there_and_a_clock_alone_decides_nothing() {
    for now in EVERY.into_iter().filter(|now| *now != BY_FOLDER) {
        let deck = Deck::new(Kind::RetroDeck);
        deck.play(BY_FOLDER, "in sync", 5);
        deck.synced(BY_FOLDER);
        deck.see();
        deck.lay_out(now);
        deck.play(now, "played on", 9);
        assert_eq!(deck.read(), Some((deck.place(now), true)), "{now:?}");
        // Synced there, it stays the one that is read, also when it is played on.
        deck.synced(now);
        assert_eq!(deck.read(), Some((deck.place(now), true)), "{now:?}");
        deck.play(now, "played on and on", 10);
        assert_eq!(deck.read(), Some((deck.place(now), true)), "{now:?}");
        // A file that was left there long ago is none that was played on.
        deck.synced(BY_FOLDER);
        deck.play(now, "left long ago", 1);
        assert!(!deck.read().unwrap().1, "{now:?}");
        deck.play(BY_FOLDER, "both", 9);
        assert!(!deck.read().unwrap().1, "{now:?}");
        // What is blank is no progress.
        deck.play(now, "\0\0\0\0", 99);
        assert_eq!(deck.read(), Some((deck.place(BY_FOLDER), true)), "{now:?}");
    }
}

#[test]
fn of_two_changes_in_a_row_every_place_is_known() {
    let deck = Deck::new(Kind::RetroDeck);
    deck.play(BY_FOLDER, "in sync", 1);
    deck.synced(BY_FOLDER);
    deck.see();
    deck.lay_out(BESIDE);
    deck.see();
    deck.play(BESIDE, "played on", 2);
    deck.lay_out(BY_CORE);
    let game = deck.zelda();
    let expected = [deck.place(BY_FOLDER), deck.place(BESIDE)];
    assert_eq!(mains(&game.moving), expected);
    assert_eq!(deck.read(), Some((deck.place(BESIDE), true)));
}

#[test]
fn a_change_and_back_is_no_change_unless_something_was_written_meanwhile() {
    for other in EVERY.into_iter().filter(|now| *now != BY_FOLDER) {
        let deck = Deck::new(Kind::RetroDeck);
        deck.play(BY_FOLDER, "progress", 1);
        deck.synced(BY_FOLDER);
        deck.see();
        deck.lay_out(other);
        assert_eq!(deck.see().pending().len(), 1);
        deck.lay_out(BY_FOLDER);
        assert!(deck.see().pending().is_empty(), "{other:?}");
        deck.lay_out(other);
        deck.see();
        deck.play(other, "written meanwhile", 2);
        deck.lay_out(BY_FOLDER);
        let game = deck.zelda();
        assert!(game.is_moving(), "{other:?}");
        let both = [deck.place(other), deck.place(BY_FOLDER)];
        assert_eq!(mains(&game.moving), both, "{other:?}");
    }
}

#[test]
fn a_card_that_is_not_in_is_no_change_and_forgets_none() {
    const CARD: &str = "/run/media/deck/card";
    for kind in [Kind::RetroDeck, Kind::RetroArch] {
        let deck = Deck::new(kind);
        let card = deck.tree.directory(&format!("{CARD}/saves"));
        deck.root(&format!("{CARD}/saves"));
        deck.tree
            .file(&format!("{CARD}/saves/gba/Zelda.srm"), "on the card");
        deck.see();
        let away = deck.tree.at("~/pocket");
        std::fs::rename(card.parent().unwrap(), &away).unwrap();
        assert!(deck.see().pending().is_empty(), "{kind:?}");
        let stopped = deck.zelda().save.stopped;
        assert!(
            matches!(stopped, Some(Stopped::RootMissing { .. })),
            "{kind:?}"
        );
        // Moved to the internal disk while the card is out: what it holds is not known.
        deck.root("/players/deck/retrodeck/saves");
        deck.tree.file("~/retrodeck/saves/gba/Zelda.srm", "inside");
        for _ in 0..2 {
            assert_eq!(deck.see().pending().len(), 1, "{kind:?}");
            let stopped = deck.zelda().save.stopped;
            assert!(
                matches!(stopped, Some(Stopped::RootMissing { .. })),
                "{kind:?}"
            );
        }
        std::fs::rename(&away, card.parent().unwrap()).unwrap();
        let game = deck.zelda();
        assert_eq!(game.save.stopped, None, "{kind:?}");
        assert_eq!(mains(&game.moving).len(), 2, "{kind:?}");
        assert_eq!(
            game.save.files[0].path,
            card.join("gba/Zelda.srm"),
            "{kind:?}"
        );
    }
}

#[test]
fn a_save_at_a_third_place_is_still_a_question() {
    let deck = Deck::new(Kind::RetroDeck);
    deck.play(BY_FOLDER, "by folder", 1);
    deck.see();
    deck.play(FLAT, "left over", 2);
    deck.lay_out(BY_BOTH);
    let game = deck.zelda();
    assert_eq!(game.save.files[0].path, deck.place(BY_FOLDER));
    assert_eq!(game.save.elsewhere, [deck.place(FLAT)]);
}

#[test]
fn settings_that_cannot_be_read_say_no_layout() {
    let deck = Deck::new(Kind::RetroArch);
    deck.see();
    let path = deck.tree.at("~/.config/retroarch/retroarch.cfg");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(deck.see().pending().is_empty());
    std::fs::remove_dir(&path).unwrap();
    deck.lay_out(BY_CORE);
    assert_eq!(deck.see().pending().len(), 1);
    assert_eq!(deck.see().pending()[0].layouts.previous.len(), 1);
    let config: &Path = &path;
    assert_eq!(deck.see().pending()[0].laid.config, config);
}

#[test]
fn a_game_whose_place_an_override_decides_does_not_move() {
    let deck = Deck::new(Kind::RetroDeck);
    let own = "sort_savefiles_enable = \"false\"\nsort_savefiles_by_content_enable = \"true\"\n";
    deck.tree
        .file(&format!("{CONFIG}/retroarch/config/mGBA/mGBA.cfg"), own);
    deck.play(BY_FOLDER, "progress", 1);
    deck.see();
    deck.lay_out(BY_CORE);
    assert_eq!(deck.see().pending().len(), 1);
    let game = deck.zelda();
    assert!(!game.is_moving());
    assert_eq!(game.save.files[0].path, deck.place(BY_FOLDER));
}
