//! What a request may do: RomM's scopes, and which of them a role has.

use std::fmt;

macro_rules! scopes {
    ($($name:ident = $text:literal,)*) => {
        /// One permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is its own text")]
        pub enum Scope { $($name,)* }

        impl Scope {
            /// Every scope, in RomM's order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

scopes! {
    MeRead = "me.read",
    RomsRead = "roms.read",
    PlatformsRead = "platforms.read",
    AssetsRead = "assets.read",
    DevicesRead = "devices.read",
    FirmwareRead = "firmware.read",
    RomsUserRead = "roms.user.read",
    CollectionsRead = "collections.read",
    PlaylistsRead = "playlists.read",
    MeWrite = "me.write",
    AssetsWrite = "assets.write",
    DevicesWrite = "devices.write",
    RomsUserWrite = "roms.user.write",
    CollectionsWrite = "collections.write",
    PlaylistsWrite = "playlists.write",
    RomsWrite = "roms.write",
    PlatformsWrite = "platforms.write",
    FirmwareWrite = "firmware.write",
    UsersRead = "users.read",
    UsersWrite = "users.write",
    TasksRun = "tasks.run",
    LogsRead = "logs.read",
}

impl Scope {
    /// The scope of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == name)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    /// No permission at all.
    pub const NONE: Self = Self(0);

    /// The scopes in a text where they are separated by spaces; unknown names give nothing.
    pub fn parse(text: &str) -> Self {
        text.split_whitespace().filter_map(Scope::named).collect()
    }

    /// Those that change nothing, of the role that has least.
    pub fn reading() -> Self {
        Scope::ALL[..=Scope::PlaylistsRead as usize]
            .iter()
            .copied()
            .collect()
    }

    /// Whether a scope is among them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// One by one, in RomM's order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.has(*scope))
    }

    /// Their names, in RomM's order.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::as_str).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// Separated by spaces.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

/// What a person is on this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Admin,
    /// May do everything with what is theirs.
    User,
}

impl Role {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    /// The role of that name. Whatever is not an admin is a user, as RomM reads it.
    pub fn named(name: &str) -> Self {
        if name.trim().eq_ignore_ascii_case("admin") {
            Self::Admin
        } else {
            Self::User
        }
    }

    /// What the role may do.
    pub fn scopes(self) -> Scopes {
        let all = match self {
            Self::Admin => Scope::ALL.len(),
            Self::User => Scope::PlaylistsWrite as usize + 1,
        };
        Scope::ALL[..all].iter().copied().collect()
    }
}
