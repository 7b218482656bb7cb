//! Notes that people, tokens, devices and sessions were here: to a few minutes, and without making
//! a request wait for the disk.

use futures_util::FutureExt;
use keepsave_core::ids::{DeviceId, TokenId, UserId};
use keepsave_core::time::Time;

use crate::app::App;
use crate::vault::sessions::{self, WebSession};
use crate::vault::tokens::{self, Bearer, Hash};
use crate::vault::users::{self, User};
use crate::vault::{Fault, devices};

/// Who was seen so recently is not noted again.
const SECONDS_BETWEEN_NOTES: i64 = 5 * 60;

/// What is to be noted about one request; nothing when all was noted lately.
#[derive(Default)]
pub struct Seen {
    user: Option<UserId>,
    token: Option<TokenId>,
    device: Option<DeviceId>,
    session: Option<Hash>,
}

impl Seen {
    /// A person was here.
    pub fn user(user: &User, now: Time) -> Self {
        Self {
            user: is_due(user.last_active, now).then_some(user.id),
            ..Self::default()
        }
    }

    /// Someone came with a client token, perhaps from the device that it belongs to.
    pub fn bearer(bearer: &Bearer, now: Time) -> Self {
        let token = &bearer.token;
        Self {
            token: is_due(token.last_used_at, now).then_some(token.id),
            device: token
                .device_id
                .clone()
                .filter(|_| is_due(bearer.device_seen_at, now)),
            ..Self::user(&bearer.user, now)
        }
    }

    /// A browser's session was used.
    pub fn session(session: &WebSession, hash: &Hash, now: Time) -> Self {
        Self {
            session: is_due(Some(session.last_used_at), now).then_some(*hash),
            ..Self::user(&session.user, now)
        }
    }

    /// Hands it to the store and does not wait: should it be lost, the next request notes it.
    pub fn note(self, app: &App) {
        if self.is_nothing() {
            return;
        }
        let now = app.now();
        let session_ends = now.plus_seconds(app.settings.session_max_age_seconds);
        let written = app.vault.write(move |tx| {
            if let Some(user) = self.user {
                users::seen(tx, user, now)?;
            }
            if let Some(token) = self.token {
                tokens::used(tx, token, now)?;
            }
            if let Some(device) = &self.device {
                devices::seen(tx, device, now)?;
            }
            if let Some(session) = &self.session {
                sessions::extend(tx, session, session_ends, now)?;
            }
            Ok::<_, Fault>(())
        });
        // Asking once hands the work over.
        if let Some(Err(fault)) = written.now_or_never() {
            tracing::warn!(%fault, "it was not noted that someone was here");
        }
    }

    fn is_nothing(&self) -> bool {
        self.user.is_none()
            && self.token.is_none()
            && self.device.is_none()
            && self.session.is_none()
    }
}

fn is_due(noted: Option<Time>, now: Time) -> bool {
    noted.is_none_or(|noted| now < noted || noted.plus_seconds(SECONDS_BETWEEN_NOTES) <= now)
}
