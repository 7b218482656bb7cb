//! Compares an answer of ours with the expected one and learns our ids on the way.

use keepsave_core::time::Time;
use serde_json::{Map, Value};

use super::identities::{Identities, Kind};
use super::recording::{Answer, Exchange, Payload};
use super::texts::{Piece, pieces};

/// The headers that must be equal whenever either side has them.
const HEADERS: [&str; 7] = [
    "content-type",
    "content-disposition",
    "content-range",
    "www-authenticate",
    "allow",
    "accept-ranges",
    "location",
];

/// The lists that RomM answers in no particular order: by random device id, by folder entry, by
/// the second in which a token was made, or as the database likes.
const UNORDERED: [(&str, &str); 3] = [
    ("/api/devices", ""),
    ("/api/saves", ""),
    ("/api/heartbeat", "/FILESYSTEM/FS_PLATFORMS"),
];

/// The comparison of one exchange.
pub(super) struct Comparison<'a> {
    identities: &'a mut Identities,
    exchange: &'a Exchange,
    as_recorded: bool,
    differences: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub fn new(identities: &'a mut Identities, exchange: &'a Exchange) -> Self {
        Self {
            identities,
            exchange,
            as_recorded: false,
            differences: Vec::new(),
        }
    }

    /// Moments are compared with the zones and the precision that RomM gives them.
    pub fn read_as_recorded(mut self) -> Self {
        self.as_recorded = true;
        self
    }

    /// Every difference, as `path: expected != ours`.
    pub fn answers(mut self, expected: &Answer, ours: &Answer) -> Vec<String> {
        if expected.status != ours.status {
            self.differ("status", &expected.status, &ours.status);
        }
        self.headers(expected, ours);
        self.payloads(expected, ours);
        self.differences
    }

    fn differ(&mut self, at: &str, expected: &dyn ToString, ours: &dyn ToString) {
        let (expected, ours) = (short(&expected.to_string()), short(&ours.to_string()));
        self.differences.push(format!("{at}: {expected} != {ours}"));
    }

    fn headers(&mut self, expected: &Answer, ours: &Answer) {
        for name in HEADERS {
            // An empty body has no type; frameworks differ in whether they name one.
            if name == "content-type" && expected.payload.is_empty() && ours.payload.is_empty() {
                continue;
            }
            let of = |answer: &Answer| answer.headers.get(name).map(|value| normal(value));
            match (of(expected), of(ours)) {
                (None, None) => {}
                (Some(expected), Some(ours)) => self.texts(name, &expected, &ours),
                (expected, ours) => self.differ(name, &shown(expected), &shown(ours)),
            }
        }
        self.validators(expected, ours);
        if let Some(cookie) = expected.headers.get("set-cookie") {
            let expected = Cookie::read(cookie);
            let ours = ours.headers.get("set-cookie").map_or("", String::as_str);
            if !ours.lines().any(|line| Cookie::read(line) == expected) {
                self.differ("set-cookie", &cookie, &ours);
            }
        }
    }

    /// Content carries its ETag, the moment it changed, and its length.
    fn validators(&mut self, expected: &Answer, ours: &Answer) {
        let Some(etag) = expected.headers.get("etag") else {
            return;
        };
        match ours.headers.get("etag") {
            Some(our_etag) => self.learn("etag", Kind::Etag, etag, our_etag),
            None => self.differ("etag", etag, &"none"),
        }
        if !ours.headers.contains_key("last-modified") {
            self.differ("last-modified", &"a moment", &"none");
        }
        // The parts of a multiple range are as long as their boundary makes them.
        let whole = !matches!(expected.headers.get("content-type"),
            Some(kind) if kind.starts_with("multipart/byteranges"));
        let length = |answer: &Answer| shown(answer.headers.get("content-length").cloned());
        if whole && length(expected) != length(ours) {
            self.differ("content-length", &length(expected), &length(ours));
        }
    }

    fn payloads(&mut self, expected: &Answer, ours: &Answer) {
        match (&expected.payload, &ours.payload) {
            (Payload::Json(expected), Payload::Json(ours)) => {
                self.values(&Place::root(), expected, ours);
            }
            (Payload::Text(expected_text), Payload::Text(our_text)) => {
                let expected_text = without_boundary(expected_text, expected);
                let our_text = without_boundary(our_text, ours);
                self.texts("text", &expected_text, &our_text);
            }
            (expected, ours) if expected == ours => {}
            (expected, ours) => {
                self.differ("body", &format!("{expected:?}"), &format!("{ours:?}"));
            }
        }
    }

    fn values(&mut self, place: &Place, expected: &Value, ours: &Value) {
        match (expected, ours) {
            (Value::Object(expected), Value::Object(ours)) => self.objects(place, expected, ours),
            (Value::Array(expected), Value::Array(ours)) => self.lists(place, expected, ours),
            (Value::String(expected), Value::String(ours)) => self.strings(place, expected, ours),
            _ if expected == ours => {}
            _ => self.differ(&place.path, expected, ours),
        }
    }

    fn objects(&mut self, place: &Place, expected: &Map<String, Value>, ours: &Map<String, Value>) {
        for (key, expected_value) in expected {
            let place = place.below(key);
            let Some(our_value) = ours.get(key) else {
                self.differ(&place.path, expected_value, &"missing");
                continue;
            };
            let kind = Kind::of_number(key, expected);
            match (kind, expected_value.as_u64(), our_value.as_u64()) {
                (Some(kind), Some(expected), Some(ours)) => {
                    self.learn(&place.path, kind, &expected.to_string(), &ours.to_string());
                }
                _ => self.values(&place, expected_value, our_value),
            }
        }
        for (key, our_value) in ours {
            if !expected.contains_key(key) {
                self.differ(&place.below(key).path, &"missing", our_value);
            }
        }
        self.updates(place, ours);
    }

    /// Rows never step back in time.
    fn updates(&mut self, place: &Place, ours: &Map<String, Value>) {
        let kind = Kind::of_object(ours);
        let Some(kind) = kind.filter(|kind| matches!(kind, Kind::Save | Kind::State)) else {
            return;
        };
        let updated = ours.get("updated_at").and_then(Value::as_str);
        let (Some(id), Some(mut at)) = (ours.get("id"), updated.and_then(Time::parse)) else {
            return;
        };
        if self.as_recorded {
            at = at.whole_seconds();
        }
        if let Err(error) = self.identities.updated(kind, &id.to_string(), at) {
            self.differences
                .push(format!("{}/updated_at: {error}", place.path));
        }
    }

    fn lists(&mut self, place: &Place, expected: &[Value], ours: &[Value]) {
        if expected.len() != ours.len() {
            let length = format!("{}: length", place.path);
            self.differ(&length, &expected.len(), &ours.len());
        }
        let route = self.exchange.route().trim_end_matches('/');
        let here = (route, place.path.as_str());
        if self.exchange.method == "GET" && UNORDERED.contains(&here) {
            return self.sets(place, expected, ours);
        }
        let kind = Kind::of_list(&place.key, self.exchange.route());
        for (index, (expected, ours)) in expected.iter().zip(ours).enumerate() {
            let place = place.at(index);
            match (kind, expected.as_u64(), ours.as_u64()) {
                (Some(kind), Some(expected), Some(ours)) => {
                    self.learn(&place.path, kind, &expected.to_string(), &ours.to_string());
                }
                _ => self.values(&place, expected, ours),
            }
        }
    }

    /// Pairs what is equal, whatever its position; what stays over is compared in order.
    fn sets(&mut self, place: &Place, expected: &[Value], ours: &[Value]) {
        let mut left: Vec<&Value> = ours.iter().collect();
        let mut unpaired = Vec::new();
        for (index, item) in expected.iter().enumerate() {
            let place = place.at(index);
            let twin = left.iter().position(|ours| {
                let mut identities = self.identities.clone();
                let mut trial = Comparison::new(&mut identities, self.exchange);
                trial.as_recorded = self.as_recorded;
                trial.values(&place, item, ours);
                let equal = trial.differences.is_empty();
                if equal {
                    *self.identities = identities;
                }
                equal
            });
            match twin {
                Some(twin) => drop(left.remove(twin)),
                None => unpaired.push((place, item)),
            }
        }
        for ((place, expected), ours) in unpaired.iter().zip(left) {
            self.values(place, expected, ours);
        }
    }

    fn strings(&mut self, place: &Place, expected: &str, ours: &str) {
        if let Some(kind) = Kind::of_text(&place.key) {
            return self.learn(&place.path, kind, expected, ours);
        }
        match place.key.as_str() {
            "raw_token" | "access_token" | "refresh_token" => {
                if secret_shape(expected) != secret_shape(ours) {
                    self.differ(&place.path, &secret_shape(expected), &secret_shape(ours));
                }
            }
            // What the client sent, repeated to it.
            "input" if expected == ours => {}
            // Told by the client, so the very moment counts.
            "start_time" | "end_time" if Time::parse(expected) != Time::parse(ours) => {
                self.differ(&place.path, &expected, &ours);
            }
            _ => self.texts(&place.path, expected, ours),
        }
    }

    fn texts(&mut self, at: &str, expected: &str, ours: &str) {
        let (expected_pieces, our_pieces) = (pieces(expected), pieces(ours));
        if expected_pieces.len() != our_pieces.len() {
            return self.differ(at, &expected, &ours);
        }
        let alone = expected_pieces.len() == 1;
        for pair in expected_pieces.iter().zip(&our_pieces) {
            match pair {
                (Piece::Id(kind, expected), Piece::Id(our_kind, ours)) if kind == our_kind => {
                    self.learn(at, *kind, expected, ours);
                }
                (Piece::UserFolder(expected), Piece::UserFolder(ours)) => {
                    self.learn(at, Kind::User, expected, ours);
                }
                (Piece::Tag(expected), Piece::Tag(ours)) => {
                    self.learn(at, Kind::TaggedName, expected, ours);
                }
                (Piece::Moment { zoned: expected }, Piece::Moment { zoned: ours })
                    if self.as_recorded && expected == ours => {}
                // RomM writes naive moments into download paths; elsewhere a missing zone is a
                // difference, and in an answer of ours it is one everywhere.
                (Piece::Moment { zoned: true }, Piece::Moment { zoned: true }) => {}
                (Piece::Moment { zoned: false }, Piece::Moment { zoned: true }) if !alone => {}
                (expected_piece, our_piece) if expected_piece == our_piece && !alone => {
                    if matches!(our_piece, Piece::Moment { .. }) {
                        return self.differ(at, &"a zone", &ours);
                    }
                }
                (Piece::Plain(expected), Piece::Plain(ours)) if expected == ours => {}
                _ => return self.differ(at, &expected, &ours),
            }
        }
    }

    fn learn(&mut self, at: &str, kind: Kind, expected: &str, ours: &str) {
        if let Err(error) = self.identities.learn(kind, expected, ours) {
            self.differences.push(format!("{at}: {error}"));
        }
    }
}

/// Where a value stands: a JSON pointer, and the last key on the way.
struct Place {
    path: String,
    key: String,
}

impl Place {
    fn root() -> Self {
        Self {
            path: String::new(),
            key: String::new(),
        }
    }

    fn below(&self, key: &str) -> Self {
        Self {
            path: format!("{}/{key}", self.path),
            key: key.to_owned(),
        }
    }

    fn at(&self, index: usize) -> Self {
        Self {
            path: format!("{}/{index}", self.path),
            key: self.key.clone(),
        }
    }
}

/// A cookie without its value: secret on both sides.
#[derive(PartialEq, Eq)]
struct Cookie {
    name: String,
    attributes: Vec<String>,
}

impl Cookie {
    fn read(line: &str) -> Self {
        let mut parts = line.split(';');
        let name = parts.next().and_then(|pair| pair.split('=').next());
        let mut attributes: Vec<String> = parts.map(|part| part.trim().to_lowercase()).collect();
        attributes.sort();
        Self {
            name: name.unwrap_or_default().trim().to_owned(),
            attributes,
        }
    }
}

/// What a secret looks like.
fn secret_shape(secret: &str) -> &'static str {
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if secret.strip_prefix("rmm_").is_some_and(hex) {
        "a client token"
    } else if secret.starts_with("eyJ") && secret.split('.').count() == 3 {
        "a JWT"
    } else if secret.len() >= 32 || secret == "an opaque token" {
        "an opaque token"
    } else {
        "no token"
    }
}

/// A header's value without what is made up anew for every answer.
fn normal(value: &str) -> String {
    match value.split_once("boundary=") {
        Some((kind, _)) => format!("{kind}boundary=*"),
        None => value.to_owned(),
    }
}

fn without_boundary(text: &str, answer: &Answer) -> String {
    let kind = answer.headers.get("content-type").map(String::as_str);
    match kind.and_then(|kind| kind.split_once("boundary=")) {
        Some((_, boundary)) => text.replace(boundary, "*"),
        None => text.to_owned(),
    }
}

fn shown(value: Option<String>) -> String {
    value.unwrap_or_else(|| "none".to_owned())
}

const SHOWN_CHARS: usize = 160;

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
