//! `keepsave layout`: where saves stand since their layout changed, and the move to where they
//! belong.

use std::io::{IsTerminal, stdin};
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use keepsave_core::ids::DeviceId;
use keepsave_device::environment::SystemClock;
use keepsave_device::journal::{Journal, Kept};
use keepsave_device::layout::migrate::{
    Migration, Moved, Movers, OnBoth, Relaid, Todo, Wish, Word,
};
use keepsave_device::layout::{Located, Pending};
use keepsave_device::library::Layout;
use keepsave_device::lock::Locks;
use keepsave_device::state::State;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{library, see};
use crate::reach::{Reach, settings_of};
use crate::terminal::{confirm, counted, note, print, print_json, question, table};

/// Where saves stand since their layout changed, and the move to where they belong
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  keepsave layout status
  keepsave layout migrate --dry-run
  keepsave layout migrate

RetroArch moves no save when its settings sort them otherwise or name another directory: it writes
to the new places from then on. Until they are moved, Keepsave reads them where they were and
fetches none. It asks no server."
)]
pub struct LayoutCommand {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says whether a layout changed, and where the saves stand that it is about
    #[command(after_help = "\
Examples:
  keepsave layout status
  keepsave layout status --json")]
    Status,
    Migrate(Migrate),
}

/// Moves saves to where they belong since their layout changed
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave layout migrate --dry-run
  keepsave layout migrate
  keepsave layout migrate --yes --on-conflict overwrite

Shows what it will do and asks first. Where several copies of a save stand the newest stays: the one
that play went on from what was last in sync, and where that does not tell, the newer file. All of
them are in the journal before one is replaced: `keepsave journal list`. Where the directory of saves
itself is another one, both may hold saves that have nothing to do with each other, so you say which
stay. Save states and saves of games that are not here are not moved.")]
struct Migrate {
    /// Does it without asking
    #[arg(long, short)]
    yes: bool,
    /// Says what would be done, and moves nothing
    #[arg(long)]
    dry_run: bool,
    /// What to do where the directory of saves is another one and both have a save of a game
    #[arg(long, value_enum, value_name = "WHAT")]
    on_conflict: Option<OnConflict>,
    /// Gives up places that are not there any more, and uses what stands where saves belong now
    #[arg(long)]
    forget: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnConflict {
    /// What was there before takes the place of what is there now, which the journal keeps
    Overwrite,
    /// Both stay where they are
    Skip,
    /// Nothing is done at all
    Cancel,
}

/// What is on this machine, and what saves are moved with.
struct Desk {
    state: State,
    journal: Journal,
    locks: Locks,
    account: String,
    device: Option<DeviceId>,
    located: Located,
}

impl LayoutCommand {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let desk = Desk::open(&self.reach, shared)?;
        match &self.command {
            Command::Status => status(&desk, shared),
            Command::Migrate(migrate) => migrate.run(&desk, shared),
        }
    }
}

impl Desk {
    fn open(reach: &Reach, shared: &Shared) -> Result<Self, Failure> {
        let reached = reach.open(shared)?;
        let choices = settings_of(shared)?.choices;
        let (user, name) = reached.who_offline()?;
        let identity = reached.identity_of(user);
        let state = reached.state_of(user)?;
        let known = state.machine().map_err(Failure::failed)?;
        Ok(Self {
            located: see(library(&choices), &choices, &state)?,
            journal: Journal::open(&reached.places.journal).map_err(Failure::failed)?,
            locks: Locks::open(&reached.places.state, &identity).map_err(Failure::failed)?,
            account: format!("{name} at {}", identity.origin),
            device: reached.account.device().cloned().or(known.server_device_id),
            state,
        })
    }

    fn movers(&self) -> Movers<'_> {
        Movers {
            state: &self.state,
            journal: &self.journal,
            locks: &self.locks,
            account: &self.account,
            device: self.device.as_ref(),
            clock: &SystemClock,
        }
    }

    fn plan(&self, wish: Wish) -> Result<Migration, Failure> {
        self.movers()
            .plan(&self.located, wish)
            .map_err(Failure::failed)
    }
}

fn status(desk: &Desk, shared: &Shared) -> Result<Exit, Failure> {
    let plan = desk.plan(Wish::default())?;
    if shared.json {
        print_json(&json_of(&plan))?;
    } else {
        tell(&plan);
    }
    if plan.pending.is_empty() {
        note("no layout changed: saves stand where they belong");
        return Ok(Exit::Done);
    }
    note("`keepsave layout migrate` moves them; nothing moves by itself");
    Ok(Exit::Found)
}

impl Migrate {
    fn run(&self, desk: &Desk, shared: &Shared) -> Result<Exit, Failure> {
        let mut wish = Wish {
            on_conflict: self.on_conflict.and_then(OnConflict::wish),
            forget: self.forget,
        };
        let mut plan = desk.plan(wish)?;
        if plan.pending.is_empty() {
            if shared.json {
                print_json(&json!({ "moved": [], "settled": true }))?;
            }
            note("no layout changed: saves stand where they belong");
            return Ok(Exit::Done);
        }
        if self.dry_run {
            if shared.json {
                print_json(&json_of(&plan))?;
            } else {
                tell(&plan);
            }
            return Ok(Exit::Found);
        }
        if !shared.json {
            tell(&plan);
        }
        let asked = plan
            .games
            .iter()
            .filter(|game| game.todo.word() == Word::Ask)
            .count();
        if asked > 0 {
            match self.what_to_do(asked)?.wish() {
                None => return cancelled(shared),
                chosen => wish.on_conflict = chosen,
            }
            plan = desk.plan(wish)?;
        }
        if !self.may()? {
            return cancelled(shared);
        }
        relay(desk, &plan, wish, shared)
    }

    /// What to do where both directories have a save.
    fn what_to_do(&self, asked: usize) -> Result<OnConflict, Failure> {
        let games = counted(asked as u64, "game");
        if let Some(chosen) = self.on_conflict {
            return Ok(chosen);
        }
        if !stdin().is_terminal() {
            return Err(Failure::usage(format!(
                "{games} have a save in both directories: without a terminal to ask on, \
                 --on-conflict must say what to do (overwrite, skip, cancel); nothing was done"
            )));
        }
        let asked = format!(
            "{games} have a save in both directories. Overwrite what is there now [o], skip them \
             [s], or cancel [c]? "
        );
        Ok(match question(&asked)?.as_deref() {
            Some("o" | "overwrite") => OnConflict::Overwrite,
            Some("s" | "skip") => OnConflict::Skip,
            _ => OnConflict::Cancel,
        })
    }

    fn may(&self) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !stdin().is_terminal() {
            return Err(Failure::usage(
                "without a terminal to ask on, --yes must say that saves may be moved; none was",
            ));
        }
        confirm("Do this?")
    }
}

impl OnConflict {
    const fn wish(self) -> Option<OnBoth> {
        match self {
            Self::Overwrite => Some(OnBoth::Overwrite),
            Self::Skip => Some(OnBoth::Skip),
            Self::Cancel => None,
        }
    }
}

fn cancelled(shared: &Shared) -> Result<Exit, Failure> {
    if shared.json {
        print_json(&json!({ "moved": [], "settled": false }))?;
    }
    note("nothing was moved");
    Ok(Exit::Found)
}

/// Does what was planned, game by game.
fn relay(desk: &Desk, plan: &Migration, wish: Wish, shared: &Shared) -> Result<Exit, Failure> {
    let movers = desk.movers();
    let (mut all_settled, mut moved) = (true, 0_u64);
    let mut told: Vec<Value> = Vec::new();
    for game in &plan.games {
        let became = movers.relay(game, &plan.pending, wish);
        all_settled &= became.is_settled();
        moved += u64::from(matches!(became, Moved::Done { .. }));
        tell_moved(game, &became);
        told.push(moved_json(game, &became));
    }
    for path in &plan.missing_games {
        note(&format!(
            "{}: games are kept there, and it is not there: put the card in and run it again, so \
             that their saves come along",
            path.display()
        ));
    }
    let is_whole = all_settled && plan.missing_games.is_empty();
    let settled = is_whole && movers.settle(&plan.pending).map_err(Failure::failed)?;
    if shared.json {
        print_json(&json!({ "moved": told, "settled": settled }))?;
    }
    note(&format!("saves of {} moved", counted(moved, "game")));
    if !settled {
        note("not all of them are where they belong: run it again once that is seen to");
        return Ok(Exit::Found);
    }
    Ok(Exit::Done)
}

fn tell_moved(game: &Relaid, became: &Moved) {
    let name = &game.game.stem;
    let in_journal = |kept: &[Kept]| {
        let ids: Vec<&str> = kept.iter().map(|kept| kept.id.as_str()).collect();
        if ids.is_empty() {
            String::new()
        } else {
            format!("; the journal has every copy as {}", ids.join(", "))
        }
    };
    match became {
        Moved::Nothing => {}
        Moved::Done { kept } => note(&format!("{name}: {}{}", told(&game.todo), in_journal(kept))),
        Moved::Left { why, .. } => note(&format!("{name}: not moved: {why}")),
        Moved::Failed { error, kept } => {
            note(&format!("{name}: {error}{}", in_journal(kept)));
        }
    }
}

/// What is to be done about a save, in a sentence.
fn told(todo: &Todo) -> String {
    match todo {
        Todo::Nothing => "its save is where it belongs, or it has none".to_owned(),
        Todo::Move(step) => format!("goes to {}", step.to.display()),
        Todo::Keep { step, reason } => format!(
            "{} stays, in {}: {reason}",
            step.file.display(),
            step.to.display()
        ),
        Todo::Ask(step) => format!(
            "both {} and {} have a save",
            parent(&step.file).display(),
            step.to.display()
        ),
        Todo::Leave => "both directories keep their save".to_owned(),
        Todo::Blocked { why } => why.clone(),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Which layouts changed, and what is to be done about each save.
fn tell(plan: &Migration) {
    for Pending { laid, layouts } in &plan.pending {
        for before in layouts.others() {
            note(&format!(
                "{}: saves were {}, and are {} now",
                laid.name,
                before.told(),
                layouts.current.told()
            ));
        }
    }
    let games = plan.games.iter().filter(|game| game.todo != Todo::Nothing);
    let rows = games.map(|game| {
        [
            game.todo.word().as_str().to_owned(),
            game.game.stem.clone(),
            game.game.folder.clone(),
            told(&game.todo),
        ]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    if !rows.is_empty() {
        print(&table(["WHAT", "GAME", "SYSTEM", "HOW"], &rows));
    }
    let nothing = plan.games.iter().filter(|game| game.todo == Todo::Nothing);
    let nothing = nothing.count();
    if nothing > 0 {
        note(&format!(
            "{} with nothing to move",
            counted(nothing as u64, "game")
        ));
    }
}

fn json_of(plan: &Migration) -> Value {
    let pending = plan.pending.iter().map(|Pending { laid, layouts }| {
        let before: Vec<Value> = layouts.others().map(layout_json).collect();
        json!({
            "retroarch": laid.name,
            "config": laid.config.to_string_lossy(),
            "now": layout_json(&layouts.current),
            "before": before,
        })
    });
    json!({
        "pending": pending.collect::<Vec<Value>>(),
        "games": plan.games.iter().map(game_json).collect::<Vec<Value>>(),
        "missing_games": plan.missing_games.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
    })
}

fn layout_json(layout: &Layout) -> Value {
    json!({
        "root": layout.root.as_ref().map(|root| root.to_string_lossy()),
        "sort_by_content": layout.sort_by_content,
        "sort_by_core": layout.sort_by_core,
        "in_content_directory": layout.in_content_directory,
    })
}

fn game_json(game: &Relaid) -> Value {
    let place = |place: &keepsave_device::library::SavePlace| {
        let files = place
            .files
            .iter()
            .map(|file| file.path.to_string_lossy().into_owned());
        json!({
            "directory": place.directory.to_string_lossy(),
            "files": files.collect::<Vec<String>>(),
        })
    };
    let step = game.todo.step();
    json!({
        "game": game.game.stem,
        "rom_id": game.rom,
        "system": game.game.folder,
        "path": game.game.path.to_string_lossy(),
        "action": game.todo.word(),
        "why": told(&game.todo),
        "from": step.map(|step| step.file.to_string_lossy()),
        "to": step.map(|step| step.to.to_string_lossy()),
        "places": game.game.moving.iter().map(place).collect::<Vec<Value>>(),
    })
}

fn moved_json(game: &Relaid, became: &Moved) -> Value {
    let mut json = game_json(game);
    let ids = |kept: &[Kept]| -> Vec<String> { kept.iter().map(|kept| kept.id.clone()).collect() };
    let (result, error, kept) = match became {
        Moved::Done { kept } => ("moved", None, ids(kept)),
        Moved::Nothing => ("nothing", None, Vec::new()),
        Moved::Left { why, .. } => ("left", Some(why), Vec::new()),
        Moved::Failed { error, kept } => ("failed", Some(error), ids(kept)),
    };
    json["result"] = json!(result);
    json["error"] = json!(error);
    json["journal_ids"] = json!(kept);
    json
}
