//! A client token as the wire shows it.

use keepsave_wire::tokens::{ClientTokenCreateSchema, ClientTokenSchema};

use crate::auth::client_tokens::Minted;
use crate::vault::tokens::ClientToken;

/// The token, without its secret.
pub fn schema(token: ClientToken) -> ClientTokenSchema {
    ClientTokenSchema {
        id: token.id,
        name: token.name,
        scopes: token.scopes.split_whitespace().map(str::to_owned).collect(),
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
        created_at: token.created_at,
        user_id: token.user_id,
        device_id: token.device_id,
    }
}

/// The token with its new secret.
pub fn minted(minted: Minted) -> ClientTokenCreateSchema {
    ClientTokenCreateSchema {
        token: schema(minted.token),
        raw_token: minted.secret,
    }
}
