//! Where a server is: its URL as it was written, and the origin that its token belongs to.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A server's address. A path stays: servers stand below one behind a proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// Scheme, host and port: what a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

/// An address that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no server's address: {why}; write it as in the browser, such as https://saves.example.com"
)]
pub struct BadAddress {
    text: String,
    why: String,
}

/// Names that are only known at home.
const HOME_DOMAINS: [&str; 6] = ["localhost", "local", "lan", "home", "internal", "home.arpa"];

impl Address {
    /// Reads an address as it was written: `http` stays `http`.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let bad = |why: &str| BadAddress {
            text: text.to_owned(),
            why: why.to_owned(),
        };
        let begins = "it must begin with http:// or https://";
        let mut url = Url::parse(text.trim()).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => bad(begins),
            error => bad(&error.to_string()),
        })?;
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
            return Err(bad(begins));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let hidden = "(hidden)".to_owned();
            let why = "a name and a password do not belong into it".to_owned();
            return Err(BadAddress { text: hidden, why });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it must end with the path"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The URL of a path such as `/api/heartbeat`.
    pub(crate) fn join(&self, path: &str, query: &[(&'static str, String)]) -> Url {
        let mut url = self.0.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// What its token is bound to.
    pub fn origin(&self) -> Origin {
        Origin::of(&self.0)
    }

    /// Whether what is sent there can be read on the way: plain http to beyond the house.
    pub fn is_exposed(&self) -> bool {
        self.0.scheme() == "http"
            && match self.0.host() {
                Some(Host::Ipv4(ip)) => !is_private_v4(ip),
                Some(Host::Ipv6(ip)) => !is_private_v6(ip),
                Some(Host::Domain(name)) => !is_home_name(name),
                None => true,
            }
    }

    /// Whether TLS is spoken there.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Origin {
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// `https://saves.example.com:8443`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    // Addresses that providers and private networks over the internet share: 100.64.0.0/10.
    let [first, second, ..] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let mapped = ip.to_ipv4_mapped().is_some_and(is_private_v4);
    ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || mapped
}

fn is_home_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_below = |domain: &str| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || HOME_DOMAINS.iter().any(|domain| is_below(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_written() {
        for (written, shown, heartbeat) in [
            (
                "http://nas:8080",
                "http://nas:8080",
                "http://nas:8080/api/heartbeat",
            ),
            (
                "https://a.example/",
                "https://a.example",
                "https://a.example/api/heartbeat",
            ),
            (
                " https://a.example/romm/ ",
                "https://a.example/romm",
                "https://a.example/romm/api/heartbeat",
            ),
            (
                "http://[::1]:80",
                "http://[::1]",
                "http://[::1]/api/heartbeat",
            ),
        ] {
            let address = Address::parse(written).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.join("/api/heartbeat", &[]).as_str(), heartbeat);
            assert_eq!(Address::parse(shown), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        for text in [
            "",
            "nas",
            "nas:8080",
            "nas.lan/romm",
            "ftp://nas",
            "file:///etc/passwd",
            "https://",
            "https://a.example/?x=1",
            "https://a.example/#x",
        ] {
            let told = Address::parse(text).unwrap_err().to_string();
            assert!(told.contains("https://saves.example.com"), "{told}");
        }
        for text in ["nas", "nas:8080", "192.168.1.2:8080"] {
            let told = Address::parse(text).unwrap_err().to_string();
            assert!(
                told.contains("must begin with http:// or https://"),
                "{told}"
            );
        }
        let told = Address::parse("https://ada:sesame@a.example").unwrap_err();
        assert!(!told.to_string().contains("sesame"), "{told}");
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origin = |text: &str| Address::parse(text).unwrap().origin();
        assert_eq!(
            origin("https://A.example:443/x"),
            origin("https://a.example/y")
        );
        for other in [
            "http://a.example",
            "https://a.example:444",
            "https://b.example",
        ] {
            assert_ne!(origin("https://a.example"), origin(other));
        }
    }

    #[test]
    fn plain_http_beyond_the_house_is_exposed() {
        for (address, exposed) in [
            ("https://a.example", false),
            ("https://8.8.8.8", false),
            ("http://localhost", false),
            ("http://nas", false),
            ("http://nas.lan.", false),
            ("http://NAS.local", false),
            ("http://nas.home.arpa", false),
            ("http://127.0.0.1:1", false),
            ("http://10.1.2.3", false),
            ("http://172.31.0.1", false),
            ("http://192.168.0.9", false),
            ("http://169.254.1.1", false),
            ("http://100.127.0.1", false),
            ("http://[::1]", false),
            ("http://[fd00::1]", false),
            ("http://[fe80::1]", false),
            ("http://[::ffff:10.0.0.1]", false),
            ("http://a.example", true),
            ("http://notlocal", false),
            ("http://my.notlocal", true),
            ("http://8.8.8.8", true),
            ("http://172.32.0.1", true),
            ("http://100.128.0.1", true),
            ("http://[2001:db8::1]", true),
            ("http://[::ffff:8.8.8.8]", true),
        ] {
            let is_exposed = Address::parse(address).unwrap().is_exposed();
            assert_eq!(is_exposed, exposed, "{address}");
        }
    }

    #[test]
    fn what_is_asked_is_encoded() {
        let address = Address::parse("http://nas/romm").unwrap();
        let query = [("slot", "a b&c=d#é".to_owned())];
        assert_eq!(
            address.join("/api/saves", &query).as_str(),
            "http://nas/romm/api/saves?slot=a+b%26c%3Dd%23%C3%A9"
        );
    }
}
