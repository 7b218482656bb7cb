//! Measures the server as its clients would, side by side with what the machine can do at best; and
//! with `device` the command line of a device, side by side with RomM's, with `games` a device full of
//! games, with `pages` the pages over a full library.
//!
//! `cargo run --release --package keepsave-bench` after `cargo build --release --workspace`. It
//! starts the release binary on a directory of its own and on a port of its own, fills it, loads
//! it, prints one line for each figure, and takes everything away again.

mod agent;
mod device;
mod distance;
mod games;
mod http;
mod limits;
mod load;
mod pages;
mod ran;
mod server;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

use http::{Answer, Connection};
use load::in_parallel;
use server::Server;

/// What to measure, and with how much.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    other: Option<Other>,
    /// How many saves the user has.
    #[arg(long, default_value_t = 10_000)]
    saves: usize,
    /// Over how many games.
    #[arg(long, default_value_t = 1_000)]
    games: usize,
    /// How large each is, in bytes.
    #[arg(long, default_value_t = 32 * 1024)]
    size: usize,
    /// How many clients there are at once.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// How many requests each figure is taken from.
    #[arg(long, default_value_t = 40_000)]
    requests: usize,
    /// How many times each rate is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many versions more each slot gets before negotiate is measured once more; 0 skips it.
    #[arg(long, default_value_t = 100)]
    versions: usize,
    /// Leaves what was stored where it is. Some file systems make new files slowly for minutes after
    /// many were removed, so taking them away spoils the next run.
    #[arg(long)]
    keep: bool,
    /// The binary, when it is not beside this one.
    #[arg(long)]
    keepsave: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Other {
    Device(device::Options),
    Games(games::Options),
    Pages(pages::Options),
}

fn main() -> Result<()> {
    let options = Options::parse();
    match &options.other {
        Some(Other::Device(options)) => return device::measure(options),
        Some(Other::Games(options)) => return games::measure(options),
        Some(Other::Pages(options)) => return pages::measure(options),
        None => {}
    }
    let server = Server::start(options.keepsave.as_deref(), options.games, options.keep)?;
    report(
        "first answer after the first start",
        milliseconds(server.first_answer),
    );
    let mut bench = Bench::prepare(&options, server)?;
    bench.uploads()?;
    bench.lists()?;
    bench.downloads()?;
    bench.negotiates("negotiate of one save for each game, unchanged")?;
    bench.passwords()?;
    if options.versions > 0 {
        bench.grow()?;
        bench.negotiates("the same with so many versions more in each slot")?;
    }
    report("resident after the run", bench.server.resident()?);
    bench.server.restart()?;
    report(
        "first answer after a restart over all that",
        milliseconds(bench.server.first_answer),
    );
    limits::report(&options)?;
    Ok(())
}

fn report(what: &str, figure: impl std::fmt::Display) {
    println!("{what:<60} {figure}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

struct Bench<'a> {
    options: &'a Options,
    server: Server,
    roms: Vec<i64>,
    device: String,
    save_ids: Vec<i64>,
}

impl<'a> Bench<'a> {
    fn prepare(options: &'a Options, server: Server) -> Result<Self> {
        let mut connection = server.connect()?;
        let roms = server.roms()?;
        anyhow::ensure!(
            roms.len() == options.games,
            "the scan found {} games",
            roms.len()
        );
        let device = connection
            .post("/api/devices", &json!({ "name": "bench" }))?
            .json()?;
        let device = device["device_id"].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            options,
            server,
            roms,
            device,
            save_ids: Vec::new(),
        })
    }

    /// Every save of every game; each durable before the next of its connection begins.
    fn uploads(&mut self) -> Result<()> {
        let per_game = self.options.saves.div_ceil(self.options.games);
        let rate = in_parallel(
            &self.server,
            self.options.connections,
            self.options.saves,
            {
                |connection, number| {
                    let (game, version) = (number / per_game, number % per_game);
                    self.upload(connection, game, version)
                }
            },
        )?;
        report("durable uploads", rate);
        let listed = self
            .server
            .connect()?
            .get("/api/saves/identifiers")?
            .json()?;
        self.save_ids = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect();
        Ok(())
    }

    fn upload(&self, connection: &mut Connection, game: usize, version: usize) -> Result<()> {
        let rom = self.roms[game];
        let path = format!("/api/saves?rom_id={rom}&slot=autosave&emulator=mgba");
        let bytes = content(game, version, self.options.size);
        connection.upload(&path, "save.srm", &bytes)?.json()?;
        Ok(())
    }

    fn lists(&self) -> Result<()> {
        self.rate("list of one game's saves", |connection, number| {
            let rom = self.roms[number % self.roms.len()];
            connection
                .get(&format!("/api/saves?rom_id={rom}"))?
                .json()
                .map(drop)
        })?;
        let mut connection = self.server.connect()?;
        let times = self.times(|| connection.get("/api/saves"), |_| Ok(()))?;
        report("list of every save", times);
        Ok(())
    }

    fn downloads(&self) -> Result<()> {
        self.rate("downloads", |connection, number| {
            let id = self.save_ids[number % self.save_ids.len()];
            let body = connection.get(&format!("/api/saves/{id}/content"))?.body;
            anyhow::ensure!(
                body.len() == self.options.size,
                "a download of {}",
                body.len()
            );
            Ok(())
        })
    }

    /// A device that holds the newest save of each game and changed nothing.
    fn negotiates(&self, what: &str) -> Result<()> {
        const PATH: &str = "/api/sync/negotiate";
        let mut connection = self.server.connect()?;
        let listed = connection.get("/api/saves?slot=autosave")?.json()?;
        let mut newest = std::collections::BTreeMap::new();
        for save in listed.as_array().into_iter().flatten() {
            let of_game = newest.entry(save["rom_id"].as_i64()).or_insert(save);
            if save["updated_at"].as_str() > of_game["updated_at"].as_str() {
                *of_game = save;
            }
        }
        let saves: Vec<_> = newest.into_values().map(entry).collect();
        let body = json!({ "device_id": self.device, "saves": saves });
        let body = body.to_string();
        let mut ask = || connection.send("POST", PATH, "application/json", body.as_bytes());
        // The first one proves by hash what the device holds; the later ones change nothing.
        ask()?.json()?;
        let times = self.times(ask, |answer| {
            let total = &answer.json()?["total_no_op"];
            anyhow::ensure!(*total == json!(saves.len()), "{total} of {}", saves.len());
            Ok(())
        })?;
        report(what, times);
        Ok(())
    }

    /// Requests go on while passwords are checked.
    fn passwords(&self) -> Result<()> {
        let slowest = load::beside_password_checks(&self.server, |connection| {
            connection.get("/api/saves/identifiers").map(drop)
        })?;
        report(
            "slowest request beside 8 clients that try passwords",
            milliseconds(slowest),
        );
        Ok(())
    }

    fn grow(&self) -> Result<()> {
        let total = self.options.versions * self.roms.len();
        let rate = in_parallel(
            &self.server,
            self.options.connections,
            total,
            |connection, number| {
                let game = number % self.roms.len();
                let path = format!("/api/saves?rom_id={}&slot=autosave", self.roms[game]);
                let bytes = content(game, self.options.saves + number, 64);
                connection
                    .upload(&path, "save.srm", &bytes)?
                    .json()
                    .map(drop)
            },
        )?;
        report("durable uploads of 64 bytes, as versions of one slot", rate);
        Ok(())
    }

    fn rate(
        &self,
        what: &str,
        ask: impl Fn(&mut Connection, usize) -> Result<()> + Sync,
    ) -> Result<()> {
        let mut rates = Vec::new();
        for _ in 0..self.options.rounds {
            let connections = self.options.connections;
            rates.push(in_parallel(
                &self.server,
                connections,
                self.options.requests,
                &ask,
            )?);
        }
        report(what, load::median(rates));
        Ok(())
    }

    /// What a request takes until its answer is there; what the client makes of it comes after.
    fn times(
        &self,
        mut ask: impl FnMut() -> Result<Answer>,
        check: impl Fn(&Answer) -> Result<()>,
    ) -> Result<String> {
        let mut times = Vec::new();
        let before = self.server.processor_time()?;
        for _ in 0..self.options.rounds * 5 {
            let start = Instant::now();
            let answer = ask()?;
            times.push(start.elapsed());
            check(&answer)?;
        }
        let processor = self.server.processor_time()?.saturating_sub(before);
        let each = processor / u32::try_from(times.len())?;
        times.sort();
        let median = milliseconds(times[times.len() / 2]);
        Ok(format!("{median}, {} of a processor", milliseconds(each)))
    }
}

/// A save as a client's inventory names it.
fn entry(save: &Value) -> Value {
    json!({
        "rom_id": save["rom_id"], "file_name": "save.srm", "slot": save["slot"],
        "emulator": save["emulator"], "content_hash": save["content_hash"],
        "updated_at": save["updated_at"], "file_size_bytes": save["file_size_bytes"],
    })
}

/// Bytes that no other save has, at little cost: the client shares the machine with the server.
fn content(game: usize, version: usize, size: usize) -> Vec<u8> {
    let line = format!("game {game} version {version}\n");
    let mut bytes = line.repeat(size.div_ceil(line.len())).into_bytes();
    bytes.truncate(size);
    bytes
}
