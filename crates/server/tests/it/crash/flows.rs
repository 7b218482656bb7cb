//! What a server does that changes its disk, one by one.

use std::path::Path;
use std::sync::Arc;

use http::Method;
use keepsave_disk::{Disk, RealDisk};
use keepsave_server::library;
use keepsave_server::maintenance::restore::{self, UNFINISHED};
use keepsave_server::maintenance::{backup, retention, sweep, verify};
use keepsave_server::vault::Vault;
use serde_json::json;

use super::life::{Done, Life, data};

/// A flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    FirstStart,
    Upload,
    LargeUpload,
    UploadOfAnOldContent,
    RefusedUpload,
    Put,
    Delete,
    Undelete,
    RestoreOfAVersion,
    State,
    Retention,
    Scan,
    RepairOfABlob,
    Backup,
    RestoreOfABackup,
}

/// More than is held in memory while it comes.
const LARGE: usize = 300 * 1024;

fn told(error: impl Into<Box<dyn std::error::Error>>) -> String {
    error.into().to_string()
}

fn silent(_: u64, _: u64) {}

impl Flow {
    /// What the room is like when the flow begins.
    pub async fn prepare(self, room: &Path) {
        if self == Self::FirstStart {
            return;
        }
        let life = Life::begin(Arc::new(RealDisk), room).unwrap();
        life.settle_in().await;
        for bytes in [b"one", b"two"] {
            life.upload(bytes).await.unwrap();
        }
        match self {
            Self::Undelete => delete(&life).await.unwrap(),
            Self::RefusedUpload => {
                let device = json!({ "name": "Phone" });
                life.post("/api/devices", device).await.unwrap();
            }
            Self::Scan => {
                let folder = room.join("library/roms/snes");
                std::fs::create_dir_all(&folder).unwrap();
                for name in ["a.sfc", "b.sfc"] {
                    std::fs::write(folder.join(name), name).unwrap();
                }
            }
            Self::RepairOfABlob => {
                let name = blake3::hash(b"one").to_hex();
                let blob = data(room)
                    .join("blobs")
                    .join(&name[..2])
                    .join(name.as_str());
                std::fs::remove_file(&blob).unwrap();
                std::fs::write(&blob, b"eno").unwrap();
            }
            Self::RestoreOfABackup => {
                let file = room.join("backup.tar");
                backup::backup(&life.app, &file, &silent).unwrap();
                drop(life);
                std::fs::remove_dir_all(data(room)).unwrap();
            }
            _ => {}
        }
    }

    /// Does it, in a process that begins with it.
    pub async fn act(self, disk: Arc<dyn Disk>, room: &Path) -> Done {
        if self == Self::RestoreOfABackup {
            let (from, to) = (room.join("backup.tar"), data(room));
            let restored = restore::restore_on(&from, (&*disk, &to), &silent);
            return restored.map(drop).map_err(told);
        }
        let life = Life::begin(disk, room).map_err(told)?;
        match self {
            Self::FirstStart | Self::RestoreOfABackup => Ok(()),
            Self::Upload => life.upload(b"three").await,
            Self::LargeUpload => life.upload(&vec![7; LARGE]).await,
            Self::UploadOfAnOldContent => life.upload(b"one").await,
            Self::RefusedUpload => {
                let device = life.device();
                let path = format!("/api/saves?rom_id=1&slot=autosave&device_id={device}");
                let save = ("saveFile", &b"stale"[..]);
                match life.send(Method::POST, &path, save).await {
                    Err(status) if status.starts_with("409") => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            }
            Self::Put => {
                let save = ("saveFile", &b"three"[..]);
                life.send(Method::PUT, "/api/saves/2", save).await
            }
            Self::Delete => delete(&life).await,
            Self::Undelete => {
                let path = "/api/keepsave/saves/2/undelete";
                life.post(path, json!({})).await
            }
            Self::RestoreOfAVersion => {
                let path = "/api/keepsave/versions/1/restore";
                life.post(path, json!({})).await
            }
            Self::State => {
                let path = "/api/states?rom_id=1&emulator=mgba";
                let state = ("stateFile", &b"a state"[..]);
                life.send(Method::POST, path, state).await
            }
            Self::Retention => {
                retention::apply(&life.app).await.map_err(told)?;
                sweep::sweep(&life.app).map(drop).map_err(told)
            }
            Self::Scan => library::scan(&life.app).await.map(drop).map_err(told),
            Self::RepairOfABlob => {
                let report = verify::verify(&life.app, true, &silent).map_err(told)?;
                assert!(report.findings.len() < 2, "{report:?}");
                life.upload(b"one").await
            }
            Self::Backup => {
                let to = room.join("backup.tar");
                let written = backup::backup(&life.app, &to, &silent);
                written.map(drop).map_err(told)
            }
        }
    }

    /// Whether one may find it half done, each half of which is whole.
    pub fn has_halves(self) -> bool {
        matches!(
            self,
            Self::FirstStart | Self::Retention | Self::Scan | Self::RepairOfABlob
        )
    }

    /// Whether what was damaged before may still be.
    pub fn is_about_damage(self) -> bool {
        self == Self::RepairOfABlob
    }

    /// What else must hold after a death, with what is left of the room.
    pub fn check(self, room: &Path, is_acknowledged: bool) -> Result<(), String> {
        match self {
            Self::Backup => {
                let file = room.join("backup.tar");
                if !file.exists() {
                    return if is_acknowledged {
                        Err("the backup is gone".to_owned())
                    } else {
                        Ok(())
                    };
                }
                let to = room.join("restored");
                restore::restore(&file, &to, &silent).map_err(told)?;
                std::fs::remove_dir_all(&to).map_err(told)
            }
            Self::RestoreOfABackup => {
                let data = data(room);
                let is_unfinished = data.join(UNFINISHED).exists();
                let is_store = Vault::age(&data).map_err(told)?.is_some() && !is_unfinished;
                if is_store {
                    return Ok(());
                }
                if is_acknowledged {
                    return Err("what was restored is gone".to_owned());
                }
                // Nothing takes it for a store, and a person begins anew.
                let _not_there = std::fs::remove_dir_all(&data);
                restore::restore(&room.join("backup.tar"), &data, &silent)
                    .map(drop)
                    .map_err(told)
            }
            _ => Ok(()),
        }
    }

    /// Whether doing it again failed only because it was done.
    pub fn was_done(self, error: &str) -> bool {
        match self {
            Self::Delete | Self::Undelete => error.starts_with("404"),
            Self::Backup => error.contains("exists already"),
            Self::RestoreOfABackup => error.contains("is not empty"),
            _ => false,
        }
    }
}

async fn delete(life: &Life) -> Done {
    let body = json!({ "saves": [2] });
    life.post("/api/saves/delete", body).await
}
