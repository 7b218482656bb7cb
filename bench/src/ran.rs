//! A whole run of a program, from its start to its end.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What came of a run.
pub struct Ran {
    /// From start to end.
    pub time: Duration,
    /// What of it was spent on processors: that tells most where others use them, too.
    pub busy: Duration,
    /// What it printed.
    pub stdout: String,
    /// The most memory that it held, in KiB.
    pub most: u64,
}

/// Runs a program that must succeed; what it prints goes into files in that directory. Its memory is
/// looked at all the time, which is as good as at its end.
pub fn ran(mut command: Command, directory: &Path) -> Result<Ran> {
    let (output, talk) = (directory.join("output"), directory.join("talk"));
    command
        .stdin(Stdio::null())
        .stdout(File::create(&output)?)
        .stderr(File::create(&talk)?);
    let (start, before) = (Instant::now(), busy()?);
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(now.unwrap_or_default());
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let time = start.elapsed();
    if !ended.success() {
        let talk = fs::read_to_string(talk).unwrap_or_default();
        bail!("{command:?}: {ended}: {talk}");
    }
    ensure!(
        most > 0,
        "the system does not say how much memory a program holds"
    );
    Ok(Ran {
        time,
        busy: busy()?.saturating_sub(before),
        stdout: fs::read_to_string(output)?,
        most,
    })
}

/// What the programs that ended by now have spent on processors.
fn busy() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |time: TimeVal| {
        Some(Duration::new(
            time.tv_sec().try_into().ok()?,
            u32::try_from(time.tv_usec()).ok()? * 1_000,
        ))
    };
    let (user, system) = (time(usage.user_time()), time(usage.system_time()));
    Ok(user.context("no time")? + system.context("no time")?)
}
