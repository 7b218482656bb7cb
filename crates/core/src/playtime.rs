//! How long a game was played: from a start and an end, without the time that the machine slept.
//!
//! Between two moments of the same boot the clock that stands still while the machine sleeps is
//! asked; it does not jump. Otherwise the time of day is all there is: pauses are taken off that
//! someone told of, and what comes out is kept between nothing and a day, because a handheld may
//! learn what year it is in the middle of a game.

use crate::limits;
use crate::time::Time;

/// A moment, as a machine knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What its clock shows.
    pub wall: Time,
    /// How long it was awake; none where that is not known.
    pub awake: Option<Awake>,
}

/// How long a machine was awake since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Awake {
    /// Which start that was.
    pub boot: [u8; 16],
    /// In microseconds.
    pub micros: i64,
}

/// A session that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// When it began.
    pub start: Moment,
    /// Since when the machine sleeps.
    pub suspended: Option<Time>,
    /// How long it slept before that, in microseconds.
    pub paused: i64,
}

/// A session that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// When it began.
    pub start: Time,
    /// For how long the game was played.
    pub millis: i64,
}

impl Running {
    /// A session begins.
    pub const fn begin(start: Moment) -> Self {
        Self {
            start,
            suspended: None,
            paused: 0,
        }
    }

    /// Whether it began so shortly before that it is the same launch, told by another.
    pub fn is_just_begun(&self, at: Moment) -> bool {
        let passed = match (self.start.awake, at.awake) {
            (Some(start), Some(at)) if start.boot == at.boot => at.micros - start.micros,
            _ => return false,
        };
        (0..limits::LAUNCH_SECONDS * 1_000_000).contains(&passed)
    }

    /// The machine goes to sleep. Who is told so twice counts from the first time.
    #[must_use]
    pub fn suspend(self, at: Time) -> Self {
        Self {
            suspended: self.suspended.or(Some(at)),
            ..self
        }
    }

    /// The machine wakes up.
    #[must_use]
    pub fn resume(self, at: Time) -> Self {
        Self {
            suspended: None,
            paused: self.paused_until(at),
            ..self
        }
    }

    /// The session ends. One that ends while the machine sleeps lasted until then.
    pub fn end(self, end: Moment) -> Played {
        let micros = match (self.start.awake, end.awake) {
            (Some(start), Some(end)) if start.boot == end.boot => {
                end.micros.saturating_sub(start.micros)
            }
            _ => {
                let passed = end.wall.micros().saturating_sub(self.start.wall.micros());
                passed.saturating_sub(self.paused_until(end.wall))
            }
        };
        let longest = limits::PLAYED_SECONDS_AT_MOST * 1_000;
        Played {
            start: self.start.wall,
            millis: (micros / 1_000).clamp(0, longest),
        }
    }

    /// A pause that would have been negative was none: the clock was set back.
    fn paused_until(self, at: Time) -> i64 {
        let last = self
            .suspended
            .map_or(0, |since| at.micros().saturating_sub(since.micros()).max(0));
        self.paused.saturating_add(last)
    }
}

impl Played {
    /// What it adds to a total: whole seconds.
    pub const fn seconds(self) -> i64 {
        self.millis / 1_000
    }

    /// When it ended, had it been played in one go. This is what a server is told: it wants an end
    /// in a later second than the start, and none in the future, where a clock may have jumped.
    pub fn end(self) -> Time {
        self.start.plus_millis(self.millis)
    }

    /// Whether a server takes it: they count in seconds.
    pub const fn is_tellable(self) -> bool {
        self.millis >= 1_000
    }
}

/// The total to show: servers may have been told by more than this device, and this device may have
/// played more than it told.
pub fn shown(local_seconds: i64, server_seconds: Option<i64>) -> i64 {
    local_seconds.max(server_seconds.unwrap_or(0)).max(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn wall(seconds: i64) -> Moment {
        Moment {
            wall: Time::EPOCH.plus_seconds(seconds),
            awake: None,
        }
    }

    fn at(seconds: i64) -> Time {
        Time::EPOCH.plus_seconds(seconds)
    }

    fn awake(boot: u8, seconds: i64) -> Awake {
        Awake {
            boot: [boot; 16],
            micros: seconds * 1_000_000,
        }
    }

    #[test]
    fn a_session_lasts_from_start_to_end_and_never_less_than_nothing_or_more_than_a_day() {
        for (start, end, seconds) in [
            (0, 0, 0),
            (0, 1, 1),
            (100, 1_900, 1_800),
            (0, DAY - 1, DAY - 1),
            (0, DAY, DAY),
            (0, DAY + 1, DAY),
            (100, 99, 0),
            (1_795_000_000, 5, 0),
            (5, 1_795_000_000, DAY),
        ] {
            let played = Running::begin(wall(start)).end(wall(end));
            assert_eq!((played.seconds(), played.start), (seconds, at(start)));
        }
    }

    #[test]
    fn sleep_is_taken_off_however_it_is_told() {
        let running = Running::begin(wall(0));
        let once = running.suspend(at(10)).resume(at(40));
        assert_eq!(once.end(wall(100)).seconds(), 70);
        let twice = once.suspend(at(50)).resume(at(60));
        assert_eq!(twice.end(wall(100)).seconds(), 60);
        let told_twice = running.suspend(at(10)).suspend(at(20)).resume(at(40));
        assert_eq!(told_twice.end(wall(100)).seconds(), 70);
        let never_woke = running.suspend(at(10));
        assert_eq!(never_woke.end(wall(100)).seconds(), 10);
        let never_slept = running.resume(at(40));
        assert_eq!(never_slept.end(wall(100)).seconds(), 100);
        let clock_set_back = running.suspend(at(40)).resume(at(10));
        assert_eq!(clock_set_back.end(wall(100)).seconds(), 100);
        let slept_longer_than_it_lasted = running.suspend(at(0)).resume(at(500));
        assert_eq!(slept_longer_than_it_lasted.end(wall(100)).seconds(), 0);
    }

    #[test]
    fn within_one_boot_no_clock_that_is_set_counts() {
        let start = Moment {
            wall: at(0),
            awake: Some(awake(1, 1_000)),
        };
        let end = |boot, seconds| Moment {
            wall: at(1_795_000_000),
            awake: Some(awake(boot, seconds)),
        };
        let running = Running::begin(start).suspend(at(10)).resume(at(900));
        assert_eq!(running.end(end(1, 1_600)).seconds(), 600);
        assert_eq!(running.end(end(1, 900)).seconds(), 0);
        assert_eq!(
            running.end(end(2, 1_600)).seconds(),
            DAY,
            "another boot: only the time of day is left"
        );
    }

    #[test]
    fn only_shortly_after_its_beginning_and_in_one_boot_it_is_the_same_launch() {
        let moment = |boot, seconds| Moment {
            wall: at(0),
            awake: Some(awake(boot, seconds)),
        };
        let running = Running::begin(moment(1, 1_000));
        let launch = limits::LAUNCH_SECONDS;
        for (at, just_begun) in [
            (moment(1, 1_000), true),
            (moment(1, 1_000 + launch - 1), true),
            (moment(1, 1_000 + launch), false),
            (moment(1, 999), false),
            (moment(2, 1_000), false),
            (wall(0), false),
        ] {
            assert_eq!(running.is_just_begun(at), just_begun, "{at:?}");
        }
        assert!(!Running::begin(wall(0)).is_just_begun(wall(0)));
    }

    #[test]
    fn what_lasts_less_than_a_second_is_told_to_no_server() {
        for (millis, tellable) in [(0, false), (999, false), (1_000, true), (DAY * 1_000, true)] {
            let played = Played {
                start: Time::from_micros(1_999_999),
                millis,
            };
            assert_eq!(played.is_tellable(), tellable);
            if tellable {
                let whole = |time: Time| time.whole_seconds();
                assert!(whole(played.end()) > whole(played.start));
            }
        }
    }

    #[test]
    fn the_larger_total_is_shown() {
        for (local, server, total) in [
            (0, None, 0),
            (7, None, 7),
            (7, Some(3), 7),
            (3, Some(7), 7),
            (-1, Some(-2), 0),
        ] {
            assert_eq!(shown(local, server), total);
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Told {
        Suspend(i64),
        Resume(i64),
    }

    proptest! {
        #[test]
        fn whatever_is_told_it_is_between_nothing_and_a_day_and_no_longer_than_it_took(
            start in any::<i64>(),
            told in prop::collection::vec(
                prop_oneof![any::<i64>().prop_map(Told::Suspend), any::<i64>().prop_map(Told::Resume)],
                0..6,
            ),
            end in any::<i64>(),
        ) {
            let moment = |micros| Moment { wall: Time::from_micros(micros), awake: None };
            let mut running = Running::begin(moment(start));
            for event in told {
                running = match event {
                    Told::Suspend(micros) => running.suspend(Time::from_micros(micros)),
                    Told::Resume(micros) => running.resume(Time::from_micros(micros)),
                };
            }
            let played = running.end(moment(end));
            prop_assert!((0..=DAY * 1_000).contains(&played.millis));
            let took = moment(end).wall.micros() - moment(start).wall.micros();
            prop_assert!(played.millis <= took.max(0) / 1_000);
        }

        #[test]
        fn awake_and_asleep_add_up_to_the_whole(
            pieces in prop::collection::vec((0..5_000_i64, 0..5_000_i64), 0..8),
        ) {
            let (mut now, mut played) = (0, 0);
            let mut running = Running::begin(wall(0));
            for (awake, asleep) in pieces {
                now += awake;
                played += awake;
                running = running.suspend(at(now));
                now += asleep;
                running = running.resume(at(now));
            }
            prop_assert_eq!(running.end(wall(now)).seconds(), played.min(DAY));
        }
    }
}
