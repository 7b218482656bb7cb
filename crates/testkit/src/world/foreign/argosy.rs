//! Argosy 2.7: a queue of uploads, and an inventory that tells of the past.
//!
//! The hash that it reports is the server's of the last exchange, not the file's: what changed since
//! is carried by the queue alone. What it is told about a conflict it judges again by that hash. A
//! copy of what a download replaces stays in its cache. Files of a hundred bytes or less are not
//! sent at all.

use std::cell::RefCell;
use std::collections::BTreeMap;

use http::Method;
use keepsave_core::content::ContentHash;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deed::{Deed, What, hash_of};
use super::visit::{Operation, Row, Save, Stop, Visit, quoted};
use super::{ROWS_KEPT, memory};
use crate::world::client::Choice;
use crate::world::machine::{Game, Machine};

const CACHE: &str = ".cache";
/// A file that is no longer than this is taken for none.
const TOO_SMALL: usize = 100;

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    device: Option<String>,
    /// The server's hash of what was last exchanged, by game.
    exchanged: BTreeMap<i64, ContentHash>,
}

struct Argosy<'a> {
    visit: Visit<'a>,
    memory: Memory,
}

impl<'a> Argosy<'a> {
    async fn arrive(machine: &'a Machine, deeds: &'a RefCell<Vec<Deed>>) -> Result<Self, Stop> {
        let mut memory: Memory = memory::recall(machine);
        let mut visit = Visit {
            machine,
            device: memory.device.clone().unwrap_or_default(),
            tries: 1,
            deeds,
        };
        if memory.device.is_none() {
            let body = json!({
                "name": machine.name, "platform": "android", "client": "argosy",
                "client_version": "2.7.0", "sync_mode": "api",
            });
            visit.register(&body).await?;
            memory.device = Some(visit.device.clone());
            memory::remember(machine, &memory)?;
        }
        Ok(Self { visit, memory })
    }

    fn exchanged(&self, save: &Save) -> Option<ContentHash> {
        self.memory.exchanged.get(&save.rom).copied()
    }

    /// It was played since the last exchange.
    fn is_queued(&self, save: &Save) -> bool {
        self.visit.held(save).is_some() && self.visit.hash(save) != self.exchanged(save)
    }

    /// Nulls are left out.
    fn entry(&self, save: &Save) -> Option<Value> {
        let shown = self.exchanged(save);
        let mut entry = self.visit.entry(save, shown)?;
        if shown.is_none() {
            entry.as_object_mut()?.remove("content_hash");
        }
        Some(entry)
    }

    /// Whether a person is asked.
    async fn obey(&mut self, save: &Save, operation: &Operation) -> Result<bool, Stop> {
        self.visit.told(save, self.exchanged(save), operation);
        let row = operation.save_id.unwrap_or_default();
        match operation.action.as_str() {
            "upload" => self.upload(save, false).await,
            "download" => self.download(save, row).await.map(|()| false),
            "conflict" => self.judge(save, operation, row).await,
            _ => Ok(false),
        }
    }

    /// Judges a conflict again, by its anchors.
    async fn judge(&mut self, save: &Save, operation: &Operation, row: i64) -> Result<bool, Stop> {
        let Some(content) = self.visit.held(save) else {
            return Ok(false);
        };
        let hash = hash_of(&content);
        if hash == operation.server_content_hash {
            self.visit.note(save, What::Adopted(content));
            self.anchor(save, hash)?;
            Ok(false)
        } else if hash == self.exchanged(save) {
            self.download(save, row).await.map(|()| false)
        } else {
            self.visit.note(save, What::Asked(content));
            Ok(true)
        }
    }

    /// The next inventory tells of this exchange.
    fn anchor(&mut self, save: &Save, hash: Option<ContentHash>) -> Result<(), Stop> {
        match hash {
            Some(hash) => self.memory.exchanged.insert(save.rom, hash),
            None => self.memory.exchanged.remove(&save.rom),
        };
        memory::remember(self.visit.machine, &self.memory)
    }

    async fn upload(&mut self, save: &Save, overwrite: bool) -> Result<bool, Stop> {
        let content = self.visit.held(save);
        let worth_it = content.filter(|content| content.len() > TOO_SMALL);
        let missing = || Stop::Missing(save.name.clone());
        let content = worth_it.ok_or_else(missing)?;
        let path = format!(
            "/api/saves?rom_id={}&emulator={}&device_id={}&overwrite={overwrite}&slot={}\
             &autocleanup=true&autocleanup_limit={ROWS_KEPT}",
            save.rom,
            save.core,
            self.visit.device,
            quoted(save.slot),
        );
        let post = (Method::POST, path.as_str());
        let answer = self.visit.upload(post, save, &content, overwrite).await?;
        if answer.status == 409 {
            self.visit.note(save, What::Asked(content));
            return Ok(true);
        }
        let row: Row = answer.read()?;
        self.anchor(save, row.content_hash)?;
        Ok(false)
    }

    /// What does not have the row's hash is not put anywhere.
    async fn download(&mut self, save: &Save, row: i64) -> Result<(), Stop> {
        let row: Row = self.visit.get(&format!("/api/saves/{row}")).await?.read()?;
        let (from, query) = ((row.id, row.file_name.as_str()), "&optimistic=false");
        let content = self.visit.content(save, from, query).await?;
        let hash = hash_of(&content);
        if hash != row.content_hash {
            return Err(Stop::Unreadable("other bytes than announced".to_owned()));
        }
        self.visit.keep_beside(save, CACHE)?;
        self.visit.replace(save, &content)?;
        self.anchor(save, hash)?;
        self.visit.confirm(save, row.id).await;
        Ok(())
    }

    async fn take(&mut self, save: &Save, back: usize) -> Result<(), Stop> {
        let rows = self.visit.rows(save, "").await?;
        let missing = || Stop::Missing("a row".to_owned());
        let row = rows.get(back).ok_or_else(missing)?.id;
        self.download(save, row).await
    }

    /// What its conflict screen does.
    async fn settle(&mut self, save: &Save, choice: Choice) -> Result<(), Stop> {
        match choice {
            Choice::Local => self.upload(save, true).await.map(drop),
            Choice::Server => self.take(save, 0).await,
            Choice::Later | Choice::Both => Ok(()),
        }
    }
}

/// Its background sync: the queue first, the plan after it.
pub async fn sync(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    choice: Choice,
) -> Result<(), Stop> {
    let mut argosy = Argosy::arrive(machine, deeds).await?;
    let saves = Save::mains(machine);
    for save in &saves {
        if argosy.is_queued(save) && argosy.upload(save, false).await == Ok(true) {
            let _stays_queued = argosy.settle(save, choice).await;
        }
    }
    let inventory = saves.iter().filter_map(|save| argosy.entry(save));
    let plan = argosy.visit.negotiate(inventory.collect()).await?;
    let (mut done, mut asked) = (0, Vec::new());
    for operation in &plan.operations {
        // Those without a slot, and those of old states, are passed over.
        let is_managed = |save: &&Save| {
            save.rom == operation.rom_id && operation.slot.as_deref() == Some(save.slot)
        };
        let Some(save) = saves.iter().find(is_managed) else {
            continue;
        };
        if let Ok(is_asked) = argosy.obey(save, operation).await {
            done += 1;
            asked.extend(is_asked.then_some(save));
        }
    }
    let counts = (done, plan.operations.len());
    let _unheard = argosy.visit.complete(plan.session_id, counts).await;
    for save in asked {
        let _shown_as_failed = argosy.settle(save, choice).await;
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
    let mut argosy = Argosy::arrive(machine, deeds).await?;
    let save = Save::main_of(game);
    argosy.take(&save, rows).await?;
    argosy.visit.note(&save, What::WentBack);
    Ok(())
}
