//! Measures a machine full of games: how they stand, and a launch of one of them.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::agent;
use crate::distance::put_away;
use crate::ran::{Ran, ran};
use crate::server::{Server, beside_this_one};
use crate::{content, median, milliseconds, report};

/// Measures a machine full of games
#[derive(Args)]
pub struct Options {
    /// How many games are on it.
    #[arg(long, default_value_t = 2_000)]
    games: usize,
    /// How large the save of each is, in bytes.
    #[arg(long, default_value_t = 32 * 1024)]
    size: usize,
    /// How many milliseconds there and back take where the server is not on this machine.
    #[arg(long, default_value_t = 10)]
    round_trip: u64,
    /// How many times each time is taken; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The program that serves, when it is not beside this one.
    #[arg(long)]
    keepsave: Option<PathBuf>,
    /// The program that syncs, when it is not the one that serves.
    #[arg(long)]
    client: Option<PathBuf>,
}

/// Measures everything and prints it.
pub fn measure(options: &Options) -> Result<()> {
    let serving = options.keepsave.clone().map_or_else(beside_this_one, Ok)?;
    let client = options.client.as_ref().unwrap_or(&serving).canonicalize()?;
    let server = Server::start(Some(&serving), options.games, false)?;
    let found = server.roms()?.len();
    ensure!(found == options.games, "the scan found {found} games");
    let bench = Bench {
        options,
        machine: Machine::furnished(client, options)?,
        server,
    };
    bench.first_look()?;
    bench.nothing_to_do()?;
    bench.machine.idle()?;
    bench.launch("on this machine", bench.server.address())?;
    let away = Duration::from_millis(options.round_trip);
    let what = format!("{} away", milliseconds(away));
    bench.launch(&what, put_away(bench.server.address(), away)?)
}

struct Bench<'a> {
    options: &'a Options,
    server: Server,
    machine: Machine,
}

/// A RetroDECK with games on it.
struct Machine {
    home: TempDir,
    program: PathBuf,
}

impl Machine {
    fn furnished(program: PathBuf, options: &Options) -> Result<Self> {
        let home = tempfile::tempdir_in(".")?;
        let at = fs::canonicalize(home.path())?;
        let write = |path: &str, bytes: &[u8]| -> Result<()> {
            let path = at.join(path);
            fs::create_dir_all(path.parent().context("no directory")?)?;
            Ok(fs::write(path, bytes)?)
        };
        let paths = json!({ "paths": {
            "saves_path": at.join("retrodeck/saves"), "roms_path": at.join("retrodeck/roms"),
        }});
        let config = ".var/app/net.retrodeck.retrodeck/config";
        write(
            &format!("{config}/retrodeck/retrodeck.json"),
            paths.to_string().as_bytes(),
        )?;
        write(
            &format!("{config}/retroarch/retroarch.cfg"),
            b"sort_savefiles_by_content_enable = \"true\"\nsort_savefiles_enable = \"false\"\n",
        )?;
        for game in 0..options.games {
            let rom = format!("retrodeck/roms/gba/Game {game}.gba");
            write(&rom, format!("game {game}").as_bytes())?;
            let save = format!("retrodeck/saves/gba/Game {game}.srm");
            write(&save, &content(game, 0, options.size))?;
        }
        Ok(Self { home, program })
    }

    fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/keepsave")
    }

    fn sign_in(&self, server: SocketAddr, token: &str) -> Result<()> {
        let url = format!("http://{server}");
        self.run(&["login", &url, "--token", token, "--name", "bench"])?;
        Ok(())
    }

    fn run(&self, arguments: &[&str]) -> Result<Ran> {
        let home = self.home.path().canonicalize()?;
        ran(self.command(&home, arguments), &home)
    }

    fn command(&self, home: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().env("HOME", home);
        command.current_dir(home);
        command
    }

    /// An agent that has nothing to do.
    fn idle(&self) -> Result<()> {
        let home = self.home.path().canonicalize()?;
        agent::idle(self.command(&home, &["watch", "--json"]), &home)
    }

    fn totals(&self, arguments: &[&str]) -> Result<(Ran, Value)> {
        let ran = self.run(&[&["--json"], arguments].concat())?;
        let told: Value = serde_json::from_str(&ran.stdout)?;
        let totals = told["totals"].clone();
        Ok((ran, totals))
    }
}

impl Bench<'_> {
    /// Nothing is known of any file yet: first while the server has no save, then while it has the
    /// same ones.
    fn first_look(&self) -> Result<()> {
        let machine = &self.machine;
        machine.sign_in(self.server.address(), self.server.token())?;
        self.cold("cold status, none on the server", "upload")?;
        machine.run(&["sync"])?;
        self.cold("cold status, the same on the server", "synced")
    }

    fn cold(&self, what: &str, status: &str) -> Result<()> {
        let mut runs = Vec::new();
        for _ in 0..self.options.rounds {
            forget(&self.machine.state())?;
            let (ran, totals) = self.machine.totals(&["status"])?;
            ensure!(totals[status] == self.options.games, "{totals}");
            runs.push(ran);
        }
        self.tell(what, &runs);
        Ok(())
    }

    /// Everything is in sync and was looked at before.
    fn nothing_to_do(&self) -> Result<()> {
        self.machine.run(&["sync"])?;
        for what in ["status", "sync"] {
            let mut runs = Vec::new();
            let before = self.requests()?;
            for _ in 0..self.options.rounds {
                let (ran, totals) = self.machine.totals(&[what])?;
                ensure!(totals["synced"] == self.options.games, "{totals}");
                runs.push(ran);
            }
            self.tell(&format!("{what} with nothing to do"), &runs);
            self.tell_requests(&before)?;
        }
        Ok(())
    }

    /// What a frontend waits for before it starts a game whose save is as it was.
    fn launch(&self, where_to: &str, server: SocketAddr) -> Result<()> {
        self.machine.sign_in(server, self.server.token())?;
        self.machine.run(&["sync"])?;
        let rom = self.machine.home.path().canonicalize()?;
        let rom = rom.join("retrodeck/roms/gba/Game 7.gba");
        let rom = rom.to_str().context("a path that is no text")?;
        let mut runs = Vec::new();
        let before = self.requests()?;
        for _ in 0..self.options.rounds {
            let (ran, totals) = self.machine.totals(&["pull", "--hook", "--game", rom])?;
            ensure!(totals["synced"] == 1, "{totals}");
            runs.push(ran);
        }
        self.tell(&format!("check before a launch, server {where_to}"), &runs);
        self.tell_requests(&before)
    }

    fn tell(&self, what: &str, runs: &[Ran]) {
        let most = runs.iter().map(|ran| ran.most).max().unwrap_or_default();
        let time = milliseconds(median(runs.iter().map(|ran| ran.time).collect()));
        let busy = milliseconds(median(runs.iter().map(|ran| ran.busy).collect()));
        let what = format!("{} games: {what}", self.options.games);
        let most = most / 1024;
        report(
            &what,
            format!("{time}, {busy} of processors, {most} MiB at most"),
        );
    }

    /// How many requests a run made, and of what.
    fn tell_requests(&self, before: &BTreeMap<String, u64>) -> Result<()> {
        let rounds = u64::try_from(self.options.rounds)?;
        let mut each = Vec::new();
        let mut total = 0;
        for (request, now) in self.requests()? {
            let made = now - before.get(&request).copied().unwrap_or_default();
            if made > 0 && !request.contains("/metrics") {
                ensure!(
                    made % rounds == 0,
                    "{made} times {request} in {rounds} runs"
                );
                total += made / rounds;
                each.push(format!("{request} {}", made / rounds));
            }
        }
        report(
            "  requests of each run",
            format!("{total}: {}", each.join(", ")),
        );
        Ok(())
    }

    /// What the server has answered so far, by method and route.
    fn requests(&self) -> Result<BTreeMap<String, u64>> {
        let told = self.server.connect()?.get("/metrics")?;
        ensure!(told.status == 200, "the server does not tell its metrics");
        let told = String::from_utf8(told.body)?;
        let mut requests = BTreeMap::new();
        for line in told.lines() {
            let Some(labels) = line.strip_prefix("keepsave_http_requests_total{") else {
                continue;
            };
            let (labels, count) = labels.split_once("} ").context("not a metric")?;
            let label = |name: &str| {
                let (_, value) = labels.split_once(&format!("{name}=\""))?;
                Some(value.split_once('"')?.0.to_owned())
            };
            let (method, route) = (label("method"), label("route"));
            let request = format!(
                "{} {}",
                method.context("no method")?,
                route.context("no route")?
            );
            *requests.entry(request).or_default() += count.trim().parse::<u64>()?;
        }
        Ok(requests)
    }
}

fn forget(state: &Path) -> Result<()> {
    if state.exists() {
        fs::remove_dir_all(state)?;
    }
    Ok(())
}
