//! The stand-in answers what a real RomM answered: the recorded exchanges, and nothing deviates but
//! what stands in its own short table.

use std::path::{Path, PathBuf};

use keepsave_core::time::Time;
use keepsave_testkit::replay::{
    Deviations, GroupReport, Pace, Recordings, Request, Terms, replay_on,
};
use keepsave_testkit::romm::{Release, StandIn};

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What RomM has besides, and no device needs.
fn not_a_part(request: Request<'_>) -> Option<&'static str> {
    let path = request.path.trim_end_matches('/');
    let of_rom = |end: &str| path.starts_with("/api/roms/") && path.contains(end);
    if path == "/api/token" || request.authorization.starts_with("Bearer eyJ") {
        Some("route not part of the stand-in: JSON web tokens")
    } else if matches!(path, "/api/login" | "/api/logout") || request.has_cookie {
        Some("route not part of the stand-in: browsers that sign in")
    } else if request.method == "OPTIONS" {
        Some("route not part of the stand-in: browsers of other origins")
    } else if matches!(path, "/api/users" | "/api/client-tokens/all") {
        Some("route not part of the stand-in: administration")
    } else if of_rom("/content/") {
        Some("route not part of the stand-in: games to download")
    } else if matches!(
        path,
        "/api/collections" | "/api/firmware" | "/api/config" | "/api/stats" | "/api/roms/filters"
    ) {
        Some("route not part of the stand-in: what else there is about games")
    } else {
        None
    }
}

#[tokio::test]
async fn the_stand_in_answers_as_romm_did() {
    let contents = in_crate("../server/tests/fixtures/contents.json");
    let transcripts = in_crate("../server/tests/fixtures/transcripts");
    let recordings = Recordings::load(&transcripts, &contents).unwrap();
    let deviations = in_crate("tests/fixtures/stand-in-deviations.json");
    let deviations = Deviations::load(&deviations, &recordings).unwrap();

    let romm = StandIn::start(Release::V5_1);
    romm.clock.set(Time::parse("2026-11-20T07:27:38Z").unwrap());
    romm.admin("admin", "RefAdmin123");
    romm.user("bob", "RefBob12345");
    romm.seed_library();
    romm.say_version("development");

    let terms = Terms {
        deviations: &deviations,
        as_recorded: true,
        leave_out: not_a_part,
    };
    let pass = |pace: Pace| romm.clock.advance_to(pace.recorded);
    let report = replay_on(&terms, &recordings, &romm.router(), pass).await;
    println!("{report}");

    assert!(report.is_green(), "some answers are not RomM's, see above");
    let left_out: usize = report
        .groups
        .iter()
        .flat_map(GroupReport::left_out)
        .map(|(_, n)| n)
        .sum();
    assert_eq!((report.same(), report.deviating(), left_out), (457, 4, 32));
}
