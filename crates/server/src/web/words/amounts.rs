//! Numbers, sizes and durations, as a language writes them.

use super::{Phrase, Words};

impl Words {
    /// `32,768`.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut written = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                written += self.0.thousands;
            }
            written.push(digit);
        }
        written
    }

    /// `32 KB`, `1.2 GB`.
    pub fn size<'a>(self, bytes: u64) -> Phrase<'a> {
        const KB: u64 = 1024;
        const MB: u64 = 1024 * KB;
        const GB: u64 = 1024 * MB;
        match bytes {
            0..KB => self.size_bytes(bytes),
            KB..MB => self.size_kb(self.tenths(bytes, KB)),
            MB..GB => self.size_mb(self.tenths(bytes, MB)),
            GB.. => self.size_gb(self.tenths(bytes, GB)),
        }
    }

    /// With one digit behind the point, as long as that says anything.
    fn tenths(self, bytes: u64, unit: u64) -> String {
        let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
        let (whole, rest) = (tenths / 10, tenths % 10);
        let whole = self.number(u64::try_from(whole).unwrap_or(u64::MAX));
        if rest == 0 || tenths >= 1000 {
            whole
        } else {
            format!("{whole}{}{rest}", self.0.decimal)
        }
    }

    /// `1 h 5 min`.
    pub fn lasted<'a>(self, milliseconds: u64) -> Phrase<'a> {
        let seconds = milliseconds / 1000;
        let minutes = seconds / 60;
        match (minutes / 60, minutes % 60) {
            (0, 0) => self.time_lasted_seconds(seconds),
            (0, minutes) => self.time_lasted_minutes(minutes),
            (hours, minutes) if minutes == 0 || hours >= 10 => self.time_lasted_whole_hours(hours),
            (hours, minutes) => self.time_lasted_hours(hours, minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_language_does() {
        let (english, german) = (Words::english(), Words::named("de").unwrap());
        assert_eq!(english.number(32_768), "32,768");
        assert_eq!(german.number(1_234_567), "1.234.567");
        assert_eq!(english.number(999), "999");
        for (bytes, said) in [
            (1, "1 byte"),
            (900, "900 bytes"),
            (32_768, "32 KB"),
            (1_258_291, "1.2 MB"),
            (512 * 1024 * 1024, "512 MB"),
            (1_288_490_189, "1.2 GB"),
        ] {
            assert_eq!(english.size(bytes).plain(), said);
        }
        assert_eq!(german.size(1_258_291).plain(), "1,2 MB");
        for (minutes, said) in [
            (0, "0 s"),
            (47, "47 min"),
            (65, "1 h 5 min"),
            (1890, "31 h"),
        ] {
            assert_eq!(english.lasted(minutes * 60_000).plain(), said);
        }
    }
}
