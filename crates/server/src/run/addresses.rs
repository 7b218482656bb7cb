//! Where a person finds the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The addresses to type into a browser, this machine's own first.
pub fn addresses(listening: SocketAddr) -> Vec<String> {
    let hosts = match listening.ip() {
        IpAddr::V4(any) if any.is_unspecified() => {
            vec![
                Some(Ipv4Addr::LOCALHOST.into()),
                own_address("0.0.0.0:0", "192.0.2.1:9"),
            ]
        }
        IpAddr::V6(any) if any.is_unspecified() => {
            vec![
                Some(Ipv6Addr::LOCALHOST.into()),
                own_address("[::]:0", "[2001:db8::1]:9"),
            ]
        }
        ip => vec![Some(ip)],
    };
    let hosts = hosts.into_iter().flatten();
    hosts
        .map(|host| format!("http://{}", SocketAddr::new(host, listening.port())))
        .collect()
}

/// The address that others on the network reach this machine at. Connecting a datagram socket
/// sends nothing: it only asks the routing table.
fn own_address(any: &str, outside: &str) -> Option<IpAddr> {
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(outside).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_chosen_is_the_only_one() {
        let chosen = "192.0.2.7:8080".parse().unwrap();
        assert_eq!(addresses(chosen), ["http://192.0.2.7:8080"]);
        let chosen = "[::1]:8080".parse().unwrap();
        assert_eq!(addresses(chosen), ["http://[::1]:8080"]);
    }

    #[test]
    fn all_addresses_begin_with_this_machine() {
        assert_eq!(
            addresses("0.0.0.0:80".parse().unwrap())[0],
            "http://127.0.0.1:80"
        );
        assert_eq!(addresses("[::]:80".parse().unwrap())[0], "http://[::1]:80");
    }
}
