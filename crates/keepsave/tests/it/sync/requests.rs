//! How often the server is asked: what a player waits for, and what a server has to bear.

use keepsave_testkit::binary::Ran;
use keepsave_testkit::faults::Proxy;

use super::games::{furnished, save};
use super::process::Process;
use super::{Device, World};

on_every_server! {
    of_games_that_are_as_they_were_the_server_is_asked_once_for_all,
    before_a_launch_the_server_is_asked_once_which_it_is_and_once_for_the_game,
}

/// More than a page of a RomM has.
const GAMES: usize = 501;
/// So many of them are here, each with a save.
const HERE: usize = 12;

/// A device on which somebody signed in, as people do.
async fn signed_in(world: &World, proxy: &Proxy) -> Device {
    let device = furnished(world.device_behind(proxy, "Home").await);
    let url = proxy.url();
    device.write("password", "secret1");
    let ran = as_signed_in(
        &device,
        &[
            "login",
            &url,
            "--username",
            "ada",
            "--password-file",
            "password",
        ],
    );
    ran.expect(0);
    device
}

fn as_signed_in(device: &Device, arguments: &[&str]) -> Ran {
    let mut command = device.sandbox.command(arguments);
    command.env("HOME", device.sandbox.path());
    Process::start(command).wait()
}

/// What a run asks.
fn asked(device: &Device, proxy: &Proxy, arguments: &[&str]) -> Vec<String> {
    let before = proxy.passed().len();
    as_signed_in(device, arguments).expect(0);
    let passed = proxy.passed().split_off(before);
    passed.into_iter().map(|passed| passed.line).collect()
}

async fn of_games_that_are_as_they_were_the_server_is_asked_once_for_all(world: World) {
    let proxy = world.proxy();
    let home = signed_in(&world, &proxy).await;
    for game in 2..GAMES {
        world.game(&format!("Game {game}.gba")).await;
    }
    for game in GAMES - HERE..GAMES {
        home.write(&format!("retrodeck/roms/gba/Game {game}.gba"), "a rom");
        home.write(&save(&format!("Game {game}.srm")), &format!("of {game}"));
    }
    as_signed_in(&home, &["sync"]).expect(0);
    let allowed = if world.romm_itself().is_some() {
        4 + GAMES.div_ceil(500)
    } else {
        5
    };
    for what in ["sync", "status"] {
        let asked = asked(&home, &proxy, &[what]);
        assert!(asked.len() <= allowed, "{what}: {asked:#?}");
        let writes = asked.iter().filter(|line| line.contains("/saves/"));
        assert_eq!(writes.count(), 0, "{asked:#?}");
    }
}

async fn before_a_launch_the_server_is_asked_once_which_it_is_and_once_for_the_game(world: World) {
    let proxy = world.proxy();
    let home = signed_in(&world, &proxy).await;
    home.write(&save("Zelda.srm"), "one");
    as_signed_in(&home, &["sync"]).expect(0);
    let rom = home.path("retrodeck/roms/gba/Zelda.gba");
    let hook = ["pull", "--hook", "--game", rom.to_str().unwrap()];
    let mut asked = asked(&home, &proxy, &hook);
    asked.sort();
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert!(asked[0].starts_with("GET /api/heartbeat"), "{asked:#?}");
    assert!(
        asked[1].starts_with("GET /api/saves?rom_id=1&"),
        "{asked:#?}"
    );
}
