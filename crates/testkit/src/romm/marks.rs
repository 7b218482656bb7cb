//! What a user marks a game with: when it was played, how far it is, how good it was.

use serde_json::{Value, json};

use super::accounts::allow;
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::library::{shown_played, unknown_rom};
use super::world::World;

const STATUSES: [&str; 5] = [
    "incomplete",
    "finished",
    "completed_100",
    "retired",
    "never_playing",
];

pub(super) fn props(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["roms.user.write"])?;
    let rom_id = id(call, 1)?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let played_now = fields.bool(&query, "update_last_played").unwrap_or(false);
    let never_played = fields.bool(&query, "remove_last_played").unwrap_or(false);
    let body = fields.body(call)?;
    let flags = ["is_main_sibling", "backlogged", "now_playing", "hidden"];
    let flags = flags.map(|name| (name, fields.bool(&body, name)));
    let numbers = [("rating", 10), ("difficulty", 10), ("completion", 100)];
    let numbers = numbers.map(|(name, most)| (name, fields.bounded(&body, name, 0, most)));
    let status = status(&mut fields, &body);
    fields.done()?;
    if played_now && never_played {
        let detail = "update_last_played and remove_last_played are mutually exclusive.";
        return Err(Reply::detail(400, detail));
    }
    world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    let now = world.stamp();
    let row = world.played(caller.user_id, rom_id);
    for (name, flag) in flags {
        match (name, flag) {
            (_, None) => {}
            ("now_playing", Some(flag)) => row.now_playing = flag,
            (_, Some(flag)) => {
                row.marks.insert(name, flag.into());
            }
        }
    }
    for (name, number) in numbers {
        if let Some(number) = number {
            row.marks.insert(name, number.into());
        }
    }
    row.status = status.or(row.status);
    if played_now {
        row.last_played = Some(now);
    } else if never_played {
        row.last_played = None;
    }
    let rom = world.rom(rom_id).ok_or_else(|| unknown_rom(rom_id))?;
    Ok(Reply::ok(&shown_played(world, rom, caller.user_id)))
}

fn status(fields: &mut Fields, body: &Source) -> Option<&'static str> {
    let told = body.get("status")?;
    let known = STATUSES.iter().find(|known| told.as_str() == Some(known));
    if known.is_none() {
        let [first, second, third, fourth, last] = STATUSES;
        let all = format!("'{first}', '{second}', '{third}', '{fourth}' or '{last}'");
        let place: [Value; 2] = ["body".into(), "status".into()];
        let context = (told, json!({"expected": all}));
        fields.wrong_with("enum", &place, &format!("Input should be {all}"), context);
    }
    known.copied()
}
