//! What an app may do, in plain words.

use super::words::{Phrase, Words};
use crate::auth::scope::{Scope, Scopes};

/// A line for people, and the scopes that it stands for. Of lines about the same thing the first
/// that holds is said.
type Line = (&'static [Scope], fn(Words) -> Phrase<'static>);

const LINES: [&[Line]; 7] = [
    &[
        (&[Scope::AssetsWrite], |words| words.may_assets_write()),
        (&[Scope::AssetsRead], |words| words.may_assets_read()),
    ],
    &[
        (
            &[
                Scope::RomsWrite,
                Scope::PlatformsWrite,
                Scope::FirmwareWrite,
            ],
            |words| words.may_library_write(),
        ),
        (
            &[Scope::RomsRead, Scope::PlatformsRead, Scope::FirmwareRead],
            |words| words.may_library_read(),
        ),
    ],
    &[
        (&[Scope::RomsUserWrite], |words| words.may_notes_write()),
        (&[Scope::RomsUserRead], |words| words.may_notes_read()),
    ],
    &[
        (&[Scope::CollectionsWrite, Scope::PlaylistsWrite], |words| {
            words.may_collections_write()
        }),
        (&[Scope::CollectionsRead, Scope::PlaylistsRead], |words| {
            words.may_collections_read()
        }),
    ],
    &[
        (&[Scope::DevicesWrite], |words| words.may_devices_write()),
        (&[Scope::DevicesRead], |words| words.may_devices_read()),
    ],
    &[
        (&[Scope::MeWrite], |words| words.may_me_write()),
        (&[Scope::MeRead], |words| words.may_me_read()),
    ],
    &[
        (&[Scope::UsersWrite], |words| words.may_users_write()),
        (&[Scope::UsersRead], |words| words.may_users_read()),
    ],
];

const OTHERS: [Line; 2] = [
    (&[Scope::TasksRun], |words| words.may_tasks_run()),
    (&[Scope::LogsRead], |words| words.may_logs_read()),
];

/// What these scopes allow, line by line.
pub fn in_words(words: Words, scopes: Scopes) -> Vec<Phrase<'static>> {
    let holds = |line: &&Line| line.0.iter().any(|scope| scopes.has(*scope));
    let about = LINES.iter().filter_map(|lines| lines.iter().find(holds));
    about
        .chain(OTHERS.iter().filter(holds))
        .map(|line| line.1(words))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::scope::Role;

    fn said(scopes: Scopes) -> Vec<String> {
        let lines = in_words(Words::english(), scopes);
        lines.iter().map(Phrase::plain).collect()
    }

    #[test]
    fn nothing_is_allowed_without_a_word() {
        for scope in Scope::ALL {
            assert_eq!(said([*scope].into_iter().collect()).len(), 1, "{scope}");
        }
        assert_eq!(said(Scopes::NONE), [""; 0]);
    }

    #[test]
    fn what_a_save_app_may_do() {
        let scopes = Scopes::parse(
            "assets.read assets.write roms.read platforms.read devices.read devices.write me.read",
        );
        assert_eq!(
            said(scopes),
            [
                "Save and load your game saves, states and screenshots",
                "See the library and load games",
                "See and change your devices",
                "See your name and account",
            ]
        );
        assert_eq!(said(Role::Admin.scopes()).len(), 9);
    }
}
