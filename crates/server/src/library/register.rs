//! Registers a game that needs no file on the server, because people keep it on their devices.

use keepsave_core::ids::{PlatformId, RomId};

use super::catalogue::is_component;
use super::naming::{fold, game_row};
use super::platforms;
use super::walk::Layout;
use crate::app::App;
use crate::vault::platforms as platform_rows;
use crate::vault::roms::scanning;
use crate::vault::{Fault, Tx};

/// A game to register.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The platform's folder or slug.
    pub platform: String,
    /// The name that the game's file has on devices.
    pub file_name: String,
    /// What to call the game; what its file's name says, when not given.
    pub name: Option<String>,
}

/// A game that is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The game.
    pub id: RomId,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// Why a game is not registered.
#[derive(Debug)]
pub enum NotRegistered {
    /// Neither a folder of the library nor a slug that is known.
    UnknownPlatform,
    /// No file can have that name.
    NoFileName,
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for NotRegistered {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Registers a game, or finds the one that has this file name on that platform already. It keeps
/// its id when its file appears in the library later.
pub async fn register(app: &App, game: Registration) -> Result<Registered, NotRegistered> {
    if !is_component(&game.file_name) {
        return Err(NotRegistered::NoFileName);
    }
    let now = app.now();
    app.vault
        .write(move |tx| {
            let (platform, folder) = match platform_rows::by_folder_or_slug(tx, &game.platform)? {
                Some(known) => (known.id, known.fs_slug),
                None if platforms::known(&game.platform).is_some() => {
                    let name = platforms::name(&game.platform);
                    let id = platform_rows::ensure(tx, &game.platform, &name, now)?;
                    (id, game.platform)
                }
                None => return Err(NotRegistered::UnknownPlatform),
            };
            let known = same_game(tx, platform, &game.file_name)?;
            let id = if let Some(id) = known {
                id
            } else {
                let fs_path = Layout::default().games_of(&folder);
                let row = game_row(platform, fs_path, &game.file_name, game.name.as_deref());
                scanning::add(tx, &row, now)?
            };
            scanning::register(tx, id, now)?;
            platform_rows::touch(tx, platform, now)?;
            Ok(Registered {
                id,
                is_new: known.is_none(),
            })
        })
        .await
}

/// The game with that file name, or the only one whose name differs in case or accents alone. One
/// that is there goes before one that is missing.
fn same_game(tx: &Tx<'_>, platform: PlatformId, name: &str) -> Result<Option<RomId>, Fault> {
    let games = scanning::on_platform(tx, platform)?;
    if let Some(exact) = games.iter().find(|game| game.fs_name == name) {
        return Ok(Some(exact.id));
    }
    let folded = fold(name);
    let mut alike = games.iter().filter(|game| fold(&game.fs_name) == folded);
    Ok(match (alike.next(), alike.next()) {
        (Some(only), None) => Some(only.id),
        _ => None,
    })
}
