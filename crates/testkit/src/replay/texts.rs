//! What a string holds besides plain words: ids, moments, and the tag of a slotted save.

use super::identities::{Identities, Kind};

/// A stretch of a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Id(Kind, &'a str),
    /// The number in `users/557365723a31/`, which is `User:1` in hex.
    UserFolder(String),
    Moment {
        zoned: bool,
    },
    /// ` [2026-11-20_07-28-30]`, with the file name up to it.
    Tag(String),
}

/// What stands right before an id.
const BEFORE_ID: [(&str, Kind); 33] = [
    ("/api/saves/", Kind::Save),
    ("/api/states/", Kind::State),
    ("/api/screenshots/", Kind::Screenshot),
    ("/api/roms/", Kind::Rom),
    ("/api/platforms/", Kind::Platform),
    ("/api/client-tokens/", Kind::Token),
    ("/api/sync/sessions/", Kind::SyncSession),
    ("/api/play-sessions/", Kind::PlaySession),
    ("/notes/", Kind::Note),
    ("/pair/", Kind::PairingCode),
    ("/pending/", Kind::UserCode),
    ("?rom_id=", Kind::Rom),
    ("&rom_id=", Kind::Rom),
    ("?platform_id=", Kind::Platform),
    ("&platform_id=", Kind::Platform),
    ("?platform_ids=", Kind::Platform),
    ("&platform_ids=", Kind::Platform),
    ("?session_id=", Kind::SyncSession),
    ("&session_id=", Kind::SyncSession),
    ("user_code=", Kind::UserCode),
    ("Save with ID ", Kind::Save),
    ("State with ID ", Kind::State),
    ("Sync session with ID ", Kind::SyncSession),
    ("Play session ", Kind::PlaySession),
    ("Rom with id '", Kind::Rom),
    ("Platform with id '", Kind::Platform),
    // A user's assets: `users/<folder>/saves/<platform>/<rom id>`.
    ("/saves/gba/", Kind::Rom),
    ("/saves/psx/", Kind::Rom),
    ("/saves/snes/", Kind::Rom),
    ("/states/gba/", Kind::Rom),
    ("/screenshots/gba/", Kind::Rom),
    ("/screenshots/psx/", Kind::Rom),
    ("/screenshots/snes/", Kind::Rom),
];

/// Takes `text` apart.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while at < text.len() {
        let Some((piece, len)) = special(text, at) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if plain_from < at {
            pieces.push(Piece::Plain(&text[plain_from..at]));
        }
        pieces.push(piece);
        at += len;
        plain_from = at;
    }
    if plain_from < text.len() {
        pieces.push(Piece::Plain(&text[plain_from..]));
    }
    pieces
}

/// `text` with our ids in place of the recorded ones.
pub(super) fn translated(text: &str, identities: &Identities) -> String {
    let mut translated = String::new();
    let mut rest = text;
    for piece in pieces(text) {
        if let Piece::Id(kind, id) = piece {
            // The piece is a part of `rest`: everything up to it stays as it is.
            let before = id.as_ptr() as usize - rest.as_ptr() as usize;
            translated.push_str(&rest[..before]);
            translated.push_str(&translated_id(kind, id, identities));
            rest = &rest[before + id.len()..];
        }
    }
    translated.push_str(rest);
    translated
}

/// Our id for a recorded one, spelled alike: people type codes in groups and in small letters.
pub(super) fn translated_id(kind: Kind, recorded: &str, identities: &Identities) -> String {
    if !matches!(kind, Kind::UserCode | Kind::PairingCode) {
        return identities.ours(kind, recorded).to_owned();
    }
    let canonical = recorded.replace('-', "").to_ascii_uppercase();
    let mut ours = identities.ours(kind, &canonical).chars();
    let spelled = |template: char| match template {
        '-' => Some('-'),
        _ if template.is_ascii_lowercase() => ours.next().map(|c| c.to_ascii_lowercase()),
        _ => ours.next(),
    };
    recorded.chars().filter_map(spelled).collect()
}

fn special(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let (before, after) = (text.get(..at)?, text.get(at..)?);
    if let Some(len) = matches_shape(after, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh") {
        return Some((Piece::Id(Kind::Device, &after[..len]), len));
    }
    for tag in [
        "[dddd-dd-dd_dd-dd-dd]",
        "%5Bdddd-dd-dd_dd-dd-dd%5D", // as a header spells it
    ] {
        if let Some(len) = matches_shape(after, tag) {
            let name = before.rsplit(['/', '\'', '"']).next().unwrap_or_default();
            let tagged = format!("{name}{}", &after[..len]);
            let tagged = tagged.replace("%20", " ").replace("%5B", "[");
            return Some((Piece::Tag(tagged.replace("%5D", "]")), len));
        }
    }
    moment(before, after)
        .or_else(|| user_folder(before, after))
        .or_else(|| id(before, after))
}

fn moment<'a>(before: &str, after: &str) -> Option<(Piece<'a>, usize)> {
    if before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut len = matches_shape(after, "dddd-dd-ddTdd:dd:dd")
        .or_else(|| matches_shape(after, "dddd-dd-dd dd:dd:dd"))?;
    if after[len..].starts_with('.') {
        len += 1 + run(&after[len + 1..], |c| c.is_ascii_digit());
    }
    let zone = match after[len..].chars().next() {
        Some('Z') => 1,
        Some('+' | '-') => matches_shape(&after[len + 1..], "dd:dd").map_or(0, |zone| zone + 1),
        _ => 0,
    };
    let zoned = zone > 0;
    Some((Piece::Moment { zoned }, len + zone))
}

fn user_folder<'a>(before: &str, after: &str) -> Option<(Piece<'a>, usize)> {
    if !before.ends_with("users/") {
        return None;
    }
    let len = run(after, |c| c.is_ascii_hexdigit());
    let folder = String::from_utf8(hex::decode(&after[..len]).ok()?).ok()?;
    let user = folder.strip_prefix("User:")?;
    Some((Piece::UserFolder(user.to_owned()), len))
}

fn id<'a>(before: &str, after: &'a str) -> Option<(Piece<'a>, usize)> {
    let (_, kind) = BEFORE_ID
        .iter()
        .find(|(prefix, _)| before.ends_with(prefix))?;
    let len = if matches!(kind, Kind::UserCode | Kind::PairingCode) {
        let len = run(after, |c| c.is_ascii_alphanumeric() || c == '-');
        // `/pair/device` is a page, not a code.
        let code = after[..len].replace('-', "");
        if code.len() == 8 { len } else { 0 }
    } else {
        run(after, |c| c.is_ascii_digit())
    };
    (len > 0).then(|| (Piece::Id(*kind, &after[..len]), len))
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// The length of `shape` when `text` starts with it; `d` is a digit, `h` a small hex digit.
fn matches_shape(text: &str, shape: &str) -> Option<usize> {
    let text = text.as_bytes().get(..shape.len())?;
    let fits = |(byte, shape): (&u8, u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        _ => *byte == shape,
    };
    text.iter()
        .zip(shape.bytes())
        .all(fits)
        .then_some(shape.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_path_holds_an_id_and_a_moment() {
        assert_eq!(
            pieces("/api/saves/12/content?timestamp=2026-11-20 07:28:30"),
            [
                Piece::Plain("/api/saves/"),
                Piece::Id(Kind::Save, "12"),
                Piece::Plain("/content?timestamp="),
                Piece::Moment { zoned: false },
            ]
        );
        assert_eq!(
            pieces("2026-11-20T07:28:30.5+00:00"),
            [Piece::Moment { zoned: true }]
        );
    }

    #[test]
    fn an_asset_path_holds_its_user_its_game_and_its_tag() {
        let folder = "users/557365723a31/saves/gba/2/mgba/";
        assert_eq!(
            pieces(&format!("{folder}Metroid [2026-11-20_07-28-33].srm")),
            [
                Piece::Plain("users/"),
                Piece::UserFolder("1".to_owned()),
                Piece::Plain("/saves/gba/"),
                Piece::Id(Kind::Rom, "2"),
                Piece::Plain("/mgba/Metroid "),
                Piece::Tag("Metroid [2026-11-20_07-28-33]".to_owned()),
                Piece::Plain(".srm"),
            ]
        );
        let header = "attachment; filename*=utf-8''Metroid%20%5B2026-11-20_07-28-33%5D.srm";
        assert!(pieces(header).contains(&Piece::Tag("Metroid [2026-11-20_07-28-33]".to_owned())));
    }

    #[test]
    fn requests_are_translated_in_place() {
        let mut identities = Identities::default();
        identities.learn(Kind::Save, "3", "30").unwrap();
        identities.learn(Kind::Rom, "2", "20").unwrap();
        identities
            .learn(Kind::PairingCode, "KMPV4ETT", "ABCDEFGH")
            .unwrap();
        for (recorded, ours) in [
            (
                "/api/saves/3/content?rom_id=2",
                "/api/saves/30/content?rom_id=20",
            ),
            ("/api/saves?slot=3&rom_id=2", "/api/saves?slot=3&rom_id=20"),
            ("/api/saves/999999", "/api/saves/999999"),
            (
                "/api/client-tokens/pair/kmpv-4ETT/status",
                "/api/client-tokens/pair/abcd-EFGH/status",
            ),
            (
                "/pair/device?user_code=AAAABBBB",
                "/pair/device?user_code=AAAABBBB",
            ),
        ] {
            assert_eq!(translated(recorded, &identities), ours);
        }
    }
}
