//! Where a request came from. A proxy's word counts only when the operator trusts that proxy.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::HeaderMap;
use http::request::Parts;

use crate::app::App;
use crate::config::Settings;

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address of whoever asked.
    pub address: IpAddr,
    /// Whether a trusted proxy says that it was asked over TLS.
    pub secure: bool,
}

impl Origin {
    /// Reads the connection, and what a trusted proxy forwarded.
    pub fn of(parts: &Parts, settings: &Settings) -> Self {
        let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
        Self::through(peer.to_canonical(), &parts.headers, settings)
    }

    fn through(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> Self {
        let trusted = |address: &IpAddr| {
            let mut proxies = settings.trusted_proxies.iter();
            proxies.any(|proxy| proxy.contains(address))
        };
        if !trusted(&peer) {
            return Self {
                address: peer,
                secure: false,
            };
        }
        // Each proxy appends whom it was asked by, so the last that is no proxy is the one.
        let mut forwarded: Vec<IpAddr> = listed(headers, "x-forwarded-for")
            .filter_map(address)
            .collect();
        forwarded.reverse();
        let first = forwarded.last().copied();
        let asked = forwarded.into_iter().find(|address| !trusted(address));
        Self {
            address: asked.or(first).unwrap_or(peer),
            secure: listed(headers, "x-forwarded-proto").next() == Some("https"),
        }
    }

    /// Whom to count attempts against. One household's IPv6 addresses are a whole network.
    pub fn who(&self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                format!("{}/64", Ipv6Addr::from(network))
            }
        }
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &app.settings))
    }
}

fn listed<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn seen(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let mut settings = Settings::for_data(Path::new("data"));
        settings.trusted_proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let origin = Origin::through(peer.parse().unwrap(), &headers, &settings);
        origin.address.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let docker = "172.16.0.0/12";
        for (proxies, peer, forwarded, expected) in [
            (vec![], "192.0.2.1", vec!["10.0.0.1"], "192.0.2.1"),
            (vec![docker], "192.0.2.1", vec!["10.0.0.1"], "192.0.2.1"),
            (vec![docker], "172.18.0.1", vec!["192.0.2.7"], "192.0.2.7"),
            (vec![docker], "172.18.0.1", vec![], "172.18.0.1"),
            // What the client itself claims stands first and is not believed.
            (
                vec![docker],
                "172.18.0.1",
                vec!["1.2.3.4, 192.0.2.7"],
                "192.0.2.7",
            ),
            (
                vec![docker],
                "172.18.0.1",
                vec!["1.2.3.4", "192.0.2.7"],
                "192.0.2.7",
            ),
            (
                vec![docker],
                "172.18.0.1",
                vec!["192.0.2.7, 172.18.0.5"],
                "192.0.2.7",
            ),
            (vec![docker], "172.18.0.1", vec!["172.18.0.9"], "172.18.0.9"),
            (
                vec![docker],
                "172.18.0.1",
                vec!["192.0.2.7:4711"],
                "192.0.2.7",
            ),
            (vec![docker], "172.18.0.1", vec!["unknown"], "172.18.0.1"),
            (
                vec!["fd00::/8"],
                "fd00::1",
                vec!["[2001:db8::1]:80"],
                "2001:db8::1",
            ),
        ] {
            assert_eq!(seen(&proxies, peer, &forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn a_household_counts_as_one() {
        let who = |address: &str| {
            let address = address.parse().unwrap();
            let secure = false;
            Origin { address, secure }.who()
        };
        assert_eq!(who("192.0.2.1"), "192.0.2.1");
        assert_eq!(who("2001:db8:1:2:3::4"), who("2001:db8:1:2::9"));
        assert_ne!(who("2001:db8:1:2::1"), who("2001:db8:1:3::1"));
    }
}
