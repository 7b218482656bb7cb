//! Every route of the stand-in, in RomM's order, and how a request finds its own.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use http_body_util::BodyExt;
use keepsave_core::time::Time;
use percent_encoding::percent_decode_str;

use super::call::{Answered, Call, Reply};
use super::release::Release::{self, V4_8_1, V4_9, V5_1};
use super::world::World;
use super::{
    accounts, content, device_auth, devices, gate, library, marks, notes, play_sessions, saves,
    screenshots, states, sync, upload,
};
use crate::watched::Watched;

type Handler = fn(&mut World, &Call) -> Answered;

enum Way {
    At(Handler),
    /// The upload of a save takes two steps, between which others may come.
    Upload,
}

struct Route(Release, &'static str, &'static str, Way);

use Way::{At, Upload};

const ROUTES: &[Route] = &[
    Route(V4_8_1, "GET", "heartbeat", At(accounts::heartbeat)),
    Route(V4_8_1, "GET", "users/me", At(accounts::me)),
    Route(V4_8_1, "POST", "client-tokens", At(accounts::create_token)),
    Route(V4_8_1, "GET", "client-tokens", At(accounts::list_tokens)),
    Route(
        V4_8_1,
        "PUT",
        "client-tokens/{id}/regenerate",
        At(accounts::regenerate_token),
    ),
    Route(
        V4_8_1,
        "POST",
        "client-tokens/{id}/pair",
        At(accounts::pair),
    ),
    Route(
        V4_8_1,
        "GET",
        "client-tokens/pair/{code}/status",
        At(accounts::pair_status),
    ),
    Route(
        V4_8_1,
        "POST",
        "client-tokens/exchange",
        At(accounts::exchange),
    ),
    Route(
        V4_8_1,
        "DELETE",
        "client-tokens/{id}",
        At(accounts::delete_token),
    ),
    Route(V5_1, "POST", "auth/device/init", At(device_auth::init)),
    Route(
        V5_1,
        "GET",
        "auth/device/pending/{code}",
        At(device_auth::pending),
    ),
    Route(
        V5_1,
        "POST",
        "auth/device/approve",
        At(device_auth::approve),
    ),
    Route(V5_1, "POST", "auth/device/deny", At(device_auth::deny)),
    Route(V5_1, "POST", "auth/device/token", At(device_auth::token)),
    Route(V4_8_1, "POST", "devices", At(devices::register)),
    Route(V4_8_1, "GET", "devices", At(devices::list)),
    Route(V4_8_1, "GET", "devices/{id}", At(devices::get)),
    Route(V4_8_1, "PUT", "devices/{id}", At(devices::update)),
    Route(V4_8_1, "DELETE", "devices/{id}", At(devices::delete)),
    Route(V4_8_1, "GET", "platforms", At(library::platforms)),
    Route(
        V4_8_1,
        "GET",
        "platforms/identifiers",
        At(library::platform_ids),
    ),
    Route(V4_8_1, "GET", "platforms/{id}", At(library::platform)),
    Route(V4_8_1, "GET", "roms", At(library::roms)),
    Route(V4_8_1, "GET", "roms/identifiers", At(library::rom_ids)),
    Route(V4_8_1, "GET", "roms/by-hash", At(library::rom_by_hash)),
    Route(V4_8_1, "GET", "roms/{id}", At(library::rom)),
    Route(V4_8_1, "GET", "roms/{id}/simple", At(library::simple_rom)),
    Route(V4_8_1, "PUT", "roms/{id}/props", At(marks::props)),
    Route(V4_8_1, "GET", "roms/{id}/notes", At(notes::list)),
    Route(V4_8_1, "POST", "roms/{id}/notes", At(notes::create)),
    Route(
        V4_8_1,
        "GET",
        "roms/{id}/notes/identifiers",
        At(notes::identifiers),
    ),
    Route(V4_8_1, "PUT", "roms/{id}/notes/{note}", At(notes::update)),
    Route(
        V4_8_1,
        "DELETE",
        "roms/{id}/notes/{note}",
        At(notes::delete),
    ),
    Route(V4_8_1, "POST", "saves", Upload),
    Route(V4_8_1, "GET", "saves", At(saves::list)),
    Route(V4_8_1, "GET", "saves/identifiers", At(saves::identifiers)),
    Route(V4_8_1, "GET", "saves/summary", At(saves::summary)),
    Route(V4_8_1, "GET", "saves/{id}", At(saves::get)),
    Route(V4_8_1, "GET", "saves/{id}/content", At(content::save)),
    Route(
        V4_8_1,
        "POST",
        "saves/{id}/downloaded",
        At(saves::downloaded),
    ),
    Route(V4_8_1, "PUT", "saves/{id}", At(saves::update)),
    Route(V5_1, "PUT", "saves/{id}/visibility", At(saves::visibility)),
    Route(V4_8_1, "POST", "saves/delete", At(saves::delete)),
    Route(V4_8_1, "POST", "saves/{id}/track", At(saves::track)),
    Route(V4_8_1, "POST", "saves/{id}/untrack", At(saves::untrack)),
    Route(V4_8_1, "POST", "states", At(states::add)),
    Route(V4_8_1, "GET", "states", At(states::list)),
    Route(V4_8_1, "GET", "states/identifiers", At(states::identifiers)),
    Route(V4_8_1, "GET", "states/{id}", At(states::get)),
    Route(V5_1, "GET", "states/{id}/content", At(content::state)),
    Route(V4_8_1, "PUT", "states/{id}", At(states::update)),
    Route(
        V5_1,
        "PUT",
        "states/{id}/visibility",
        At(states::visibility),
    ),
    Route(V4_8_1, "POST", "states/delete", At(states::delete)),
    Route(V4_8_1, "POST", "screenshots", At(screenshots::add)),
    Route(
        V5_1,
        "GET",
        "screenshots/{id}/content",
        At(content::screenshot),
    ),
    Route(V5_1, "PUT", "screenshots/{id}", At(screenshots::update)),
    Route(V5_1, "DELETE", "screenshots/{id}", At(screenshots::delete)),
    Route(V4_8_1, "GET", "raw/assets/{*path}", At(content::raw)),
    Route(V4_9, "POST", "sync/negotiate", At(sync::negotiate)),
    Route(
        V4_9,
        "POST",
        "sync/sessions/{id}/complete",
        At(sync::complete),
    ),
    Route(V4_9, "GET", "sync/sessions", At(sync::sessions)),
    Route(V4_9, "GET", "sync/sessions/{id}", At(sync::session)),
    Route(
        V4_9,
        "POST",
        "sync/devices/{id}/push-pull",
        At(sync::push_pull),
    ),
    Route(V4_9, "POST", "play-sessions", At(play_sessions::ingest)),
    Route(V4_9, "GET", "play-sessions", At(play_sessions::list)),
    Route(
        V4_9,
        "DELETE",
        "play-sessions/{id}",
        At(play_sessions::delete),
    ),
];

/// What a request brought, and what it was answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// Without the query.
    pub path: String,
    /// In the order it was sent.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// None while it has not arrived as a whole, and for ever when it broke off.
    pub body: Option<Bytes>,
    /// When its head arrived, by the stand-in's clock.
    pub at: Time,
    /// The status of the answer, as soon as there is one.
    pub status: Option<u16>,
}

impl Seen {
    /// `POST /api/saves`
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The first value of a name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The files of its form: field, name and content.
    pub fn files(&self) -> Vec<(String, String, Bytes)> {
        let kind = self.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = self.body.clone().unwrap_or_default();
        let parts = super::forms::parts(kind, &body).into_iter();
        parts
            .filter_map(|part| Some((part.field, part.file_name?, part.content)))
            .collect()
    }
}

/// The world, the list of requests, and who waits for something to happen.
pub(super) struct Shared {
    world: Mutex<World>,
    pub log: Watched<Vec<Seen>>,
    pub gate: gate::Gate,
}

impl Shared {
    pub fn new(world: World) -> Self {
        Self {
            world: Mutex::new(world),
            log: Watched::default(),
            gate: gate::Gate::default(),
        }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

/// The stand-in as a service.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new().fallback(serve).with_state(Arc::clone(shared))
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let mut call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: read_query(query),
        headers: parts.headers,
        body: Bytes::new(),
        params: Vec::new(),
    };
    let at = shared.world().now();
    let number = shared.log.change(|log| {
        log.push(Seen {
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: None,
            at,
            status: None,
        });
        log.len() - 1
    });
    let answered = match receive(&mut call, body).await {
        Ok(()) => {
            let body = call.body.clone();
            shared.log.change(|log| log[number].body = Some(body));
            answer(&shared, call).await
        }
        Err(refusal) => Err(refusal),
    };
    let reply = answered.unwrap_or_else(|refusal| refusal);
    shared
        .log
        .change(|log| log[number].status = Some(reply.status.as_u16()));
    respond(reply, shared.world().now())
}

/// RomM's limit of an upload, told before a byte of it is read.
const MAX_BODY_BYTES: u64 = 512 * 1024 * 1024;

async fn receive(call: &mut Call, body: Body) -> Result<(), Reply> {
    let declared = call
        .header(header::CONTENT_LENGTH)
        .and_then(|text| text.parse().ok());
    if declared.is_some_and(|length: u64| length > MAX_BODY_BYTES) {
        let detail =
            format!("Request body exceeds the maximum allowed size of {MAX_BODY_BYTES} bytes");
        return Err(Reply::detail(413, &detail));
    }
    let whole = body.collect().await.map_err(|_| Reply::crashed())?;
    call.body = whole.to_bytes();
    Ok(())
}

async fn answer(shared: &Arc<Shared>, mut call: Call) -> Answered {
    accounts::check_csrf(&call)?;
    let release = shared.world().release;
    let answered = match find(release, &mut call) {
        Ok(At(handler)) => handler(&mut shared.world(), &call),
        Ok(Upload) => upload::post(shared, &call).await,
        Err(refusal) => Err(refusal),
    };
    if call.headers.contains_key(header::AUTHORIZATION) {
        return answered;
    }
    // Whoever does not say who they are may be a browser.
    let cookie = "romm_csrftoken=of-the-stand-in; Path=/; SameSite=lax";
    match answered {
        Ok(reply) => Ok(reply.with("set-cookie", cookie)),
        Err(refusal) => Err(refusal.with("set-cookie", cookie)),
    }
}

fn find(release: Release, call: &mut Call) -> Result<&'static Way, Reply> {
    let mut other_method = None;
    for Route(since, method, pattern, way) in ROUTES {
        let Some(params) = params(pattern, &call.path).filter(|_| release >= *since) else {
            continue;
        };
        if call.method.as_str() == *method {
            call.params = params;
            return Ok(way);
        }
        other_method = other_method.or(Some(*method));
    }
    Err(match other_method {
        Some(allowed) => Reply::detail(405, "Method Not Allowed").with("allow", allowed),
        None => Reply::detail(404, "Not Found"),
    })
}

/// What stands where the pattern has names; none when the path is another.
fn params(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let path = path.strip_prefix("/api/")?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path.split('/');
    let mut params = Vec::new();
    for part in pattern.split('/') {
        let segment = segments.next()?;
        if let Some(name) = part.strip_prefix("{*") {
            let rest = segments.fold(segment.to_owned(), |all, next| format!("{all}/{next}"));
            params.push((name.trim_end_matches('}'), decoded(&rest)));
            return Some(params);
        }
        match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            Some(name) => params.push((name, decoded(segment))),
            None if part == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(params)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn read_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decoded(&name.replace('+', " ")),
                decoded(&value.replace('+', " ")),
            )
        })
        .collect()
}

fn respond(reply: Reply, now: Time) -> Response {
    let mut response = Response::builder()
        .status(reply.status)
        // Clients measure how far their clock is off.
        .header(header::DATE, content::http_date(now));
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}
