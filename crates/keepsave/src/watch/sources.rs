//! Where an agent hears of things from: what runs on the machine, what is written there, what the
//! server tells. Each is a task of its own, and goes on while something is being done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepsave_core::ids::DeviceId;
use keepsave_core::limits;
use keepsave_core::playtime::Moment;
use keepsave_core::watch::{Event, Playing};
use keepsave_device::environment::moment;
use keepsave_device::library::Machine;
use keepsave_device::server::Server;
use keepsave_device::server::events::Heard;
use keepsave_device::session::running;
use keepsave_device::watch::control;
use keepsave_device::watch::hints::Hints;
use keepsave_device::watch::roster::Roster;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::terminal::note;

/// What the agent hears.
pub enum Told {
    /// What is played from now on.
    Plays(Playing, Moment),
    /// Something was written in these directories.
    Wrote(BTreeSet<PathBuf>),
    /// Anything else.
    Happened(Event),
}

/// What the agent and its sources share.
#[derive(Clone)]
pub struct Shared {
    pub roster: Arc<Mutex<Roster>>,
    /// There is reason to look at what runs.
    pub look: Arc<Notify>,
    pub tell: UnboundedSender<Told>,
}

impl Shared {
    pub fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody may hear it any more.
    fn tell(&self, told: Told) {
        let _ended = self.tell.send(told);
    }
}

/// Looks at what runs, now and then.
pub async fn look_at_what_runs(machine: Machine, shared: Shared) {
    let mut before = None;
    loop {
        let emulators = running::emulators(&machine);
        let mut told = BTreeMap::new();
        if emulators.iter().any(running::Emulator::is_retroarch) {
            let ports: Vec<u16> = shared.roster().ports().collect();
            for port in ports {
                told.extend(control::status(port).await.map(|status| (port, status)));
            }
        }
        let playing = shared.roster().playing(&emulators, &told);
        let apart = if playing.games.is_empty() {
            limits::AGENT_LOOKS_APART
        } else {
            limits::AGENT_LOOKS_APART_IN_PLAY
        };
        if before.as_ref() != Some(&playing) {
            before = Some(playing.clone());
            shared.tell(Told::Plays(playing, moment()));
        }
        // Earlier, where something was written.
        let _written = timeout(apart, shared.look.notified()).await;
    }
}

/// Is told of what is written in the directories that `directories` has.
pub async fn hear_of_writes(mut directories: watch::Receiver<Vec<PathBuf>>, shared: Shared) {
    let mut hints = match Hints::new() {
        Ok(hints) => hints,
        Err(error) => {
            return note(&format!(
                "the system does not tell what is written ({error}); saves are looked at now and \
                 then"
            ));
        }
    };
    loop {
        let told = tokio::select! {
            changed = directories.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = directories.borrow_and_update().clone();
                hints.watch(now.iter().map(PathBuf::as_path));
                // What was written before is told by nobody.
                shared.tell(Told::Wrote(now.into_iter().collect()));
                continue;
            }
            told = hints.next() => told,
        };
        let Ok(written) = told else {
            return;
        };
        // A save is written in pieces.
        let mut written: BTreeSet<PathBuf> = written.into_iter().collect();
        let more = async {
            while let Ok(more) = hints.next().await {
                written.extend(more);
            }
        };
        let _as_long = timeout(limits::SAVE_LOOKS_APART, more).await;
        shared.look.notify_one();
        shared.tell(Told::Wrote(written));
    }
}

/// Hears what the server tells.
pub async fn listen(server: Server, device: DeviceId, shared: Shared) {
    let tell = |event| shared.tell(Told::Happened(event));
    let mut listener = match server.listen().await {
        Ok(Some(listener)) => listener,
        Ok(None) => return tell(Event::Silent),
        Err(error) => {
            tracing::debug!(%error, "the server cannot be listened to");
            return tell(Event::Lost);
        }
    };
    tell(Event::Listening);
    loop {
        match listener.next().await {
            Ok(Some(Heard::Changed { by, .. })) if by.as_ref() == Some(&device) => {}
            Ok(Some(Heard::Changed { rom, .. })) => {
                tell(Event::Moved(Some(BTreeSet::from([rom]))));
            }
            Ok(Some(Heard::Missed)) => tell(Event::Moved(None)),
            Ok(None) => return tell(Event::Lost),
            Err(error) => {
                tracing::debug!(%error, "the server is not heard any more");
                return tell(Event::Lost);
            }
        }
    }
}

/// Has the emulator of a game write its save, if it is the one that plays it.
pub async fn write_save(controls: Vec<(u16, String)>) {
    for (port, name) in controls {
        if control::status(port).await == Some(control::Status::Plays(name)) {
            let _gone = control::write_saves(port).await;
            // What it writes is told by the system.
            sleep(limits::EMULATOR_ANSWER_WAIT).await;
        }
    }
}
