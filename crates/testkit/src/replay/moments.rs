//! When each recorded exchange happened, as far as its answer tells.
//!
//! RomM keeps whole seconds, so what happens within one second goes otherwise than what does not:
//! a server that is to answer the same must be asked at the same moments.

use std::collections::HashMap;

use keepsave_core::time::Time;
use serde_json::Value;

use super::recording::{Exchange, Payload, Recordings};

/// What a server writes when it touches a row. Others are told by clients, or lie ahead.
const WRITTEN: [&str; 8] = [
    "created_at",
    "updated_at",
    "initiated_at",
    "completed_at",
    "last_seen",
    "last_synced_at",
    "last_active",
    "last_used_at",
];

/// The moments of all exchanges, in order. One that shows a row younger than all before it
/// happened when that row was written. The others came right before the next, which was asked as
/// soon as they were answered.
pub(super) fn moments(recordings: &Recordings) -> Vec<Time> {
    let exchanges: Vec<&Exchange> = recordings.exchanges().collect();
    let sessions = sessions(&exchanges);
    let mut last = Time::EPOCH;
    let mut moments = Vec::with_capacity(exchanges.len());
    for exchange in &exchanges {
        let told = youngest(exchange, &sessions);
        let same_second = |told: &Time| told.whole_seconds() == last.whole_seconds();
        let known = match told {
            Some(told) if told > last => Some(told),
            Some(told) if writes(exchange) && same_second(&told) => Some(last),
            _ => None,
        };
        last = known.unwrap_or(last);
        moments.push((known, last));
    }
    let mut next = None;
    for (exchange, (known, earliest)) in exchanges.iter().zip(&mut moments).rev() {
        let elapsed = i64::try_from(exchange.elapsed.as_micros()).unwrap_or_default();
        let before = |next: Time| Time::from_micros(next.micros() - elapsed).max(*earliest);
        *known = known.or_else(|| next.map(before));
        next = *known;
    }
    let moments = moments.into_iter();
    moments
        .map(|(known, earliest)| known.unwrap_or(earliest))
        .collect()
}

/// What always makes or touches the row that it tells of. A POST of a save may find an older one.
fn writes(exchange: &Exchange) -> bool {
    exchange.method == "PUT" || exchange.route() == "/api/sync/negotiate"
}

/// When each sync session began: what opens one does not tell, but what shows it later does.
fn sessions(exchanges: &[&Exchange]) -> HashMap<u64, Time> {
    let mut sessions = HashMap::new();
    for exchange in exchanges {
        if let Payload::Json(body) = &exchange.answer.payload {
            let rows = body
                .as_array()
                .map_or(std::slice::from_ref(body), Vec::as_slice);
            sessions.extend(rows.iter().filter_map(|row| {
                let began = row["initiated_at"].as_str().and_then(Time::parse)?;
                Some((row["id"].as_u64()?, began))
            }));
        }
    }
    sessions
}

fn youngest(exchange: &Exchange, sessions: &HashMap<u64, Time>) -> Option<Time> {
    let Payload::Json(body) = &exchange.answer.payload else {
        return None;
    };
    let opened = body["session_id"].as_u64();
    let began = opened.and_then(|id| sessions.get(&id).copied());
    began.or_else(|| youngest_of(body))
}

fn youngest_of(value: &Value) -> Option<Time> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter_map(|(name, value)| match value {
                Value::String(text) if WRITTEN.contains(&name.as_str()) => Time::parse(text),
                other => youngest_of(other),
            })
            .max(),
        Value::Array(items) => items.iter().filter_map(youngest_of).max(),
        _ => None,
    }
}
