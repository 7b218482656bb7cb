//! Which game a person means: by its file, its id on the server, its name, or a part of that.

use keepsave_core::ids::RomId;
use keepsave_device::games::Present;
use keepsave_device::library::Game;

use crate::exit::Failure;

/// The game that is meant. Nothing is guessed between two.
pub fn the_one(present: &[Present], named: &str) -> Result<Present, Failure> {
    let all: Vec<(&Game, _)> = present.iter().map(|one| (&*one.game, one.rom())).collect();
    Ok(present[meant(&all, named)?].clone())
}

/// Whether a game, which may be one of the server's, is meant.
type IsMeant<'a> = dyn Fn(&Game, Option<RomId>) -> bool + 'a;

/// The number of the game that is meant.
pub fn meant(games: &[(&Game, Option<RomId>)], named: &str) -> Result<usize, Failure> {
    let same = |text: &str| text.to_lowercase() == named.to_lowercase();
    let ways: [&IsMeant<'_>; 4] = [
        &|game, _| game.path == std::path::Path::new(named),
        &|_, rom| rom.is_some_and(|RomId(id)| id.to_string() == named),
        &|game, _| {
            let file = game.path.file_name();
            same(&game.stem) || file.is_some_and(|name| same(&name.to_string_lossy()))
        },
        &|game, _| game.stem.to_lowercase().contains(&named.to_lowercase()),
    ];
    for is_meant in ways {
        let all = games.iter().enumerate();
        let meant = all.filter(|(_, (game, rom))| is_meant(game, *rom));
        let meant: Vec<(usize, &Game)> = meant.map(|(at, (game, _))| (at, *game)).collect();
        match meant.as_slice() {
            [] => {}
            [(at, _)] => return Ok(*at),
            several => {
                let paths = several
                    .iter()
                    .map(|(_, game)| format!("  {}", game.path.display()));
                return Err(Failure::usage(format!(
                    "`{named}` is the name of several games here; name one of these files:\n{}",
                    paths.collect::<Vec<_>>().join("\n")
                )));
            }
        }
    }
    Err(Failure::usage(format!(
        "no game here is called `{named}`: see `keepsave games`"
    )))
}
