//! JSON values and texts of a query as typed values, as leniently as RomM takes them.

use keepsave_core::time::Time;
use serde_json::{Value, json};

use super::Fields;

impl Fields {
    pub(super) fn as_text(&mut self, name: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            value => {
                let message = "Input should be a valid string".to_owned();
                self.wrong(name, "string_type", message, value, None);
                None
            }
        }
    }

    pub(super) fn as_integer(&mut self, name: &str, value: &Value) -> Option<i64> {
        let integer = match value {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        if integer.is_none() {
            let (kind, message) = if value.is_string() {
                let message =
                    "Input should be a valid integer, unable to parse string as an integer";
                ("int_parsing", message)
            } else {
                ("int_type", "Input should be a valid integer")
            };
            self.wrong(name, kind, message.to_owned(), value.clone(), None);
        }
        integer
    }

    pub(super) fn as_flag(&mut self, name: &str, value: Value) -> Option<bool> {
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "on" | "yes" | "t" | "y" => Some(true),
                "false" | "0" | "off" | "no" | "f" | "n" => Some(false),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        if flag.is_none() {
            let message = "Input should be a valid boolean, unable to interpret input".to_owned();
            self.wrong(name, "bool_parsing", message, value, None);
        }
        flag
    }

    pub(super) fn as_moment(&mut self, name: &str, value: Value) -> Option<Time> {
        let moment = match &value {
            Value::String(text) => {
                Time::parse(text).or_else(|| text.parse().ok().and_then(from_epoch))
            }
            Value::Number(number) => number.as_f64().and_then(from_epoch),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if moment.is_none() {
            let cause = "input is too short";
            self.wrong(
                name,
                "datetime_from_date_parsing",
                format!("Input should be a valid datetime or date, {cause}"),
                value,
                Some(json!({ "error": cause })),
            );
        }
        moment
    }
}

/// Epoch numbers: seconds, or milliseconds where seconds would lie beyond the year 2603.
fn from_epoch(number: f64) -> Option<Time> {
    const LARGEST_SECONDS: f64 = 2e10;
    let seconds = if number.abs() > LARGEST_SECONDS {
        number / 1e3
    } else {
        number
    };
    if !seconds.is_finite() {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates and Time clamps"
    )]
    let micros = (seconds * 1e6) as i64;
    Some(Time::from_micros(micros))
}
