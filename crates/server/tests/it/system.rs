//! What the server says about itself.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, StatusCode};
use keepsave_server::config::MetricsReaders;
use keepsave_testkit::server::TestServer;
use tower::ServiceExt;

#[tokio::test]
async fn it_is_alive_and_ready_and_says_so_to_anyone() {
    let server = TestServer::on_disk().await;
    assert_eq!(server.nobody().get("/livez").await.text(), "ok");
    let ready = server.nobody().get("/readyz").await.expect(200);
    assert_eq!(ready["ready"], true);
}

#[tokio::test]
async fn a_server_that_stops_is_alive_but_not_ready() {
    let server = TestServer::on_disk().await;
    server.app.stopping.begin();
    let ready = server.nobody().get("/readyz").await.expect(503);
    assert_eq!(ready["problems"][0], "The server is stopping.");
    server.nobody().get("/livez").await.expect(200);
}

#[tokio::test]
async fn a_data_directory_that_went_away_is_not_ready() {
    let server = TestServer::on_disk().await;
    std::fs::remove_dir_all(server.data()).unwrap();
    let ready = server.nobody().get("/readyz").await.expect(503);
    assert_eq!(
        ready["problems"],
        serde_json::json!([
            "The store does not answer; the log says why.",
            "The data directory cannot be written to; the log says why.",
        ])
    );
}

#[tokio::test]
async fn metrics_are_for_those_who_may_read_the_logs() {
    let server = TestServer::start().await;
    server.nobody().get("/metrics").await.expect(401);
    server.bob().get("/metrics").await.expect(403);
    let answer = server.admin().get("/metrics").await;
    assert_eq!(
        answer.headers["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let page = answer.text();
    for line in [
        r#"keepsave_http_requests_total{method="GET",route="/metrics",status="403"} 1"#,
        "keepsave_http_requests_in_flight 1",
        "# EOF",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[tokio::test]
async fn other_readers_of_metrics_can_be_chosen() {
    let read = async |readers: MetricsReaders, peer: &str, proxied: bool| {
        let server = TestServer::with_settings(|settings| settings.metrics_readers = readers).await;
        let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        if proxied {
            let headers = request.headers_mut();
            headers.insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
        }
        server.router().oneshot(request).await.unwrap().status()
    };
    let (here, there) = ("127.0.0.1:5000", "192.0.2.1:5000");
    assert_eq!(
        read(MetricsReaders::Anyone, there, false).await,
        StatusCode::OK
    );
    assert_eq!(
        read(MetricsReaders::Loopback, here, false).await,
        StatusCode::OK
    );
    for (peer, proxied) in [(there, false), (here, true)] {
        let status = read(MetricsReaders::Loopback, peer, proxied).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        read(MetricsReaders::Admin, here, false).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn every_route_in_the_document_has_a_name_a_sentence_and_described_answers() {
    let server = TestServer::start().await;
    let document = server.nobody().get("/openapi.json").await.expect(200);
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(
                !summary.is_empty() && !summary.contains('\n'),
                "{method} {path}"
            );
            assert!(
                names.insert(operation["operationId"].to_string()),
                "{method} {path}"
            );
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(response["description"].is_string(), "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_readable_page_needs_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let answer = server.nobody().get("/docs").await;
    assert_eq!(answer.status, StatusCode::OK);
    let html = answer.text();
    assert!(html.contains("<b>POST</b> /api/sync/negotiate<"), "{html}");
    for foreign in ["src=\"http", "href=\"http", "style="] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    let scripts = html.matches("<script").count();
    assert_eq!(scripts, html.matches("<script src=\"/assets/").count());
}
