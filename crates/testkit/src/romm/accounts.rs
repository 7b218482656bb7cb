//! Heartbeat, who is asking, users and client tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, header};
use keepsave_core::time::Time;
use serde_json::{Value, json};

use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::release::Release;
use super::world::{Pairing, Token, World, iso, iso_or_null};

/// What a user may do, in RomM's order, and after it what only an admin may.
const SCOPES: [&str; 22] = [
    "me.read",
    "roms.read",
    "platforms.read",
    "assets.read",
    "devices.read",
    "firmware.read",
    "roms.user.read",
    "collections.read",
    "playlists.read",
    "me.write",
    "assets.write",
    "devices.write",
    "roms.user.write",
    "collections.write",
    "playlists.write",
    "roms.write",
    "platforms.write",
    "firmware.write",
    "users.read",
    "users.write",
    "tasks.run",
    "logs.read",
];
const USERS_SCOPES: usize = 15;

/// The characters of codes that people type.
const CODE_LETTERS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Where no one has to say who they are.
const OPEN_TO_ALL: [&str; 3] = [
    "/api/client-tokens/exchange",
    "/api/auth/device/init",
    "/api/auth/device/token",
];

/// Whether RomM has such a scope.
pub(super) fn is_scope(name: &str) -> bool {
    SCOPES.contains(&name)
}

/// The scopes of a user.
pub(super) fn scopes_of(is_admin: bool) -> &'static [&'static str] {
    if is_admin {
        &SCOPES
    } else {
        &SCOPES[..USERS_SCOPES]
    }
}

/// Who asks.
pub(super) struct Caller {
    pub user_id: i64,
    pub scopes: Vec<String>,
    /// The device that the token is bound to.
    pub device_id: Option<String>,
    /// When the user was there before this request.
    last_active: Option<Time>,
}

impl Caller {
    /// Refuses who may not.
    pub fn must(&self, scope: &str) -> Result<(), Reply> {
        if self.scopes.iter().any(|held| held == scope) {
            return Ok(());
        }
        Err(Reply::detail(403, "Forbidden"))
    }
}

/// A request that changes something and does not say who asks could come from any page.
pub(super) fn check_csrf(call: &Call) -> Result<(), Reply> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
    let open = OPEN_TO_ALL.contains(&call.path.trim_end_matches('/'));
    if safe.contains(&call.method) || open || call.headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    Err(Reply::text(403, "CSRF token verification failed"))
}

/// Who asks, when they may do that.
pub(super) fn allow(world: &mut World, call: &Call, scopes: &[&str]) -> Result<Caller, Reply> {
    let Some(caller) = identify(world, call)? else {
        return Err(Reply::detail(401, "Not authenticated").with("www-authenticate", "Bearer"));
    };
    for scope in scopes {
        caller.must(scope)?;
    }
    Ok(caller)
}

fn identify(world: &mut World, call: &Call) -> Result<Option<Caller>, Reply> {
    let header = call.header(header::AUTHORIZATION).unwrap_or_default();
    let mut words = header.split_whitespace();
    let (Some(scheme), Some(credentials), None) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    let now = world.now();
    let stamp = world.stamp();
    let (user_id, token_scopes, device_id) = match scheme.to_ascii_lowercase().as_str() {
        "basic" => match by_password(world, credentials)? {
            Some(user_id) => (user_id, None, None),
            None => return Ok(None),
        },
        "bearer" if credentials.starts_with("rmm_") => {
            let mut tokens = world.tokens.iter_mut();
            let valid = |token: &&mut Token| {
                token.secret == credentials && token.expires.is_none_or(|end| end > now)
            };
            let Some(token) = tokens.find(valid) else {
                return Ok(None);
            };
            token.last_used = Some(stamp);
            let scopes = token.scopes.clone();
            (token.user_id, Some(scopes), token.device_id.clone())
        }
        // The exception is raised where nothing catches it.
        "bearer" => return Err(Reply::crashed()),
        _ => return Ok(None),
    };
    let mut users = world.users.iter_mut();
    let user = users.find(|user| user.id == user_id).unwrap();
    let last_active = user.last_active.replace(stamp);
    user.updated = stamp;
    let mut scopes: Vec<String> = scopes_of(user.is_admin)
        .iter()
        .map(|scope| (*scope).to_owned())
        .collect();
    if let Some(held) = token_scopes {
        scopes.retain(|scope| held.contains(scope));
    }
    Ok(Some(Caller {
        user_id,
        scopes,
        device_id,
        last_active,
    }))
}

fn by_password(world: &World, credentials: &str) -> Result<Option<i64>, Reply> {
    let decoded = STANDARD.decode(credentials).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(Reply::crashed)?;
    let (name, password) = text.split_once(':').ok_or_else(Reply::crashed)?;
    let mut users = world.users.iter();
    let user = users
        .find(|user| user.name.eq_ignore_ascii_case(name))
        .filter(|user| user.password == password);
    Ok(user.map(|user| user.id))
}

/// Refuses who tries too often: the minute begins anew with each try.
pub(super) fn limit_rate(
    world: &mut World,
    what: &'static str,
    most: usize,
    refusal: &str,
) -> Result<(), Reply> {
    let now = world.now();
    let tries = world.tries.entry(what).or_default();
    if tries
        .last()
        .is_some_and(|last| last.plus_seconds(60) <= now)
    {
        tries.clear();
    }
    tries.push(now);
    if tries.len() > most && world.quirks.limits_rates {
        return Err(Reply::detail(429, refusal));
    }
    Ok(())
}

/// A code that people type.
pub(super) fn new_code(world: &World) -> String {
    let random: [u8; 8] = world.environment.random();
    let letters = random.iter().map(|byte| {
        let at = usize::from(*byte) % CODE_LETTERS.len();
        char::from(CODE_LETTERS[at])
    });
    letters.collect()
}

/// A code as it was given out, however it was typed.
pub(super) fn normal_code(typed: &str) -> String {
    typed.replace('-', "").to_ascii_uppercase()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a route answers as every route does"
)]
pub(super) fn heartbeat(world: &mut World, _: &Call) -> Answered {
    let mut body: Value = serde_json::from_str(include_str!("shapes/heartbeat.json")).unwrap();
    body["SYSTEM"]["VERSION"] = world.version.clone();
    let slugs = world.platforms.iter().map(|platform| &platform.slug);
    body["FILESYSTEM"]["FS_PLATFORMS"] = slugs.cloned().collect();
    Ok(Reply::ok(&body))
}

pub(super) fn me(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["me.read"])?;
    let user = world.user(caller.user_id);
    let mut body = json!({
        "id": user.id,
        "username": user.name,
        "email": user.email,
        "enabled": true,
        "role": if user.is_admin { "admin" } else { "user" },
        "permission_group_id": null,
        "oauth_scopes": scopes_of(user.is_admin),
        "avatar_path": "",
        "last_login": null,
        "last_active": iso_or_null(caller.last_active),
        "ra_username": "",
        "ra_progression": {},
        "ui_settings": {},
        "created_at": iso(user.created),
        "updated_at": iso(user.updated),
    });
    if world.release >= Release::V5_1 {
        body["current_device_id"] = caller.device_id.into();
    }
    Ok(Reply::ok(&body))
}

/// A token as lists show it.
fn shown(world: &World, token: &Token) -> Value {
    let mut body = json!({
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes,
        "expires_at": iso_or_null(token.expires),
        "last_used_at": iso_or_null(token.last_used),
        "created_at": iso(token.created),
        "user_id": token.user_id,
    });
    if world.release >= Release::V5_1 {
        body["device_id"] = token.device_id.clone().into();
    }
    body
}

fn shown_with_secret(world: &World, token: &Token) -> Value {
    let mut body = shown(world, token);
    body["raw_token"] = token.secret.clone().into();
    body
}

fn new_secret(world: &World) -> String {
    let random: [u8; 32] = world.environment.random();
    format!("rmm_{}", hex::encode(random))
}

/// When something ends that ends after so long.
pub(super) fn expiry(now: Time, after: Option<&str>) -> Result<Option<Time>, Reply> {
    const DAY: i64 = 24 * 60 * 60;
    match after {
        None | Some("never") => Ok(None),
        Some("30d") => Ok(Some(now.plus_seconds(30 * DAY))),
        Some("90d") => Ok(Some(now.plus_seconds(90 * DAY))),
        Some("1y") => Ok(Some(now.plus_seconds(365 * DAY))),
        Some(other) => Err(Reply::detail(
            422,
            &format!("Invalid expires_in value: {other}. Valid values: 30d, 90d, 1y, never"),
        )),
    }
}

/// A list of words that must be there and hold one at least.
pub(super) fn word_list(fields: &mut Fields, source: &Source, name: &str) -> Vec<String> {
    let Some(value) = fields.required(source, name) else {
        return Vec::new();
    };
    let words: Vec<String> = serde_json::from_value(value.clone()).unwrap_or_default();
    if words.is_empty() {
        let message = "List should have at least 1 item after validation, not 0";
        let context = json!({"field_type": "List", "min_length": 1, "actual_length": 0});
        let location = ["body".into(), name.into()];
        fields.wrong_with("too_short", &location, message, (value, context));
    }
    words
}

pub(super) fn create_token(world: &mut World, call: &Call) -> Answered {
    const MOST_TOKENS: usize = 25;
    let caller = allow(world, call, &["me.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let name = fields.required_text(&body, "name");
    let scopes = word_list(&mut fields, &body, "scopes");
    let expires_in = fields.text(&body, "expires_in");
    fields.done()?;
    let expires = expiry(world.now(), expires_in.as_deref())?;
    let held = scopes_of(world.user(caller.user_id).is_admin);
    let mut beyond: Vec<&str> = scopes.iter().map(String::as_str).collect();
    beyond.retain(|scope| !held.contains(scope));
    beyond.sort_unstable();
    if !beyond.is_empty() {
        let beyond = beyond.join(", ");
        let detail = format!("Requested scopes exceed your permissions: {beyond}");
        return Err(Reply::detail(403, &detail));
    }
    let own = |token: &&Token| token.user_id == caller.user_id;
    if world.tokens.iter().filter(own).count() >= MOST_TOKENS {
        let detail = format!("Maximum of {MOST_TOKENS} tokens per user reached");
        return Err(Reply::detail(400, &detail));
    }
    let at = add_token(world, caller.user_id, (name, scopes), expires, None);
    Ok(Reply::json(
        201,
        &shown_with_secret(world, &world.tokens[at]),
    ))
}

/// Makes a token and says where it stands in the list.
pub(super) fn add_token(
    world: &mut World,
    user_id: i64,
    (name, scopes): (String, Vec<String>),
    expires: Option<Time>,
    device_id: Option<String>,
) -> usize {
    let token = Token {
        id: world.next_id("token"),
        user_id,
        name,
        secret: new_secret(world),
        scopes,
        expires,
        last_used: None,
        created: world.stamp(),
        device_id,
    };
    world.tokens.push(token);
    world.tokens.len() - 1
}

pub(super) fn list_tokens(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["me.read"])?;
    let mut own: Vec<&Token> = world.tokens.iter().collect();
    own.retain(|token| token.user_id == caller.user_id);
    own.sort_by_key(|token| std::cmp::Reverse(token.created));
    Ok(Reply::ok(
        &own.iter().map(|token| shown(world, token)).collect(),
    ))
}

/// Where the caller's token with the path's id stands in the list.
fn own_token(world: &mut World, call: &Call) -> Result<usize, Reply> {
    let caller = allow(world, call, &["me.write"])?;
    let id = id(call, i64::MIN)?;
    let mut tokens = world.tokens.iter();
    let own = tokens.position(|token| token.id == id && token.user_id == caller.user_id);
    own.ok_or_else(|| Reply::detail(404, "Token not found"))
}

pub(super) fn regenerate_token(world: &mut World, call: &Call) -> Answered {
    let at = own_token(world, call)?;
    renew(world, at);
    Ok(Reply::ok(&shown_with_secret(world, &world.tokens[at])))
}

/// The token with another secret, which no one used yet.
fn renew(world: &mut World, at: usize) {
    world.tokens[at].secret = new_secret(world);
    world.tokens[at].last_used = None;
}

pub(super) fn delete_token(world: &mut World, call: &Call) -> Answered {
    let at = own_token(world, call)?;
    world.tokens.remove(at);
    Ok(Reply::ok(&Value::Null))
}

pub(super) fn pair(world: &mut World, call: &Call) -> Answered {
    let at = own_token(world, call)?;
    let code = add_pairing(world, world.tokens[at].id);
    Ok(Reply::ok(
        &json!({"code": code, "expires_in": PAIRING_SECONDS}),
    ))
}

const PAIRING_SECONDS: i64 = 60;

/// A code that gives out a token.
pub(super) fn add_pairing(world: &mut World, token_id: i64) -> String {
    let code = new_code(world);
    world.pairings.push(Pairing {
        code: code.clone(),
        token_id,
        expires: world.now().plus_seconds(PAIRING_SECONDS),
    });
    code
}

fn pairing(world: &World, typed: &str) -> Option<usize> {
    let (code, now) = (normal_code(typed), world.now());
    let mut pairings = world.pairings.iter();
    pairings.position(|pairing| pairing.code == code && pairing.expires > now)
}

pub(super) fn pair_status(world: &mut World, call: &Call) -> Answered {
    match pairing(world, call.param("code")) {
        Some(_) => Ok(Reply::ok(&Value::Null)),
        None => Err(Reply::detail(404, "Not Found")),
    }
}

pub(super) fn exchange(world: &mut World, call: &Call) -> Answered {
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let code = fields.required_text(&body, "code");
    fields.done()?;
    let refusal = "Too many exchange attempts. Try again later.";
    limit_rate(world, "exchange", 5, refusal)?;
    let Some(at) = pairing(world, &code) else {
        return Err(Reply::detail(404, "Invalid or expired pairing code"));
    };
    let token_id = world.pairings.remove(at).token_id;
    let mut tokens = world.tokens.iter();
    let Some(at) = tokens.position(|token| token.id == token_id) else {
        return Err(Reply::detail(404, "Token no longer exists"));
    };
    renew(world, at);
    Ok(Reply::ok(&shown_with_secret(world, &world.tokens[at])))
}
