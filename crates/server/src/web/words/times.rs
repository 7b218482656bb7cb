//! Moments, as people say them: how long ago, and exactly when on hover and focus.
//!
//! The browser's script says in a cookie in which zone it is; until then, and without it, times are
//! in UTC and say so.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use keepsave_core::time::Time;

use super::{Markup, Phrase, Words};

/// Where times are shown: a zone of the browser's, or UTC.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: TimeZone,
    is_known: bool,
}

impl Zone {
    fn at(&self, time: Time) -> DateTime {
        Timestamp::from_microsecond(time.micros())
            .map_or(DateTime::ZERO, |at| self.zone.to_datetime(at))
    }
}

/// The zone of that name, as `Europe/Berlin`; UTC where there is none.
pub fn zone_of(name: Option<&str>) -> Zone {
    let is_name = |name: &&str| {
        let plain = |sign: u8| sign.is_ascii_alphanumeric() || b"/_+-".contains(&sign);
        name.bytes().all(plain)
    };
    let known = name
        .filter(is_name)
        .and_then(|name| TimeZone::get(name).ok());
    Zone {
        is_known: known.is_some(),
        zone: known.unwrap_or(TimeZone::UTC),
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// From so many days on, a moment is a date.
const DAYS_SAID: i64 = 7;

impl Words {
    /// How long ago that was: `18 minutes ago`, `Yesterday, 22:31`, `2 November`.
    pub fn ago<'a>(self, then: Time, now: Time, zone: &Zone) -> Phrase<'a> {
        let seconds = (now.seconds() - then.seconds()).max(0);
        let (then, now) = (zone.at(then), zone.at(now));
        let days = now.date().duration_since(then.date()).as_hours() / 24;
        let count = |unit: i64| u64::try_from(seconds / unit).unwrap_or_default();
        if seconds < MINUTE {
            self.time_just_now()
        } else if seconds < HOUR {
            self.time_minutes(count(MINUTE))
        } else if days == 0 || seconds < DAY / 2 {
            self.time_hours(count(HOUR))
        } else if days == 1 {
            self.time_yesterday(clock(then))
        } else if days < DAYS_SAID {
            self.time_days(u64::try_from(days).unwrap_or_default())
        } else if then.year() == now.year() {
            self.time_date_of_year(day(then), self.month(then))
        } else {
            self.date_of(then)
        }
    }

    /// The day of a moment, as a heading: `Today`, `Yesterday`, `2 November 2026`.
    pub fn day_of<'a>(self, then: Time, now: Time, zone: &Zone) -> Phrase<'a> {
        let (then, now) = (zone.at(then), zone.at(now));
        match now.date().duration_since(then.date()).as_hours() / 24 {
            0 => self.time_today(),
            1 => self.time_day_yesterday(),
            _ => self.date_of(then),
        }
    }

    /// `2 November 2026`.
    pub fn date<'a>(self, then: Time, zone: &Zone) -> Phrase<'a> {
        self.date_of(zone.at(then))
    }

    /// `Friday 20 November 2026, 21:42:07`.
    pub fn exactly<'a>(self, then: Time, zone: &Zone) -> Phrase<'a> {
        let at = zone.at(then);
        let clock = format!("{}:{:02}", clock(at), at.second());
        let (year, month, weekday) = (at.year().to_string(), self.month(at), self.weekday(at));
        if zone.is_known {
            self.time_exact(weekday, day(at), month, year, clock)
        } else {
            self.time_exact_utc(weekday, day(at), month, year, clock)
        }
    }

    /// A moment on a page: how long ago, the exact time on hover and focus. The script keeps what is
    /// said within a day up to date.
    pub fn moment(self, then: Time, now: Time, zone: &Zone) -> Markup {
        let said = self.ago(then, now, zone);
        let is_fresh = now.seconds() - then.seconds() < DAY / 2;
        let fresh = if is_fresh { " data-fresh" } else { "" };
        let exact = self.exactly(then, zone);
        Markup::new(
            format!("<time datetime=\"{then}\" data-exact=\"{exact}\"{fresh}>{said}</time>"),
            said.plain(),
        )
    }

    fn date_of<'a>(self, at: DateTime) -> Phrase<'a> {
        self.time_date(day(at), self.month(at), at.year().to_string())
    }

    fn month<'a>(self, at: DateTime) -> Phrase<'a> {
        match at.month() {
            1 => self.time_january(),
            2 => self.time_february(),
            3 => self.time_march(),
            4 => self.time_april(),
            5 => self.time_may(),
            6 => self.time_june(),
            7 => self.time_july(),
            8 => self.time_august(),
            9 => self.time_september(),
            10 => self.time_october(),
            11 => self.time_november(),
            _ => self.time_december(),
        }
    }

    fn weekday<'a>(self, at: DateTime) -> Phrase<'a> {
        match at.weekday() {
            Weekday::Monday => self.time_monday(),
            Weekday::Tuesday => self.time_tuesday(),
            Weekday::Wednesday => self.time_wednesday(),
            Weekday::Thursday => self.time_thursday(),
            Weekday::Friday => self.time_friday(),
            Weekday::Saturday => self.time_saturday(),
            Weekday::Sunday => self.time_sunday(),
        }
    }
}

fn day(at: DateTime) -> String {
    at.day().to_string()
}

fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_as_people_say_them() {
        let (english, german) = (Words::english(), Words::named("de").unwrap());
        let now = Time::parse("2026-11-20T21:00:00Z").unwrap();
        let zone = zone_of(None);
        for (then, said, auf_deutsch) in [
            ("2026-11-20T21:00:01Z", "just now", "gerade eben"),
            ("2026-11-20T20:42:00Z", "18 minutes ago", "vor 18 Minuten"),
            ("2026-11-20T20:00:00Z", "1 hour ago", "vor 1 Stunde"),
            ("2026-11-20T00:30:00Z", "20 hours ago", "vor 20 Stunden"),
            ("2026-11-19T22:31:00Z", "Yesterday, 22:31", "Gestern, 22:31"),
            ("2026-11-15T12:00:00Z", "5 days ago", "vor 5 Tagen"),
            ("2026-11-02T12:00:00Z", "2 November", "2. November"),
            ("2025-03-02T12:00:00Z", "2 March 2025", "2. März 2025"),
            ("1970-01-01T00:00:00Z", "1 January 1970", "1. Januar 1970"),
        ] {
            let then = Time::parse(then).unwrap();
            assert_eq!(english.ago(then, now, &zone).plain(), said);
            assert_eq!(german.ago(then, now, &zone).plain(), auf_deutsch);
        }
    }

    #[test]
    fn the_exact_time_is_that_of_the_browsers_zone() {
        let then = Time::parse("2026-11-20T20:42:07Z").unwrap();
        let exactly = |zone: Zone| Words::english().exactly(then, &zone).plain();
        let utc = "Friday 20 November 2026, 20:42:07 UTC";
        assert_eq!(exactly(zone_of(None)), utc);
        for name in ["", "../../etc/passwd", "Europe/Nowhere", "<b>"] {
            assert_eq!(exactly(zone_of(Some(name))), utc);
        }
        let berlin = zone_of(Some("Europe/Berlin"));
        // A machine without the data of zones shows UTC.
        if berlin.is_known {
            assert_eq!(exactly(berlin), "Friday 20 November 2026, 21:42:07");
        }
    }
}
