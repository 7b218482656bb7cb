//! Every limit, by name, in one place.

use std::time::Duration;

/// The longest name of a directory entry, in bytes: what Linux file systems can hold.
pub const PATH_COMPONENT_BYTES: usize = 255;
/// The longest file name that a save, state or screenshot may have, in bytes and without tags: so
/// that it is a directory entry with its tag, too.
pub const FILE_NAME_BYTES: usize = PATH_COMPONENT_BYTES - " [2026-11-20_07-28-30]".len();
/// The longest slot name, in characters.
pub const SLOT_CHARS: usize = 255;
/// The longest emulator name, in characters.
pub const EMULATOR_CHARS: usize = 50;
/// How long a client may take for a request's head, counted from the end of the request before:
/// so long an idle connection stays open, too.
pub const REQUEST_HEAD_WAIT: Duration = Duration::from_mins(1);
/// The longest name or host name of a device, in characters.
pub const DEVICE_NAME_CHARS: usize = 255;
/// The longest platform, client or client version of a device, in characters.
pub const DEVICE_WORD_CHARS: usize = 50;
/// The longest IP address, in characters: an IPv6 address with an IPv4 address written in it.
pub const IP_ADDRESS_CHARS: usize = 45;
/// The longest MAC address, in characters: six bytes with separators.
pub const MAC_ADDRESS_CHARS: usize = 17;
/// How many saves one inventory may have.
pub const INVENTORY_SAVES: usize = 100_000;
/// How many operations of a plan are kept with its session, to be looked at later.
pub const PLAN_OPERATIONS: usize = 500;
/// How many play sessions one request may bring.
pub const PLAY_SESSIONS: usize = 100;
/// How many rows a listing with pages may be asked for at once.
pub const PAGE_ROWS: i64 = 10_000;
/// How many seconds a device's clock may be ahead of the server's when it reports a play session.
pub const PLAY_SESSION_AHEAD_SECONDS: i64 = 5 * 60;
/// The largest configuration of how a device is synced, in bytes of JSON.
pub const SYNC_CONFIG_BYTES: usize = 64 * 1024;
/// The largest request body that is read into memory: JSON and forms.
pub const JSON_BODY_BYTES: usize = 32 * 1024 * 1024;
/// The largest upload unless the operator says otherwise.
pub const UPLOAD_BYTES: u64 = 512 * 1024 * 1024;
/// How many parts an upload may have.
pub const UPLOAD_PARTS: usize = 64;
/// How long the headers of one part may be, and what stands before the first part.
pub const PART_HEAD_BYTES: u64 = 16 * 1024;
/// How much of a text that should have been a file is repeated to the client.
pub const REPEATED_TEXT_BYTES: usize = 1024;
/// How long the rest of a refused upload is read, so that its client gets to hear why.
pub const REFUSED_UPLOAD_SECONDS: u64 = 30;
/// How many ranges of a content one answer may have; whoever asks for more gets all of it.
pub const RANGES: usize = 16;
/// How many entries of a zip archive are hashed before it is taken as plain bytes.
pub const ZIP_ENTRIES: usize = 10_000;
/// How many bytes a zip archive may inflate to before it is taken as plain bytes.
pub const ZIP_INFLATED_BYTES: u64 = 1024 * 1024 * 1024;
/// How large a zip archive's directory may be before the archive is taken as plain bytes.
pub const ZIP_DIRECTORY_BYTES: u64 = 4 * 1024 * 1024;
/// The largest LZMA dictionary that is held in memory to read a zip archive.
pub const ZIP_DICTIONARY_BYTES: u64 = 64 * 1024 * 1024;
/// How deep folders of a game may stand in one another before the scan stops to follow them.
pub const LIBRARY_DEPTH: usize = 32;
/// How many bytes a game must have to be known again by them: shorter contents are placeholders
/// that many games share.
pub const IDENTITY_BYTES: u64 = 64;
/// The largest text catalogue that is read.
pub const CATALOGUE_BYTES: u64 = 16 * 1024 * 1024;
/// How many words of a search are looked at.
pub const SEARCH_WORDS: usize = 64;
/// The longest word of a search that a name can have.
pub const SEARCH_WORD_BYTES: usize = 2048;
