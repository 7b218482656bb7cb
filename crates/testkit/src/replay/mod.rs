//! Replays what a real RomM was asked and answered, and compares.
//!
//! A recording is a list of exchanges in groups: a request, and RomM's status, headers and body.
//! The replay sends each request to a router of ours, in order, and demands the recorded answer;
//! ids, moments and secrets are ours (`identities`), and where `deviations` says that we answer
//! differently, it demands exactly what stands there.
//!
//! It knows RomM's wire and nothing of the server's inside.

mod compare;
mod deviations;
mod identities;
mod recording;
mod request;
mod secrets;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::Router;
use http_body_util::BodyExt;
use tower::ServiceExt;

use compare::Comparison;
pub use deviations::Deviations;
use identities::Identities;
pub use recording::Recordings;
use recording::{Answer, Exchange, Payload};
use secrets::Secrets;

/// How much later each exchange happens: every one gets its own second, as RomM's rows need.
const STEP: Duration = Duration::from_millis(1100);

/// How much later each group happens: longer than any rate limit's window.
const PAUSE: Duration = Duration::from_secs(61);

/// Sends every recorded request to `server` and compares the answers.
///
/// `advance` moves the server's clock. It stands first at about the moment of the recording, half
/// past seven on 20 November 2026, because requests carry moments of that morning.
pub async fn replay(
    recordings: &Recordings,
    deviations: &Deviations,
    server: &Router,
    mut advance: impl FnMut(Duration),
) -> Report {
    let mut run = Run::default();
    let mut report = Report::default();
    for group in &recordings.groups {
        advance(PAUSE);
        let mut verdicts = Vec::new();
        for exchange in &group.exchanges {
            advance(STEP);
            let verdict = run.exchange(recordings, deviations, server, exchange).await;
            verdicts.push((exchange.name.clone(), verdict));
        }
        report.groups.push(GroupReport {
            name: group.name.clone(),
            verdicts,
        });
    }
    report
}

/// What a replay learned so far.
#[derive(Default)]
struct Run {
    identities: Identities,
    secrets: Secrets,
}

impl Run {
    async fn exchange(
        &mut self,
        recordings: &Recordings,
        deviations: &Deviations,
        server: &Router,
        exchange: &Exchange,
    ) -> Verdict {
        let deviation = deviations.of(exchange);
        let expected = match deviation.map_or_else(
            || Ok(exchange.answer.clone()),
            |deviation| deviation.answer(&exchange.answer),
        ) {
            Ok(expected) => expected,
            Err(error) => return Verdict::Fails(vec![format!("the deviation: {error}")]),
        };
        let ours = match self.ask(recordings, server, exchange).await {
            Ok(ours) => ours,
            Err(error) => return Verdict::Fails(vec![error]),
        };
        self.secrets.keep(exchange, &ours);
        let differences = Comparison::new(&mut self.identities, exchange).answers(&expected, &ours);
        match (differences.is_empty(), deviation) {
            (false, _) => Verdict::Fails(differences),
            (true, Some(_)) => Verdict::Deviates,
            (true, None) => Verdict::Same,
        }
    }

    async fn ask(
        &self,
        recordings: &Recordings,
        server: &Router,
        exchange: &Exchange,
    ) -> Result<Answer, String> {
        let request = request::build(exchange, recordings, &self.identities, &self.secrets)?;
        let Ok(response) = server.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body
            .collect()
            .await
            .map_err(|error| format!("the body broke off: {error}"))?
            .to_bytes();
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let lines = headers.entry(name.as_str().to_owned()).or_default();
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&String::from_utf8_lossy(value.as_bytes()));
        }
        Ok(Answer {
            status: parts.status.as_u16(),
            headers,
            payload: Payload::of(&bytes),
        })
    }
}

/// How one exchange went.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As RomM answered.
    Same,
    /// As the table of deviations says.
    Deviates,
    /// Otherwise: each difference in one line.
    Fails(Vec<String>),
}

/// How the exchanges of one group went.
#[derive(Debug)]
pub struct GroupReport {
    /// The recording's name: `07_saves`.
    pub name: String,
    /// Each exchange by name.
    pub verdicts: Vec<(String, Verdict)>,
}

impl GroupReport {
    /// Whether no exchange fails.
    pub fn is_green(&self) -> bool {
        !self.failing().any(|_| true)
    }

    /// How many exchanges answer as RomM does.
    pub fn same(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Same)
    }

    /// How many exchanges answer as the table of deviations says.
    pub fn deviating(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Deviates)
    }

    fn failing(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.verdicts
            .iter()
            .filter_map(|(name, verdict)| match verdict {
                Verdict::Fails(differences) => Some((name.as_str(), differences.as_slice())),
                Verdict::Same | Verdict::Deviates => None,
            })
    }

    fn count(&self, wanted: impl Fn(&Verdict) -> bool) -> usize {
        let verdicts = self.verdicts.iter();
        verdicts.filter(|(_, verdict)| wanted(verdict)).count()
    }
}

impl fmt::Display for GroupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (same, deviating) = (self.same(), self.deviating());
        let failing = self.verdicts.len() - same - deviating;
        writeln!(
            f,
            "{}: {same} ok, {deviating} deviations, {failing} failing",
            self.name
        )?;
        for (name, differences) in self.failing() {
            writeln!(f, "  {name}")?;
            for difference in differences.iter().take(DIFFERENCES_SHOWN) {
                writeln!(f, "    {difference}")?;
            }
            if differences.len() > DIFFERENCES_SHOWN {
                writeln!(f, "    and {} more", differences.len() - DIFFERENCES_SHOWN)?;
            }
        }
        Ok(())
    }
}

const DIFFERENCES_SHOWN: usize = 12;

/// How a replay went.
#[derive(Debug, Default)]
pub struct Report {
    /// In the recording's order.
    pub groups: Vec<GroupReport>,
}

impl Report {
    /// Whether no exchange of any group fails.
    pub fn is_green(&self) -> bool {
        self.groups.iter().all(GroupReport::is_green)
    }

    /// How many exchanges deviate, as the table says.
    pub fn deviating(&self) -> usize {
        self.groups.iter().map(GroupReport::deviating).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in &self.groups {
            write!(f, "{group}")?;
        }
        let all: usize = self.groups.iter().map(|group| group.verdicts.len()).sum();
        let same: usize = self.groups.iter().map(GroupReport::same).sum();
        writeln!(
            f,
            "{all} exchanges: {same} as RomM, {} deviations",
            self.deviating()
        )
    }
}
