//! Which server is there: asked once, without anyone being signed in.

use keepsave_core::release::{Release, Speaks, judge};
use serde::Deserialize;

use super::ask::Call;
use super::seen::lenient;
use super::{Server, ServerError, Trouble};

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The RomM that it is, or answers as.
    pub release: Option<Release>,
    /// The Keepsave that it is.
    pub keepsave: Option<String>,
    /// How a device syncs with it.
    pub speaks: Speaks,
}

/// What the device reads of a heartbeat. RomM 3 named its version at the top.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Seen {
    #[serde(rename = "SYSTEM", deserialize_with = "lenient::any")]
    system: Named,
    #[serde(rename = "KEEPSAVE", deserialize_with = "lenient::any")]
    keepsave: Named,
    #[serde(rename = "VERSION", deserialize_with = "lenient::any")]
    version: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(rename = "VERSION", deserialize_with = "lenient::any")]
    version: Option<String>,
}

impl Heartbeat {
    /// `RomM 5.1.0`, `Keepsave 0.1.0`.
    pub fn name(&self) -> String {
        match (&self.keepsave, &self.release) {
            (Some(version), _) => format!("Keepsave {version}"),
            (None, Some(release)) => format!("RomM {release}"),
            (None, None) => "an unnamed server".to_owned(),
        }
    }

    /// What a person should know before they rely on it.
    pub fn warning(&self) -> Option<&'static str> {
        let unreleased = self.keepsave.is_none() && self.release == Some(Release::Development);
        unreleased.then_some(
            "the server runs RomM from a checkout (`development`); it is taken for the newest",
        )
    }
}

impl Server {
    /// What the server says of itself. It is asked once; an error when a device cannot sync with
    /// that version.
    pub async fn heartbeat(&self) -> Result<&Heartbeat, ServerError> {
        let asked = self.hold.heartbeat.get_or_try_init(async || {
            let answer = self.ask(Call::get("/api/heartbeat")).await?;
            let name = answer.name.clone();
            let Seen {
                system,
                keepsave,
                version,
            } = answer.read::<Seen>()?.seen;
            let named = system.version.or(version);
            let keepsave = keepsave.version;
            let (release, speaks) = judge(named.as_deref(), keepsave.is_some())
                .map_err(|unsupported| ServerError::new(name, Trouble::TooOld(unsupported)))?;
            Ok(Heartbeat {
                release,
                keepsave,
                speaks,
            })
        });
        asked.await
    }

    /// How a device syncs with it.
    pub async fn speaks(&self) -> Result<Speaks, ServerError> {
        Ok(self.heartbeat().await?.speaks)
    }
}
