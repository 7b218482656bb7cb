//! What an app may do, in plain words.

use crate::auth::scope::{Scope, Scopes};

/// A line for people, and the scopes that it stands for. Of lines about the same thing the first
/// that holds is said.
type Line = (&'static [Scope], &'static str);

const LINES: [&[Line]; 7] = [
    &[
        (
            &[Scope::AssetsWrite],
            "Save and load your game saves, states and screenshots",
        ),
        (
            &[Scope::AssetsRead],
            "Load your game saves, states and screenshots",
        ),
    ],
    &[
        (
            &[
                Scope::RomsWrite,
                Scope::PlatformsWrite,
                Scope::FirmwareWrite,
            ],
            "See the library, and change it for everyone",
        ),
        (
            &[Scope::RomsRead, Scope::PlatformsRead, Scope::FirmwareRead],
            "See the library and load games",
        ),
    ],
    &[
        (
            &[Scope::RomsUserWrite],
            "Keep your play times, ratings and notes",
        ),
        (
            &[Scope::RomsUserRead],
            "See your play times, ratings and notes",
        ),
    ],
    &[
        (
            &[Scope::CollectionsWrite, Scope::PlaylistsWrite],
            "Change your collections and playlists",
        ),
        (
            &[Scope::CollectionsRead, Scope::PlaylistsRead],
            "See your collections and playlists",
        ),
    ],
    &[
        (&[Scope::DevicesWrite], "See and change your devices"),
        (&[Scope::DevicesRead], "See your devices"),
    ],
    &[
        (
            &[Scope::MeWrite],
            "Change your account and password, and let other devices in",
        ),
        (&[Scope::MeRead], "See your name and account"),
    ],
    &[
        (&[Scope::UsersWrite], "Change and delete other users"),
        (&[Scope::UsersRead], "See all users"),
    ],
];

const OTHERS: [Line; 2] = [
    (&[Scope::TasksRun], "Run the server's tasks"),
    (&[Scope::LogsRead], "Read the server's logs"),
];

/// What these scopes allow, line by line.
pub fn in_words(scopes: Scopes) -> Vec<&'static str> {
    let holds = |line: &&Line| line.0.iter().any(|scope| scopes.has(*scope));
    let about = LINES.iter().filter_map(|lines| lines.iter().find(holds));
    about
        .chain(OTHERS.iter().filter(holds))
        .map(|line| line.1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::scope::Role;

    #[test]
    fn nothing_is_allowed_without_a_word() {
        for scope in Scope::ALL {
            let alone = in_words([*scope].into_iter().collect());
            assert_eq!(alone.len(), 1, "{scope}");
        }
        assert_eq!(in_words(Scopes::NONE), [""; 0]);
    }

    #[test]
    fn what_a_save_app_may_do() {
        let scopes = Scopes::parse(
            "assets.read assets.write roms.read platforms.read devices.read devices.write me.read",
        );
        assert_eq!(
            in_words(scopes),
            [
                "Save and load your game saves, states and screenshots",
                "See the library and load games",
                "See and change your devices",
                "See your name and account",
            ]
        );
        assert_eq!(in_words(Role::Admin.scopes()).len(), 9);
    }
}
