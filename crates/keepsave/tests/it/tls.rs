//! Whom the program trusts when it speaks TLS: the system, the file of certificates that a person
//! names, and where a system has none, those built in.

use std::net::SocketAddr;
use std::sync::Arc;

use keepsave_testkit::romm::{Release, StandIn};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::machine::Machine;

/// An authority that no system knows. Its certificate is good for `localhost` until 2120.
const AUTHORITY: &str = include_str!("tls/ca.pem");
const CERTIFICATE: &str = include_str!("tls/server.pem");
const KEY: &str = include_str!("tls/server.key");

/// Speaks TLS in front of a server. Gives the port.
async fn encrypted(server: SocketAddr) -> u16 {
    let _first = rustls::crypto::ring::default_provider().install_default();
    let chain = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![chain], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut inner = TcpStream::connect(server).await.unwrap();
                // Whoever does not trust it goes at once.
                if let Ok(mut outer) = acceptor.accept(stream).await {
                    let _ended = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                }
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_counts_when_someone_vouches_for_it() {
    let romm = StandIn::start(Release::V5_1);
    let token = romm.token(romm.user("ada", "sesame"), None);
    let port = encrypted(romm.address()).await;
    let machine = Machine::new();
    let (ours, none) = (machine.path("ca.pem"), machine.path("none.pem"));
    std::fs::write(&ours, AUTHORITY).unwrap();
    let (ours, none) = (ours.to_str().unwrap(), none.to_str().unwrap());
    let url = format!("https://localhost:{port}");
    let whoami = |variables: &[(&str, &str)]| {
        let command = ["whoami", "--url", &url, "--token-file", "-"];
        machine.run_with(&command, variables, &token)
    };

    whoami(&[("KEEPSAVE_CA_FILE", ours)]).expect(0);
    // What the system trusts, as it is told where to look.
    whoami(&[("SSL_CERT_FILE", ours)]).expect(0);
    // Beside a system that trusts nobody.
    whoami(&[("KEEPSAVE_CA_FILE", ours), ("SSL_CERT_FILE", none)]).expect(0);

    // A system that has no certificates has those built in, and they do not vouch for ours.
    for variables in [&[][..], &[("SSL_CERT_FILE", none)]] {
        let asked = romm.log().len();
        let told = whoami(variables);
        assert_eq!(told.code, Some(4), "{}", told.stderr);
        assert!(told.stderr.contains("certificate"), "{}", told.stderr);
        assert!(told.stderr.contains("KEEPSAVE_CA_FILE"), "{}", told.stderr);
        assert_eq!(romm.log().len(), asked, "nothing was sent");
    }
}
