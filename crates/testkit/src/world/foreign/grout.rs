//! Grout 5.1: the plan, and after a 409 a look at the slot and a question.
//!
//! It remembers one thing of each game: the hash of what it last downloaded. A file that still has
//! it is not uploaded, whatever the plan says. What it replaces it keeps in a folder beside.
//! Afterwards it looks, game by game, for saves of games that have none here, and takes the newest
//! row of the slot.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use keepsave_core::content::ContentHash;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deed::{Deed, What, hash_of};
use super::visit::{Operation, Row, Save, Stop, Visit, quoted};
use super::{ROWS_KEPT, memory};
use crate::world::client::Choice;
use crate::world::machine::{Game, Machine};

const BACKUPS: &str = ".backup";

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    device: Option<String>,
    /// What was last downloaded, by game.
    downloaded: BTreeMap<i64, ContentHash>,
}

struct Grout<'a> {
    visit: Visit<'a>,
    memory: Memory,
}

impl<'a> Grout<'a> {
    async fn arrive(machine: &'a Machine, deeds: &'a RefCell<Vec<Deed>>) -> Result<Self, Stop> {
        let mut memory: Memory = memory::recall(machine);
        let mut visit = Visit {
            machine,
            device: memory.device.clone().unwrap_or_default(),
            tries: 1,
            deeds,
        };
        if memory.device.is_none() {
            let version = "v5.1.0.0";
            let body = json!({
                "name": machine.name, "platform": "muos", "client": "grout",
                "client_version": version, "sync_mode": "api",
            });
            visit.register(&body).await?;
            memory.device = Some(visit.device.clone());
            memory::remember(machine, &memory)?;
            let path = format!("/api/devices/{}", visit.device);
            let body = json!({ "name": machine.name, "client_version": version });
            visit.put(&path, &body).await?.ok()?;
        }
        Ok(Self { visit, memory })
    }

    /// Times are sent in whole seconds.
    fn entry(&self, save: &Save) -> Option<Value> {
        let mut entry = self.visit.entry(save, self.visit.hash(save))?;
        entry["updated_at"] = json!(self.visit.modified(save).whole_seconds());
        Some(entry)
    }

    /// Only games that are installed, and only the slot that it manages; whether a person is asked.
    async fn obey(&mut self, save: &Save, operation: &Operation) -> Result<bool, Stop> {
        let visit = &self.visit;
        visit.told(save, visit.hash(save), operation);
        let row = operation.save_id.unwrap_or_default();
        match (operation.action.as_str(), visit.held(save)) {
            ("upload", Some(content))
                if self.memory.downloaded.get(&save.rom) == hash_of(&content).as_ref() =>
            {
                visit.note(save, What::HeldBack(content));
                Ok(false)
            }
            ("upload", Some(content)) => self.upload(save, &content).await,
            ("download", _) => {
                self.download(save, (row, &operation.file_name)).await?;
                Ok(false)
            }
            ("conflict", Some(content)) => {
                visit.note(save, What::Asked(content));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// After a 409 it looks what the slot has now. A file that is as it was downloaded would make
    /// way; but such a file is held back before it gets here, so a person is asked.
    async fn upload(&mut self, save: &Save, content: &Bytes) -> Result<bool, Stop> {
        match self.send(save, content, false).await {
            Err(Stop::Refused(409)) => {
                self.rows(save).await?;
                self.visit.note(save, What::Asked(content.clone()));
                Ok(true)
            }
            sent => sent.map(|()| false),
        }
    }

    async fn send(&self, save: &Save, content: &Bytes, overwrite: bool) -> Result<(), Stop> {
        let chosen = if overwrite { "&overwrite=true" } else { "" };
        let path = format!(
            "/api/saves?rom_id={}&device_id={}&slot={}&emulator={}{chosen}\
             &autocleanup=true&autocleanup_limit={ROWS_KEPT}",
            save.rom,
            self.visit.device,
            quoted(save.slot),
            save.core,
        );
        let post = (Method::POST, path.as_str());
        let answer = self.visit.upload(post, save, content, overwrite).await?;
        answer.read::<Row>().map(drop)
    }

    async fn rows(&self, save: &Save) -> Result<Vec<Row>, Stop> {
        let slot = format!("&slot={}", quoted(save.slot));
        self.visit.rows(save, &slot).await
    }

    async fn download(&mut self, save: &Save, from: (i64, &str)) -> Result<(), Stop> {
        let query = "&optimistic=false";
        let content = self.visit.content(save, from, query).await?;
        self.visit.keep_beside(save, BACKUPS)?;
        self.visit.replace(save, &content)?;
        self.visit.confirm(save, from.0).await;
        match hash_of(&content) {
            Some(hash) => self.memory.downloaded.insert(save.rom, hash),
            None => self.memory.downloaded.remove(&save.rom),
        };
        memory::remember(self.visit.machine, &self.memory)
    }

    /// A game that has no save here may have one there.
    async fn discover(&mut self, save: &Save) -> Result<(), Stop> {
        let rows = self.visit.rows(save, "").await?;
        match rows.first() {
            Some(newest) => self.download(save, (newest.id, &newest.file_name)).await,
            None => Ok(()),
        }
    }

    async fn take(&mut self, save: &Save, back: usize) -> Result<(), Stop> {
        let rows = self.rows(save).await?;
        let missing = || Stop::Missing("a row".to_owned());
        let row = rows.get(back).ok_or_else(missing)?;
        self.download(save, (row.id, &row.file_name)).await
    }

    /// What its conflict screen does.
    async fn settle(&mut self, save: &Save, choice: Choice) -> Result<(), Stop> {
        match (choice, self.visit.held(save)) {
            (Choice::Local, Some(content)) => self.send(save, &content, true).await,
            (Choice::Server, _) => self.take(save, 0).await,
            _ => Ok(()),
        }
    }
}

/// A sync from its menu.
pub async fn sync(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    choice: Choice,
) -> Result<(), Stop> {
    let mut grout = Grout::arrive(machine, deeds).await?;
    let saves = Save::mains(machine);
    let scanned = saves.iter().filter_map(|save| grout.entry(save));
    let plan = grout.visit.negotiate(scanned.collect()).await?;
    let (mut done, mut asked) = (0, Vec::new());
    for operation in &plan.operations {
        let is_managed = |save: &&Save| {
            save.rom == operation.rom_id && operation.slot.as_deref() == Some(save.slot)
        };
        let Some(save) = saves.iter().find(is_managed) else {
            continue;
        };
        if let Ok(is_asked) = grout.obey(save, operation).await {
            done += 1;
            asked.extend(is_asked.then_some(save));
        }
    }
    let counts = (done, plan.operations.len());
    let _unheard = grout.visit.complete(plan.session_id, counts).await;
    for save in asked {
        let _shown_as_failed = grout.settle(save, choice).await;
    }
    for save in &saves {
        if grout.visit.held(save).is_none() {
            let _shown_as_failed = grout.discover(save).await;
        }
    }
    Ok(())
}

/// A person picks a row from its list.
pub async fn go_back(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    game: &Game,
    rows: usize,
) -> Result<(), Stop> {
    let mut grout = Grout::arrive(machine, deeds).await?;
    let save = Save::main_of(game);
    grout.take(&save, rows).await?;
    grout.visit.note(&save, What::WentBack);
    Ok(())
}
