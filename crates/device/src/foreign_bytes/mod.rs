//! What must hold of everything here that reads bytes which someone else wrote, whatever they are.
//!
//! Each body takes any bytes and asserts more than that nothing panics: what was read can be written
//! and read again, is within its limits, leads nowhere else. The fuzzer runs the bodies for hours
//! (`cargo xtask fuzz`), the tests here for moments, on the corpus that is checked in and on what comes
//! of changing it. Built for these two alone.

mod answers;
mod contents;
mod frontends;
mod here;
mod names;
#[cfg(test)]
mod tests;

/// A body and what it is called: so are its target and its corpus.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// What must hold, whatever the bytes.
    pub body: fn(&[u8]),
}

/// Every body.
pub const TARGETS: &[Target] = &[
    target("retroarch_cfg", frontends::retroarch_cfg),
    target("playlist", frontends::playlist),
    target("es_systems", frontends::es_systems),
    target("gamelist", frontends::gamelist),
    target("es_settings", frontends::es_settings),
    target("es_find_rules", frontends::es_find_rules),
    target("manifest", here::manifest),
    target("state_import", here::state_import),
    target("settings", here::settings),
    target("zip_hash", contents::zip_hash),
    target("zip_unpack", contents::zip_unpack),
    target("rzip", contents::rzip),
    target("disc_ids", contents::disc_ids),
    target("file_names", names::file_names),
    target("state_names", names::state_names),
    target("times_and_hashes", names::times_and_hashes),
    target("answers", answers::answers),
];

/// Runs the body of that name, which must be there.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    assert!(target.is_some(), "there is no target {name}");
    if let Some(target) = target {
        (target.body)(data);
    }
}

const fn target(name: &'static str, body: fn(&[u8])) -> Target {
    Target { name, body }
}
