//! `keepsave playtime`: how long games were played.

use std::collections::HashMap;

use clap::Args;
use keepsave_core::ids::RomId;
use keepsave_core::playtime::shown;
use keepsave_device::state::{Match, Playtime, State};
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which};
use crate::patience::Patience;
use crate::played;
use crate::reach::Reach;
use crate::terminal::{note, print, print_json, table};

/// Shows how long games were played, on all devices
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave playtime
  keepsave playtime --game \"Metroid Fusion\"
  keepsave playtime --local --json

What the server was not told yet is told first. The total is the larger of what was played here and
what the server's sessions add up to. Time asleep does not count.")]
pub struct PlaytimeCommand {
    #[command(flatten)]
    which: Which,
    /// Does not ask the server
    #[arg(long, conflicts_with = "game")]
    local: bool,
    #[command(flatten)]
    reach: Reach,
}

impl PlaytimeCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        if !self.local {
            match Here::open(&self.reach, shared) {
                Ok(here) => return self.ask(&here, shared),
                Err(why) if self.which.game.is_some() => return Err(why),
                Err(why) => {
                    let Some(state) = played::state(&self.reach, shared) else {
                        return Err(why);
                    };
                    show(&state, &all(&state)?, shared)?;
                    return Ok(why.tell(false));
                }
            }
        }
        let reached = self.reach.open_with(shared, Patience::endless()?)?;
        let state = match reached.state_unasked()? {
            Some(state) => state,
            None => reached.state()?,
        };
        show(&state, &all(&state)?, shared)?;
        Ok(Exit::Done)
    }

    fn ask(&self, here: &Here, shared: &Shared) -> Result<Exit, Failure> {
        here.tell_played();
        let state = &here.seat.engine.state;
        let Some(named) = &self.which.game else {
            let asked = here.seat.ask(here.playtimes().ask_for_all());
            show(state, &all(state)?, shared)?;
            return Ok(asked.map_or_else(|why| why.tell(false), |()| Exit::Done));
        };
        let present = here.one(named)?;
        let rom = present.rom().ok_or_else(|| {
            Failure::failed(format!(
                "{} is no game that the server is known to have: see `keepsave games`",
                present.game.stem
            ))
        })?;
        let asked = here.seat.ask(here.playtimes().total(rom));
        let playtime = state.playtime(rom).map_err(Failure::failed)?;
        show(state, &[(rom, playtime)], shared)?;
        Ok(asked.map_or_else(|why| why.tell(false), |_total| Exit::Done))
    }
}

fn all(state: &State) -> Result<Vec<(RomId, Playtime)>, Failure> {
    state.playtimes().map_err(Failure::failed)
}

fn show(state: &State, played: &[(RomId, Playtime)], shared: &Shared) -> Result<(), Failure> {
    let matches = state.matches().map_err(Failure::failed)?.into_iter();
    let stem = |known: Match| (known.rom, known.stem);
    let stems: HashMap<RomId, String> = matches.map(stem).collect();
    let mut waiting: HashMap<RomId, usize> = HashMap::new();
    for session in state.untold(usize::MAX).map_err(Failure::failed)? {
        *waiting.entry(session.rom).or_default() += 1;
    }
    let waiting = |rom: RomId| waiting.get(&rom).copied().unwrap_or_default();
    let mut played: Vec<&(RomId, Playtime)> = played.iter().collect();
    played.sort_by_key(|(_, playtime)| std::cmp::Reverse(total(playtime)));
    if shared.json {
        let games = played.iter().map(|(rom, playtime)| {
            json!({
                "rom_id": rom,
                "game": stems.get(rom),
                "total_seconds": total(playtime),
                "here_seconds": playtime.total_seconds,
                "server_seconds": playtime.server_seconds,
                "sessions_here": playtime.session_count,
                "last_session_seconds": playtime.last_session_duration_sec,
                "is_played": playtime.running.is_some(),
                "untold_sessions": waiting(*rom),
            })
        });
        return print_json(&json!({ "games": games.collect::<Vec<Value>>() }));
    }
    let rows = played.iter().map(|(rom, playtime)| {
        let name = stems.get(rom).cloned();
        [
            name.unwrap_or_else(|| format!("game {rom}")),
            spoken(total(playtime)),
            spoken(playtime.total_seconds),
            playtime.session_count.to_string(),
            waiting(*rom).to_string(),
        ]
    });
    let rows: Vec<[String; 5]> = rows.collect();
    if rows.is_empty() {
        note("nothing was played yet");
        return Ok(());
    }
    let headings = ["GAME", "PLAYED", "HERE", "SESSIONS HERE", "UNTOLD"];
    print(&table(headings, &rows));
    Ok(())
}

fn total(playtime: &Playtime) -> i64 {
    shown(playtime.total_seconds, playtime.server_seconds)
}

/// `2 h 05 min`.
fn spoken(seconds: i64) -> String {
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_is_said_as_people_say_it() {
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h 00 min"),
            (7_500, "2 h 05 min"),
            (360_000, "100 h 00 min"),
        ] {
            assert_eq!(spoken(seconds), said);
        }
    }
}
