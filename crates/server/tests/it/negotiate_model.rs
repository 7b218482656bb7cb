//! The server against core's model: random histories, applied to both, leave the same versions, rows
//! and holdings behind, and get the same answers on the way.

use std::collections::BTreeMap;

use keepsave_core::ids::{DeviceId, RomId, SaveId, TimelineId, UserId, VersionId};
use keepsave_core::lineage::model::Ledger;
use keepsave_core::lineage::{Claim, Holding, PostAction, Upload};
use keepsave_core::names::FileName;
use keepsave_core::negotiate::Action;
use keepsave_core::time::Time;
use keepsave_server::saves::download::Sent;
use keepsave_server::saves::replace::{Replacement, replace};
use keepsave_server::saves::upload::{NewSave, upload};
use keepsave_server::saves::{confirm, delete, track, view};
use keepsave_server::sync::negotiate::negotiate;
use keepsave_server::vault::blobs::Stored;
use keepsave_server::vault::saves::Filter;
use keepsave_server::vault::versions::Maker;
use keepsave_server::vault::{Fault, holdings, saves};
use keepsave_server::versions::restore::restore;
use keepsave_server::versions::undelete::undelete;
use keepsave_testkit::server::TestServer;
use keepsave_wire::sync::ClientSaveState;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::game;

const ADMIN: UserId = UserId(1);
const DEVICES: u8 = 3;
/// The first is blank.
const CONTENTS: u8 = 5;
const HISTORIES: u32 = 120;
const EVENTS: usize = 30;

/// One request. Rows and versions are picked from those that are there.
#[derive(Clone, Debug)]
enum Event {
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

fn event() -> impl Strategy<Value = Event> {
    let by = 0..DEVICES;
    let by_one_or_none = prop_oneof![4 => by.clone().prop_map(Some), 1 => Just(None)];
    let content = 0..CONTENTS;
    // One more than there are: content that was never stored.
    let shown = prop_oneof![6 => (0..=CONTENTS).prop_map(Some), 1 => Just(None)];
    let row = 0..8_usize;
    prop_oneof![
        6 => (
            by_one_or_none.clone(),
            content.clone(),
            prop::bool::weighted(0.2),
            prop::option::weighted(0.1, 1..4_u8),
        )
            .prop_map(|(by, content, overwrite, keep_rows)| Event::Post {
                by,
                content,
                overwrite,
                keep_rows,
            }),
        2 => (by_one_or_none, row.clone(), content)
            .prop_map(|(by, row, content)| Event::Put { by, row, content }),
        3 => (by.clone(), row.clone(), any::<bool>())
            .prop_map(|(by, row, optimistic)| Event::Fetch { by, row, optimistic }),
        3 => (by.clone(), row.clone()).prop_map(|(by, row)| Event::Confirm { by, row }),
        1 => (by.clone(), row.clone(), any::<bool>())
            .prop_map(|(by, row, tracked)| Event::Track { by, row, tracked }),
        1 => row.clone().prop_map(|row| Event::Delete { row }),
        1 => row.prop_map(|row| Event::Undelete { row }),
        1 => (0..16_usize).prop_map(|version| Event::Restore { version }),
        6 => (by, vec(shown, 0..3)).prop_map(|(by, shown)| Event::Negotiate { by, shown }),
        1 => (-5..1_000_i64).prop_map(|millis| Event::Clock { millis }),
    ]
}

/// One slot on the server, and the model of its timeline.
struct Pair<'a> {
    server: &'a TestServer,
    rom: RomId,
    slot: String,
    devices: &'a [DeviceId],
    contents: &'a [Stored],
    ledger: Ledger<u8>,
    /// The server's row for each of the model's, in order.
    rows: Vec<SaveId>,
}

impl Pair<'_> {
    fn maker(&self, by: u8) -> Maker {
        Maker {
            id: self.devices[usize::from(by)].clone(),
            name: None,
        }
    }

    fn stored(&self, content: u8) -> Stored {
        self.contents[usize::from(content)].clone()
    }

    fn server_row(&self, row: SaveId) -> SaveId {
        self.rows[usize::try_from(row.0).unwrap() - 1]
    }

    /// A visible row, as the model names it.
    fn pick(&self, row: usize) -> Option<SaveId> {
        let rows = self.ledger.list();
        Some(rows.get(row % rows.len().max(1))?.row)
    }

    async fn apply(&mut self, event: &Event) {
        let app = &self.server.app;
        match event {
            Event::Post {
                by,
                content,
                overwrite,
                keep_rows,
            } => self.post(*by, *content, *overwrite, *keep_rows).await,
            Event::Put { by, row, content } => {
                let Some(row) = self.pick(*row) else { return };
                let stored = self.stored(*content);
                let modelled = by.as_ref();
                self.ledger.put(modelled, row, stored.content, stored.blank);
                let new = Replacement {
                    user: ADMIN,
                    save: self.server_row(row),
                    maker: by.map(|by| self.maker(by)),
                    stored: Some(stored),
                    picture: None,
                };
                assert!(replace(app, new).await.unwrap().is_some());
            }
            Event::Fetch {
                by,
                row,
                optimistic,
            } => {
                let Some(row) = self.pick(*row) else { return };
                self.ledger.fetch(Some(by), row, *optimistic);
                let id = self.server_row(row);
                let save = app.vault.read(|tx| saves::by_id(tx, id)).unwrap().unwrap();
                let sent = Sent {
                    user: ADMIN,
                    device: self.maker(*by).id,
                    save,
                    optimistic: *optimistic,
                };
                sent.record(app).await.unwrap();
            }
            Event::Confirm { by, row } => {
                let Some(row) = self.pick(*row) else { return };
                self.ledger.downloaded(by, row);
                let (id, maker) = (self.server_row(row), self.maker(*by));
                let confirmed = confirm::confirm(app, ADMIN, id, maker).await;
                assert!(confirmed.unwrap().is_some());
            }
            Event::Track { by, row, tracked } => {
                let Some(row) = self.pick(*row) else { return };
                self.ledger.track(by, *tracked);
                let (id, maker) = (self.server_row(row), self.maker(*by));
                let tracked = track::set_untracked(app, ADMIN, id, maker, !tracked).await;
                assert!(tracked.unwrap().is_some());
            }
            Event::Delete { row } => {
                let Some(row) = self.pick(*row) else { return };
                self.ledger.delete(&[row]);
                let row = self.server_row(row);
                delete::delete(app, ADMIN, vec![row]).await.unwrap();
            }
            Event::Undelete { row } => {
                let Some(id) = self.rows.get(*row).copied() else {
                    return;
                };
                let row = SaveId(i64::try_from(*row).unwrap() + 1);
                if self.ledger.list().iter().all(|shown| shown.row != row) {
                    self.ledger.undelete(row);
                    undelete(app, ADMIN, id).await.unwrap();
                }
            }
            Event::Restore { version } => self.restore(*version).await,
            Event::Negotiate { by, shown } => self.negotiate(*by, shown).await,
            Event::Clock { millis } => self.server.clock.advance_millis(*millis),
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
            rom: self.rom,
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
        let uploaded = upload(&self.server.app, new).await.unwrap();
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
        let restored = restore(&self.server.app, ADMIN, *id).await.unwrap();
        let decision = self.ledger.restore(modelled).unwrap();
        if let PostAction::NewRow { .. } = decision.action {
            self.rows.push(restored[0].save.id);
        }
    }

    async fn negotiate(&mut self, by: u8, shown: &[Option<u8>]) {
        let hash = |content: &u8| self.contents[usize::from(*content)].content.hash;
        let hashes: Vec<_> = shown
            .iter()
            .map(|content| content.as_ref().and_then(hash))
            .collect();
        let inventory = hashes
            .iter()
            .map(|hash| ClientSaveState {
                rom_id: self.rom,
                file_name: "Game.srm".to_owned(),
                slot: Some(self.slot.clone()),
                emulator: None,
                content_hash: hash.map(|hash| hash.to_string()),
                updated_at: Time::EPOCH,
                file_size_bytes: 0,
            })
            .collect();
        let device = self.maker(by).id;
        let plan = negotiate(&self.server.app, ADMIN, device, inventory).await;
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
        let vault = &self.server.app.vault;
        let versions = vault.read(|tx| {
            tx.all(sql, keepsave_server::bind![slot], |row| {
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
    fn compare(&self) {
        let names = self.server_versions();
        self.compare_versions(&names);
        self.compare_rows(&names);
        for by in 0..DEVICES {
            self.compare_holding(by, &names);
        }
    }

    fn compare_versions(&self, names: &BTreeMap<VersionId, VersionId>) {
        type Facts = (VersionId, bool, bool, Vec<VersionId>);
        let vault = &self.server.app.vault;
        let stored: Result<Vec<Facts>, Fault> = vault.read(|tx| {
            let facts = |(id, name): (&VersionId, &VersionId)| {
                let version = keepsave_server::vault::versions::by_id(tx, *id)?.unwrap();
                let sql = "SELECT parent_id FROM version_parents WHERE version_id = $1";
                let parents = tx.all(sql, keepsave_server::bind![id], |row| {
                    row.get::<VersionId>()
                })?;
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
        for by in 0..DEVICES {
            let device = self.maker(by).id;
            let filter = Filter {
                rom: Some(self.rom),
                slot: Some(self.slot.clone()),
                ..Filter::default()
            };
            let vault = &self.server.app.vault;
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
        let vault = &self.server.app.vault;
        let held = vault.read(|tx| {
            let timeline: Option<TimelineId> =
                tx.optional(sql, keepsave_server::bind![slot], |row| row.get())?;
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

#[test]
fn the_server_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(TestServer::start());
    let (rom, devices, contents) = runtime.block_on(async {
        let rom = game::add(&server, "gba", "Game.gba").await;
        let mut devices = Vec::new();
        for name in ["A", "B", "C"] {
            devices.push(DeviceId(game::device(&server, name).await));
        }
        let mut contents = Vec::new();
        for number in 0..=CONTENTS {
            contents.push(server.app.vault.blobs().put(&[number; 64]).await.unwrap());
        }
        (rom, devices, contents)
    });
    assert!(contents[0].blank && !contents[1].blank);

    let config = Config {
        cases: HISTORIES,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let number = std::cell::Cell::new(0);
    let outcome = runner.run(&vec(event(), 1..EVENTS), |history| {
        number.set(number.get() + 1);
        let mut pair = Pair {
            server: &server,
            rom,
            slot: format!("history {}", number.get()),
            devices: &devices,
            contents: &contents,
            ledger: Ledger::default(),
            rows: Vec::new(),
        };
        for event in &history {
            pair.ledger.now = server.app.now();
            runtime.block_on(pair.apply(event));
            pair.compare();
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
