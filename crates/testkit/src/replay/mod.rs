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
mod moments;
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
use keepsave_core::time::Time;
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
    let terms = Terms {
        deviations,
        as_recorded: false,
        leave_out: |_| None,
    };
    let ours = |pace: Pace| advance(pace.step);
    replay_on(&terms, recordings, server, ours).await
}

/// What a replay demands.
pub struct Terms<'a> {
    /// Where the answers differ, and how.
    pub deviations: &'a Deviations,
    /// Moments are written as RomM writes them: some without a zone, and the very first answer
    /// about a row with a fraction that is not kept. Otherwise all are whole.
    pub as_recorded: bool,
    /// Why an exchange is left out, when it is.
    pub leave_out: fn(Request<'_>) -> Option<&'static str>,
}

/// What of a recorded request says whether a server has anything to do with it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, without the query.
    pub path: &'a str,
    /// `admin`, `bob`, `none`, or how its header begins.
    pub authorization: &'a str,
    /// Whether it comes from a browser that signed in.
    pub has_cookie: bool,
}

/// How the time passes before an exchange.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// So much passes when each exchange is to have its own second.
    pub step: Duration,
    /// When it happened, as far as is known.
    pub recorded: Time,
}

/// Sends the recorded requests to `server` and compares the answers, on these terms.
pub async fn replay_on(
    terms: &Terms<'_>,
    recordings: &Recordings,
    server: &Router,
    mut pass: impl FnMut(Pace),
) -> Report {
    let mut run = Run::default();
    let mut report = Report::default();
    let mut moments = moments::moments(recordings).into_iter();
    for group in &recordings.groups {
        let mut verdicts = Vec::new();
        for (index, exchange) in group.exchanges.iter().enumerate() {
            pass(Pace {
                step: if index == 0 { PAUSE + STEP } else { STEP },
                recorded: moments.next().unwrap_or(Time::EPOCH),
            });
            let verdict = match (terms.leave_out)(exchange.request()) {
                Some(reason) => Verdict::LeftOut(reason),
                None => run.exchange(terms, recordings, server, exchange).await,
            };
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
        terms: &Terms<'_>,
        recordings: &Recordings,
        server: &Router,
        exchange: &Exchange,
    ) -> Verdict {
        let deviation = terms.deviations.of(exchange);
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
        let mut comparison = Comparison::new(&mut self.identities, exchange);
        if terms.as_recorded {
            comparison = comparison.read_as_recorded();
        }
        let differences = comparison.answers(&expected, &ours);
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
    /// Not asked, and why.
    LeftOut(&'static str),
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

    /// How many exchanges were not asked, by the reason.
    pub fn left_out(&self) -> BTreeMap<&'static str, usize> {
        let mut reasons = BTreeMap::new();
        for (_, verdict) in &self.verdicts {
            if let Verdict::LeftOut(reason) = verdict {
                *reasons.entry(*reason).or_default() += 1;
            }
        }
        reasons
    }

    fn failing(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.verdicts
            .iter()
            .filter_map(|(name, verdict)| match verdict {
                Verdict::Fails(differences) => Some((name.as_str(), differences.as_slice())),
                Verdict::Same | Verdict::Deviates | Verdict::LeftOut(_) => None,
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
        let failing = self.failing().count();
        writeln!(
            f,
            "{}: {same} ok, {deviating} deviations, {failing} failing",
            self.name
        )?;
        for (reason, count) in self.left_out() {
            writeln!(f, "  {count} left out: {reason}")?;
        }
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

    /// How many exchanges answer as RomM does.
    pub fn same(&self) -> usize {
        self.groups.iter().map(GroupReport::same).sum()
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
        writeln!(
            f,
            "{all} exchanges: {} as RomM, {} deviations",
            self.same(),
            self.deviating()
        )
    }
}
