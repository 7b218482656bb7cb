//! The rules one by one, the protections over the product of all flags, and what always holds.

use proptest::prelude::*;

use super::*;

fn version(ordinal: i64, created_at: &str) -> Version {
    Version {
        id: VersionId(ordinal),
        ordinal,
        created_at: Time::parse(created_at).unwrap(),
        size: 10,
        head: false,
        branch: false,
        pinned: false,
        awaited: false,
        held: false,
        shown: false,
    }
}

const NOW: &str = "2026-11-20T07:28:30Z";

fn now() -> Time {
    Time::parse(NOW).unwrap()
}

/// What is kept of versions created at these moments, by the number of the version, with a letter
/// for the reason.
fn kept(created: &[&str], rules: Rules) -> String {
    let versions: Vec<Version> = (1..).zip(created).map(|(n, at)| version(n, at)).collect();
    let plan = plan(&versions, Policy::Thin(rules), now());
    let kept: Vec<String> = plan
        .verdicts
        .iter()
        .filter_map(|(id, verdict)| match verdict {
            Verdict::Keep(reason) => Some(format!("{id}{reason:?}")),
            Verdict::Purge => None,
        })
        .collect();
    kept.join(" ")
}

#[test]
fn keeps_the_newest() {
    let last = |last| Rules {
        last,
        ..Rules::default()
    };
    let four = [NOW; 4];
    assert_eq!(kept(&four, last(2)), "3Last 4Last");
    assert_eq!(kept(&four, last(9)), "1Last 2Last 3Last 4Last");
    assert_eq!(kept(&four, last(0)), "");
}

#[test]
fn newest_is_what_came_last_not_what_says_so() {
    let created = [NOW, "1970-01-01T00:00:00Z"];
    let last = Rules {
        last: 1,
        ..Rules::default()
    };
    assert_eq!(kept(&created, last), "2Last");
}

#[test]
fn keeps_one_of_each_day() {
    let days = |days| Rules {
        days,
        ..Rules::default()
    };
    let created = [
        "2026-11-18T00:00:00Z",
        "2026-11-18T23:59:59Z",
        "2026-11-19T12:00:00Z",
        "2026-11-20T01:00:00Z",
        "2026-11-20T02:00:00Z",
    ];
    assert_eq!(kept(&created, days(1)), "5Day");
    assert_eq!(kept(&created, days(2)), "3Day 5Day");
    assert_eq!(kept(&created, days(3)), "2Day 3Day 5Day");
    assert_eq!(kept(&created, days(u32::MAX)), "2Day 3Day 5Day");
}

#[test]
fn keeps_one_of_each_month() {
    let months = |months| Rules {
        months,
        ..Rules::default()
    };
    let created = [
        "2025-11-30T00:00:00Z",
        "2025-12-01T00:00:00Z",
        "2026-10-01T00:00:00Z",
        "2026-10-31T23:59:59Z",
        "2026-11-01T00:00:00Z",
    ];
    assert_eq!(kept(&created, months(1)), "5Month");
    assert_eq!(kept(&created, months(2)), "4Month 5Month");
    assert_eq!(kept(&created, months(12)), "2Month 4Month 5Month");
    assert_eq!(kept(&created, months(13)), "1Month 2Month 4Month 5Month");
}

#[test]
fn what_a_clock_set_back_puts_ahead_counts_as_today() {
    let created = ["2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"];
    let rules = Rules {
        days: 1,
        ..Rules::default()
    };
    assert_eq!(kept(&created, rules), "2Day");
}

#[test]
fn rules_add_up() {
    let created = [
        "2026-09-01T00:00:00Z",
        "2026-09-02T00:00:00Z",
        "2026-11-19T00:00:00Z",
        "2026-11-19T01:00:00Z",
        "2026-11-20T00:00:00Z",
    ];
    let rules = Rules {
        last: 1,
        days: 2,
        months: 3,
        shown: false,
    };
    assert_eq!(kept(&created, rules), "2Month 4Day 5Last");
}

#[test]
fn branches_take_nobodys_place() {
    let mut versions = [version(1, NOW), version(2, NOW), version(3, NOW)];
    versions[2].branch = true;
    let rules = Rules {
        last: 1,
        days: 1,
        ..Rules::default()
    };
    let plan = plan(&versions, Policy::Thin(rules), now());
    let verdicts: Vec<Verdict> = plan.verdicts.iter().map(|(_, verdict)| *verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Purge,
            Verdict::Keep(Reason::Last),
            Verdict::Keep(Reason::Branch),
        ]
    );
    assert_eq!(plan.purged_bytes, 10);
}

/// Every combination of flags, with rules that want nothing, listed rows, or everything.
#[test]
fn what_is_protected_is_kept_by_every_policy() {
    let nothing = Policy::Thin(Rules::default());
    let listed = Policy::Thin(Rules {
        shown: true,
        ..Rules::default()
    });
    for flags in 0u8..64 {
        let flag = |bit: u8| flags & (1 << bit) != 0;
        let old = Version {
            head: flag(0),
            branch: flag(1),
            pinned: flag(2),
            awaited: flag(3),
            held: flag(4),
            shown: flag(5),
            ..version(1, "1999-01-01T00:00:00Z")
        };
        let protection = match flags.trailing_zeros() {
            0 => Some(Reason::Head),
            1 => Some(Reason::Branch),
            2 => Some(Reason::Pinned),
            3 => Some(Reason::Awaited),
            4 => Some(Reason::Held),
            _ => None,
        };
        let verdict = |policy| plan(&[old], policy, now()).verdicts[0].1;
        let expected = |otherwise: Option<Reason>| {
            protection
                .or(otherwise)
                .map_or(Verdict::Purge, Verdict::Keep)
        };
        assert_eq!(verdict(nothing), expected(None), "{old:?}");
        let shown = old.shown.then_some(Reason::Shown);
        assert_eq!(verdict(listed), expected(shown), "{old:?}");
        assert_eq!(
            verdict(Policy::default()),
            expected(Some(Reason::Everything)),
            "{old:?}"
        );
    }
}

#[test]
fn a_timeline_without_versions_needs_nothing() {
    assert_eq!(plan(&[], Policy::KeepEverything, now()), Plan::default());
}

fn any_version() -> impl Strategy<Value = Version> {
    let rarely = || prop::bool::weighted(0.1);
    (
        0..400i64,
        prop::array::uniform6(rarely()),
        0..1_000u64,
        0..86_400i64,
    )
        .prop_map(
            |(days_ago, [head, branch, pinned, awaited, held, shown], size, seconds)| Version {
                id: VersionId(0),
                ordinal: 0,
                created_at: now().plus_seconds(-days_ago * 86_400 + seconds),
                size,
                head,
                branch,
                pinned,
                awaited,
                held,
                shown,
            },
        )
}

fn any_timeline() -> impl Strategy<Value = Vec<Version>> {
    prop::collection::vec(any_version(), 0..40).prop_map(|mut versions| {
        for (ordinal, version) in (1..).zip(&mut versions) {
            version.ordinal = ordinal;
            version.id = VersionId(ordinal * 7 % 41);
        }
        versions
    })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    (0u32..10, 0u32..40, 0u32..14, any::<bool>()).prop_map(|(last, days, months, shown)| Rules {
        last,
        days,
        months,
        shown,
    })
}

fn purged(plan: &Plan) -> BTreeSet<VersionId> {
    let purge = |(id, verdict): &(VersionId, Verdict)| (*verdict == Verdict::Purge).then_some(*id);
    plan.verdicts.iter().filter_map(purge).collect()
}

proptest! {
    #[test]
    fn never_gives_up_what_is_not_to_be(versions in any_timeline(), rules in any_rules()) {
        let plan = plan(&versions, Policy::Thin(rules), now());
        let purged = purged(&plan);
        let mut bytes = 0;
        for version in &versions {
            if purged.contains(&version.id) {
                let protected = version.head
                    || version.branch
                    || version.pinned
                    || version.awaited
                    || version.held
                    || (rules.shown && version.shown);
                prop_assert!(!protected, "{:?}", version);
                bytes += version.size;
            }
        }
        prop_assert_eq!(plan.purged_bytes, bytes);
        prop_assert_eq!(plan.verdicts.len(), versions.len());
    }

    #[test]
    fn the_order_in_which_versions_are_given_does_not_matter(
        (versions, shuffled) in any_timeline()
            .prop_flat_map(|versions| (Just(versions.clone()), Just(versions).prop_shuffle())),
        rules in any_rules(),
    ) {
        let policy = Policy::Thin(rules);
        prop_assert_eq!(
            purged(&plan(&versions, policy, now())),
            purged(&plan(&shuffled, policy, now()))
        );
    }

    #[test]
    fn what_was_thinned_out_is_thin(versions in any_timeline(), rules in any_rules()) {
        let policy = Policy::Thin(rules);
        let gone = purged(&plan(&versions, policy, now()));
        let left: Vec<Version> = versions
            .into_iter()
            .filter(|version| !gone.contains(&version.id))
            .collect();
        prop_assert!(purged(&plan(&left, policy, now())).is_empty());
    }

    #[test]
    fn wanting_more_keeps_more(
        versions in any_timeline(),
        rules in any_rules(),
        more in any_rules(),
    ) {
        let wider = Rules {
            last: rules.last + more.last,
            days: rules.days + more.days,
            months: rules.months + more.months,
            shown: rules.shown || more.shown,
        };
        let narrow = purged(&plan(&versions, Policy::Thin(rules), now()));
        let wide = purged(&plan(&versions, Policy::Thin(wider), now()));
        prop_assert!(wide.is_subset(&narrow));
        prop_assert!(purged(&plan(&versions, Policy::KeepEverything, now())).is_empty());
    }

    #[test]
    fn every_day_and_month_in_reach_keeps_one(versions in any_timeline(), rules in any_rules()) {
        let gone = purged(&plan(&versions, Policy::Thin(rules), now()));
        for version in versions.iter().filter(|version| !version.branch) {
            let survives = |period: fn(Time) -> i64| {
                versions.iter().any(|other| {
                    !other.branch
                        && !gone.contains(&other.id)
                        && period(other.created_at).min(period(now()))
                            == period(version.created_at).min(period(now()))
                })
            };
            // What a clock that is ahead made counts as made now.
            if (day(now()) - day(version.created_at)).max(0) < i64::from(rules.days) {
                prop_assert!(survives(day));
            }
            if (month(now()) - month(version.created_at)).max(0) < i64::from(rules.months) {
                prop_assert!(survives(month));
            }
        }
    }
}

/// Until when the first of these versions is kept.
fn first_until(created: &[&str], rules: Rules) -> Option<String> {
    let versions: Vec<Version> = (1..).zip(created).map(|(n, at)| version(n, at)).collect();
    let until = kept_until(&versions, Policy::Thin(rules), now(), VersionId(1));
    until.map(|until| until.to_string()[..10].to_owned())
}

#[test]
fn says_until_when_a_version_is_kept() {
    let rules = |last, days, months| Rules {
        last,
        days,
        months,
        shown: false,
    };
    let one = ["2026-11-18T10:00:00Z"];
    let two = ["2026-11-18T10:00:00Z", NOW];
    assert_eq!(first_until(&one, rules(1, 0, 0)), None, "the newest stays");
    assert_eq!(
        first_until(&two, rules(1, 0, 0)).as_deref(),
        Some("2026-11-20"),
        "now"
    );
    assert_eq!(
        first_until(&two, rules(1, 7, 0)).as_deref(),
        Some("2026-11-25")
    );
    assert_eq!(
        first_until(&two, rules(0, 2, 0)).as_deref(),
        Some("2026-11-20")
    );
    // Another is the newest of the month.
    assert_eq!(
        first_until(&two, rules(1, 7, 3)).as_deref(),
        Some("2026-11-25")
    );
    assert_eq!(
        first_until(&one, rules(0, 7, 2)).as_deref(),
        Some("2027-01-01")
    );
    let versions = [version(1, NOW)];
    let everything = Policy::KeepEverything;
    assert_eq!(kept_until(&versions, everything, now(), VersionId(1)), None);
    assert_eq!(
        kept_until(&versions, Policy::Thin(rules(0, 1, 0)), now(), VersionId(9)),
        None
    );
}

#[test]
fn until_then_it_is_kept_and_from_then_on_it_is_not() {
    let created = [
        "2026-09-30T23:00:00Z",
        "2026-10-01T01:00:00Z",
        "2026-11-18T10:00:00Z",
        NOW,
    ];
    let versions: Vec<Version> = (1..).zip(created).map(|(n, at)| version(n, at)).collect();
    for last in 0..3 {
        for days in 0..90 {
            for months in 0..4 {
                let policy = Policy::Thin(Rules {
                    last,
                    days,
                    months,
                    shown: false,
                });
                for version in &versions {
                    let goes = |at| {
                        plan(&versions, policy, at)
                            .verdicts
                            .contains(&(version.id, Verdict::Purge))
                    };
                    match kept_until(&versions, policy, now(), version.id) {
                        Some(until) => {
                            assert!(goes(until));
                            assert!(until == now() || !goes(until.plus_millis(-1)));
                        }
                        None => assert!(!goes(now().plus_seconds(20 * 365 * 24 * 60 * 60))),
                    }
                }
            }
        }
    }
}
