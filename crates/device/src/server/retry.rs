//! What is safe to repeat, how often, and after which pause.

use std::time::Duration;

use keepsave_core::limits;

use super::error::Trouble;

/// When a request may be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Done twice it is as if done once.
    Safe,
    /// Only when it surely was not done.
    Undone,
}

/// Counts attempts and says how long to wait between them.
#[derive(Debug)]
pub struct Attempts {
    made: u32,
    pause: Duration,
}

impl Attempts {
    /// None was made yet; the first pause is this long.
    pub fn new(pause: Duration) -> Self {
        Self { made: 0, pause }
    }

    /// How long to wait before the next attempt after this trouble; none when there must not be
    /// one.
    pub fn pause_after(&mut self, trouble: &Trouble, repeat: Repeat) -> Option<Duration> {
        let may_help = match trouble {
            Trouble::Unreachable { .. } | Trouble::RateLimited { .. } => true,
            Trouble::Stalled { .. } | Trouble::CutOff { .. } | Trouble::Broken { .. } => {
                repeat == Repeat::Safe
            }
            _ => false,
        };
        if !may_help {
            return None;
        }
        let usual = self.pause()?;
        let asked = match trouble {
            Trouble::RateLimited { after } | Trouble::Broken { after, .. } => *after,
            _ => None,
        };
        Some(asked.map_or(usual, |asked| asked.min(limits::SERVER_RETRY_AFTER)))
    }

    /// How long to wait before the next attempt, where one may help; none when enough were made.
    pub fn pause(&mut self) -> Option<Duration> {
        self.made += 1;
        if self.made >= limits::SERVER_ATTEMPTS {
            return None;
        }
        let grown = self.pause * limits::SERVER_RETRY_GROWTH;
        Some(std::mem::replace(&mut self.pause, grown))
    }
}

#[cfg(test)]
mod tests {
    use keepsave_core::release::Unsupported;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    fn text() -> String {
        "x".to_owned()
    }

    /// Every trouble, and whether it is tried again when that is safe and when it is not.
    fn troubles() -> Vec<(Trouble, bool, bool)> {
        let (detail, why, after) = (text, text, None);
        vec![
            (Trouble::Unreachable { why: why() }, true, true),
            (Trouble::RateLimited { after }, true, true),
            (Trouble::Stalled { after: PAUSE }, true, false),
            (Trouble::CutOff { why: why() }, true, false),
            (
                Trouble::Broken {
                    status: 500,
                    detail: detail(),
                    after,
                },
                true,
                false,
            ),
            (Trouble::SignedOut, false, false),
            (Trouble::Forbidden { detail: detail() }, false, false),
            (Trouble::NotFound { detail: None }, false, false),
            (Trouble::Conflict { detail: detail() }, false, false),
            (
                Trouble::Refused {
                    status: 400,
                    detail: detail(),
                },
                false,
                false,
            ),
            (
                Trouble::Unreadable {
                    status: 200,
                    why: why(),
                    begins: text(),
                },
                false,
                false,
            ),
            (Trouble::Redirected { to: text() }, false, false),
            (Trouble::TooOld(Unsupported::Unnamed), false, false),
            (
                Trouble::NoSync {
                    found: text(),
                    missing: &[],
                },
                false,
                false,
            ),
            (Trouble::Unaskable { why: why() }, false, false),
        ]
    }

    #[test]
    fn what_may_help_is_tried_three_times() {
        for (trouble, when_safe, when_undone) in troubles() {
            for (repeat, again) in [(Repeat::Safe, when_safe), (Repeat::Undone, when_undone)] {
                let mut attempts = Attempts::new(PAUSE);
                let pauses: Vec<Option<Duration>> = (0..3)
                    .map(|_| attempts.pause_after(&trouble, repeat))
                    .collect();
                let expected = if again {
                    vec![Some(PAUSE), Some(PAUSE * 3), None]
                } else {
                    vec![None; 3]
                };
                assert_eq!(pauses, expected, "{trouble:?} {repeat:?}");
            }
        }
    }

    #[test]
    fn the_server_may_ask_for_a_pause_within_reason() {
        let after = |seconds| Some(Duration::from_secs(seconds));
        for (asked, pause) in [(0, 0), (7, 7), (86_400, 30)] {
            for trouble in [
                Trouble::RateLimited {
                    after: after(asked),
                },
                Trouble::Broken {
                    status: 503,
                    detail: text(),
                    after: after(asked),
                },
            ] {
                let mut attempts = Attempts::new(PAUSE);
                assert_eq!(attempts.pause_after(&trouble, Repeat::Safe), after(pause));
            }
        }
    }
}
