//! The machine's clock. Everything else takes a clock as an argument.

use keepsave_core::time::{Clock, Time};

/// What the machine says.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}
