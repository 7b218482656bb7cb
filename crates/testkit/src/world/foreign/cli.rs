//! romm-cli 1.3: a manifest written by hand, one command that trusts the plan, no memory but the id
//! of its device.
//!
//! What it downloads it puts beside the save, under the server's name, and the server counts it as
//! held. It knows no conflict but as a failure; a person then says which side it is with `saves
//! upload --overwrite` or `saves download --overwrite`. It never asks for cleaning up, never sends a
//! request twice, and does not look whether what came is what was announced.

use std::cell::RefCell;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::deed::{Deed, What};
use super::memory;
use super::visit::{Operation, Save, Stop, Visit, quoted};
use crate::world::client::Choice;
use crate::world::machine::{Game, Machine};

/// Where it puts what it downloads.
const DOWNLOADS: &str = "downloads";

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    device: Option<String>,
}

/// `sync device register`, once.
async fn arrive<'a>(
    machine: &'a Machine,
    deeds: &'a RefCell<Vec<Deed>>,
) -> Result<Visit<'a>, Stop> {
    let memory: Memory = memory::recall(machine);
    let is_new = memory.device.is_none();
    let mut visit = Visit {
        machine,
        device: memory.device.unwrap_or_default(),
        tries: 1,
        deeds,
    };
    if is_new {
        let body = json!({
            "name": machine.name, "platform": null, "client": "romm-cli", "client_version": null,
            "hostname": null, "mac_address": null, "ip_address": null, "sync_mode": "api",
            "sync_config": null, "allow_existing": true, "allow_duplicate": false,
            "reset_syncs": false,
        });
        visit.register(&body).await?;
        let device = Some(visit.device.clone());
        memory::remember(machine, &Memory { device })?;
    }
    Ok(visit)
}

/// `sync run`, with a manifest of the saves that are there: one whose file is missing would end it
/// before anything is sent.
pub async fn sync(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    choice: Choice,
) -> Result<(), Stop> {
    let visit = arrive(machine, deeds).await?;
    let mut manifest = Save::mains(machine);
    manifest.retain(|save| visit.held(save).is_some());
    let entries = manifest.iter();
    let entries = entries.filter_map(|save| visit.entry(save, visit.hash(save)));
    let plan = visit.negotiate(entries.collect()).await?;
    let (mut done, mut asked) = (0, Vec::new());
    for operation in &plan.operations {
        let is_done = obey(&visit, &manifest, operation, plan.session_id).await;
        match is_done {
            Ok(Some(save)) => asked.push(save),
            Ok(None) => done += 1,
            Err(_) => {}
        }
    }
    let counts = (done, plan.operations.len());
    visit.complete(plan.session_id, counts).await?;
    for save in asked {
        settle(&visit, &save, choice).await?;
    }
    Ok(())
}

/// Does what a line says; the save that a person must look at, if there is one.
async fn obey(
    visit: &Visit<'_>,
    manifest: &[Save],
    operation: &Operation,
    session: i64,
) -> Result<Option<Save>, Stop> {
    let of_game = |save: &&Save| save.rom == operation.rom_id;
    let listed = manifest.iter().find(of_game);
    let query = format!("&session_id={session}");
    if let Some(save) = listed {
        visit.told(save, visit.hash(save), operation);
    }
    match operation.action.as_str() {
        "no_op" => Ok(None),
        "upload" => {
            // It looks for the file by the name that it is told.
            let named = listed.filter(|save| save.name == operation.file_name);
            let save = named.ok_or_else(|| Stop::Missing(operation.file_name.clone()))?;
            upload(visit, save, &query, false).await.map(|()| None)
        }
        "download" => {
            // What is not in the manifest it downloads all the same.
            let mut all = Save::mains(visit.machine);
            all.retain(|save| of_game(&save));
            let save = all
                .first()
                .ok_or_else(|| Stop::Missing("a game".to_owned()))?;
            let (row, name) = (operation.save_id.unwrap_or_default(), &operation.file_name);
            let content = visit.content(save, (row, name), &query).await?;
            let beside = visit.machine.root.join(DOWNLOADS).join(sanitised(name));
            visit.machine.disk.write_beside(&beside, &content)?;
            visit.note(save, What::PutBeside(content));
            Ok(None)
        }
        _ => {
            let save = listed.ok_or_else(|| Stop::Missing("a game".to_owned()))?;
            visit.note(save, What::Asked(visit.held(save).unwrap_or_default()));
            Ok(Some(save.clone()))
        }
    }
}

/// The file is read again: it may be another by now than the one that was shown.
async fn upload(visit: &Visit<'_>, save: &Save, query: &str, overwrite: bool) -> Result<(), Stop> {
    let missing = || Stop::Missing(save.name.clone());
    let content = visit.held(save).ok_or_else(missing)?;
    let path = format!(
        "/api/saves?rom_id={}&emulator={}&slot={}&device_id={}{query}",
        save.rom,
        save.core,
        quoted(save.slot),
        visit.device
    );
    let post = (Method::POST, path.as_str());
    let answer = visit.upload(post, save, &content, overwrite).await?;
    answer.ok().map(drop)
}

/// `saves upload --overwrite`, or `saves download --overwrite` onto the save itself: nothing of what
/// is replaced is kept.
async fn settle(visit: &Visit<'_>, save: &Save, choice: Choice) -> Result<(), Stop> {
    match choice {
        Choice::Local => upload(visit, save, "&overwrite=true", true).await,
        Choice::Server => fetch_onto(visit, save, 0).await,
        Choice::Later | Choice::Both => Ok(()),
    }
}

async fn fetch_onto(visit: &Visit<'_>, save: &Save, back: usize) -> Result<(), Stop> {
    let slot = format!("&slot={}", quoted(save.slot));
    let rows = visit.rows(save, &slot).await?;
    let missing = || Stop::Missing("a row".to_owned());
    let row = rows.get(back).ok_or_else(missing)?;
    let content = visit.content(save, (row.id, &row.file_name), "").await?;
    visit.replace(save, &content)
}

/// `saves download --overwrite` of a row that a person picked.
pub async fn go_back(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    game: &Game,
    rows: usize,
) -> Result<(), Stop> {
    let visit = arrive(machine, deeds).await?;
    let save = Save::main_of(game);
    fetch_onto(&visit, &save, rows).await?;
    visit.note(&save, What::WentBack);
    Ok(())
}

/// A server's name as a name here.
fn sanitised(name: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || " -_.".contains(c);
    let kept = name.chars().map(|c| if kept(c) { c } else { '_' });
    kept.collect()
}
