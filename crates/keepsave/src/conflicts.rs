//! `keepsave conflicts`: where a person must choose.

use clap::Args;
use keepsave_core::decide::Step;
use keepsave_device::engine::line::Line;
use keepsave_device::engine::plan::Plan;
use keepsave_device::engine::run::OnConflict;
use keepsave_device::engine::status::{GameStatus, Status};
use keepsave_device::engine::wishes::Only;
use serde_json::{Value, json};

use crate::Shared;
use crate::exit::{Exit, Failure};
use crate::here::{Here, Which};
use crate::reach::Reach;
use crate::terminal::{bytes, moment, note, or_dash, print, print_json, table};

/// Shows where both sides changed, and which save of the server each is about
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave conflicts
  keepsave resolve \"Metroid Fusion\" --keep local --head 57

HEAD is the server's save that the choice is about.")]
pub struct Conflicts {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    reach: Reach,
}

impl Conflicts {
    pub fn run(&self, shared: &Shared) -> Result<Exit, Failure> {
        let mut here = Here::open(&self.reach, shared)?;
        let errand = here.errand(Only::Both, OnConflict::Fail);
        let present = here.present(self.which.game.as_deref())?;
        let synced = here.status(&present, &errand)?;
        let plan = &synced.report.plan;
        let statuses = synced.statuses();
        let open = statuses.iter();
        let open: Vec<&GameStatus<'_>> = open
            .filter(|status| status.status == Status::Conflict)
            .collect();
        if shared.json {
            let conflicts = open.iter().map(|status| as_json(status, plan));
            print_json(&json!({ "conflicts": conflicts.collect::<Vec<Value>>() }))?;
        } else {
            show(&open, plan);
        }
        Ok(if open.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}

/// The files of a game that a person must choose about.
fn asked<'a>(status: &'a GameStatus<'_>) -> impl Iterator<Item = &'a Line> {
    let lines = status.lines.iter().copied();
    lines.filter(|line| line.step() == Some(Step::Conflict))
}

fn as_json(status: &GameStatus<'_>, plan: &Plan) -> Value {
    let mut json = status.json(plan);
    let heads = asked(status).filter_map(|line| line.save.as_ref());
    json["head"] = json!(heads.map(|save| save.id).next());
    json
}

fn show(open: &[&GameStatus<'_>], plan: &Plan) {
    let rows = open.iter().flat_map(|status| {
        asked(status).map(|line| {
            let file = line.item.and_then(|item| plan.items[item].file());
            let save = line.save.as_ref();
            [
                status.game.present.game.stem.clone(),
                or_dash(line.slot.as_deref()),
                plan.name_of(line),
                file.map_or_else(
                    || "-".to_owned(),
                    |file| format!("{}, {}", bytes(file.size), moment(Some(file.mtime))),
                ),
                moment(save.and_then(|save| save.updated_at)),
                save.map_or_else(|| "-".to_owned(), |save| save.id.to_string()),
                line.reason.clone(),
            ]
        })
    });
    let rows: Vec<[String; 7]> = rows.collect();
    if rows.is_empty() {
        note("no conflicts");
        return;
    }
    let headings = [
        "GAME",
        "SLOT",
        "FILE",
        "HERE",
        "ON THE SERVER",
        "HEAD",
        "WHY",
    ];
    print(&table(headings, &rows));
    note(
        "choose with `keepsave resolve GAME --keep local|server|both`; both contents stay in any case",
    );
}
