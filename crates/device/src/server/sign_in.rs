//! How a token is had and given back: a code that a person approves, a pairing code, or a name and
//! a password.

use keepsave_core::ids::TokenId;
use keepsave_wire::device_auth::{DeviceAuthInitPayload, DeviceAuthTokenPayload};
use keepsave_wire::tokens::{ClientTokenCreatePayload, ClientTokenExchangePayload};
use reqwest::Method;

use super::ask::{Call, Told, path};
use super::seen::{Rows, SeenDeviceCode, SeenToken, SeenTokenRow, SeenUser};
use super::{Secret, Server, ServerError, Trouble};

/// What became of a device's wish to be let in.
#[derive(Clone, Debug)]
pub enum Poll {
    /// A person let it in.
    In(SeenToken),
    /// No one has decided yet.
    Pending,
    /// No one has, and it asked too soon.
    TooSoon,
    /// A person refused.
    Denied,
    /// No one decided in time.
    Expired,
}

impl Server {
    /// Who is signed in.
    pub async fn me(&self) -> Result<Told<SeenUser>, ServerError> {
        self.ask(Call::get("/api/users/me")).await?.read()
    }

    /// Asks that this device be let in.
    pub async fn ask_to_be_let_in(
        &self,
        device: &DeviceAuthInitPayload,
    ) -> Result<SeenDeviceCode, ServerError> {
        let call = Call::safe(Method::POST, "/api/auth/device/init").json(device);
        Ok(self.ask(call).await?.read()?.seen)
    }

    /// Asks once whether it was let in. The token is given once, so a lost answer loses it.
    pub async fn poll(&self, device_code: &Secret) -> Result<Poll, ServerError> {
        let payload = DeviceAuthTokenPayload {
            device_code: device_code.reveal().to_owned(),
        };
        let call = Call::once(Method::POST, "/api/auth/device/token").json(&payload);
        let error = match self.ask(call).await {
            Ok(answer) => return Ok(Poll::In(answer.read()?.seen)),
            Err(error) => error,
        };
        let detail = match &error.trouble {
            Trouble::Refused {
                status: 400,
                detail,
            } => detail.as_str(),
            // The server counts polls of an address, whoever sends them.
            Trouble::RateLimited { .. } => "slow_down",
            _ => "",
        };
        match detail {
            "authorization_pending" => Ok(Poll::Pending),
            "slow_down" => Ok(Poll::TooSoon),
            "access_denied" => Ok(Poll::Denied),
            "expired_token" => Ok(Poll::Expired),
            _ => Err(error),
        }
    }

    /// Exchanges a pairing code for its token. The code works once.
    pub async fn exchange(&self, code: &str) -> Result<SeenToken, ServerError> {
        let payload = ClientTokenExchangePayload {
            code: code.to_owned(),
        };
        let call = Call::once(Method::POST, "/api/client-tokens/exchange").json(&payload);
        Ok(self.ask(call).await?.read()?.seen)
    }

    /// Makes a token for whoever is signed in.
    pub async fn make_token(
        &self,
        token: &ClientTokenCreatePayload,
    ) -> Result<SeenToken, ServerError> {
        let call = Call::once(Method::POST, "/api/client-tokens").json(token);
        Ok(self.ask(call).await?.read()?.seen)
    }

    /// The tokens of whoever is signed in, newest first.
    pub async fn tokens(&self) -> Result<Told<Rows<SeenTokenRow>>, ServerError> {
        self.ask(Call::get("/api/client-tokens")).await?.read()
    }

    /// Revokes a token.
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), ServerError> {
        let route = path(&["api", "client-tokens", &id.to_string()]);
        self.ask(Call::safe(Method::DELETE, route)).await.map(drop)
    }
}
