//! Measures an agent that has nothing to do: what it holds, and how often it wakes up.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::report;
use anyhow::{Context, Result, ensure};

/// How long it is looked at.
const STRETCH: Duration = Duration::from_secs(30);
/// How long it may take until it has nothing to do any more.
const PATIENCE: Duration = Duration::from_mins(2);

/// A process that is ended with this.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Lets the agent run that the command starts, and looks at it once it has looked at every game.
pub fn idle(mut command: Command, directory: &Path) -> Result<()> {
    let output = directory.join("agent");
    command
        .stdin(Stdio::null())
        .stdout(File::create(&output)?)
        .stderr(Stdio::null());
    let agent = Agent(command.spawn()?);
    let begun = Instant::now();
    while !fs::read_to_string(&output)?.contains("\"looked\"") {
        ensure!(
            begun.elapsed() < PATIENCE,
            "the agent does not come to rest"
        );
        sleep(Duration::from_millis(50));
    }
    // What it did last may still be put away.
    sleep(STRETCH / 2);
    let before = wakes(agent.0.id())?;
    sleep(STRETCH);
    let woke = wakes(agent.0.id())? - before;
    let status = fs::read_to_string(format!("/proc/{}/status", agent.0.id()))?;
    let held = number(&status, "VmRSS:").context("the system does not say what it holds")?;
    let held = f64::from(u32::try_from(held)?);
    let stretch = STRETCH.as_secs();
    report(
        &format!("an idle agent: what it holds, and wakes in {stretch} s"),
        format!("{:.1} MiB, {woke}", held / 1024.0),
    );
    Ok(())
}

/// How often all its threads gave up the processor by themselves.
fn wakes(pid: u32) -> Result<u64> {
    let mut wakes = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may just have ended.
        let status = fs::read_to_string(task?.path().join("status")).unwrap_or_default();
        wakes += number(&status, "voluntary_ctxt_switches:").unwrap_or_default();
    }
    Ok(wakes)
}

fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
