//! A sync from negotiate to complete: `/api/sync`.

use keepsave_core::ids::{DeviceId, SessionId};
use keepsave_core::release::Speaks;
use keepsave_wire::sync::{SyncCompletePayload, SyncNegotiatePayload};
use reqwest::Method;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenPlan, SeenSession};
use super::{Server, ServerError, Trouble};

/// The routes that a RomM has since it negotiates, as romm-cli names them.
const ROUTES: &[&str] = &[
    "GET /api/sync/sessions",
    "POST /api/sync/negotiate",
    "POST /api/sync/sessions/{session_id}/complete",
    "POST /api/sync/devices/{device_id}/push-pull",
];

impl Server {
    /// Shows which saves are here, and is told what to do with each. It ends whatever session the
    /// device has open, so done twice it is as if done once.
    pub async fn negotiate(
        &self,
        inventory: &SyncNegotiatePayload,
    ) -> Result<Told<SeenPlan>, ServerError> {
        let call = Call::safe(Method::POST, "/api/sync/negotiate");
        self.ask(call.json(inventory)).await?.read()
    }

    /// Ends a session; none comes back when it had ended already, as it has after an answer that
    /// was lost.
    pub async fn complete(
        &self,
        session: SessionId,
        outcome: &SyncCompletePayload,
    ) -> Result<Option<Told<SeenCompletion>>, ServerError> {
        let id = session.to_string();
        let route = path(&["api", "sync", "sessions", &id, "complete"]);
        let call = Call::safe(Method::POST, route).json(outcome);
        match self.ask(call).await {
            Ok(answer) => answer.read().map(Some),
            Err(ServerError {
                trouble:
                    Trouble::Refused {
                        status: 400,
                        detail,
                    },
                ..
            }) if detail.starts_with("Session is already") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The sessions of the account, or of one device, newest first.
    pub async fn sessions(
        &self,
        device: Option<&DeviceId>,
        at_most: Option<u32>,
    ) -> Result<Told<Rows<SeenSession>>, ServerError> {
        self.must_negotiate("GET /api/sync/sessions").await?;
        let call = Call::get("/api/sync/sessions")
            .query("device_id", device)
            .query("limit", at_most);
        self.ask(call).await?.read()
    }

    /// One session.
    pub async fn session(&self, id: SessionId) -> Result<Told<SeenSession>, ServerError> {
        self.must_negotiate("GET /api/sync/sessions/{session_id}")
            .await?;
        let call = Call::get(path(&["api", "sync", "sessions", &id.to_string()]));
        self.ask(call).await?.read()
    }

    /// Lets the server visit a device. Asked twice, it visits twice.
    pub async fn push_pull(&self, device: &DeviceId) -> Result<Told<SeenSession>, ServerError> {
        let request = "POST /api/sync/devices/{device_id}/push-pull";
        self.must_negotiate(request).await?;
        let route = path(&["api", "sync", "devices", &device.0, "push-pull"]);
        self.ask(Call::once(Method::POST, route)).await?.read()
    }

    /// Refuses for a server that does not negotiate yet, without asking it.
    async fn must_negotiate(&self, request: &str) -> Result<(), ServerError> {
        let heartbeat = self.heartbeat().await?;
        if heartbeat.speaks != Speaks::Lists {
            return Ok(());
        }
        let trouble = Trouble::NoSync {
            found: heartbeat.name(),
            missing: ROUTES,
        };
        Err(ServerError::new(request, trouble))
    }
}

/// What completing a session is answered with.
#[derive(Debug, serde::Deserialize)]
pub struct SeenCompletion {
    /// The session as it ended.
    #[serde(default, deserialize_with = "super::seen::lenient::any")]
    pub session: Option<SeenSession>,
}
