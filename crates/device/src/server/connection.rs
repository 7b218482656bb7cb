//! How a device connects: how long it waits, whom it trusts, what it calls itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keepsave_core::limits;
use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};

use super::address::Address;

/// How a device connects to its server.
#[derive(Clone, Debug)]
pub struct Connection {
    /// How long it waits.
    pub timing: Timing,
    /// A file of certificates to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// What it calls itself: `keepsave/0.1.0`.
    pub agent: String,
}

/// How long a device waits. Nothing bounds a transfer that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For a connection.
    pub connect: Duration,
    /// While nothing moves.
    pub stall: Duration,
    /// Before it tries again for the first time.
    pub pause: Duration,
}

/// A choice that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadConnection {
    /// A number of seconds that is none.
    #[error("{name} is {value:?}; it must be a number of seconds above zero, such as 30 or 0.5")]
    Seconds {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// The certificates cannot be used.
    #[error("{}: {why}; KEEPSAVE_CA_FILE must name a file of certificates in PEM form", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The network library cannot start.
    #[error("nothing can be sent: {why}")]
    Client {
        /// Why not.
        why: String,
    },
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: limits::SERVER_CONNECT_WAIT,
            stall: limits::SERVER_STALL_WAIT,
            pause: limits::SERVER_RETRY_PAUSE,
        }
    }
}

impl Connection {
    /// As the variables say, for a program of this name and version.
    pub fn of(
        agent: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadConnection> {
        let seconds = |name: &'static str, otherwise: Duration| {
            let Some(value) = variable(name).filter(|value| !value.is_empty()) else {
                return Ok(otherwise);
            };
            let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0);
            seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .ok_or(BadConnection::Seconds { name, value })
        };
        let usual = Timing::default();
        Ok(Self {
            timing: Timing {
                connect: seconds("KEEPSAVE_CONNECT_SECONDS", usual.connect)?,
                stall: seconds("KEEPSAVE_STALL_SECONDS", usual.stall)?,
                pause: seconds("KEEPSAVE_RETRY_SECONDS", usual.pause)?,
            },
            ca_file: variable("KEEPSAVE_CA_FILE")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            agent: agent.to_owned(),
        })
    }

    /// The client of the network library for one server.
    pub(crate) fn client(&self, address: &Address) -> Result<Client, BadConnection> {
        // Whoever came first has installed the same.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let unusable = |error: reqwest::Error| BadConnection::Client {
            why: error.to_string(),
        };
        if !address.is_encrypted() {
            // No certificate is ever looked at, so none is read.
            return self.builder().tls_certs_only([]).build().map_err(unusable);
        }
        if let Some(path) = &self.ca_file {
            let builder = self.builder().tls_certs_merge(certificates(path)?);
            return builder.build().map_err(unusable);
        }
        if let Ok(client) = self.builder().build() {
            return Ok(client);
        }
        // A handheld without a store of certificates.
        tracing::debug!("the system has no certificates to trust; those built in are used");
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots: Result<Vec<Certificate>, _> =
            roots.map(|root| Certificate::from_der(root)).collect();
        let builder = self.builder().tls_certs_only(roots.map_err(unusable)?);
        builder.build().map_err(unusable)
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .user_agent(&self.agent)
            .connect_timeout(self.timing.connect)
            .pool_idle_timeout(limits::SERVER_CONNECTION_IDLE)
            .http1_only()
            // Both are decided where it is known what a request is.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, BadConnection> {
    let unusable = |why: String| BadConnection::CaFile {
        path: path.to_owned(),
        why,
    };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &'static str, value: &'static str) -> Result<Connection, BadConnection> {
        Connection::of("keepsave/1", |asked| {
            (asked == name).then(|| value.to_owned())
        })
    }

    #[test]
    fn how_long_to_wait_can_be_chosen() {
        let usual = connection("", "").unwrap();
        assert_eq!(usual.timing, Timing::default());
        let quick = connection("KEEPSAVE_STALL_SECONDS", "0.25").unwrap();
        assert_eq!(quick.timing.stall, Duration::from_millis(250));
        assert_eq!(quick.timing.connect, Timing::default().connect);
        for wrong in ["0", "-1", "soon", "NaN", "inf", "1e300"] {
            let told = connection("KEEPSAVE_CONNECT_SECONDS", wrong).unwrap_err();
            assert!(
                told.to_string().contains("KEEPSAVE_CONNECT_SECONDS"),
                "{told}"
            );
        }
        assert!(connection("KEEPSAVE_RETRY_SECONDS", "").is_ok());
    }

    #[test]
    fn certificates_that_cannot_be_used_are_named() {
        let directory = tempfile::tempdir().unwrap();
        let address = Address::parse("https://a.example").unwrap();
        for (name, text) in [("empty.pem", Some("")), ("none.pem", None)] {
            let path = directory.path().join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let mut connection = connection("", "").unwrap();
            connection.ca_file = Some(path);
            let told = connection.client(&address).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("PEM"), "{told}");
        }
    }
}
