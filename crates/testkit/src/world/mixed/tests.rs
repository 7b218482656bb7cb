//! Mixed households keep the laws, but for what no server can fix, and that is counted.

use super::*;

/// Every two apps of others, and each of them beside our own device.
fn households() -> Vec<Vec<Option<Kind>>> {
    let mut all = Vec::new();
    for (at, first) in Kind::ALL.into_iter().enumerate() {
        all.push(vec![Some(first), None]);
        for second in &Kind::ALL[at..] {
            all.push(vec![Some(first), Some(*second)]);
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn what_breaks_a_law_in_a_mixed_household_is_known_by_its_number() {
    const SEEDS: u64 = 6;
    const EVENTS: usize = 30;
    let mut residuals: BTreeMap<u8, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut histories = 0;
    for who in households() {
        for seed in 0..SEEDS {
            histories += 1;
            let history = Mixed::of(seed, who.clone(), EVENTS);
            let outcome = run(&history).await;
            for (number, times) in outcome.residuals {
                *residuals.entry(number).or_default() += times;
            }
            let finding = outcome.finding;
            findings.extend(finding.map(|it| format!("{who:?}, seed {seed}: {it}\n{history}")));
        }
    }
    println!("{histories} mixed histories of {EVENTS} events: residuals {residuals:?}");
    for finding in &findings {
        println!("{}", finding.lines().next().unwrap());
    }
    assert!(
        findings.is_empty(),
        "{} findings\n{}",
        findings.len(),
        findings[0]
    );
}

/// Each line is a machine and what happens there.
async fn told(who: &[Kind], events: &[(usize, Act)]) -> Outcome {
    let events = events.iter().map(|&(at, act)| Event {
        at,
        act,
        is_stormy: false,
        dies_at: None,
    });
    let history = Mixed {
        seed: 0,
        who: who.iter().copied().map(Some).collect(),
        events: events.collect(),
    };
    let outcome = run(&history).await;
    assert_eq!(outcome.finding, None);
    outcome
}

const SYNC: Act = Act::Sync(Choice::Later);

#[tokio::test(start_paused = true)]
async fn an_edit_after_a_download_beside_the_save_is_the_first() {
    let outcome = told(
        &[Kind::Cli, Kind::Grout],
        &[
            (0, Act::Play),
            (0, SYNC),
            (1, SYNC),
            (1, Act::Play),
            (1, SYNC),
            (0, SYNC),
            (0, Act::Play),
            (0, SYNC),
        ],
    );
    assert!(outcome.await.residuals.contains_key(&1));
}

#[tokio::test(start_paused = true)]
async fn what_tender_revives_is_the_sixth() {
    let events = [(0, Act::Play), (0, SYNC), (1, Act::Delete(0)), (0, SYNC)];
    let outcome = told(&[Kind::Tender, Kind::Grout], &events).await;
    assert_eq!(outcome.residuals, BTreeMap::from([(6, 1)]));
}

#[tokio::test(start_paused = true)]
async fn what_grout_holds_back_is_the_seventh() {
    let events = [
        (0, Act::Play),
        (0, SYNC),
        (0, Act::Play),
        (0, SYNC),
        (0, Act::GoBack(1)),
        (0, SYNC),
    ];
    let outcome = told(&[Kind::Grout, Kind::Argosy], &events).await;
    assert!(outcome.residuals.contains_key(&7), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn where_nothing_goes_wrong_there_is_none() {
    for who in [[Kind::Argosy, Kind::Grout], [Kind::Tender, Kind::Argosy]] {
        let mut events = Vec::new();
        for at in [0, 1, 0, 1] {
            events.extend([(at, SYNC), (at, Act::Play), (at, SYNC)]);
        }
        let outcome = told(&who, &events).await;
        assert_eq!(outcome.residuals, BTreeMap::new());
    }
}
