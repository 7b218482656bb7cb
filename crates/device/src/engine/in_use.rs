//! A save that is in use gets nothing: what an emulator holds in memory it writes when it closes,
//! over whatever was put there meanwhile.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use keepsave_core::ids::RomId;
use keepsave_core::limits;
use tokio::time::Instant;

use super::error::LineError;
use super::run::Run;
use crate::session::running::Running;
use crate::threads::elsewhere;

/// What was seen to run, for as long as that may count.
#[derive(Default)]
pub(super) struct Seen(Mutex<Option<(Instant, Arc<Running>)>>);

impl Run<'_> {
    /// Whether the save of a game may be replaced.
    pub(super) async fn unless_in_use(
        &self,
        rom: Option<RomId>,
        path: &Path,
    ) -> Result<(), LineError> {
        let running = self.running().await?;
        let (engine, path) = (self.engine.clone(), path.to_owned());
        let look = move || {
            let roms = rom.and_then(|rom| engine.state.matches_of(rom).ok());
            let roms = roms.into_iter().flatten().map(|matched| matched.path);
            let holder = running.holder(&engine.machine, &path, &roms.collect::<Vec<PathBuf>>());
            holder.map(|holder| LineError::InUse { path, holder })
        };
        elsewhere(look).await?.map_or(Ok(()), Err)
    }

    /// A whole machine is looked at once for what comes down together.
    async fn running(&self) -> Result<Arc<Running>, LineError> {
        if let Some((at, running)) = &*self.seen.0.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < limits::RUNNING_COUNTS
        {
            return Ok(running.clone());
        }
        let machine = self.engine.machine.clone();
        let running = Arc::new(elsewhere(move || Running::on(&machine)).await?);
        let mut seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some((Instant::now(), running.clone()));
        Ok(running)
    }
}
