//! The `Range` header.

use std::ops::Range;

use http::HeaderValue;
use keepsave_core::limits;

/// Which bytes are to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them.
    Whole,
    /// These, in their order and without touching one another.
    Ranges(Vec<Range<u64>>),
    /// None that are there.
    Nothing,
    /// What is wrong with the header.
    Malformed(&'static str),
}

/// Reads the header for a content of that size.
pub(super) fn wanted(header: &HeaderValue, size: u64) -> Wanted {
    let Some((unit, list)) = header.to_str().ok().and_then(|text| text.split_once('=')) else {
        return Wanted::Malformed("Malformed range header.");
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Malformed("Only support bytes range");
    }
    let mut ranges = Vec::new();
    for text in list
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        match range(text, size) {
            Some(range) => ranges.push(range),
            None => return Wanted::Malformed("Malformed range header."),
        }
    }
    if ranges.is_empty() {
        return Wanted::Malformed("Range header: range must be requested");
    }
    if ranges.len() > limits::RANGES {
        return Wanted::Whole;
    }
    ranges.retain(|range| !range.is_empty());
    if ranges.is_empty() {
        return Wanted::Nothing;
    }
    Wanted::Ranges(joined(ranges))
}

/// One range, empty when nothing of it is there; none when it is not understood.
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let start = match first {
        // The last bytes of the content.
        "" => return Some(size.saturating_sub(number(last)?)..size),
        first => number(first)?,
    };
    let end = match last {
        "" => size,
        last => {
            let last = number(last)?;
            if last < start {
                return None;
            }
            last.saturating_add(1).min(size)
        }
    };
    Some(start..end)
}

/// Digits only: no sign, which `parse` would take. More than any content has is as good as that.
fn number(digits: &str) -> Option<u64> {
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// In order, with those that touch made one.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, size: u64, expected: &Wanted) {
        let header = HeaderValue::try_from(header).unwrap();
        assert_eq!(&wanted(&header, size), expected, "{header:?} of {size}");
    }

    #[test]
    fn what_is_there() {
        let cases: [(&str, &[(u64, u64)]); 14] = [
            ("bytes=0-1", &[(0, 2)]),
            ("bytes=0-", &[(0, 10)]),
            ("bytes=9-9", &[(9, 10)]),
            ("bytes=5-100", &[(5, 10)]),
            ("bytes=5-99999999999999999999999", &[(5, 10)]),
            ("bytes=-3", &[(7, 10)]),
            ("bytes=-100", &[(0, 10)]),
            ("Bytes = 2-3", &[(2, 4)]),
            ("bytes=0-0,2-2", &[(0, 1), (2, 3)]),
            ("bytes=4-5, 0-1", &[(0, 2), (4, 6)]),
            ("bytes=0-3,2-5", &[(0, 6)]),
            ("bytes=0-1,2-3", &[(0, 4)]),
            ("bytes=0-1,50-60", &[(0, 2)]),
            ("bytes=0-9,3-4,-1", &[(0, 10)]),
        ];
        for (header, ranges) in cases {
            let ranges = ranges.iter().map(|(start, end)| *start..*end);
            check(header, 10, &Wanted::Ranges(ranges.collect()));
        }
    }

    #[test]
    fn what_is_not_there() {
        for header in ["bytes=10-", "bytes=100-200", "bytes=-0", "bytes=10-11,20-"] {
            check(header, 10, &Wanted::Nothing);
        }
        for header in ["bytes=0-", "bytes=0-0", "bytes=-5"] {
            check(header, 0, &Wanted::Nothing);
        }
    }

    #[test]
    fn what_is_not_understood() {
        let malformed = Wanted::Malformed("Malformed range header.");
        for header in [
            "bytes",
            "bytes=a-b",
            "bytes=1",
            "bytes=-",
            "bytes=+1-2",
            "bytes=5-4",
        ] {
            check(header, 10, &malformed);
        }
        check(
            "lines=1-2",
            10,
            &Wanted::Malformed("Only support bytes range"),
        );
        let none = Wanted::Malformed("Range header: range must be requested");
        check("bytes=", 10, &none);
        check("bytes=,", 10, &none);
    }

    #[test]
    fn very_many_are_none() {
        let header = format!("bytes={}", "0-0,".repeat(limits::RANGES + 1));
        check(&header, 10, &Wanted::Whole);
    }
}
