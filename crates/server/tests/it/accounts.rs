//! Users and tokens for tests that need some, made beneath the wire.

use keepsave_server::auth::secret;
use keepsave_server::vault::tokens::{self, NewToken};
use keepsave_server::vault::{Fault, users};
use keepsave_testkit::server::TestServer;

/// Takes away a user's right to sign in.
pub async fn disable(server: &TestServer, name: &'static str) {
    server
        .app
        .vault
        .write(move |tx| {
            let mut user = users::by_name(tx, name)?.unwrap();
            user.enabled = false;
            let now = user.updated_at;
            users::update(tx, &user, now)
        })
        .await
        .map_err(|fault: Fault| fault)
        .unwrap();
}

/// A user's token with these scopes, whether they have them or not.
pub async fn scoped_token(server: &TestServer, name: &'static str, scopes: &str) -> String {
    let secret = secret::client_token(&server.app.environment);
    let (hash, now) = (secret::hash(&secret), server.app.now());
    let scopes = scopes.to_owned();
    server
        .app
        .vault
        .write(move |tx| {
            let new = NewToken {
                user: users::by_name(tx, name)?.unwrap().id,
                device: None,
                name: "made for a test".to_owned(),
                scopes,
                hash,
                expires_at: None,
            };
            tokens::add(tx, &new, now)
        })
        .await
        .map_err(|fault: Fault| fault)
        .unwrap();
    secret
}
