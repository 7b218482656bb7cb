//! Pages as a browser asks for them, over a full library: how long the server takes, and how heavy
//! they are.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;

use crate::http::Connection;
use crate::load::in_parallel;
use crate::server::Server;
use crate::{median, milliseconds, report};

/// How pages do over a full library.
#[derive(Args)]
pub struct Options {
    /// How many games there are, each with a save that two devices hold.
    #[arg(long, default_value_t = 10_000)]
    games: usize,
    /// How many versions one of them has.
    #[arg(long, default_value_t = 500)]
    versions: usize,
    /// How many times each page is asked for; the median counts.
    #[arg(long, default_value_t = 31)]
    samples: usize,
    /// How many clients fill the server at once.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// The binary, when it is not beside this one.
    #[arg(long)]
    keepsave: Option<PathBuf>,
}

/// Fills a server and measures its pages.
pub fn measure(options: &Options) -> Result<()> {
    let server = Server::start(options.keepsave.as_deref(), options.games, false)?;
    let roms = server.roms()?;
    ensure!(
        roms.len() == options.games,
        "the scan found {} games",
        roms.len()
    );
    let deck = device(&server, "Steam Deck")?;
    let miyoo = device(&server, "Miyoo")?;
    fill(&server, options, &roms, &deck)?;
    hold(&server, &miyoo)?;
    let mut browser = server.browser()?;
    let game = roms[0];
    for path in [
        "/library".to_owned(),
        "/library?page=100".to_owned(),
        "/library?sort=title".to_owned(),
        "/library?q=game".to_owned(),
        "/library?q=gmae+12".to_owned(),
        format!("/games/{game}"),
        "/".to_owned(),
        "/devices".to_owned(),
        "/activity".to_owned(),
        "/conflicts".to_owned(),
    ] {
        let (time, bytes) = ask(&mut browser, &path, options.samples)?;
        report(&path, format!("{}, {bytes} bytes", milliseconds(time)));
    }
    Ok(())
}

fn device(server: &Server, name: &str) -> Result<String> {
    let made = server
        .connect()?
        .post("/api/devices", &json!({ "name": name }))?
        .json()?;
    let id = made["device_id"].as_str().context("a device has an id")?;
    Ok(id.to_owned())
}

/// One save for every game, and many for the first.
fn fill(server: &Server, options: &Options, roms: &[i64], device: &str) -> Result<()> {
    let total = roms.len() + options.versions.saturating_sub(1);
    in_parallel(server, options.connections, total, |connection, number| {
        let rom = roms.get(number).unwrap_or(&roms[0]);
        let path = format!(
            "/api/saves?rom_id={rom}&slot=autosave&emulator=mgba&device_id={device}&overwrite=true"
        );
        let bytes = format!("save {number}").into_bytes();
        connection
            .upload(&path, "save.srm", &bytes)?
            .json()
            .map(drop)
    })?;
    Ok(())
}

/// A second device shows that it holds all of that.
fn hold(server: &Server, device: &str) -> Result<()> {
    let mut connection = server.connect()?;
    let listed = connection.get("/api/saves?slot=autosave")?.json()?;
    let saves: Vec<_> = listed
        .as_array()
        .into_iter()
        .flatten()
        .map(|save| {
            json!({
                "rom_id": save["rom_id"], "slot": "autosave", "file_name": save["file_name"],
                "content_hash": save["content_hash"], "updated_at": save["updated_at"],
                "file_size_bytes": save["file_size_bytes"],
            })
        })
        .collect();
    let body = json!({ "device_id": device, "saves": saves });
    connection.post("/api/sync/negotiate", &body)?.json()?;
    Ok(())
}

/// The median time that a page takes, and its weight.
fn ask(browser: &mut Connection, path: &str, samples: usize) -> Result<(Duration, usize)> {
    let mut times = Vec::with_capacity(samples);
    let mut bytes = 0;
    for _ in 0..samples {
        let begun = Instant::now();
        let answer = browser.get(path)?;
        times.push(begun.elapsed());
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        bytes = answer.body.len();
    }
    Ok((median(times), bytes))
}
