//! Stories of an agent, and every short one.

use super::*;

const ZELDA: RomId = RomId(1);

const CHOSEN: Chosen = Chosen {
    down: true,
    up: true,
    ask_apart: Duration::from_mins(1),
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plays(games: &[RomId]) -> Event {
    Event::Plays(Playing {
        games: games.iter().copied().collect(),
        unknown: false,
    })
}

fn moved() -> Event {
    Event::Moved(Some(BTreeSet::from([ZELDA])))
}

fn well() -> Event {
    Event::Done(Ended::Well {
        held: BTreeSet::new(),
    })
}

fn games(way: Way) -> Do {
    Do::Start(Job::Games(BTreeMap::from([(ZELDA, way)])))
}

/// One that has looked at everything, with a server that tells what happens.
fn at_rest() -> Agent {
    let mut agent = Agent::new(CHOSEN);
    assert_eq!(agent.happened(plays(&[]), seconds(0)), [Do::Listen]);
    let begun = agent.happened(Event::Listening, seconds(0));
    assert_eq!(begun, [Do::Start(Job::All)]);
    assert_eq!(agent.happened(well(), seconds(1)), []);
    agent
}

#[test]
fn what_is_played_gets_nothing_until_it_has_ended() {
    let mut agent = at_rest();
    let began = agent.happened(plays(&[ZELDA]), seconds(10));
    assert_eq!(began, [Do::Begin(ZELDA)]);
    assert_eq!(agent.happened(moved(), seconds(20)), []);
    // What is written goes up, and not too often.
    let written = agent.happened(Event::Written(ZELDA), seconds(30));
    assert_eq!(written, [games(Way::Up)]);
    assert_eq!(agent.happened(well(), seconds(31)), []);
    assert_eq!(agent.happened(Event::Written(ZELDA), seconds(32)), []);
    let apart = seconds(31) + limits::AGENT_LIVE_APART;
    let sent = agent.happened(Event::Passed, apart);
    assert!(sent.contains(&games(Way::Up)), "{sent:?}");
    agent.happened(well(), apart);
    let ended = agent.happened(plays(&[]), apart);
    assert_eq!(ended, [Do::End(ZELDA), games(Way::Both)]);
    agent.happened(well(), apart);
    // Played again, its first save is worth one.
    agent.happened(plays(&[ZELDA]), apart);
    let written = agent.happened(Event::Written(ZELDA), apart);
    assert_eq!(written, [games(Way::Up)]);
}

#[test]
fn while_it_is_not_known_what_is_played_nothing_comes_down() {
    let mut agent = at_rest();
    let unknown = Playing {
        unknown: true,
        ..Playing::default()
    };
    assert_eq!(agent.happened(Event::Plays(unknown), seconds(10)), []);
    assert_eq!(agent.happened(moved(), seconds(11)), []);
    assert_eq!(agent.happened(plays(&[]), seconds(12)), [games(Way::Down)]);
}

#[test]
fn what_is_written_meanwhile_goes_up_and_brings_nothing_down_afterwards() {
    let mut agent = at_rest();
    let unknown = Playing {
        unknown: true,
        ..Playing::default()
    };
    agent.happened(Event::Plays(unknown), seconds(10));
    let written = agent.happened(Event::Written(ZELDA), seconds(11));
    assert_eq!(written, [games(Way::Up)]);
    agent.happened(well(), seconds(12));
    assert_eq!(agent.happened(plays(&[]), seconds(13)), []);
}

#[test]
fn what_was_played_before_is_synced_and_not_counted() {
    let mut agent = Agent::new(CHOSEN);
    agent.happened(plays(&[ZELDA]), seconds(0));
    assert_eq!(
        agent.happened(Event::Silent, seconds(0)),
        [Do::Start(Job::Ask)]
    );
    assert_eq!(agent.happened(well(), seconds(1)), [Do::Start(Job::All)]);
    agent.happened(well(), seconds(2));
    assert_eq!(agent.happened(plays(&[]), seconds(3)), [games(Way::Both)]);
}

#[test]
fn an_emulator_is_told_to_write_now_and_then() {
    let mut agent = at_rest();
    agent.happened(plays(&[ZELDA]), seconds(10));
    let first = seconds(10) + limits::AGENT_FLUSHES_APART;
    assert_eq!(agent.due(seconds(11)), Some(first));
    assert_eq!(agent.happened(Event::Passed, first), [Do::Flush(ZELDA)]);
    let second = first + limits::AGENT_FLUSHES_APART;
    assert_eq!(agent.happened(Event::Passed, second), [Do::Flush(ZELDA)]);
}

#[test]
fn without_contact_all_waits_ever_longer_and_the_next_contact_does_it() {
    let mut agent = at_rest();
    assert_eq!(
        agent.happened(Event::Written(ZELDA), seconds(100)),
        [games(Way::Up)]
    );
    let mut now = seconds(100);
    let mut pause = limits::AGENT_AGAIN_LEAST;
    for _ in 0..7 {
        assert_eq!(agent.happened(Event::Done(Ended::Unreachable), now), []);
        assert_eq!(agent.due(now), Some(now + pause));
        now += pause;
        assert_eq!(agent.happened(Event::Passed, now), [games(Way::Up)]);
        pause = (pause * 2).min(limits::AGENT_AGAIN_MOST);
    }
    agent.happened(Event::Done(Ended::Unreachable), now);
    assert_eq!(agent.happened(moved(), now), []);
    let contact = agent.happened(Event::Listening, now);
    assert_eq!(contact, [Do::Start(Job::All)], "what was not heard, too");
    assert_eq!(agent.happened(well(), now), [games(Way::Both)]);
}

#[test]
fn a_server_that_tells_nothing_is_asked_less_and_less_until_something_moves() {
    let mut agent = Agent::new(CHOSEN);
    agent.happened(plays(&[]), seconds(0));
    agent.happened(Event::Silent, seconds(0));
    agent.happened(well(), seconds(0));
    agent.happened(well(), seconds(0));
    let mut now = seconds(0);
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let due = agent.due(now).unwrap();
        pauses.push(due.checked_sub(now).unwrap().as_secs());
        now = due;
        assert_eq!(agent.happened(Event::Passed, now), [Do::Start(Job::Ask)]);
        agent.happened(well(), now);
    }
    assert_eq!(pauses, [60, 120, 240, 480, 900]);
    assert_eq!(agent.happened(moved(), now), [games(Way::Down)]);
    agent.happened(well(), now);
    now = agent.due(now).unwrap();
    agent.happened(Event::Passed, now);
    agent.happened(well(), now);
    assert_eq!(agent.due(now), Some(now + seconds(60)));
}

#[test]
fn a_save_that_was_in_use_is_tried_again() {
    let mut agent = at_rest();
    agent.happened(moved(), seconds(10));
    let held = Event::Done(Ended::Well {
        held: BTreeSet::from([ZELDA]),
    });
    assert_eq!(agent.happened(held, seconds(11)), []);
    let again = seconds(11) + limits::AGENT_AGAIN_LEAST;
    assert_eq!(agent.due(seconds(11)), Some(again));
    assert_eq!(agent.happened(Event::Passed, again), [games(Way::Down)]);
}

#[test]
fn only_what_is_chosen_is_done() {
    for (down, up, way) in [
        (true, true, Some(Way::Both)),
        (true, false, Some(Way::Down)),
        (false, true, Some(Way::Up)),
        (false, false, None),
    ] {
        let mut agent = at_rest();
        let chosen = Chosen { down, up, ..CHOSEN };
        agent.happened(Event::Chose(chosen), seconds(5));
        let began = agent.happened(plays(&[ZELDA]), seconds(10));
        assert_eq!(began, [Do::Begin(ZELDA)], "playtime counts all the same");
        let mut done = agent.happened(plays(&[]), seconds(20));
        assert_eq!(done.remove(0), Do::End(ZELDA));
        assert_eq!(done, way.map(games).into_iter().collect::<Vec<_>>());
        if way.is_none() {
            assert_eq!(agent.due(seconds(20)), None);
        }
    }
}

/// An agent, and what holds of it whatever happens.
#[derive(Clone)]
struct Checked {
    agent: Agent,
    now: Duration,
    playing: Playing,
    begun: bool,
    job: Option<Job>,
    ear: Option<Ear>,
    /// What was written or moved and has not gone its way yet.
    owed: BTreeSet<Way>,
}

impl Checked {
    fn new() -> Self {
        Self {
            agent: Agent::new(CHOSEN),
            now: Duration::ZERO,
            playing: Playing::default(),
            begun: false,
            job: None,
            ear: None,
            owed: BTreeSet::new(),
        }
    }

    /// None where such a thing cannot happen now.
    fn happens(&mut self, event: &Event) -> Option<()> {
        match event {
            Event::Passed => self.now += seconds(45),
            Event::Plays(playing) => self.playing = playing.clone(),
            Event::Written(_) => drop(self.owed.insert(Way::Up)),
            Event::Moved(_) => drop(self.owed.insert(Way::Down)),
            Event::Listening | Event::Silent => {
                if self.ear != Some(Ear::Opening) {
                    return None;
                }
                let listens = *event == Event::Listening;
                self.ear = Some(if listens { Ear::Open } else { Ear::Deaf });
            }
            Event::Lost => {
                self.ear.take_if(|ear| *ear != Ear::Deaf)?;
            }
            Event::Done(ended) => {
                let job = self.job.take()?;
                if *ended == Ended::Unreachable {
                    for way in ways(&job) {
                        self.owed.insert(way);
                    }
                }
            }
            Event::Chose(_) => {}
        }
        let todo = self.agent.happened(event.clone(), self.now);
        for one in todo {
            self.is_right(one);
        }
        Some(())
    }

    fn is_right(&mut self, todo: Do) {
        match todo {
            Do::Begin(_) => assert!(!std::mem::replace(&mut self.begun, true)),
            Do::End(_) => assert!(std::mem::replace(&mut self.begun, false)),
            Do::Flush(game) => assert!(self.playing.games.contains(&game)),
            Do::Listen => assert_eq!(self.ear.replace(Ear::Opening), None),
            Do::Start(job) => {
                assert!(self.job.is_none(), "two at once");
                if let Job::Games(games) = &job
                    && games.values().any(|way| *way != Way::Up)
                {
                    let is_played = self.playing.unknown || self.playing.games.contains(&ZELDA);
                    assert!(!is_played, "{job:?} while it is played");
                }
                for way in ways(&job) {
                    self.owed.remove(&way);
                }
                self.job = Some(job);
            }
        }
    }

    /// Nothing more happens but time, with a server that answers.
    fn settle(&mut self) {
        self.happens(&plays(&[]));
        for _ in 0..40 {
            let silent = self.happens(&Event::Silent);
            let done = self.happens(&well());
            if silent.or(done).is_some() {
                continue;
            }
            if self.owed.is_empty() {
                return;
            }
            self.now = self.agent.due(self.now).expect("something is due");
            self.happens(&Event::Passed);
        }
        panic!("{:?} was never done: {:?}", self.owed, self.agent);
    }
}

fn ways(job: &Job) -> Vec<Way> {
    let of = |way: Way| match way {
        Way::Both => vec![Way::Up, Way::Down],
        way => vec![way],
    };
    match job {
        Job::All => of(Way::Both),
        Job::Games(games) => games.values().flat_map(|way| of(*way)).collect(),
        Job::Ask => Vec::new(),
    }
}

fn every_event() -> Vec<Event> {
    vec![
        Event::Passed,
        plays(&[]),
        plays(&[ZELDA]),
        Event::Plays(Playing {
            unknown: true,
            ..Playing::default()
        }),
        Event::Written(ZELDA),
        moved(),
        Event::Moved(None),
        Event::Listening,
        Event::Silent,
        Event::Lost,
        well(),
        Event::Done(Ended::Unreachable),
    ]
}

#[test]
fn whatever_happens_nothing_comes_down_in_play_and_all_is_done_in_the_end() {
    fn explore(checked: &Checked, deep: usize, seen: &mut usize) {
        *seen += 1;
        checked.clone().settle();
        if deep == 0 {
            return;
        }
        for event in every_event() {
            let mut next = checked.clone();
            if next.happens(&event).is_some() {
                explore(&next, deep - 1, seen);
            }
        }
    }
    let mut seen = 0;
    explore(&Checked::new(), 5, &mut seen);
    assert!(seen > 50_000, "{seen}");
}
