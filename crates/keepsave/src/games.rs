//! `keepsave games`: the games of this machine, and which of the server's each is.

use std::sync::Arc;

use clap::{Args, Subcommand};
use keepsave_core::ids::RomId;
use keepsave_core::release::Speaks;
use keepsave_device::games::{Present, Standing};
use keepsave_device::library::{Game, SavePlace};
use keepsave_device::server::Trouble;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, NO_GAMES, library};
use crate::meant::the_one;
use crate::reach::{Reach, settings_of};
use crate::terminal::{note, or_dash, print, print_json, table};

/// Shows the games of this machine, where their saves are, and which of the server's they are
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave games
  keepsave games --local -v
  keepsave games match ~/ROMs/gba/hack.gba 42
  keepsave games register ~/ROMs/gba/hack.gba

With -v each game says how the place of its save was found."
)]
pub struct Games {
    #[command(flatten)]
    reach: Reach,
    /// Does not ask the server
    #[arg(long)]
    local: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Match(Match),
    Register(Register),
}

/// Says which game of the server a game here is
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave games match ~/ROMs/gba/hack.gba 42")]
struct Match {
    /// The game: its file, or its name
    game: String,
    /// The id of the server's game
    id: i64,
}

/// Makes a game known to the server, which keeps no file of it
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave games register ~/ROMs/gba/hack.gba")]
struct Register {
    /// The game: its file, or its name
    game: String,
}

impl Games {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        match &self.command {
            Some(Command::Match(this)) => self.match_one(this, shared),
            Some(Command::Register(this)) => self.register(this, shared),
            None if self.local => {
                let choices = settings_of(shared)?.choices;
                let games = library(&choices).games().cloned().collect::<Vec<_>>();
                let present: Vec<(Arc<Game>, Option<Standing>)> = games
                    .into_iter()
                    .map(|game| (Arc::new(game), None))
                    .collect();
                show(&present, shared)
            }
            None => {
                let here = Here::open(&self.reach, shared)?;
                let present = here.present(None)?.into_iter();
                let present: Vec<(Arc<Game>, Option<Standing>)> = present
                    .map(|Present { game, standing, .. }| (game, Some(standing)))
                    .collect();
                show(&present, shared)
            }
        }
    }

    fn match_one(&self, this: &Match, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open(&self.reach, shared)?;
        let present = the_one(&here.present(None)?, &this.game)?;
        let rom = RomId(this.id);
        let known = here.seat.wait(here.seat.engine.server.game(rom));
        let known = known.map_err(|error| match error.trouble {
            Trouble::NotFound { .. } => Failure::usage(format!(
                "the server has no game {rom}: its page of each game shows the id"
            )),
            _ => error.into(),
        });
        let name = known?.seen.name;
        let matched = here.seat.engine.match_game(&present.game, rom);
        matched.map_err(Failure::failed)?;
        if shared.json {
            print_json(&json!({ "rom_id": rom, "name": name }))?;
        }
        note(&format!(
            "{} is game {rom} ({}) from now on",
            present.game.path.display(),
            or_dash(name.as_deref())
        ));
        Ok(Exit::Done)
    }

    fn register(&self, this: &Register, shared: &Shared) -> Result<Exit, Failure> {
        let here = Here::open(&self.reach, shared)?;
        let (seat, engine) = (&here.seat, &here.seat.engine);
        if seat.wait(engine.server.speaks())? != Speaks::Lineage {
            return Err(Failure::failed(
                "a RomM knows only games whose files it has: upload the game there, or put it \
                 into its library and scan",
            ));
        }
        let present = the_one(&here.present(None)?, &this.game)?;
        let rom = seat.wait(engine.register_game(&present.game))?;
        if shared.json {
            print_json(&json!({ "rom_id": rom }))?;
        }
        note(&format!("{} is game {rom}", present.game.path.display()));
        Ok(Exit::Done)
    }
}

fn show(present: &[(Arc<Game>, Option<Standing>)], shared: &Shared) -> Result<Exit, Failure> {
    if shared.json {
        let games: Vec<Value> = present.iter().map(as_json).collect();
        print_json(&json!({ "games": games }))?;
        return Ok(Exit::Done);
    }
    let rows = present.iter().map(|(game, standing)| {
        [
            game.stem.clone(),
            game.folder.clone(),
            game.installation.clone(),
            standing.as_ref().map_or_else(|| "-".to_owned(), told),
            saved(&game.save),
        ]
    });
    let rows: Vec<[String; 5]> = rows.collect();
    if rows.is_empty() {
        note(NO_GAMES);
        return Ok(Exit::Done);
    }
    print(&table(
        ["GAME", "SYSTEM", "PLAYED BY", "SERVER'S", "SAVE"],
        &rows,
    ));
    if shared.verbose > 0 {
        for (game, _) in present {
            for why in &game.save.why {
                note(&format!("{}: {why}", game.path.display()));
            }
        }
    }
    Ok(Exit::Done)
}

fn told(standing: &Standing) -> String {
    match standing {
        Standing::Known { rom, by } => format!("{rom} by {}", by.as_str()),
        Standing::Unsure { roms, .. } => {
            let roms: Vec<String> = roms.iter().map(ToString::to_string).collect();
            format!("{}?", roms.join("|"))
        }
        Standing::Unknown => "none".to_owned(),
    }
}

/// Where its save is, or why it is not synced.
fn saved(place: &SavePlace) -> String {
    if let Some(stopped) = &place.stopped {
        return stopped.to_string();
    }
    match place.files.first() {
        Some(save) => save.path.display().to_string(),
        None => format!("none yet; it would be {}", place.path().display()),
    }
}

fn as_json((game, standing): &(Arc<Game>, Option<Standing>)) -> Value {
    let place = &game.save;
    let files = place.files.iter().map(|file| {
        json!({ "path": file.path.to_string_lossy(), "name": file.wire_name, "part": file.part.as_str() })
    });
    let elsewhere = place.elsewhere.iter().map(|path| path.to_string_lossy());
    let mut json = json!({
        "game": game.stem,
        "system": game.folder,
        "platforms": game.platforms,
        "installation": game.installation,
        "known_by": game.known_by,
        "path": game.path.to_string_lossy(),
        "emulator": game.emulator,
        "core": game.core,
        "save": {
            "would_be": place.path().to_string_lossy(),
            "files": files.collect::<Vec<_>>(),
            "elsewhere": elsewhere.collect::<Vec<_>>(),
            "stopped": place.stopped.as_ref().map(ToString::to_string),
            "why": place.why,
        },
    });
    match standing {
        Some(Standing::Known { rom, by }) => {
            json["rom_id"] = json!(rom);
            json["matched_by"] = json!(by.as_str());
        }
        Some(Standing::Unsure { roms, reason }) => {
            json["candidates"] = json!(roms);
            json["doubt"] = json!(reason);
        }
        Some(Standing::Unknown) | None => {}
    }
    json
}
