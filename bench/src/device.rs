//! Measures the command line of a device: whole runs of the program, from start to end, against a
//! server of its own, and where it can do the same the one that RomM's users script with.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::distance::put_away;
use crate::ran::{Ran, ran};
use crate::server::{Server, beside_this_one};
use crate::{content, median, milliseconds, report};

/// Measures the command line of a device
#[derive(Args)]
pub struct Options {
    /// How many saves a plan with nothing to do is made of.
    #[arg(long, default_value_t = 2_000)]
    saves: usize,
    /// How many saves are uploaded side by side and one after another.
    #[arg(long, default_value_t = 500)]
    uploads: usize,
    /// How large each is, in bytes.
    #[arg(long, default_value_t = 8 * 1024)]
    size: usize,
    /// How large the large save is, in megabytes.
    #[arg(long, default_value_t = 200)]
    megabytes: usize,
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
    /// A romm-cli to measure beside it.
    #[arg(long)]
    romm_cli: Option<PathBuf>,
}

/// Measures everything and prints it.
pub fn measure(options: &Options) -> Result<()> {
    let serving = options.keepsave.clone().map_or_else(beside_this_one, Ok)?;
    let client = options.client.as_ref().unwrap_or(&serving).canonicalize()?;
    let games = options.saves.max(options.uploads);
    let server = Server::start(Some(&serving), games, false)?;
    let roms = server.roms()?;
    ensure!(roms.len() == games, "the scan found {} games", roms.len());
    let bench = Bench {
        options,
        device: new_device(&server)?,
        roms,
        client,
        server,
    };
    bench.idle()?;
    bench.large()?;
    bench.nothing_to_do()?;
    bench.uploads("on this machine", bench.server.address())?;
    let away = Duration::from_millis(options.round_trip);
    let what = format!("{} away", milliseconds(away));
    bench.uploads(&what, put_away(bench.server.address(), away)?)
}

struct Bench<'a> {
    options: &'a Options,
    server: Server,
    roms: Vec<i64>,
    client: PathBuf,
    /// The device that uploads everything, so that nothing is ever offered to it.
    device: String,
}

/// A home with saves in it.
struct Machine {
    home: TempDir,
    server: SocketAddr,
    token: String,
    device: String,
}

impl Machine {
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(fs::write(self.home.path().join(name), bytes)?)
    }

    /// A manifest of `0.srm`, `1.srm` and so on, in one slot of each game.
    fn list(&self, roms: &[i64], slot: &str) -> Result<()> {
        let entry =
            |(number, rom)| json!({ "rom_id": rom, "path": format!("{number}.srm"), "slot": slot });
        let saves: Vec<Value> = roms.iter().enumerate().map(entry).collect();
        self.write(
            "saves.json",
            json!({ "saves": saves }).to_string().as_bytes(),
        )
    }

    fn sync(&self, program: &Path, what: &str, more: &[&str]) -> Result<Ran> {
        let named = ["--manifest", "saves.json", "--device-id", &self.device];
        self.run(
            program,
            &[&["--json", "sync", what], &named[..], more].concat(),
        )
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Result<Ran> {
        ran(self.command(program, arguments), self.home.path())
    }

    /// Both programs know these variables.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("API_BASE_URL", format!("http://{}", self.server))
            .env("API_USE_HTTPS", "false")
            .env("API_TOKEN", &self.token)
            .env("ROMM_CHECK_UPDATES", "false")
            .stdin(Stdio::null());
        command
    }
}

impl Bench<'_> {
    fn machine(&self, server: SocketAddr, device: &str) -> Result<Machine> {
        Ok(Machine {
            home: tempfile::tempdir_in(".")?,
            server,
            token: self.server.token().to_owned(),
            device: device.to_owned(),
        })
    }

    /// Ours, and the other one if it is there.
    fn programs(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let other = self.options.romm_cli.as_deref();
        let ours = ("keepsave", self.client.as_path());
        [ours]
            .into_iter()
            .chain(other.map(|path| ("romm-cli", path)))
    }

    /// From the start of a program that asks nobody to its end.
    fn idle(&self) -> Result<()> {
        for (name, program) in self.programs() {
            let size = fs::metadata(program)?.len() / 1024;
            let machine = self.machine(self.server.address(), &self.device)?;
            let mut times = Vec::new();
            for _ in 0..self.options.rounds * 10 {
                let mut command = machine.command(program, &["--version"]);
                let start = Instant::now();
                ensure!(command.stdout(Stdio::null()).status()?.success());
                times.push(start.elapsed());
            }
            let time = milliseconds(median(times));
            report(
                &format!("{name} --version"),
                format!("{time}; a binary of {size} KiB"),
            );
        }
        Ok(())
    }

    /// Plans over saves that are all in sync, and what the server's answer to them takes.
    fn nothing_to_do(&self) -> Result<()> {
        let machine = self.machine(self.server.address(), &self.device)?;
        let count = self.options.saves;
        let roms = &self.roms[..count];
        machine.list(roms, "planned")?;
        for number in 0..count {
            let bytes = content(number, 0, self.options.size);
            machine.write(&format!("{number}.srm"), &bytes)?;
        }
        machine.sync(&self.client, "run", &[])?;
        let what = format!("plan of {count} saves with nothing to do");
        let mut plan = String::new();
        for (name, program) in self.programs() {
            let mut times = Vec::new();
            let mut most = 0;
            for _ in 0..self.options.rounds {
                let ran = machine.sync(program, "plan", &[])?;
                times.push(ran.time);
                most = most.max(ran.most);
                plan = ran.stdout;
            }
            let told: Value = serde_json::from_str(&plan)?;
            ensure!(told["total_no_op"] == count, "{name} found something to do");
            report(&format!("{name}: {what}"), figure(median(times), most));
        }
        let told: Value = serde_json::from_str(&plan)?;
        self.answer(&machine.device, &told)
    }

    /// The one round trip that no client can do without.
    fn answer(&self, device: &str, plan: &Value) -> Result<()> {
        let operations = plan["operations"].as_array().context("no operations")?;
        let entry = |operation: &Value| {
            json!({
                "rom_id": operation["rom_id"], "file_name": "0.srm", "slot": operation["slot"],
                "content_hash": operation["server_content_hash"], "emulator": null,
                "updated_at": operation["server_updated_at"], "file_size_bytes": self.options.size,
            })
        };
        let saves: Vec<Value> = operations.iter().map(entry).collect();
        let body = json!({ "device_id": device, "saves": saves });
        let mut connection = self.server.connect()?;
        let mut times = Vec::new();
        for _ in 0..self.options.rounds {
            let start = Instant::now();
            connection.post("/api/sync/negotiate", &body)?.json()?;
            times.push(start.elapsed());
        }
        report(
            "the server's answer to such an inventory",
            milliseconds(median(times)),
        );
        Ok(())
    }

    /// One large save goes up from one machine and comes down to another.
    fn large(&self) -> Result<()> {
        // The other program fetches all that there is, so it is the first.
        let mut programs: Vec<_> = self.programs().collect();
        programs.reverse();
        for (name, program) in programs {
            let one = self.machine(self.server.address(), &self.device)?;
            let other = self.machine(self.server.address(), &new_device(&self.server)?)?;
            one.list(&self.roms[..1], name)?;
            // The other program refuses to list what is not there yet, and fetches it all the same.
            let is_ours = name == "keepsave";
            other.list(&self.roms[..usize::from(is_ours)], name)?;
            let mut file = File::create(one.home.path().join("0.srm"))?;
            for piece in 0..self.options.megabytes {
                file.write_all(&content(piece, 1, 1_000_000))?;
            }
            drop(file);
            let what = format!("{} MB", self.options.megabytes);
            let ran = one.sync(program, "run", &[])?;
            report(&format!("{name}: {what} up"), figure(ran.time, ran.most));
            let flags: &[&str] = if is_ours { &["--only-listed"] } else { &[] };
            let ran = other.sync(program, "run", flags)?;
            report(&format!("{name}: {what} down"), figure(ran.time, ran.most));
        }
        Ok(())
    }

    /// As many new saves each time, in turn side by side, one after another, and by the other one.
    fn uploads(&self, where_to: &str, server: SocketAddr) -> Result<()> {
        let machine = self.machine(server, &self.device)?;
        let count = self.options.uploads;
        let one_by_one: &[&str] = &["--jobs", "1"];
        let mut ways = vec![("side by side", self.client.as_path(), [].as_slice())];
        ways.push(("one after another", &self.client, one_by_one));
        if let Some(other) = &self.options.romm_cli {
            ways.push(("by romm-cli", other, &[]));
        }
        let mut times = vec![Vec::new(); ways.len()];
        for round in 0..self.options.rounds {
            for (way, (what, program, flags)) in ways.iter().enumerate() {
                let slot = format!("{where_to} {what} {round}");
                machine.list(&self.roms[..count], &slot)?;
                for number in 0..count {
                    let bytes = content(number, 2 + round * ways.len() + way, self.options.size);
                    machine.write(&format!("{number}.srm"), &bytes)?;
                }
                let ran = machine.sync(program, "run", flags)?;
                let told: Value = serde_json::from_str(&ran.stdout)?;
                ensure!(
                    told["counts"]["uploaded"] == count,
                    "{what}: {}",
                    told["counts"]
                );
                times[way].push(ran.time);
            }
        }
        let medians: Vec<Duration> = times.into_iter().map(median).collect();
        for ((what, ..), time) in ways.iter().zip(&medians) {
            let mut said = milliseconds(*time);
            let ratio = time.as_secs_f64() / medians[0].as_secs_f64();
            write!(said, ", {ratio:.1} times as long")?;
            report(
                &format!("{count} uploads to a server {where_to}, {what}"),
                said,
            );
        }
        Ok(())
    }
}

fn new_device(server: &Server) -> Result<String> {
    let named = json!({ "name": "bench" });
    let device = server.connect()?.post("/api/devices", &named)?.json()?;
    Ok(device["device_id"]
        .as_str()
        .context("no device")?
        .to_owned())
}

fn figure(time: Duration, most: u64) -> String {
    format!("{}, {:.1} MiB at most", milliseconds(time), mebibytes(most))
}

/// Of so many kibibytes.
fn mebibytes(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / 1024.0
}
