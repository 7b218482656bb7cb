//! Which game is which: each way, each doubt, and that nothing is ever guessed.

use proptest::prelude::*;

use super::*;

/// `platform/file name`, and behind `#` its hash.
fn taken_apart(text: &str) -> (Vec<String>, String, Vec<String>) {
    let (text, hash) = text.split_once('#').unwrap_or((text, ""));
    let (platforms, name) = text.split_once('/').unwrap();
    let platforms = platforms.split(',').map(str::to_owned).collect();
    let hashes = (!hash.is_empty()).then(|| hash.to_owned());
    (platforms, name.to_owned(), hashes.into_iter().collect())
}

fn local(text: &str) -> LocalGame {
    let (platforms, file_name, hashes) = taken_apart(text);
    LocalGame {
        platforms,
        file_name,
        hashes,
    }
}

fn server(number: usize, text: &str) -> ServerGame {
    let (platforms, file_name, hashes) = taken_apart(text);
    ServerGame {
        id: RomId(i64::try_from(number).unwrap()),
        platforms,
        file_name,
        hashes,
    }
}

/// What each local game is found to be: its place in the list from 1 and by what, or the doubt.
fn found(locals: &[&str], servers: &[&str]) -> Vec<String> {
    let servers: Vec<ServerGame> = (1..)
        .zip(servers)
        .map(|(number, text)| server(number, text))
        .collect();
    let locals: Vec<LocalGame> = locals.iter().map(|text| local(text)).collect();
    let found = Catalogue::of(&servers).find(&locals);
    found.iter().map(shown).collect()
}

fn shown(found: &Match) -> String {
    match found {
        Match::Sure { rom, by } => format!("{rom} {by:?}"),
        Match::Unsure { roms, reason } => {
            let roms: Vec<String> = roms.iter().map(ToString::to_string).collect();
            format!("{} {reason:?}", roms.join("|"))
        }
        Match::Unknown => "-".to_owned(),
    }
}

#[test]
fn the_content_tells_whatever_a_game_is_called() {
    assert_eq!(
        found(
            &["gba/Emerald hack.gba#AB"],
            &["gb/x.gb#cd", "gba/y.gba#ab"]
        ),
        ["2 Hash"]
    );
}

#[test]
fn of_games_with_one_content_the_name_tells() {
    let servers = ["gba/a.gba#ab", "gba/b.gba#ab"];
    assert_eq!(found(&["gba/b.gba#ab"], &servers), ["2 Hash"]);
    assert_eq!(found(&["gba/c.gba#ab"], &servers), ["1|2 Several"]);
}

#[test]
fn a_content_that_the_server_does_not_have_does_not_hide_the_name() {
    assert_eq!(
        found(&["gba/a (hack).gba#ff"], &["gba/a (hack).gba#ab"]),
        ["1 Name"]
    );
}

#[test]
fn platform_and_file_name_tell() {
    let servers = ["gba/Zelda (USA).gba", "gb/Zelda (USA).gb"];
    assert_eq!(found(&["gba/Zelda (USA).gba"], &servers), ["1 Name"]);
    // Packed in one place and not in the other.
    assert_eq!(found(&["gb/Zelda (USA).zip"], &servers), ["2 Name"]);
    assert_eq!(found(&["nes/Zelda (USA).nes"], &servers), ["-"]);
}

#[test]
fn a_folder_may_mean_several_platforms() {
    let servers = ["sega-mega-drive--genesis,genesis/Sonic.md"];
    assert_eq!(found(&["genesis,megadrive/Sonic.md"], &servers), ["1 Name"]);
    let both = ["genesis/Sonic.md", "megadrive/Sonic.md"];
    assert_eq!(
        found(&["genesis,megadrive/Sonic.md"], &both),
        ["1|2 Several"]
    );
}

#[test]
fn neither_case_nor_the_way_a_letter_is_composed_matters() {
    assert_eq!(
        found(&["GBA/POKE\u{301}MON.gba"], &["gba/pok\u{e9}mon.GBA"]),
        ["1 Name"]
    );
}

#[test]
fn a_title_tells_only_where_it_is_one_games() {
    let one = ["gba/Metroid Fusion (USA).gba"];
    assert_eq!(
        found(&["gba/Metroid Fusion (Europe).gba"], &one),
        ["1 Title"]
    );
    let two = [
        "gba/Metroid Fusion (USA).gba",
        "gba/Metroid Fusion (Japan).gba",
    ];
    assert_eq!(
        found(&["gba/Metroid Fusion (Europe).gba"], &two),
        ["1|2 Several"]
    );
    let discs = ["psx/FF7 (Disc 1).chd", "psx/FF7 (Disc 2).chd"];
    assert_eq!(found(&["psx/FF7.m3u"], &discs), ["1|2 Several"]);
}

#[test]
fn what_two_games_here_would_share_is_neithers() {
    let server = ["gba/Metroid (USA).gba"];
    assert_eq!(
        found(
            &["gba/Metroid (Europe).gba", "gba/Metroid (Japan).gba"],
            &server
        ),
        ["1 Shared", "1 Shared"]
    );
    assert_eq!(
        found(&["gba/Metroid (USA).gba", "gba/Metroid (USA).zip"], &server),
        ["1 Shared", "1 Shared"]
    );
}

#[test]
fn the_surer_of_two_games_keeps_what_both_would_be() {
    let server = ["gba/Metroid (USA).gba#ab"];
    assert_eq!(
        found(
            &["gba/Metroid (Europe).gba", "gba/Metroid (USA).gba"],
            &server
        ),
        ["1 Shared", "1 Name"]
    );
    assert_eq!(
        found(&["gba/Metroid (USA).gba", "gba/hack.gba#ab"], &server),
        ["1 Shared", "1 Hash"]
    );
}

#[test]
fn a_name_that_is_all_tags_is_no_title() {
    assert_eq!(found(&["gba/(Demo).gba"], &["gba/(Beta).gba"]), ["-"]);
}

fn any_game() -> impl Strategy<Value = String> {
    (
        "(gb|gba|gb,gba)",
        "[ab]( \\((U|E)\\))?",
        "(gb|zip)",
        "(#[xyz])?",
    )
        .prop_map(|(platform, name, extension, hash)| {
            format!("{platform}/{name}.{extension}{hash}")
        })
}

proptest! {
    /// No game of the server is ever two games here, and what is sure fits.
    #[test]
    fn no_game_is_two_and_none_is_guessed(
        locals in prop::collection::vec(any_game(), 0..6),
        servers in prop::collection::vec(any_game(), 0..6),
    ) {
        let servers: Vec<ServerGame> =
            (1..).zip(&servers).map(|(number, text)| server(number, text)).collect();
        let locals: Vec<LocalGame> = locals.iter().map(|text| local(text)).collect();
        let found = Catalogue::of(&servers).find(&locals);
        let sure = |found: &Match| match found {
            Match::Sure { rom, .. } => Some(*rom),
            _ => None,
        };
        let mut claimed: Vec<RomId> = found.iter().filter_map(sure).collect();
        let count = claimed.len();
        claimed.sort_unstable();
        claimed.dedup();
        prop_assert_eq!(claimed.len(), count);
        for (local, found) in locals.iter().zip(&found) {
            let Match::Sure { rom, by } = found else { continue };
            let game = servers.iter().find(|game| game.id == *rom).unwrap();
            let fits = match by {
                By::Hash => local.hashes == game.hashes,
                By::Name | By::Title => {
                    local.platforms.iter().any(|platform| game.platforms.contains(platform))
                }
            };
            prop_assert!(fits);
            // A stranger that is the very same game would have made it unsure.
            let twin = |other: &&ServerGame| {
                other.id != game.id
                    && (&other.platforms, &other.file_name, &other.hashes)
                        == (&game.platforms, &game.file_name, &game.hashes)
            };
            prop_assert!(servers.iter().find(twin).is_none());
        }
    }
}
