//! Lets only so many attempts through in a while, counted in memory by what is attempted and by
//! whom.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keepsave_core::limits;
use keepsave_core::time::Time;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// Exchanging a pairing code for a token.
    Exchange,
    /// Asking to be let in as a device.
    DeviceInit,
    /// Asking whether one was let in.
    DevicePoll,
    /// The same, for one device code: it has to wait between two questions.
    DevicePollOfOne,
    /// A wrong name or password.
    WrongPassword,
    /// A wrong code for the first user.
    SetupCode,
}

struct Rule {
    most: u32,
    seconds: i64,
    /// Whether every attempt starts the while anew.
    slides: bool,
}

impl Attempt {
    const fn rule(self) -> Rule {
        let (most, seconds, slides) = match self {
            Self::Exchange => (limits::EXCHANGES_A_MINUTE, 60, true),
            Self::DeviceInit => (limits::DEVICE_INITS_A_MINUTE, 60, false),
            Self::DevicePoll => (limits::DEVICE_POLLS_A_MINUTE, 60, false),
            Self::DevicePollOfOne => (1, limits::DEVICE_POLL_SECONDS, true),
            Self::WrongPassword | Self::SetupCode => (
                limits::WRONG_PASSWORDS,
                limits::WRONG_PASSWORD_SECONDS,
                false,
            ),
        };
        Rule {
            most,
            seconds,
            slides,
        }
    }
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// In whole seconds, at least one.
    pub seconds: i64,
}

/// The attempts of the last while.
#[derive(Default)]
pub struct Limiter(Mutex<HashMap<Key, Window>>);

/// Hashed, so that a long name takes no more room than a short one.
type Key = (Attempt, [u8; 32]);

#[derive(Clone, Copy)]
struct Window {
    attempts: u32,
    ends: Time,
}

impl Limiter {
    /// Counts an attempt: how many are left, or how long to wait when it was one too many.
    pub fn count(&self, attempt: Attempt, who: &str, now: Time) -> Result<u32, Wait> {
        let (rule, key) = (attempt.rule(), key(attempt, who));
        let mut windows = self.windows();
        let ends = now.plus_seconds(rule.seconds);
        let fresh = Window { attempts: 0, ends };
        let mut window = windows
            .get(&key)
            .copied()
            .filter(|window| now < window.ends)
            .unwrap_or(fresh);
        window.attempts = window.attempts.saturating_add(1);
        if rule.slides {
            window.ends = ends;
        }
        make_room(&mut windows, &key, now);
        windows.insert(key, window);
        if window.attempts > rule.most {
            Err(window.wait(now))
        } else {
            Ok(rule.most - window.attempts)
        }
    }

    /// Whether another attempt would be let through, without counting one.
    pub fn check(&self, attempt: Attempt, who: &str, now: Time) -> Result<(), Wait> {
        match self.windows().get(&key(attempt, who)) {
            Some(window) if now < window.ends && window.attempts >= attempt.rule().most => {
                Err(window.wait(now))
            }
            _ => Ok(()),
        }
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn wait(&self, now: Time) -> Wait {
        let whole = self.ends.plus_millis(999).seconds() - now.seconds();
        Wait {
            seconds: whole.max(1),
        }
    }
}

fn key(attempt: Attempt, who: &str) -> Key {
    (attempt, *blake3::hash(who.as_bytes()).as_bytes())
}

/// Forgets what is over, and if that is not enough, what is over soonest.
fn make_room(windows: &mut HashMap<Key, Window>, key: &Key, now: Time) {
    if windows.len() < limits::ATTEMPTS_REMEMBERED || windows.contains_key(key) {
        return;
    }
    windows.retain(|_, window| now < window.ends);
    if windows.len() < limits::ATTEMPTS_REMEMBERED {
        return;
    }
    let soonest = windows.iter().min_by_key(|(_, window)| window.ends);
    if let Some(key) = soonest.map(|(key, _)| *key) {
        windows.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::EPOCH.plus_seconds(seconds)
    }

    #[test]
    fn a_window_stands_from_its_first_attempt_or_slides_with_each() {
        let limiter = Limiter::default();
        for second in 0..10 {
            assert!(limiter.count(Attempt::DeviceInit, "a", at(second)).is_ok());
        }
        let wait = limiter.count(Attempt::DeviceInit, "a", at(59));
        assert_eq!(wait, Err(Wait { seconds: 1 }));
        assert!(limiter.count(Attempt::DeviceInit, "b", at(59)).is_ok());
        assert!(limiter.count(Attempt::DeviceInit, "a", at(60)).is_ok());

        for second in 0..5 {
            assert!(limiter.count(Attempt::Exchange, "a", at(second)).is_ok());
        }
        for second in [5, 64, 123] {
            let wait = limiter.count(Attempt::Exchange, "a", at(second));
            assert_eq!(wait, Err(Wait { seconds: 60 }));
        }
        assert_eq!(limiter.count(Attempt::Exchange, "a", at(183)), Ok(4));
    }

    #[test]
    fn checking_counts_nothing() {
        let limiter = Limiter::default();
        for _ in 0..limits::WRONG_PASSWORDS {
            assert_eq!(limiter.check(Attempt::WrongPassword, "a", at(0)), Ok(()));
            assert!(limiter.count(Attempt::WrongPassword, "a", at(0)).is_ok());
        }
        let wait = limiter.check(Attempt::WrongPassword, "a", at(1));
        assert_eq!(
            wait,
            Err(Wait {
                seconds: limits::WRONG_PASSWORD_SECONDS - 1
            })
        );
    }

    #[test]
    fn it_remembers_a_bounded_number() {
        let limiter = Limiter::default();
        for number in 0..limits::ATTEMPTS_REMEMBERED + 100 {
            let who = number.to_string();
            assert!(limiter.count(Attempt::Exchange, &who, at(0)).is_ok());
        }
        assert_eq!(limiter.windows().len(), limits::ATTEMPTS_REMEMBERED);
    }
}
