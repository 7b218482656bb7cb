//! Whatever the plugin may have written comes out as it went in.

use std::collections::BTreeMap;

use keepsave_core::ids::NoteId;

use super::*;

fn moment() -> impl Strategy<Value = Option<Time>> {
    prop::option::of(
        (-9_000_000_000_000_000..9_000_000_000_000_000_i64).prop_map(Time::from_micros),
    )
}

fn number() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(0..i64::MAX)
}

prop_compose! {
    fn any_file()(
        hash in prop::option::of(any::<u64>()), ids in (number(), number()), sizes in (number(), number()),
        mtime in prop::option::of(0..4_000_000_000_000_000_i64), times in (moment(), moment()),
    ) -> Baseline {
        Baseline {
            hash: hash.map(|seed| Digest::of(&seed.to_le_bytes()).md5),
            size: sizes.0.map(i64::cast_unsigned),
            mtime_ns: mtime.map(|micros| micros * 1_000),
            save: ids.0.map(SaveId),
            tracked: ids.1.map(SaveId),
            server_size: sizes.1.map(i64::cast_unsigned),
            server_updated_at: times.0,
            at: times.1,
            ..Baseline::default()
        }
    }
}

prop_compose! {
    fn any_game()(
        words in (".{0,4}", prop::option::of(".{0,4}"), prop::option::of(".{0,4}"), prop::option::of(".{0,4}")),
        slot_confirmed in any::<bool>(), last_sync_check_at in moment(),
        own in prop::option::of(prop::collection::hash_set(0..99_i64, 0..5)),
        slots in prop::collection::btree_map(".{0,3}", (any::<bool>(), 0..9_i64, moment()), 0..3),
        files in prop::collection::btree_map(".{0,3}", any_file(), 0..3),
    ) -> GameDocument {
        GameDocument {
            game: Game {
                system: Some(words.0), emulator: words.1, active_slot: words.2, slot_confirmed,
                last_synced_core: words.3, last_sync_check_at,
            },
            own_uploads: own.map(|ids| ids.into_iter().map(SaveId).collect()),
            slots: slots.into_iter().map(|(name, (server, saves, latest_updated_at))| SlotEntry {
                name: (!name.is_empty()).then_some(name),
                source: if server { SlotSource::Server } else { SlotSource::Local },
                saves: Some(saves), latest_updated_at,
            }).collect(),
            files,
        }
    }
}

prop_compose! {
    fn any_playtime()(
        totals in (0..i64::MAX, 0..i64::MAX), last_session_duration_sec in number(),
        start in moment(), note in number(),
    ) -> Playtime {
        Playtime {
            total_seconds: totals.0, session_count: totals.1, last_session_duration_sec,
            running: start.map(|wall| Running::begin(Moment { wall, awake: None })),
            note: note.map(NoteId), server_seconds: None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_the_plugin_wrote_comes_out_as_it_went_in(
        games in prop::collection::btree_map(0..9_i64, any_game(), 0..4),
        playtime in prop::collection::btree_map(0..9_i64, any_playtime(), 0..4),
        device_id in ".{0,8}",
    ) {
        let document = StateDocument {
            machine: Machine { device_id: Some(device_id), server_device_id: Some(deck()) },
            games: games.into_iter().map(|(rom, game)| (RomId(rom), game)).collect::<BTreeMap<_, _>>(),
            playtime: playtime.into_iter().map(|(rom, one)| (RomId(rom), one)).collect(),
            chosen: Chosen::default(),
        };
        let before = Document::State(Box::new(document)).json();
        let room = Room::new();
        room.open().import(&state_of(&before.to_string()), Some(&deck())).unwrap();
        prop_assert_eq!(exported(&room.open()), before);
    }
}
