//! What a person has the engine do, each with what leads up to it.

use std::sync::Arc;

use super::life::Life;
use super::scene::{Scene, errand};
use crate::engine::carry::Carry;
use crate::engine::migrate::Keep;
use crate::engine::run::OnConflict;
use crate::engine::stop;

/// A flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    FirstUp,
    Up,
    FirstDown,
    Down,
    ResolveLocal,
    ResolveServer,
    ResolveBoth,
    Restore,
    Setup,
    Create,
    Switch,
    SwitchToNew,
    Delete,
    Copy,
    Move,
    Migrate,
}

impl Flow {
    /// What was before.
    pub async fn prepare(self, scene: &Scene<'_>) {
        let (home, away) = (&scene.home, &scene.away);
        match self {
            Self::FirstUp => scene.play(home, "one"),
            Self::Up | Self::Move => {
                scene.played(home, "one").await;
                scene.play(home, "two");
            }
            Self::FirstDown => scene.played(away, "one").await,
            Self::Down => {
                scene.played(home, "one").await;
                scene.sync_well(away).await;
                scene.played(away, "two").await;
            }
            Self::ResolveLocal | Self::ResolveServer | Self::ResolveBoth => {
                scene.played(home, "one").await;
                scene.sync_well(away).await;
                scene.played(away, "of the other").await;
                scene.play(home, "ours");
            }
            Self::Restore => {
                scene.played(home, "one").await;
                scene.played(home, "two").await;
                scene.play(home, "three");
            }
            Self::Setup => {
                scene.played(away, "of the other").await;
                scene.play(home, "ours");
            }
            Self::Create | Self::Copy => scene.played(home, "one").await,
            Self::Switch | Self::SwitchToNew | Self::Delete => {
                scene.played(home, "one").await;
                let engine = scene.engine(home, None);
                let present = scene.present(home);
                engine.create_slot(&present, "spare").unwrap();
                if self == Self::SwitchToNew {
                    return;
                }
                self.switch(scene, None, "spare").await.unwrap();
                scene.played(home, "of the spare one").await;
                if self == Self::Switch {
                    return;
                }
                self.switch(scene, None, "autosave").await.unwrap();
            }
            Self::Migrate => {
                scene.put_in_no_slot("of another app").await;
                scene.play(home, "ours");
            }
        }
    }

    async fn switch(
        self,
        scene: &Scene<'_>,
        life: Option<&Arc<Life>>,
        to: &str,
    ) -> Result<(), String> {
        let engine = scene.engine(&scene.home, life);
        let present = scene.present(&scene.home);
        let (how, going) = (
            errand(OnConflict::Fail),
            (Arc::new(()) as Arc<_>, stop::never()),
        );
        let switched = engine.switch_slot(&present, to, &how, false, going).await;
        switched.map(drop).map_err(|error| error.to_string())
    }

    /// Does it, as long as it lives.
    pub async fn act(self, scene: &Scene<'_>, life: Option<&Arc<Life>>) -> Result<(), String> {
        let home = &scene.home;
        let how = match self {
            Self::ResolveLocal => OnConflict::KeepLocal,
            Self::ResolveServer => OnConflict::KeepServer,
            Self::ResolveBoth => OnConflict::KeepBoth,
            _ => OnConflict::Fail,
        };
        let errand = errand(how);
        let going = (Arc::new(()) as Arc<_>, stop::never());
        let told = |error: &dyn std::fmt::Display| error.to_string();
        match self {
            Self::FirstUp
            | Self::Up
            | Self::FirstDown
            | Self::Down
            | Self::ResolveLocal
            | Self::ResolveServer
            | Self::ResolveBoth => {
                scene.sync(home, life, how).await;
                Ok(())
            }
            Self::Switch => self.switch(scene, life, "autosave").await,
            Self::SwitchToNew => self.switch(scene, life, "spare").await,
            Self::Restore => {
                let chosen = scene.oldest_save().await;
                let engine = scene.engine(home, life);
                let present = scene.present(home);
                let (watch, stop) = going;
                let back = engine.restore(&present, &errand, chosen, watch, stop);
                back.await.map(drop).map_err(|error| told(&error))
            }
            Self::Setup => {
                let engine = scene.engine(home, life);
                let present = scene.present(home);
                let chosen = engine.choose_slot(&present, "ours").await;
                chosen.map_err(|error| told(&error))
            }
            Self::Create => {
                let engine = scene.engine(home, life);
                let created = engine.create_slot(&scene.present(home), "spare");
                created.map_err(|error| told(&error))
            }
            Self::Delete => {
                let engine = scene.engine(home, life);
                let present = scene.present(home);
                let deleted = engine.delete_slot(&present, "spare", going).await;
                deleted.map(drop).map_err(|error| told(&error))
            }
            Self::Copy | Self::Move => {
                let engine = scene.engine(home, life);
                let present = scene.present(home);
                let carry = if self == Self::Copy {
                    Carry::Copy
                } else {
                    Carry::Move
                };
                let carried = engine.carry_slot(&present, carry, ("autosave", "spare"), going);
                carried.await.map(drop).map_err(|error| told(&error))
            }
            Self::Migrate => {
                let engine = scene.engine(home, life);
                let present = scene.present(home);
                let keep = Some(Keep::Server);
                let migrated = engine.migrate_archive(&present, "autosave", keep, &errand, going);
                migrated.await.map(drop).map_err(|error| told(&error))
            }
        }
    }

    /// What a person wanted to be rid of.
    pub fn gives_up(self, content: &str) -> bool {
        self == Self::Delete && content.starts_with("of the spare one")
    }
}
