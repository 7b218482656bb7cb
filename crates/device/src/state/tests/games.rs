//! What is known of a game and its slots.

use super::*;

const ROM: RomId = RomId(42);

fn device() -> DeviceId {
    key(1, None).device
}

fn slot(name: Option<&str>, source: SlotSource, saves: i64) -> SlotEntry {
    SlotEntry {
        name: name.map(str::to_owned),
        source,
        saves: Some(saves),
        latest_updated_at: (saves > 0).then_some(Time::EPOCH.plus_seconds(saves)),
    }
}

fn names(state: &State) -> Vec<(Option<String>, &'static str)> {
    let slots = state.slots(ROM).unwrap().into_iter();
    slots
        .map(|slot| (slot.name, slot.source.as_str()))
        .collect()
}

#[test]
fn a_game_comes_back_as_it_was_changed() {
    let room = Room::new();
    assert_eq!(room.open().game(ROM).unwrap(), None);
    let full = Game {
        system: Some("gba".into()),
        emulator: Some("retroarch-mgba".into()),
        active_slot: Some("default".into()),
        slot_confirmed: true,
        last_synced_core: Some("mgba_libretro".into()),
        last_sync_check_at: Some(Time::EPOCH.plus_seconds(9)),
    };
    let changed = room.open().change_game(ROM, |game| *game = full.clone());
    assert_eq!(changed.unwrap(), full);
    let state = room.open();
    assert_eq!(state.game(ROM).unwrap(), Some(full.clone()));
    state
        .change_game(ROM, |game| game.last_synced_core = None)
        .unwrap();
    let core = state.game(ROM).unwrap().unwrap();
    assert_eq!(
        core,
        Game {
            last_synced_core: None,
            ..full
        }
    );
    assert_eq!(state.games().unwrap(), [(ROM, core)]);
}

#[test]
fn a_look_is_stamped_on_every_game_and_changes_nothing_else() {
    let state = Room::new();
    let state = state.open();
    state.confirm_slot(ROM, Some("default")).unwrap();
    let at = Time::EPOCH.plus_seconds(77);
    state.looked_at(&[look(ROM), look(RomId(43))], at).unwrap();
    let known = state.game(ROM).unwrap().unwrap();
    assert_eq!(known.last_sync_check_at, Some(at));
    assert!(known.slot_confirmed && known.active_slot.as_deref() == Some("default"));
    let new = state.game(RomId(43)).unwrap().unwrap();
    assert_eq!(
        new,
        Game {
            system: Some("gba".into()),
            last_sync_check_at: Some(at),
            ..Game::default()
        }
    );
}

#[test]
fn a_look_that_does_not_know_the_core_keeps_the_one_that_was_known() {
    let room = Room::new();
    let state = room.open();
    let known = LookedAt {
        emulator: Some("retroarch-mgba".into()),
        core: Some("mgba_libretro".into()),
        ..look(ROM)
    };
    for looked_at in [known, look(ROM)] {
        state.looked_at(&[looked_at], Time::EPOCH).unwrap();
        let game = state.game(ROM).unwrap().unwrap();
        assert_eq!(game.last_synced_core.as_deref(), Some("mgba_libretro"));
        assert_eq!(game.emulator.as_deref(), Some("retroarch-mgba"));
    }
}

fn look(rom: RomId) -> LookedAt {
    LookedAt {
        rom,
        system: "gba".into(),
        emulator: None,
        core: None,
    }
}

#[test]
fn whether_a_save_was_uploaded_from_here_is_known_or_said_to_be_unknown() {
    let room = Room::new();
    let state = room.open();
    assert_eq!(state.own_uploads(ROM).unwrap().made(SaveId(1)), Some(false));
    for save in [18, 7, 18] {
        state.uploaded(ROM, SaveId(save)).unwrap();
    }
    state.uploaded(RomId(43), SaveId(18)).unwrap();
    state.looked_at(&[look(ROM)], Time::EPOCH).unwrap();
    let own = state.own_uploads(ROM).unwrap();
    assert_eq!(own.saves, [SaveId(18), SaveId(7)]);
    assert_eq!(
        (own.made(SaveId(7)), own.made(SaveId(1))),
        (Some(true), Some(false))
    );
    let connection = Connection::open(room.file()).unwrap();
    connection
        .execute_batch("UPDATE games SET knows_own_uploads = 0")
        .unwrap();
    let own = state.own_uploads(ROM).unwrap();
    assert_eq!(
        (own.made(SaveId(7)), own.made(SaveId(1))),
        (Some(true), None)
    );
    state
        .change_game(ROM, |game| game.system = Some("gba".into()))
        .unwrap();
    assert!(!state.own_uploads(ROM).unwrap().are_all, "it stays so");
}

#[test]
fn a_confirmed_slot_is_the_devices_own_until_the_server_has_it() {
    let room = Room::new();
    let state = room.open();
    state.confirm_slot(ROM, Some("autosave")).unwrap();
    assert_eq!(names(&state), [(Some("autosave".into()), "local")]);
    let theirs = slot(Some("autosave"), SlotSource::Server, 3);
    state
        .server_slots(ROM, std::slice::from_ref(&theirs))
        .unwrap();
    state.confirm_slot(ROM, Some("autosave")).unwrap();
    assert_eq!(state.slots(ROM).unwrap(), [theirs]);
    state.confirm_slot(ROM, None).unwrap();
    let game = state.game(ROM).unwrap().unwrap();
    assert_eq!((game.active_slot, game.slot_confirmed), (None, true));
    assert_eq!(names(&state)[0], (None, "local"));
}

#[test]
fn what_the_server_has_no_more_goes_and_what_is_only_here_stays() {
    let room = Room::new();
    let state = room.open();
    state.create_slot(ROM, Some("mine")).unwrap();
    state.create_slot(RomId(43), Some("anothers")).unwrap();
    let server = |name| slot(Some(name), SlotSource::Server, 2);
    let all = ["active", "gone", "kept"].map(server);
    state.server_slots(ROM, &all).unwrap();
    state.confirm_slot(ROM, Some("active")).unwrap();
    state
        .server_slots(ROM, &[server("kept"), slot(None, SlotSource::Server, 1)])
        .unwrap();
    let active = slot(Some("active"), SlotSource::Server, 0);
    let mine = slot(Some("mine"), SlotSource::Local, 0);
    let now = [
        slot(None, SlotSource::Server, 1),
        active,
        server("kept"),
        mine,
    ];
    assert_eq!(state.slots(ROM).unwrap(), now);
    assert_eq!(state.slots(RomId(43)).unwrap().len(), 1);
}

#[test]
fn a_slot_goes_with_all_that_was_in_common_with_it() {
    let room = Room::new();
    let state = room.open();
    let path = room.room.path().join("zelda.srm");
    for slot in [Some("a"), Some("b")] {
        state.create_slot(RomId(1), slot).unwrap();
        state
            .record(&key(1, slot), &baseline(&path, b"hello"))
            .unwrap();
    }
    state.remove_slot(&device(), RomId(1), Some("a")).unwrap();
    let files = |slot| state.files_of(&device(), RomId(1), Some(slot)).unwrap();
    assert!(files("a").is_empty());
    assert_eq!(
        files("b"),
        [("zelda.srm".to_owned(), baseline(&path, b"hello"))]
    );
    assert_eq!(state.slots(RomId(1)).unwrap().len(), 1);
}

#[test]
fn a_slot_is_renamed_with_its_files_and_the_game_goes_with_it() {
    let room = Room::new();
    let state = room.open();
    let path = room.room.path().join("zelda.srm");
    let was = baseline(&path, b"hello");
    for rom in [1, 2] {
        state.confirm_slot(RomId(rom), Some("a")).unwrap();
        state.record(&key(rom, Some("a")), &was).unwrap();
    }
    state
        .rename_slot(&device(), RomId(1), ("a", "b"), false)
        .unwrap();
    let slot = |rom| state.game(RomId(rom)).unwrap().unwrap().active_slot;
    let files = |rom, slot| state.files_of(&device(), RomId(rom), Some(slot)).unwrap();
    assert_eq!(
        (slot(1).as_deref(), slot(2).as_deref()),
        (Some("b"), Some("a"))
    );
    assert!(files(1, "a").is_empty());
    assert_eq!(files(1, "b"), [("zelda.srm".to_owned(), was.clone())]);
    assert_eq!(files(2, "a").len(), 1);
    let now = Baseline {
        save: Some(SaveId(77)),
        ..was
    };
    let follows = [(key(1, Some("c")), now.clone())];
    state.follow_slot((RomId(1), "b"), "c", &follows).unwrap();
    assert_eq!(slot(1).as_deref(), Some("c"));
    assert_eq!(files(1, "c"), [("zelda.srm".to_owned(), now)]);
    // Until the other one is removed, it is known what it had.
    assert_eq!(files(1, "b").len(), 1);
}

#[test]
fn a_slot_that_cannot_be_removed_whole_stays_whole() {
    let room = Room::new();
    let state = room.open();
    let path = room.room.path().join("zelda.srm");
    state.create_slot(RomId(1), Some("a")).unwrap();
    state
        .record(&key(1, Some("a")), &baseline(&path, b"hello"))
        .unwrap();
    let breaks = "CREATE TRIGGER no BEFORE DELETE ON baselines
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(room.file())
        .unwrap()
        .execute_batch(breaks)
        .unwrap();
    state
        .remove_slot(&device(), RomId(1), Some("a"))
        .unwrap_err();
    assert_eq!(state.slots(RomId(1)).unwrap().len(), 1);
}

#[test]
fn which_machine_this_is_stays() {
    let room = Room::new();
    assert_eq!(room.open().machine().unwrap(), Machine::default());
    let machine = Machine {
        device_id: Some("550e8400-e29b-41d4-a716-446655440000".into()),
        server_device_id: Some(device()),
    };
    room.open()
        .change_machine(|known| *known = machine.clone())
        .unwrap();
    assert_eq!(room.open().machine().unwrap(), machine);
}

#[test]
fn a_state_of_the_first_kind_keeps_what_it_knows() {
    let room = Room::new();
    fs::create_dir_all(room.directory()).unwrap();
    let before = Connection::open(room.file()).unwrap();
    before
        .execute_batch(include_str!("../schema/0001_start.sql"))
        .unwrap();
    let known = "INSERT INTO baselines VALUES
        ('0b5c', 1, '=autosave', 'zelda.srm', x'000102030405060708090a0b0c0d0e0f', NULL, 5, 12,
         NULL, 1000000, CAST('/saves/zelda.srm' AS BLOB), 2000000)";
    before.execute_batch(known).unwrap();
    before.pragma_update(None, "user_version", 1).unwrap();
    drop(before);
    let state = room.open();
    assert_eq!(state.set_aside(), None);
    let files = state
        .files_of(&device(), RomId(1), Some("autosave"))
        .unwrap();
    let (name, found) = files.first().unwrap();
    assert_eq!(name, "zelda.srm");
    assert_eq!(
        (found.size, found.save, found.tracked),
        (Some(5), Some(SaveId(12)), Some(SaveId(12)))
    );
    assert_eq!(found.path.as_deref(), Some(Path::new("/saves/zelda.srm")));
    assert_eq!(found.at, Some(Time::EPOCH.plus_seconds(2)));
}

#[test]
fn a_baseline_that_only_names_its_file_is_whichever_is_there() {
    let room = Room::new();
    let state = room.open();
    let named = Baseline {
        path: None,
        ..baseline(Path::new("/x"), b"hello")
    };
    state.record(&key(1, None), &named).unwrap();
    assert_eq!(
        state
            .baseline(&key(1, None), Path::new("/anywhere"))
            .unwrap(),
        Some(named.clone())
    );
    assert_eq!(state.path_of(&key(1, None)).unwrap(), None);
    let without_content = Baseline {
        hash: None,
        blob: None,
        ..named.clone()
    };
    assert_eq!(
        without_content.facts(),
        None,
        "it cannot be said what changed since"
    );
    let by_server = Baseline {
        size: None,
        ..named
    };
    assert_eq!(
        by_server.facts().unwrap().size,
        6,
        "the server's word is what is left"
    );
}
