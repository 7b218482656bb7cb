//! The machine's clocks. Everything else takes a moment or a clock as an argument.

use keepsave_core::playtime::{Awake, Moment};
use keepsave_core::time::{Clock, Time};
use rustix::time::{ClockId, clock_gettime};

/// What the machine says.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}

/// Now, by every clock that the machine has.
pub fn moment() -> Moment {
    Moment {
        wall: SystemClock.now(),
        awake: awake(),
    }
}

/// None where the machine does not say which start of it this is.
fn awake() -> Option<Awake> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits: String = boot.chars().filter(char::is_ascii_hexdigit).collect();
    let boot = hex::decode(digits).ok()?.try_into().ok()?;
    // On Linux this one stands still while the machine sleeps.
    let since = clock_gettime(ClockId::Monotonic);
    let micros = since.tv_sec.checked_mul(1_000_000)?;
    Some(Awake {
        boot,
        micros: micros.checked_add(since.tv_nsec / 1_000)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_knows_how_long_it_was_awake() {
        let (one, other) = (moment(), moment());
        let (Some(before), Some(after)) = (one.awake, other.awake) else {
            panic!("this machine does not say which start of it this is");
        };
        assert_eq!(before.boot, after.boot);
        assert!(before.micros <= after.micros && before.micros > 0);
    }
}
