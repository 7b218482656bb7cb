//! Sign-in by device code: a device asks, a person answers elsewhere, the device learns of it.

use std::collections::BTreeMap;

use keepsave_core::time::Time;
use serde_json::{Value, json};

use super::accounts::{
    add_token, allow, expiry, is_scope, limit_rate, new_code, normal_code, scopes_of, word_list,
};
use super::call::{Answered, Call, Reply};
use super::devices;
use super::fields::Fields;
use super::world::{Authorization, AuthorizationState, World, iso, iso_or_null};

/// How long a person has to answer.
const PENDING_SECONDS: i64 = 600;

pub(super) fn init(world: &mut World, call: &Call) -> Answered {
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let identifier = fields.required_text(&body, "client_device_identifier");
    let name = fields.required_text(&body, "name");
    let client = fields.required_text(&body, "client");
    let platform = fields.text(&body, "platform");
    let client_version = fields.text(&body, "client_version");
    let scopes = word_list(&mut fields, &body, "requested_scopes");
    let unknown: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|s| !is_scope(s))
        .collect();
    if !unknown.is_empty() {
        let message = format!("Value error, Unknown scopes: {}", unknown.join(", "));
        let location = ["body".into(), "requested_scopes".into()];
        let context = (&json!(scopes), json!({"error": {}}));
        fields.wrong_with("value_error", &location, &message, context);
    }
    fields.done()?;
    limit_rate(
        world,
        "init",
        10,
        "Too many authorize attempts. Try again later.",
    )?;

    let random: [u8; 32] = world.environment.random();
    let (device_code, user_code) = (hex::encode(random), new_code(world));
    world.authorizations.push(Authorization {
        device_code: device_code.clone(),
        user_code: user_code.clone(),
        identifier,
        name,
        client,
        platform,
        client_version,
        scopes,
        expires: world.now().plus_seconds(PENDING_SECONDS),
        polled: None,
        state: AuthorizationState::Pending,
    });
    Ok(Reply::json(
        201,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_path": "/pair/device",
            "verification_path_complete": format!("/pair/device?user_code={user_code}"),
            "expires_in": PENDING_SECONDS,
            "interval": world.quirks.poll_interval_seconds,
        }),
    ))
}

/// Where the question with that code stands in the list, as long as it is open.
fn open_question(world: &World, typed: &str) -> Result<usize, Reply> {
    let (code, now) = (normal_code(typed), world.now());
    let open = |asked: &Authorization| {
        let pending = matches!(asked.state, AuthorizationState::Pending);
        asked.user_code == code && asked.expires > now && pending
    };
    let found = world.authorizations.iter().position(open);
    found.ok_or_else(|| Reply::detail(404, "Unknown or expired code"))
}

/// What of the asked a user can give, sorted.
fn allowed(world: &World, at: usize, user_id: i64) -> Vec<String> {
    let held = scopes_of(world.user(user_id).is_admin);
    let mut allowed = world.authorizations[at].scopes.clone();
    allowed.retain(|scope| held.contains(&scope.as_str()));
    allowed.sort();
    allowed
}

pub(super) fn pending(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["me.read"])?;
    let at = open_question(world, call.param("code"))?;
    let allowed = allowed(world, at, caller.user_id);
    let asked = &world.authorizations[at];
    let mut requested = asked.scopes.clone();
    requested.sort();
    Ok(Reply::ok(&json!({
        "client_device_identifier": asked.identifier,
        "name": asked.name,
        "client": asked.client,
        "platform": asked.platform,
        "client_version": asked.client_version,
        "requested_scopes": requested,
        "allowed_scopes": allowed,
        "expires_at": iso(asked.expires),
    })))
}

pub(super) fn approve(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["me.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let code = fields.required_text(&body, "user_code");
    let scopes = word_list(&mut fields, &body, "approved_scopes");
    let name = fields.text(&body, "device_name");
    let expires_in = fields.text(&body, "expires_in");
    fields.done()?;
    let at = open_question(world, &code)?;
    let allowed = allowed(world, at, caller.user_id);
    if !scopes.iter().all(|scope| allowed.contains(scope)) {
        let detail = "Approved scopes exceed what's allowed for this user";
        return Err(Reply::detail(403, detail));
    }
    let expires = expiry(world.now(), expires_in.as_deref())?;
    let (device_id, name) = let_in(world, at, caller.user_id, (name, scopes), expires);
    Ok(Reply::ok(
        &json!({"device_id": device_id, "device_name": name}),
    ))
}

/// Makes the device, or finds it again, and a token bound to it.
fn let_in(
    world: &mut World,
    at: usize,
    user_id: i64,
    (name, mut scopes): (Option<String>, Vec<String>),
    expires: Option<Time>,
) -> (String, String) {
    let now = world.stamp();
    let asked = &world.authorizations[at];
    let name = name.unwrap_or_else(|| asked.name.clone());
    let identifier = Some(asked.identifier.clone());
    let mut fields: BTreeMap<&'static str, Value> = BTreeMap::new();
    fields.insert("name", name.clone().into());
    if let Some(version) = &asked.client_version {
        fields.insert("client_version", version.clone().into());
    }
    let known = world
        .devices
        .iter_mut()
        .find(|device| device.user_id == user_id && device.client_device_identifier == identifier);
    let device_id = if let Some(device) = known {
        device.fields.extend(fields);
        device.last_seen = now;
        device.updated = now;
        device.id.clone()
    } else {
        fields.insert("client", asked.client.clone().into());
        fields.insert("platform", asked.platform.clone().into());
        let at = devices::add(world, user_id, fields, identifier);
        world.devices[at].id.clone()
    };
    scopes.sort();
    let bound = Some(device_id.clone());
    let token = add_token(world, user_id, (name.clone(), scopes), expires, bound);
    world.authorizations[at].state = AuthorizationState::Approved {
        token: world.tokens[token].secret.clone(),
        device_id: device_id.clone(),
    };
    (device_id, name)
}

pub(super) fn deny(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["me.write"])?;
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let code = fields.required_text(&body, "user_code");
    fields.done()?;
    let at = open_question(world, &code)?;
    world.authorizations[at].state = AuthorizationState::Denied;
    Ok(Reply::ok(&Value::Null))
}

/// A person answers: with the user who lets the device in, with all that it asked for and may have,
/// or with no one.
pub(super) fn answer(world: &mut World, user_code: &str, user_id: Option<i64>) -> Option<String> {
    let at = open_question(world, user_code).ok()?;
    let Some(user_id) = user_id else {
        world.authorizations[at].state = AuthorizationState::Denied;
        return None;
    };
    let scopes = allowed(world, at, user_id);
    Some(let_in(world, at, user_id, (None, scopes), None).0)
}

pub(super) fn token(world: &mut World, call: &Call) -> Answered {
    let mut fields = Fields::new();
    let body = fields.body(call)?;
    let code = fields.required_text(&body, "device_code");
    fields.done()?;
    limit_rate(
        world,
        "poll",
        60,
        "Too many token attempts. Try again later.",
    )?;
    let now = world.now();
    let interval = i64::from(world.quirks.poll_interval_seconds);
    let mut questions = world.authorizations.iter_mut();
    let open = |asked: &&mut Authorization| asked.device_code == code && asked.expires > now;
    let Some(asked) = questions.find(open) else {
        return Err(Reply::detail(400, "expired_token"));
    };
    let (secret, device_id) = match &asked.state {
        AuthorizationState::Pending => {
            let last = asked.polled.replace(now);
            let too_fast = last.is_some_and(|last| now < last.plus_seconds(interval));
            let detail = if too_fast {
                "slow_down"
            } else {
                "authorization_pending"
            };
            return Err(Reply::detail(400, detail));
        }
        AuthorizationState::Denied => return Err(Reply::detail(400, "access_denied")),
        AuthorizationState::Approved { token, device_id } => (token.clone(), device_id.clone()),
    };
    // It is given out once.
    world
        .authorizations
        .retain(|asked| asked.device_code != code);
    let mut tokens = world.tokens.iter();
    let Some(token) = tokens.find(|token| token.secret == secret) else {
        return Err(Reply::detail(400, "expired_token"));
    };
    Ok(Reply::ok(&json!({
        "access_token": secret,
        "device_id": device_id,
        "scopes": token.scopes,
        "expires_at": iso_or_null(token.expires),
    })))
}
