//! `keepsave server verify`: is every save what it was.

use clap::Args;
use keepsave_server::maintenance::verify;

use super::store::Store;
use crate::exit::{Exit, Failure};
use crate::terminal::{Bar, bytes, counted, print, print_json};

/// Reads every content again and says what is not as it was.
///
/// Checks that every version, state and screenshot has its content, that each content has the size
/// and the hashes that were recorded, that the database agrees with itself, and that the asset tree
/// shows what it should. Changes nothing unless --repair is given. Exits with 1 when anything is
/// wrong.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keepsave server verify
  keepsave server verify --json --data /srv/keepsave
  keepsave server verify --repair")]
pub struct Verify {
    /// Sets damaged contents aside, so that the next upload stores them again, and puts the asset
    /// tree right
    #[arg(long)]
    repair: bool,
}

impl Verify {
    pub fn run(&self, store: &Store, json: bool) -> Result<Exit, Failure> {
        let bar = Bar::new("verifying");
        let report = verify::verify(&store.app, self.repair, &|done, of| bar.at(done, of));
        drop(bar);
        let report = report.map_err(Failure::unusable)?;
        if json {
            print_json(&report)?;
        } else {
            for finding in &report.findings {
                print(&finding.to_string());
            }
            for repair in &report.repairs {
                print(repair);
            }
            let read = format!(
                "Read {}, {}.",
                counted(report.contents, "content"),
                bytes(report.bytes)
            );
            print(&match report.findings.len() {
                0 => format!("{read} All is well."),
                found => format!("{read} Found {}.", counted(found as u64, "fault")),
            });
        }
        Ok(if report.findings.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    }
}
