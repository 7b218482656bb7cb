//! Keeps the journal within what a person chose: beyond that, the oldest entries go whose content the
//! server has, and pictures of save states. The last copy of a content that was played stays.

use std::collections::{BTreeSet, HashSet};

use keepsave_core::content::ContentHash;
use keepsave_core::release::Speaks;
use keepsave_core::states::{Ending, Mark, Stamp};
use tokio::task::JoinError;

use crate::journal::{Journal, JournalError, Kept, Policy, Pruned};
use crate::server::saves::Listed;
use crate::server::{Server, ServerError, Trouble};
use crate::threads::elsewhere;

/// Why nothing was given up.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says itself what it is")]
pub enum GivingUpError {
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("a fault in Keepsave itself ({0}). Please report it")]
    Fault(#[from] JoinError),
}

/// Gives up what is beyond the policy. The server is asked only where something is, and of states
/// only where they are synced.
pub async fn give_up(
    journal: &Journal,
    server: &Server,
    policy: Policy,
    with_states: bool,
) -> Result<Pruned, GivingUpError> {
    let looked_at = journal.clone();
    let beyond = elsewhere(move || looked_at.beyond(&policy)).await??;
    let saves = contents(server, &beyond).await?;
    let states = if with_states && !beyond.is_empty() {
        marks(server).await?
    } else {
        HashSet::new()
    };
    let journal = journal.clone();
    let prune = move || {
        let is_there = |kept: &Kept| {
            let is_save = kept.content.hash.is_some_and(|hash| saves.contains(&hash));
            let is_state = Ending::at_the_end_of(&kept.about.file_name).is_some();
            let mark = || journal.unpacked(kept).map(|blob| Mark::of(&blob));
            is_save
                || is_picture(&kept.about.file_name)
                || is_state && mark().is_some_and(|mark| states.contains(&mark))
        };
        journal.prune(&policy, &is_there)
    };
    Ok(elsewhere(prune).await??)
}

/// Whether it is the picture of a save state, which is no progress: a replaced one may go, though no
/// server lists what it holds.
fn is_picture(file_name: &str) -> bool {
    let state = file_name.strip_suffix(".png");
    state.is_some_and(|state| Ending::at_the_end_of(state).is_some())
}

/// Which contents the states of the server have.
async fn marks(server: &Server) -> Result<HashSet<Mark>, ServerError> {
    let states = server.states(None).await?.seen.rows;
    let stamps = states
        .iter()
        .filter_map(|state| Stamp::read(&state.file_name));
    Ok(stamps.map(|stamp| stamp.content).collect())
}

/// Which contents the server has, as far as these entries are about them.
async fn contents(server: &Server, beyond: &[Kept]) -> Result<HashSet<ContentHash>, ServerError> {
    if beyond.is_empty() {
        return Ok(HashSet::new());
    }
    let listed = server.saves(Listed::default()).await?.seen.rows;
    let mut there: HashSet<ContentHash> =
        listed.iter().filter_map(|save| save.content_hash).collect();
    if server.speaks().await? != Speaks::Lineage {
        return Ok(there);
    }
    // A Keepsave has more than it lists: every version.
    let is_open = |kept: &&Kept| kept.content.hash.is_some_and(|hash| !there.contains(&hash));
    let open = beyond.iter().filter(is_open);
    let slots: BTreeSet<_> = open
        .filter_map(|kept| Some((kept.about.rom, kept.about.slot.clone()?)))
        .collect();
    for (rom, slot) in slots {
        match server.versions_of_slot(rom, &slot).await {
            Ok(versions) => there.extend(versions.iter().filter_map(|one| one.content_hash)),
            // An entry may be of another account.
            Err(error) if matches!(error.trouble, Trouble::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_beside_a_state_is_its_picture() {
        for name in [
            "Zelda.state.png",
            "Zelda.state12.png",
            "Zelda.state.auto.png",
        ] {
            assert!(is_picture(name), "{name}");
        }
        for name in [
            "Zelda.png",
            "Zelda.srm",
            "Zelda.state",
            "Zelda.state.auto",
            "Zelda.srm.png",
        ] {
            assert!(!is_picture(name), "{name}");
        }
    }
}
