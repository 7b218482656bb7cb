//! romm-tender 0.31: shows its inventory, throws the plan away, and decides by its own kernel.
//!
//! The kernel looks, file by file, at the newest row of the same name and ending: is it current on
//! this device, was the file changed since it was last in sync, are the bytes the same. Each file of
//! a save is a row of its own in one slot. A 409, and an upload that was answered with an older row,
//! lead down its ladder: what was not changed or is the head's is downloaded, anything else a person
//! settles. What a download replaces is moved aside; the newest ten of each file stay.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use keepsave_core::content::ContentHash;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::deed::{Deed, What, hash_of};
use super::visit::{Row, Save, Stop, Visit, quoted};
use super::{ROWS_KEPT, memory};
use crate::world::client::Choice;
use crate::world::machine::{Game, Machine};

const ASIDE: &str = ".romm-backup";
/// How many of one file stay aside.
const KEPT_ASIDE: usize = 10;
/// How often it asks what changes nothing.
const TRIES: u8 = 3;
const VERSION: &str = "0.31.0";

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    device: Option<String>,
    /// What it recorded of each file when that was last in sync.
    baselines: BTreeMap<String, Baseline>,
}

#[derive(Serialize, Deserialize)]
struct Baseline {
    hash: Option<ContentHash>,
    size: usize,
}

/// What the kernel says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Nothing,
    Adopt,
    Upload,
    Download,
    Conflict,
}

struct Tender<'a> {
    visit: Visit<'a>,
    memory: Memory,
}

impl<'a> Tender<'a> {
    /// Says which version it is, every time.
    async fn arrive(machine: &'a Machine, deeds: &'a RefCell<Vec<Deed>>) -> Result<Self, Stop> {
        let mut memory: Memory = memory::recall(machine);
        let mut visit = Visit {
            machine,
            device: memory.device.clone().unwrap_or_default(),
            tries: TRIES,
            deeds,
        };
        if memory.device.is_none() {
            let body = json!({
                "name": machine.name, "platform": "linux", "client": "decky-romm-sync",
                "client_version": VERSION, "hostname": format!("the id of {}", machine.name),
                "allow_existing": true,
            });
            visit.register(&body).await?;
            memory.device = Some(visit.device.clone());
            memory::remember(machine, &memory)?;
        }
        let path = format!("/api/devices/{}", visit.device);
        let version = json!({ "client_version": VERSION });
        visit.put(&path, &version).await?.ok()?;
        Ok(Self { visit, memory })
    }

    /// A whole sync: every game, one after the other; whether a person was asked about something.
    async fn sync(&mut self, choice: Choice) -> Result<bool, Stop> {
        let games = &self.visit.machine.games;
        let saves: Vec<Save> = games.iter().flat_map(Save::files_of).collect();
        let shown = saves.iter();
        let shown = shown.filter_map(|save| self.visit.entry(save, self.visit.hash(save)));
        let plan = self.visit.negotiate(shown.collect()).await?;
        for operation in &plan.operations {
            let ending = operation.file_name.rsplit('.').next();
            let is_it = |save: &&Save| save.rom == operation.rom_id && Some(save.ending) == ending;
            if let Some(save) = saves.iter().find(is_it) {
                self.visit.told(save, self.visit.hash(save), operation);
            }
        }
        let (mut done, mut is_asked) = (0, false);
        for game in games {
            if let Ok(asked) = self.sync_game(game, choice).await {
                done += 1;
                is_asked |= asked;
            }
        }
        let counts = (done, games.len());
        let _unheard = self.visit.complete(plan.session_id, counts).await;
        Ok(is_asked)
    }

    async fn sync_game(&mut self, game: &Game, choice: Choice) -> Result<bool, Stop> {
        let main = Save::main_of(game);
        let rows = self.visit.rows(&main, "").await?;
        let mut is_asked = false;
        for save in Save::files_of(game) {
            if self.sync_file(&save, newest_of(&rows, &save)).await? {
                is_asked = true;
                self.settle(&save, choice).await?;
            }
        }
        Ok(is_asked)
    }

    /// Whether a person is asked.
    async fn sync_file(&mut self, save: &Save, newest: Option<&Row>) -> Result<bool, Stop> {
        let file = self.visit.held(save);
        match (self.kernel(save, file.as_ref(), newest), file, newest) {
            (Verdict::Upload, Some(content), head) => {
                let head = head.map(|head| head.id);
                self.upload(save, &content, head).await
            }
            (Verdict::Download, _, Some(row)) => self.download(save, row).await.map(|()| false),
            (Verdict::Adopt, Some(content), _) => {
                self.visit.note(save, What::Adopted(content.clone()));
                self.record(save, &content).map(|()| false)
            }
            (Verdict::Conflict, Some(content), _) => {
                self.visit.note(save, What::Asked(content));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The decision table. A hash that is missing on either side matches nothing.
    fn kernel(&self, save: &Save, file: Option<&Bytes>, newest: Option<&Row>) -> Verdict {
        let (file, newest) = match (file, newest) {
            (None, None) => return Verdict::Nothing,
            (Some(_), None) => return Verdict::Upload,
            (None, Some(_)) => return Verdict::Download,
            (Some(file), Some(newest)) => (file, newest),
        };
        let hash = hash_of(file);
        let is_head = hash.is_some() && hash == newest.content_hash;
        let is_current = newest.is_current(&self.visit.device);
        match (is_current, self.memory.baselines.get(&save.name)) {
            (true, None) => Verdict::Adopt,
            (true, Some(baseline)) if baseline.is(hash) => Verdict::Nothing,
            (true, Some(baseline)) if file.is_empty() || file.len() * 2 < baseline.size => {
                Verdict::Conflict
            }
            (true, Some(_)) => Verdict::Upload,
            (false, Some(baseline)) if baseline.is(hash) => Verdict::Download,
            (false, _) if is_head => Verdict::Download,
            (false, _) => Verdict::Conflict,
        }
    }

    /// Uploads a new version, never over another; what was answered is looked at twice. Whether a
    /// person is asked.
    async fn upload(
        &mut self,
        save: &Save,
        content: &Bytes,
        head_before: Option<i64>,
    ) -> Result<bool, Stop> {
        match self.send(save, content, false).await {
            Ok(row) if head_before.is_none_or(|head| row.id >= head) => {
                if !row.is_current(&self.visit.device) {
                    self.visit.confirm(save, row.id).await;
                }
                self.record(save, content).map(|()| false)
            }
            Ok(_) | Err(Stop::Refused(409)) => self.descend(save, content).await,
            Err(stop) => Err(stop),
        }
    }

    async fn send(&self, save: &Save, content: &Bytes, overwrite: bool) -> Result<Row, Stop> {
        let chosen = if overwrite { "&overwrite=true" } else { "" };
        let path = format!(
            "/api/saves?rom_id={}&emulator=retroarch-{}&device_id={}&slot={}{chosen}\
             &autocleanup=true&autocleanup_limit={ROWS_KEPT}",
            save.rom,
            save.core,
            self.visit.device,
            quoted(save.slot),
        );
        let post = (Method::POST, path.as_str());
        let answer = self.visit.upload(post, save, content, overwrite).await?;
        answer.read()
    }

    /// The ladder: the rows are asked for again, and the newest one judged. Whether a person is
    /// asked.
    async fn descend(&mut self, save: &Save, content: &Bytes) -> Result<bool, Stop> {
        let rows = self.visit.rows(save, "").await?;
        let hash = hash_of(content);
        let baseline = self.memory.baselines.get(&save.name);
        let is_unchanged = baseline.is_some_and(|baseline| baseline.is(hash));
        match newest_of(&rows, save) {
            Some(row) if is_unchanged || hash.is_some() && hash == row.content_hash => {
                self.download(save, row).await.map(|()| false)
            }
            _ => {
                self.visit.note(save, What::Asked(content.clone()));
                Ok(true)
            }
        }
    }

    /// The server counts the bytes as held from the last one on; here they are only then put in
    /// their place, and only after that recorded.
    async fn download(&mut self, save: &Save, row: &Row) -> Result<(), Stop> {
        let (from, query) = ((row.id, row.file_name.as_str()), "&optimistic=true");
        let content = self.visit.content(save, from, query).await?;
        self.put_in_place(save, &content)?;
        self.record(save, &content)
    }

    fn put_in_place(&self, save: &Save, content: &Bytes) -> Result<(), Stop> {
        let kept = self.visit.keep_beside(save, ASIDE)?;
        let too_many = kept.len().saturating_sub(KEPT_ASIDE);
        for oldest in kept.iter().take(too_many) {
            self.visit.remove(oldest)?;
        }
        self.visit.replace(save, content)
    }

    fn record(&mut self, save: &Save, content: &Bytes) -> Result<(), Stop> {
        let baseline = Baseline {
            hash: hash_of(content),
            size: content.len(),
        };
        self.memory.baselines.insert(save.name.clone(), baseline);
        memory::remember(self.visit.machine, &self.memory)
    }

    /// What its conflict screen does. Keep Local asks for the rows once more before it overrides.
    async fn settle(&mut self, save: &Save, choice: Choice) -> Result<(), Stop> {
        if matches!(choice, Choice::Later | Choice::Both) {
            return Ok(());
        }
        let rows = self.visit.rows(save, "").await?;
        match (choice, self.visit.held(save), newest_of(&rows, save)) {
            (Choice::Local, Some(content), _) => {
                self.send(save, &content, true).await?;
                self.record(save, &content)
            }
            (Choice::Server, _, Some(row)) => self.download(save, row).await,
            _ => Ok(()),
        }
    }
}

impl Baseline {
    fn is(&self, hash: Option<ContentHash>) -> bool {
        hash.is_some() && self.hash == hash
    }
}

/// The newest row of the same file.
fn newest_of<'a>(rows: &'a [Row], save: &Save) -> Option<&'a Row> {
    rows.iter().find(|row| row.file_extension == save.ending)
}

/// Every game, one after the other.
pub async fn sync(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    choice: Choice,
) -> Result<(), Stop> {
    let mut tender = Tender::arrive(machine, deeds).await?;
    tender.sync(choice).await.map(drop)
}

/// Its version switch: after a whole sync that found nothing to settle, the chosen row's bytes are
/// fetched, put in their place, and written to the row once more, which makes it the newest.
pub async fn go_back(
    machine: &Machine,
    deeds: &RefCell<Vec<Deed>>,
    game: &Game,
    rows: usize,
) -> Result<(), Stop> {
    let mut tender = Tender::arrive(machine, deeds).await?;
    if tender.sync(Choice::Later).await? {
        return Err(Stop::Missing("a settled conflict".to_owned()));
    }
    let save = Save::main_of(game);
    let mut listed = tender.visit.rows(&save, "").await?;
    listed.retain(|row| row.file_extension == save.ending);
    let missing = || Stop::Missing("a row".to_owned());
    let row = listed.get(rows).ok_or_else(missing)?.id;
    let path = format!("/api/saves/{row}/content");
    let content = tender.visit.get(&path).await?.ok()?;
    tender.put_in_place(&save, &content)?;
    tender.visit.note(&save, What::WentBack);
    let path = format!(
        "/api/saves/{row}?rom_id={}&emulator=retroarch-{}&device_id={}&slot={}",
        save.rom,
        save.core,
        tender.visit.device,
        quoted(save.slot)
    );
    let put = (Method::PUT, path.as_str());
    let answer = tender.visit.upload(put, &save, &content, true).await?;
    let row: Row = answer.read()?;
    if !row.is_current(&tender.visit.device) {
        tender.visit.confirm(&save, row.id).await;
    }
    tender.record(&save, &content)
}
