//! Every body, on its corpus and on what comes of changing it.

use keepsave_testkit::foreign_bytes::hold;

use super::TARGETS;

#[test]
fn whatever_comes_holds() {
    for target in TARGETS {
        hold(target.name, target.body);
    }
}
