//! The release binary on a directory and a port of its own, ended when the run ends.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Connection;

const NAME: &str = "bench";
const PASSWORD: &str = "bench password 1";

/// A process that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing left that anyone wants.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Clock ticks in a second, as Linux tells programs.
const TICKS_PER_SECOND: u32 = 100;

/// A running server.
pub struct Server {
    binary: PathBuf,
    data: TempDir,
    process: Process,
    address: SocketAddr,
    token: String,
    /// From the start of the process to the first answer.
    pub first_answer: Duration,
}

impl Server {
    /// Starts it over a library of so many games, and signs in. Its directory goes with it unless
    /// it is to be kept.
    pub fn start(binary: Option<&Path>, games: usize, keep: bool) -> Result<Self> {
        let binary = binary.map_or_else(beside_this_one, |path| Ok(path.to_owned()))?;
        let mut data = tempfile::tempdir_in(".")?;
        data.disable_cleanup(keep);
        make_library(data.path(), games)?;
        let Started {
            process,
            address,
            first_answer,
        } = started(&binary, data.path())?;
        let token = sign_in(address)?;
        Ok(Self {
            binary,
            data,
            process,
            address,
            token,
            first_answer,
        })
    }

    /// Ends it as a power cut would, and starts it over what is there by now.
    pub fn restart(&mut self) -> Result<()> {
        self.process.0.kill()?;
        self.process.0.wait()?;
        let started = started(&self.binary, self.data.path())?;
        self.process = started.process;
        self.address = started.address;
        self.first_answer = started.first_answer;
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What shows who is signed in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A connection of someone who is signed in.
    pub fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, &format!("Bearer {}", self.token))
    }

    /// A browser that is signed in.
    pub fn browser(&self) -> Result<Connection> {
        let answer = self
            .connect_as(PASSWORD)?
            .post("/api/login", &Value::Null)?;
        answer.json()?;
        Connection::of_browser(self.address, &answer.cookies)
    }

    /// The games, once the scan at the start has found them all.
    pub fn roms(&self) -> Result<Vec<i64>> {
        let mut connection = self.connect()?;
        let mut before = usize::MAX;
        loop {
            let listed = connection.get("/api/roms/identifiers")?.json()?;
            let ids: Vec<_> = listed
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_i64)
                .collect();
            if !ids.is_empty() && ids.len() == before {
                return Ok(ids);
            }
            before = ids.len();
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// A connection that tries a password.
    pub fn connect_as(&self, password: &str) -> Result<Connection> {
        Connection::open(self.address, &basic(password))
    }

    /// What the process holds in memory.
    pub fn resident(&self) -> Result<Resident> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id()))?;
        let kilobytes = |name| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        let says = "the system does not say";
        Ok(Resident {
            now: kilobytes("VmRSS:").context(says)?,
            most: kilobytes("VmHWM:").context(says)?,
        })
    }

    /// How long the process has used a processor so far. What else the machine does hardly matters
    /// to it.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.0.id()))?;
        // The second field is a name in parentheses; user and system time are the 14th and 15th.
        let (_, fields) = stat.rsplit_once(')').context("the system does not say")?;
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks = ticks.map(str::parse::<u32>).sum::<Result<u32, _>>()?;
        Ok(Duration::from_secs(1) * ticks / TICKS_PER_SECOND)
    }
}

/// In kibibytes.
pub struct Resident {
    now: u64,
    most: u64,
}

impl fmt::Display for Resident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (now, most) = (self.now / 1024, self.most / 1024);
        write!(f, "{now} MiB, {most} MiB at most")
    }
}

struct Started {
    process: Process,
    address: SocketAddr,
    first_answer: Duration,
}

fn started(binary: &Path, data: &Path) -> Result<Started> {
    let start = Instant::now();
    let process = Command::new(binary)
        .args(["server", "--json", "--listen", "127.0.0.1:0"])
        .args(["--metrics-readers", "loopback", "--data"])
        .arg(data)
        .env("KEEPSAVE_ADMIN_USERNAME", NAME)
        .env("KEEPSAVE_ADMIN_PASSWORD", PASSWORD)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} does not start", binary.display()))?;
    let mut process = Process(process);
    let stdout = process.0.stdout.take();
    let mut line = String::new();
    BufReader::new(stdout.context("the server has no output")?).read_line(&mut line)?;
    let address = address(&line)?;
    Connection::open(address, "")?
        .get("/api/heartbeat")?
        .json()?;
    Ok(Started {
        process,
        address,
        first_answer: start.elapsed(),
    })
}

fn make_library(data: &Path, games: usize) -> Result<()> {
    let folder = data.join("library/roms/gba");
    std::fs::create_dir_all(&folder)?;
    for game in 0..games {
        std::fs::write(
            folder.join(format!("Game {game}.gba")),
            format!("game {game}"),
        )?;
    }
    Ok(())
}

/// The binary that was built with this one.
pub fn beside_this_one() -> Result<PathBuf> {
    let binary = std::env::current_exe()?.with_file_name("keepsave");
    if !binary.exists() {
        bail!(
            "{} is not there: cargo build --release --workspace",
            binary.display()
        );
    }
    Ok(binary)
}

fn address(line: &str) -> Result<SocketAddr> {
    let line: Value = serde_json::from_str(line).context("the server did not say where it is")?;
    let address = line["listening"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://"));
    Ok(address.context("no address")?.parse()?)
}

fn sign_in(address: SocketAddr) -> Result<String> {
    let scopes = [
        "me.read",
        "roms.read",
        "roms.write",
        "roms.user.write",
        "platforms.read",
        "assets.read",
        "assets.write",
        "devices.read",
        "devices.write",
    ];
    let body = json!({ "name": "bench", "scopes": scopes });
    let mut connection = Connection::open(address, &basic(PASSWORD))?;
    let token = connection.post("/api/client-tokens", &body)?.json()?;
    Ok(token["raw_token"].as_str().context("no token")?.to_owned())
}

fn basic(password: &str) -> String {
    use base64::Engine;
    let pair = format!("{NAME}:{password}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}
