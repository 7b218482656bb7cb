//! One slot on the server and the model of its timeline, moved by the same events and compared.

use std::collections::BTreeMap;

use keepsave_core::ids::{DeviceId, RomId, SaveId, TimelineId, UserId, VersionId};
use keepsave_core::lineage::model::Ledger;
use keepsave_core::lineage::{Claim, Holding, PostAction, Upload};
use keepsave_core::names::FileName;
use keepsave_core::negotiate::Action;
use keepsave_core::time::Time;
use keepsave_server::app::App;
use keepsave_server::bind;
use keepsave_server::saves::download::Sent;
use keepsave_server::saves::replace::{Replacement, replace};
use keepsave_server::saves::upload::{NewSave, upload};
use keepsave_server::saves::{confirm, delete, track, view};
use keepsave_server::sync::negotiate::negotiate;
use keepsave_server::vault::blobs::Stored;
use keepsave_server::vault::saves::Filter;
use keepsave_server::vault::versions::Maker;
use keepsave_server::vault::{Fault, holdings, saves, versions};
use keepsave_server::versions::restore::restore;
use keepsave_server::versions::undelete::undelete;
use keepsave_testkit::server::TestServer;
use keepsave_wire::sync::ClientSaveState;

use crate::game;

const ADMIN: UserId = UserId(1);

/// One request. Rows and versions are picked from those that are there.
#[derive(Clone, Debug)]
pub enum Event {
    Post {
        by: Option<u8>,
        content: u8,
        overwrite: bool,
        keep_rows: Option<u8>,
    },
    Put {
        by: Option<u8>,
        row: usize,
        content: u8,
    },
    Fetch {
        by: u8,
        row: usize,
        optimistic: bool,
    },
    Confirm {
        by: u8,
        row: usize,
    },
    Track {
        by: u8,
        row: usize,
        tracked: bool,
    },
    Delete {
        row: usize,
    },
    Undelete {
        row: usize,
    },
    Restore {
        version: usize,
    },
    /// Without an entry the slot is not named.
    Negotiate {
        by: u8,
        shown: Vec<Option<u8>>,
    },
    Clock {
        millis: i64,
    },
}

/// A server with a game, some devices and some contents to play with.
pub struct Stage {
    pub server: TestServer,
    rom: RomId,
    devices: Vec<DeviceId>,
    contents: Vec<Stored>,
}

impl Stage {
    /// With that many devices and contents, of which the first is blank, and one content more that
    /// is never stored in a slot.
    pub async fn set(devices: u8, contents: u8) -> Self {
        let server = TestServer::start().await;
        let rom = game::add(&server, "gba", "Game.gba").await;
        let mut stage = Self {
            server,
            rom,
            devices: Vec::new(),
            contents: Vec::new(),
        };
        for _ in 0..devices {
            let id = game::device(&stage.server, "device").await;
            stage.devices.push(DeviceId(id));
        }
        for number in 0..=contents {
            let blobs = stage.server.app.vault.blobs();
            stage.contents.push(blobs.put(&[number; 64]).await.unwrap());
        }
        assert!(stage.contents[0].blank && !stage.contents[1].blank);
        stage
    }

    /// A slot in which nothing has happened.
    pub fn slot(&self, name: String) -> Pair<'_> {
        Pair {
            stage: self,
            slot: name,
            ledger: Ledger::default(),
            rows: Vec::new(),
        }
    }
}

/// One slot on the server, and the model of its timeline.
pub struct Pair<'a> {
    stage: &'a Stage,
    slot: String,
    ledger: Ledger<u8>,
    /// The server's row for each of the model's, in order.
    rows: Vec<SaveId>,
}

impl Pair<'_> {
    fn app(&self) -> &App {
        &self.stage.server.app
    }

    fn maker(&self, by: u8) -> Maker {
        Maker {
            id: self.stage.devices[usize::from(by)].clone(),
            name: None,
        }
    }

    fn stored(&self, content: u8) -> Stored {
        self.stage.contents[usize::from(content)]
    }

    fn server_row(&self, row: SaveId) -> SaveId {
        self.rows[usize::try_from(row.0).unwrap() - 1]
    }

    /// Lets the event happen to both.
    pub async fn apply(&mut self, event: &Event) {
        self.ledger.now = self.app().now();
        match *event {
            Event::Post {
                by,
                content,
                overwrite,
                keep_rows,
            } => self.post(by, content, overwrite, keep_rows).await,
            Event::Restore { version } => self.restore(version).await,
            Event::Negotiate { by, ref shown } => self.negotiate(by, shown).await,
            Event::Clock { millis } => self.stage.server.clock.advance_millis(millis),
            Event::Undelete { row } => self.undelete(row).await,
            Event::Put { row, .. }
            | Event::Fetch { row, .. }
            | Event::Confirm { row, .. }
            | Event::Track { row, .. }
            | Event::Delete { row } => {
                let rows = self.ledger.list();
                if let Some(shown) = rows.get(row % rows.len().max(1)) {
                    self.on_row(shown.row, event).await;
                }
            }
        }
    }

    /// An event that happens to a visible row.
    async fn on_row(&mut self, row: SaveId, event: &Event) {
        let id = self.server_row(row);
        match *event {
            Event::Put { by, content, .. } => self.put(by, row, content).await,
            Event::Fetch { by, optimistic, .. } => self.fetch(by, row, optimistic).await,
            Event::Confirm { by, .. } => {
                self.ledger.downloaded(&by, row);
                let confirmed = confirm::confirm(self.app(), ADMIN, id, self.maker(by)).await;
                assert!(confirmed.unwrap().is_some());
            }
            Event::Track { by, tracked, .. } => {
                self.ledger.track(&by, tracked);
                let (app, maker) = (self.app(), self.maker(by));
                let tracked = track::set_untracked(app, ADMIN, id, maker, !tracked).await;
                assert!(tracked.unwrap().is_some());
            }
            _ => {
                self.ledger.delete(&[row]);
                delete::delete(self.app(), ADMIN, vec![id]).await.unwrap();
            }
        }
    }

    async fn put(&mut self, by: Option<u8>, row: SaveId, content: u8) {
        let stored = self.stored(content);
        self.ledger
            .put(by.as_ref(), row, stored.content, stored.blank);
        let new = Replacement {
            user: ADMIN,
            save: self.server_row(row),
            maker: by.map(|by| self.maker(by)),
            stored: Some(stored),
            picture: None,
        };
        assert!(replace(self.app(), new).await.unwrap().is_some());
    }

    async fn fetch(&mut self, by: u8, row: SaveId, optimistic: bool) {
        self.ledger.fetch(Some(&by), row, optimistic);
        let id = self.server_row(row);
        let vault = &self.app().vault;
        let sent = Sent {
            user: ADMIN,
            device: self.maker(by).id,
            save: vault.read(|tx| saves::by_id(tx, id)).unwrap().unwrap(),
            optimistic,
        };
        sent.record(self.app()).await.unwrap();
    }

    async fn undelete(&mut self, row: usize) {
        let Some(&id) = self.rows.get(row) else {
            return;
        };
        let row = SaveId(i64::try_from(row).unwrap() + 1);
        if self.ledger.list().iter().all(|shown| shown.row != row) {
            self.ledger.undelete(row);
            undelete(self.app(), ADMIN, id).await.unwrap();
        }
    }

    async fn post(&mut self, by: Option<u8>, content: u8, overwrite: bool, keep: Option<u8>) {
        let stored = self.stored(content);
        let brought = Upload {
            content: stored.content,
            blank: stored.blank,
            overwrite,
        };
        let modelled = self.ledger.post(by.as_ref(), &brought);
        let moved_head = matches!(
            modelled.action,
            PostAction::NewRow { .. } | PostAction::OnRow { .. }
        );
        if let Some(keep) = keep.filter(|_| moved_head) {
            self.ledger.clean_up(usize::from(keep));
        }
        let new = NewSave {
            user: ADMIN,
            rom: self.stage.rom,
            slot: Some(self.slot.clone()),
            file_name: FileName::stored("Game.srm"),
            emulator: None,
            set_id: None,
            maker: by.map(|by| self.maker(by)),
            overwrite,
            keep_rows: keep.map(i64::from),
            session: None,
            stored,
            picture: None,
        };
        let uploaded = upload(self.app(), new).await.unwrap();
        assert_eq!(uploaded.decision.reason, modelled.reason);
        let row = uploaded.view.map(|view| view.save.id);
        match &modelled.action {
            PostAction::NewRow { .. } => self.rows.push(row.unwrap()),
            PostAction::HeadHolds { row: same, .. }
            | PostAction::OnRow { row: same, .. }
            | PostAction::LateRetry { row: same, .. } => {
                assert_eq!(row, Some(self.server_row(*same)));
            }
            PostAction::Refuse(_) => assert_eq!(row, None),
        }
    }

    /// The model does not know that a person can settle a branch, so none is restored here.
    async fn restore(&mut self, version: usize) {
        let accepted = self.ledger.versions().filter(|version| !version.refused);
        let known: Vec<VersionId> = accepted.map(|version| version.id).collect();
        let Some(modelled) = known.get(version % known.len().max(1)).copied() else {
            return;
        };
        let ids = self.server_versions();
        let (id, _) = ids.iter().find(|(_, known)| **known == modelled).unwrap();
        let restored = restore(self.app(), ADMIN, *id).await.unwrap();
        let decision = self.ledger.restore(modelled).unwrap();
        if let PostAction::NewRow { .. } = decision.action {
            self.rows.push(restored[0].save.id);
        }
    }

    async fn negotiate(&mut self, by: u8, shown: &[Option<u8>]) {
        let hash = |content: &u8| self.stage.contents[usize::from(*content)].content.hash;
        let hashes: Vec<_> = shown
            .iter()
            .map(|content| content.as_ref().and_then(hash))
            .collect();
        let inventory = hashes
            .iter()
            .map(|hash| ClientSaveState {
                rom_id: self.stage.rom,
                file_name: "Game.srm".to_owned(),
                slot: Some(self.slot.clone()),
                emulator: None,
                content_hash: hash.map(|hash| hash.to_string()),
                updated_at: Time::EPOCH,
                file_size_bytes: 0,
            })
            .collect();
        let device = self.maker(by).id;
        let plan = negotiate(self.app(), ADMIN, device, inventory).await;
        let told: Vec<_> = plan
            .unwrap()
            .operations
            .into_iter()
            .filter(|operation| operation.slot.as_deref() == Some(&self.slot))
            .map(|operation| (operation.action, operation.reason))
            .collect();
        let decided = self.ledger.negotiate(&by, &hashes);
        let decided: Vec<_> = decided
            .into_iter()
            // RomM is silent on what it does not offer.
            .filter(|decision| !shown.is_empty() || decision.action == Action::Download)
            .map(|decision| (decision.action, decision.reason.to_string()))
            .collect();
        assert_eq!(told, decided);
    }

    /// The model's name of every version that the server has of this timeline.
    fn server_versions(&self) -> BTreeMap<VersionId, VersionId> {
        let sql = "SELECT v.id, v.ordinal FROM versions v JOIN timelines t ON t.id = v.timeline_id \
                   JOIN slots s ON s.id = t.slot_id WHERE s.slot = $1";
        let slot = self.slot.as_str();
        let vault = &self.app().vault;
        let versions = vault.read(|tx| {
            tx.all(sql, bind![slot], |row| {
                Ok((row.get()?, VersionId(row.get()?)))
            })
        });
        versions
            .map_err(|fault: Fault| fault)
            .unwrap()
            .into_iter()
            .collect()
    }

    /// Demands that both hold the same.
    pub fn compare(&self) {
        let names = self.server_versions();
        self.compare_versions(&names);
        self.compare_rows(&names);
        for by in (0..).take(self.stage.devices.len()) {
            self.compare_holding(by, &names);
        }
    }

    fn compare_versions(&self, names: &BTreeMap<VersionId, VersionId>) {
        type Facts = (VersionId, bool, bool, Vec<VersionId>);
        let vault = &self.app().vault;
        let stored: Result<Vec<Facts>, Fault> = vault.read(|tx| {
            let facts = |(id, name): (&VersionId, &VersionId)| {
                let version = versions::by_id(tx, *id)?.unwrap();
                let sql = "SELECT parent_id FROM version_parents WHERE version_id = $1";
                let parents = tx.all(sql, bind![id], |row| row.get::<VersionId>())?;
                let mut parents: Vec<_> = parents.iter().map(|parent| names[parent]).collect();
                parents.sort_unstable();
                Ok((
                    *name,
                    version.refused,
                    version.deleted_at.is_some(),
                    parents,
                ))
            };
            names.iter().map(facts).collect()
        });
        let modelled: Vec<Facts> = self
            .ledger
            .versions()
            .map(|version| {
                let mut parents = self.ledger.parents_of(version.id).to_vec();
                parents.sort_unstable();
                (version.id, version.refused, version.deleted, parents)
            })
            .collect();
        assert_eq!(stored.unwrap(), modelled);
    }

    /// The listing, newest first, and what it says to each device.
    fn compare_rows(&self, names: &BTreeMap<VersionId, VersionId>) {
        for by in (0..).take(self.stage.devices.len()) {
            let device = self.maker(by).id;
            let filter = Filter {
                rom: Some(self.stage.rom),
                slot: Some(self.slot.clone()),
                ..Filter::default()
            };
            let vault = &self.app().vault;
            let mut listed = vault
                .read(|tx| view::list(tx, ADMIN, &filter, Some(&device)))
                .unwrap();
            listed.sort_by_key(|view| std::cmp::Reverse(view.save.updated_at));
            let shown: Vec<_> = listed
                .iter()
                .map(|view| {
                    let save = &view.save;
                    let own = &view.devices[0];
                    assert_eq!(own.id, device);
                    (
                        save.id,
                        names[&save.version_id],
                        save.updated_at,
                        own.is_current,
                    )
                })
                .collect();
            let modelled: Vec<_> = self
                .ledger
                .list()
                .iter()
                .map(|shown| {
                    let row = self.server_row(shown.row);
                    let is_current = self.ledger.is_current(&by, shown);
                    (row, shown.version.id, shown.updated_at, is_current)
                })
                .collect();
            assert_eq!(shown, modelled, "as device {by} sees them");
        }
    }

    fn compare_holding(&self, by: u8, names: &BTreeMap<VersionId, VersionId>) {
        let device = self.maker(by).id;
        let sql = "SELECT t.id FROM timelines t JOIN slots s ON s.id = t.slot_id WHERE s.slot = $1";
        let slot = self.slot.as_str();
        let vault = &self.app().vault;
        let held = vault.read(|tx| {
            let timeline: Option<TimelineId> = tx.optional(sql, bind![slot], |row| row.get())?;
            match timeline {
                Some(timeline) => holdings::load(tx, &device, timeline),
                None => Ok::<_, Fault>(Holding::default()),
            }
        });
        let held = held.unwrap();
        let name = |id: VersionId| names[&id];
        let held = Holding {
            baseline: held.baseline.map(name),
            proven: held.proven.into_iter().map(name).collect(),
            claim: held.claim.map(|claim| Claim {
                version: name(claim.version),
                before: claim.before.map(name),
            }),
            distrusted: held.distrusted.map(name),
            untracked: held.untracked,
        };
        let modelled = self.ledger.holding(&by);
        assert_eq!(sorted(held), sorted(modelled), "of device {by}");
    }
}

fn sorted(mut holding: Holding) -> Holding {
    holding.proven.sort_unstable();
    holding
}
