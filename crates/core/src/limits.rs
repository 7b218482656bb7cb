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
/// How long after a session its game counts as played just now.
pub const PLAYED_JUST_NOW_SECONDS: i64 = 60 * 60;
/// The longest session of play that is believed, in seconds.
pub const PLAYED_SECONDS_AT_MOST: i64 = 24 * 60 * 60;
/// The largest configuration of how a device is synced, in bytes of JSON.
pub const SYNC_CONFIG_BYTES: usize = 64 * 1024;
/// How long nothing may come of a request's body before it is given up.
pub const REQUEST_BODY_WAIT: Duration = Duration::from_mins(2);
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
/// How many files that someone put in the place of one save are set aside.
pub const FILES_SET_ASIDE: u32 = 100;
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
/// The largest form and the largest body of a request that anyone may send.
pub const SMALL_BODY_BYTES: usize = 64 * 1024;
/// The longest name, address or password, in characters.
pub const CREDENTIAL_CHARS: usize = 255;
/// The shortest name of a user, in characters.
pub const USERNAME_CHARS_AT_LEAST: usize = 3;
/// The shortest password, in characters.
pub const PASSWORD_CHARS_AT_LEAST: usize = 6;
/// How many passwords are remembered as checked, so that apps that send one with every request
/// need not wait for a check each time.
pub const CHECKED_PASSWORDS: usize = 1024;
/// How long a password is remembered as checked.
pub const CHECKED_PASSWORD_SECONDS: i64 = 5 * 60;
/// How many wrong passwords for one name from one address are checked before a pause.
pub const WRONG_PASSWORDS: u32 = 10;
/// How long that pause is, from the first of them on.
pub const WRONG_PASSWORD_SECONDS: i64 = 5 * 60;
/// How many client tokens a user may have when they make another.
pub const CLIENT_TOKENS: i64 = 25;
/// The longest name of a client token, in characters.
pub const TOKEN_NAME_CHARS: usize = 255;
/// How long a pairing code can be exchanged.
pub const PAIRING_CODE_SECONDS: i64 = 60;
/// How many exchanges of pairing codes an address may try in a minute.
pub const EXCHANGES_A_MINUTE: u32 = 5;
/// How often an address may ask in a minute that a device be let in.
pub const DEVICE_INITS_A_MINUTE: u32 = 10;
/// How often an address may ask in a minute whether a device was let in.
pub const DEVICE_POLLS_A_MINUTE: u32 = 60;
/// How long a device has to wait between two such questions.
pub const DEVICE_POLL_SECONDS: i64 = 5;
/// How long a device waits between two such questions, even when the server does not say so.
pub const DEVICE_POLL_PAUSE: Duration = Duration::from_millis(250);
/// How long a person has to let a device in.
pub const DEVICE_REQUEST_SECONDS: i64 = 600;
/// How many counted attempts are remembered at once.
pub const ATTEMPTS_REMEMBERED: usize = 10_000;
/// How long nothing may be heard of a device before pages say so.
pub const SILENT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How many versions of a timeline a page shows before it is asked for older ones.
pub const NEWEST_VERSIONS: i64 = 10;
/// How many older versions a page shows at once.
pub const OLDER_VERSIONS: i64 = 50;
/// The largest saves that are compared byte by byte when a person has to choose.
pub const COMPARED_BYTES: u64 = 64 * 1024 * 1024;
/// How many lines of its log a server remembers, to show them.
pub const LOG_LINES: usize = 500;
/// How much of each of them, in bytes.
pub const LOG_LINE_BYTES: usize = 2000;
/// The longest text of a deleted note that its notice can bring back: it travels in a cookie.
pub const UNDONE_NOTE_BYTES: usize = 500;
/// The longest title of a note, in characters.
pub const NOTE_TITLE_CHARS: usize = 400;
/// The longest name that a person may give a game, in characters.
pub const GAME_NAME_CHARS: usize = 350;
/// How long a device waits for a connection to its server.
pub const SERVER_CONNECT_WAIT: Duration = Duration::from_secs(10);
/// How long a device lets nothing happen on a connection to its server before it gives up.
pub const SERVER_STALL_WAIT: Duration = Duration::from_secs(30);
/// How often a device tries what is safe to repeat.
pub const SERVER_ATTEMPTS: u32 = 3;
/// How long a device waits before it tries again; each further pause is so many times as long.
pub const SERVER_RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How much longer each pause is than the one before.
pub const SERVER_RETRY_GROWTH: u32 = 3;
/// The longest pause that a device lets its server ask for.
pub const SERVER_RETRY_AFTER: Duration = Duration::from_secs(30);
/// How many redirects a device follows, all of them within its server.
pub const SERVER_REDIRECTS: u32 = 5;
/// How long a device keeps an idle connection: shorter than any server does, so that none is found
/// closed.
pub const SERVER_CONNECTION_IDLE: Duration = Duration::from_millis(1500);
/// The longest JSON answer that a device reads.
pub const SERVER_ANSWER_BYTES: usize = 128 * 1024 * 1024;
/// How much of an answer that cannot be read is shown.
pub const SERVER_ANSWER_SHOWN_CHARS: usize = 200;
/// How large the pieces are in which files travel.
pub const TRANSFER_PIECE_BYTES: usize = 64 * 1024;
/// How often a file is read that changes while it is read.
pub const READS_OF_A_CHANGING_FILE: usize = 5;
/// How long a file of the journal may be that describes what was kept.
pub const JOURNAL_ENTRY_BYTES: u64 = 64 * 1024;
/// How many links in a row are followed to a file that is not there yet: as many as Linux follows.
pub const LINKS_FOLLOWED: usize = 40;
/// The largest file of another program's state that is read in.
pub const FOREIGN_STATE_BYTES: u64 = 64 * 1024 * 1024;
/// How many files a device knows again without reading them.
pub const HASHES_KNOWN: i64 = 50_000;
/// How many of those that it has read are not written down yet.
pub const HASHES_UNWRITTEN: usize = 4096;
/// How large a manifest may be, in bytes.
pub const MANIFEST_BYTES: u64 = 32 * 1024 * 1024;
/// How many games a device works on, and how many answers it waits for, at once.
pub const TRANSFERS: usize = 32;
/// How many games a device asks for at once: a RomM tells much of each.
pub const GAMES_AT_ONCE: usize = 500;
/// The same of a Keepsave, which tells little: as many as it tells at once.
pub const GAMES_AT_ONCE_OF_KEEPSAVE: usize = 10_000;
/// Up to which size a ROM is read to know it by its content, where its name does not tell.
pub const ROM_HASH_BYTES: u64 = 64 * 1024 * 1024;
/// How far apart the same name is sent to a RomM, whose names count in seconds: the moment it arrives
/// wavers.
pub const ROMM_NAMES_APART: Duration = Duration::from_millis(1200);
/// How long a run that waits for another cannot be stopped.
pub const OTHER_RUN_LOOK: Duration = Duration::from_millis(200);
/// How long a run waits for another that works on the same games.
pub const OTHER_RUN_WAIT: Duration = Duration::from_hours(1);
/// The largest file of a frontend or an emulator that is read: settings, what it knows of systems,
/// notes about games.
pub const FRONTEND_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// How far apart two looks are at a save that may still be written: longer than a core takes between
/// two pieces of one save.
pub const SAVE_LOOKS_APART: Duration = Duration::from_millis(500);
/// How long a save that does not come to rest is looked at after its game has ended.
pub const SAVE_REST_WAIT: Duration = Duration::from_secs(10);
/// The longest time, in seconds, that a person may let a pull or push take.
pub const WITHIN_SECONDS: u64 = 86_400;
/// How much longer than it may take a sync is waited for, so that what is being put in its place is
/// finished.
pub const STOP_GRACE: Duration = Duration::from_secs(2);
/// How deep elements of such a file may stand in one another.
pub const FRONTEND_NESTING: usize = 64;
/// How deep directories of games may stand in a platform's folder.
pub const GAME_FOLDER_DEPTH: usize = 8;
/// How many files a folder of games may hold.
pub const GAMES_OF_A_FOLDER: usize = 200_000;
/// How deep settings of `RetroArch` may include one another: as deep as it follows them itself.
pub const SETTINGS_DEPTH: usize = 16;
/// The largest save that is a folder, in bytes.
pub const FOLDER_SAVE_BYTES: u64 = 512 * 1024 * 1024;
/// How deep folders may stand in one another in such a save.
pub const FOLDER_SAVE_DEPTH: usize = 16;
/// The largest content that a packed save may hold.
pub const RZIP_BYTES: u64 = 512 * 1024 * 1024;
/// The largest piece that a packed save may be packed in: `RetroArch` uses an eighth of it.
pub const RZIP_CHUNK_BYTES: u32 = 1024 * 1024;
/// How long a core's name or version may be in the name of a state.
pub const STATE_WORD_CHARS: usize = 32;
/// The largest state that travels: what a RomM takes.
pub const STATE_BYTES: u64 = UPLOAD_BYTES;
/// The largest picture of a state that travels with it; it is held in memory.
pub const STATE_PICTURE_BYTES: u64 = 8 * 1024 * 1024;
/// How far apart an agent looks at what is being played: while nothing is, and while something is.
pub const AGENT_LOOKS_APART: Duration = Duration::from_secs(5);
/// The same while a game is played, which is when its end matters.
pub const AGENT_LOOKS_APART_IN_PLAY: Duration = Duration::from_secs(2);
/// How long it takes until an agent looks at everything anew, whatever it was told meanwhile.
pub const AGENT_LOOKS_ANEW: Duration = Duration::from_hours(1);
/// How soon an agent tries again where there was no contact, and where a save was in use; each
/// further pause is twice as long.
pub const AGENT_AGAIN_LEAST: Duration = Duration::from_secs(30);
/// The longest such pause.
pub const AGENT_AGAIN_MOST: Duration = Duration::from_mins(15);
/// The longest pause between two questions to a server that tells nothing by itself.
pub const AGENT_ASKS_APART_MOST: Duration = Duration::from_mins(15);
/// How far apart saves of a game are sent while it is played.
pub const AGENT_LIVE_APART: Duration = Duration::from_mins(5);
/// How far apart an emulator is told to write its save while a game is played.
pub const AGENT_FLUSHES_APART: Duration = Duration::from_mins(5);
/// How long an emulator may take to answer a command.
pub const EMULATOR_ANSWER_WAIT: Duration = Duration::from_millis(500);
/// How long nothing may be heard of a server that tells what happens: it says every 20 s that it is
/// there.
pub const SERVER_EVENTS_STALL: Duration = Duration::from_secs(70);
/// The longest line that a server may tell what happened in.
pub const SERVER_EVENT_BYTES: usize = 64 * 1024;
/// How many directories of saves an agent is told of by the system.
pub const AGENT_DIRECTORIES: usize = 4096;
/// How long what was seen to run on a machine may count before it is looked at again.
pub const RUNNING_COUNTS: Duration = Duration::from_millis(500);
/// How many seconds a launch may take until it is seen to run.
pub const LAUNCH_SECONDS: i64 = 60;
/// How many seconds what was just done waits for the page that says it.
pub const NOTICE_SECONDS: u32 = 60;
/// How many games a page of the library shows.
pub const SHELF_GAMES: i64 = 48;
/// How many games the first page tells of.
pub const LATELY_GAMES: i64 = 10;
/// How many syncs a page shows.
pub const ACTIVITY_SESSIONS: i64 = 40;
/// How many saves that others share a page shows.
pub const COMMUNITY_SAVES: i64 = 40;
/// How many seconds a figure of the room that saves take counts.
pub const STORAGE_COUNTS_SECONDS: i64 = 60;
/// The longest text that a page searches for, in characters.
pub const SEARCH_CHARS: usize = 200;
/// How many syncs a device's own page shows.
pub const DEVICE_SESSIONS: i64 = 10;
