//! A moment, in the one precision that is stored, compared and sent: microseconds.
//!
//! Nothing here reads a clock. Moments are arguments everywhere.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// Says what time it is. Core never asks: whoever asks is handed one.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
}

impl Time {
    /// The start of 1970: what a handheld without a clock battery believes.
    pub const EPOCH: Self = Self(0);

    const MIN: i64 = -62_135_596_800_000_000; // 0001-01-01T00:00:00Z
    const MAX: i64 = 253_402_207_200_000_000; // 9999-12-30T22:00:00Z: the last that every zone can show

    /// The moment `micros` after 1970, kept within the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(Self::MIN, Self::MAX))
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The moment `millis` later.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_micros(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// The moment without its fraction of a second.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.seconds() * 1_000_000)
    }

    /// Reads RFC 3339 or ISO 8601 with a zone; without one, UTC is meant. A moment beyond those that
    /// can be shown is the last of them.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Self::from_micros(timestamp.as_microsecond()));
        }
        let civil: DateTime = text.trim_end_matches(['Z', 'z']).parse().ok()?;
        Some(match civil.to_zoned(TimeZone::UTC) {
            Ok(zoned) => Self::from_micros(zoned.timestamp().as_microsecond()),
            Err(_) if civil.year() > 0 => Self(Self::MAX),
            Err(_) => Self(Self::MIN),
        })
    }

    /// `2026-11-20 07:28:30.197525+00:00`: how a save's download path spells it.
    pub fn with_space(self) -> impl fmt::Display {
        self.spelled(b' ')
    }

    fn spelled(self, separator: u8) -> Spelled {
        let at = self.civil();
        let micros = self.0.rem_euclid(1_000_000);
        let mut text = *b"0000-00-00 00:00:00.000000+00:00";
        write_digits(&mut text[..4], at.year().into());
        write_digits(&mut text[5..7], at.month().into());
        write_digits(&mut text[8..10], at.day().into());
        text[10] = separator;
        write_digits(&mut text[11..13], at.hour().into());
        write_digits(&mut text[14..16], at.minute().into());
        write_digits(&mut text[17..19], at.second().into());
        write_digits(&mut text[20..26], micros);
        Spelled(text)
    }

    /// `2026-11-20_07-28-30`: the tag in a slotted save's file name.
    pub fn as_tag(self) -> String {
        let at = self.civil();
        format!(
            "{:04}-{:02}-{:02}_{:02}-{:02}-{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// The date and time of day in UTC.
    pub fn civil(self) -> DateTime {
        // The range of `Time` is within jiff's, so the fallback is never taken.
        Timestamp::from_microsecond(self.0).map_or(DateTime::ZERO, |at| Offset::UTC.to_datetime(at))
    }
}

/// `2026-11-20T07:28:30.197525+00:00`: always with microseconds and zone.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spelled(b'T').fmt(f)
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.spelled(b'T').as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date and time"))
    }
}

/// A moment as text. Listings have tens of thousands of them, so it is written digit by digit,
/// with no formatter in between.
struct Spelled([u8; 32]);

impl Spelled {
    fn as_str(&self) -> &str {
        // It is made of ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Fills `text` with the last digits of a number that is not negative.
fn write_digits(text: &mut [u8], mut number: i64) {
    const DIGITS: &[u8; 10] = b"0123456789";
    for digit in text.iter_mut().rev() {
        *digit = usize::try_from(number % 10).map_or(b'0', |last| DIGITS[last]);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_microseconds_and_zone_always() {
        let time = Time::from_micros(1_795_159_710_197_525);
        assert_eq!(time.to_string(), "2026-11-20T07:28:30.197525+00:00");
        assert_eq!(
            time.with_space().to_string(),
            "2026-11-20 07:28:30.197525+00:00"
        );
        assert_eq!(time.as_tag(), "2026-11-20_07-28-30");
        assert_eq!(
            time.whole_seconds().to_string(),
            "2026-11-20T07:28:30.000000+00:00"
        );
    }

    #[test]
    fn reads_zones_and_takes_naive_times_as_utc() {
        let expected = Time::from_micros(1_795_159_710_000_000);
        for text in [
            "2026-11-20T07:28:30Z",
            "2026-11-20T07:28:30+00:00",
            "2026-11-20T09:28:30+02:00",
            "2026-11-20T07:28:30",
            "2026-11-20 07:28:30",
        ] {
            assert_eq!(Time::parse(text), Some(expected), "{text}");
        }
        assert_eq!(Time::parse("yesterday"), None);
        assert_eq!(Time::parse(""), None);
    }

    #[test]
    fn absurd_moments_stay_printable() {
        for micros in [i64::MIN, i64::MAX, 0, -1] {
            let time = Time::from_micros(micros);
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59+00:00",
            "9999-12-31T23:59:59.999999",
        ] {
            assert_eq!(
                Time::parse(text),
                Some(Time::from_micros(i64::MAX)),
                "{text}"
            );
        }
        for text in ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"] {
            assert_eq!(
                Time::parse(text),
                Some(Time::from_micros(i64::MIN)),
                "{text}"
            );
        }
        assert_eq!(
            Time::from_micros(i64::MAX).plus_seconds(i64::MAX),
            Time::from_micros(i64::MAX)
        );
    }
}
