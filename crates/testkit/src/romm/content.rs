//! The bytes of saves, states and screenshots, whole or in ranges.

use bytes::Bytes;
use http::header;
use keepsave_core::time::Time;
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::accounts::allow;
use super::assets::Kind;
use super::call::{Answered, Call, Reply};
use super::fields::{Fields, Source, id};
use super::release::Release;
use super::saves;
use super::world::World;

/// What Python's `quote` leaves alone.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

pub(super) fn save(world: &mut World, call: &Call) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let id = id(call, i64::MIN)?;
    let (mut fields, query) = (Fields::new(), Source::query(call));
    let session_id = fields.int(&query, "session_id");
    let is_optimistic = fields.bool(&query, "optimistic").unwrap_or(true);
    fields.done()?;
    let device = saves::device(world, call, &caller, "devices.read")?;
    let at = visible(world, Kind::Save, id, caller.user_id)?;
    let path = world.saves[at].full_path();
    let Some(file) = world.files.get(&path) else {
        return Err(Reply::detail(404, "Save file not found on disk"));
    };
    let (content, modified) = (file.content.clone(), file.modified);
    let is_own = world.saves[at].user_id == caller.user_id;
    // Noted before a byte is sent.
    if let Some(device) = device.filter(|_| is_optimistic && is_own) {
        saves::fetched(world, caller.user_id, &device, at);
    }
    if world.release >= Release::V4_9 {
        world.count_operation(caller.user_id, session_id);
    }
    serve(call, &world.saves[at].file_name, false, content, modified)
}

pub(super) fn state(world: &mut World, call: &Call) -> Answered {
    asset(world, call, Kind::State)
}

pub(super) fn screenshot(world: &mut World, call: &Call) -> Answered {
    asset(world, call, Kind::Screenshot)
}

fn asset(world: &mut World, call: &Call, kind: Kind) -> Answered {
    let caller = allow(world, call, &["assets.read"])?;
    let id = id(call, i64::MIN)?;
    let at = visible(world, kind, id, caller.user_id)?;
    let row = &kind.rows(world)[at];
    let Some(file) = world.files.get(&row.full_path()) else {
        return Err(kind.unknown(id));
    };
    serve(
        call,
        &row.file_name,
        true,
        file.content.clone(),
        file.modified,
    )
}

/// Any file below the assets, whosever it is.
pub(super) fn raw(world: &mut World, call: &Call) -> Answered {
    allow(world, call, &["assets.read"])?;
    let path = call.param("path");
    let Some(file) = world.files.get(path) else {
        return Err(Reply::detail(404, "Asset not found"));
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    serve(call, name, false, file.content.clone(), file.modified)
}

/// Where the row stands that is the user's own or shown to all.
fn visible(world: &World, kind: Kind, id: i64, user_id: i64) -> Result<usize, Reply> {
    let mut rows = kind.rows(world).iter();
    let visible = rows.position(|row| row.id == id && (row.user_id == user_id || row.is_public));
    visible.ok_or_else(|| kind.unknown(id))
}

/// A moment as HTTP writes it.
pub(super) fn http_date(at: Time) -> String {
    at.civil().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn content_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

/// Answers with a file, or the ranges of it that were asked for. Pictures can be shown in place.
fn serve(call: &Call, name: &str, in_place: bool, content: Bytes, modified: Time) -> Answered {
    let kind = content_type(name);
    let disposition = if in_place && kind.starts_with("image/") {
        "inline"
    } else {
        "attachment"
    };
    let quoted = utf8_percent_encode(name, QUOTED).to_string();
    let disposition = if quoted == name {
        format!("{disposition}; filename=\"{name}\"")
    } else {
        format!("{disposition}; filename*=utf-8''{quoted}")
    };
    let etag = hex::encode(Md5::digest(format!(
        "{}-{}",
        modified.micros(),
        content.len()
    )));
    let etag = format!("\"{etag}\"");
    let date = http_date(modified);
    let reply = |status: u16, kind: &str, body: Bytes| {
        let mut reply = Reply::empty(status)
            .with("content-type", kind)
            .with("content-disposition", disposition.as_str())
            .with("accept-ranges", "bytes")
            .with("etag", etag.as_str())
            .with("last-modified", date.as_str());
        reply.body = body;
        reply
    };
    let condition = call.header(header::IF_RANGE);
    let holds = condition.is_none_or(|condition| condition == etag || condition == date);
    let Some(range) = call.header(header::RANGE).filter(|_| holds) else {
        return Ok(reply(200, kind, content));
    };
    let length = content.len();
    let ranges = ranges(range, length)?;
    if let [(start, end)] = ranges[..] {
        let part = reply(206, kind, content.slice(start..end));
        return Ok(part.with(
            "content-range",
            format!("bytes {start}-{}/{length}", end - 1),
        ));
    }
    let boundary = &etag[1..27];
    let mut body = Vec::new();
    for (start, end) in ranges {
        let head = format!(
            "--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: bytes {start}-{}/{length}\r\n\r\n",
            end - 1
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&content[start..end]);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--").as_bytes());
    let kind = format!("multipart/byteranges; boundary={boundary}");
    Ok(reply(206, &kind, body.into()))
}

/// The ranges as from and up to.
fn ranges(header: &str, length: usize) -> Result<Vec<(usize, usize)>, Reply> {
    let malformed = |what: &str| Reply::text(400, what);
    let (unit, ranges) = header.split_once('=').unwrap_or(("", ""));
    if unit.trim() != "bytes" {
        return Err(malformed("Only support bytes range"));
    }
    let mut found = Vec::new();
    for range in ranges.split(',') {
        let (start, end) = range
            .trim()
            .split_once('-')
            .ok_or_else(|| malformed("Range header: malformed"))?;
        let number = |text: &str| {
            let number = text.parse::<usize>();
            number.map_err(|_| malformed("Range header: malformed"))
        };
        found.push(match (start, end) {
            ("", suffix) => (length.saturating_sub(number(suffix)?), length),
            (start, "") => (number(start)?, length),
            (start, end) => (number(start)?, number(end)?.saturating_add(1).min(length)),
        });
    }
    if found
        .iter()
        .any(|(start, end)| *start >= length || start >= end)
    {
        let refusal = Reply::text(416, "");
        return Err(refusal.with("content-range", format!("bytes */{length}")));
    }
    Ok(found)
}
