//! Fields of a query or a body, and everything that is wrong with them, in pydantic's words.

use keepsave_core::time::Time;
use serde_json::{Map, Value, json};

use super::call::{Call, Reply};

/// Reads fields and gathers what is wrong with them.
pub(super) struct Fields {
    errors: Vec<Value>,
}

/// Where a field is looked for.
pub(super) struct Source {
    location: Vec<Value>,
    values: Map<String, Value>,
    /// What pydantic shows as the input when a field is missing.
    whole: Value,
}

impl Source {
    /// The query. A name that stands in it several times counts once.
    pub fn query(call: &Call) -> Self {
        let mut values = Map::new();
        for (name, value) in &call.query {
            values.entry(name).or_insert_with(|| value.as_str().into());
        }
        Self {
            location: vec!["query".into()],
            values,
            whole: Value::Null,
        }
    }

    /// A body whose single field stands in an object: nothing is shown when it is missing.
    pub fn embedded(body: &Value) -> Self {
        Self {
            location: vec!["body".into()],
            values: body.as_object().cloned().unwrap_or_default(),
            whole: Value::Null,
        }
    }

    /// An object at a place of the body.
    pub fn object(location: Vec<Value>, body: &Value) -> Self {
        Self {
            location,
            values: body.as_object().cloned().unwrap_or_default(),
            whole: body.clone(),
        }
    }

    fn at(&self, name: &str) -> Vec<Value> {
        let mut location = self.location.clone();
        location.push(name.into());
        location
    }

    /// The value when there is one; a null is one that says nothing.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }
}

impl Fields {
    pub fn new() -> Self {
        Self { errors: Vec::new() }
    }

    /// The body, which must be there, as an object.
    pub fn body(&mut self, call: &Call) -> Result<Source, Reply> {
        let body = call.json()?;
        if body.is_null() {
            self.wrong("missing", &["body".into()], "Field required", &Value::Null);
        }
        Ok(Source::object(vec!["body".into()], &body))
    }

    /// Nothing was wrong.
    pub fn done(self) -> Result<(), Reply> {
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(Reply::unprocessable(&self.errors))
    }

    /// Notes one error.
    pub fn wrong(&mut self, kind: &str, location: &[Value], message: &str, input: &Value) {
        self.errors
            .push(json!({"type": kind, "loc": location, "msg": message, "input": input}));
    }

    /// Notes one error with its context.
    pub fn wrong_with(
        &mut self,
        kind: &str,
        location: &[Value],
        message: &str,
        (input, context): (&Value, Value),
    ) {
        self.errors.push(json!({
            "type": kind, "loc": location, "msg": message, "input": input, "ctx": context,
        }));
    }

    /// A field that must be there.
    pub fn required<'s>(&mut self, source: &'s Source, name: &str) -> Option<&'s Value> {
        let value = source.values.get(name);
        if value.is_none() {
            self.wrong("missing", &source.at(name), "Field required", &source.whole);
        }
        value
    }

    /// A whole number.
    pub fn int(&mut self, source: &Source, name: &str) -> Option<i64> {
        let value = source.get(name)?;
        let parsed = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if parsed.is_none() {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            self.wrong("int_parsing", &source.at(name), message, value);
        }
        parsed
    }

    /// A whole number that must be there.
    pub fn required_int(&mut self, source: &Source, name: &str) -> i64 {
        match self.required(source, name) {
            Some(_) => self.int(source, name).unwrap_or_default(),
            None => 0,
        }
    }

    /// A whole number from `least` on, up to `most`.
    pub fn bounded(&mut self, source: &Source, name: &str, least: i64, most: i64) -> Option<i64> {
        let number = self.int(source, name)?;
        let input = source.get(name)?;
        let location = source.at(name);
        if number < least {
            let message = format!("Input should be greater than or equal to {least}");
            let context = json!({"ge": least});
            self.wrong_with("greater_than_equal", &location, &message, (input, context));
        } else if number > most {
            let message = format!("Input should be less than or equal to {most}");
            let context = json!({"le": most});
            self.wrong_with("less_than_equal", &location, &message, (input, context));
        }
        Some(number)
    }

    /// A yes or no.
    pub fn bool(&mut self, source: &Source, name: &str) -> Option<bool> {
        let value = source.get(name)?;
        let parsed = match value {
            Value::Bool(known) => Some(*known),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
                "false" | "0" | "no" | "off" | "f" | "n" => Some(false),
                _ => None,
            },
            Value::Number(number) => match number.as_i64() {
                Some(1) => Some(true),
                Some(0) => Some(false),
                _ => None,
            },
            _ => None,
        };
        if parsed.is_none() {
            let message = "Input should be a valid boolean, unable to interpret input";
            self.wrong("bool_parsing", &source.at(name), message, value);
        }
        parsed
    }

    /// Words.
    pub fn text(&mut self, source: &Source, name: &str) -> Option<String> {
        let value = source.get(name)?;
        let text = value.as_str();
        if text.is_none() {
            let message = "Input should be a valid string";
            self.wrong("string_type", &source.at(name), message, value);
        }
        text.map(str::to_owned)
    }

    /// Words that must be there.
    pub fn required_text(&mut self, source: &Source, name: &str) -> String {
        let found = self.required(source, name).is_some();
        let text = found.then(|| self.text(source, name)).flatten();
        text.unwrap_or_default()
    }

    /// A moment, with the zone it was told in if any.
    pub fn moment(&mut self, source: &Source, name: &str) -> Option<Moment> {
        let value = source.get(name)?;
        let parsed = match value {
            Value::Number(seconds) => seconds.as_i64().map(|seconds| Moment {
                at: Time::EPOCH.plus_seconds(seconds),
                wall: Time::EPOCH.plus_seconds(seconds),
                zoned: true,
            }),
            Value::String(text) => Moment::read(text),
            _ => None,
        };
        if parsed.is_none() {
            let context = json!({"error": "input is too short"});
            let message = "Input should be a valid datetime or date, input is too short";
            let location = source.at(name);
            self.wrong_with(
                "datetime_from_date_parsing",
                &location,
                message,
                (value, context),
            );
        }
        parsed
    }
}

/// A moment that a client told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub at: Time,
    /// What a clock on the wall showed there: the same without the zone.
    pub wall: Time,
    pub zoned: bool,
}

impl Moment {
    fn read(text: &str) -> Option<Self> {
        let zone = text.get(10..)?.find(['Z', 'z', '+', '-']);
        let wall = &text[..zone.map_or(text.len(), |zone| zone + 10)];
        Some(Self {
            at: Time::parse(text)?,
            wall: Time::parse(wall)?,
            zoned: zone.is_some(),
        })
    }
}

/// The number in the path, from 1 on where `least` says so.
pub(super) fn id(call: &Call, least: i64) -> Result<i64, Reply> {
    let mut fields = Fields::new();
    let mut values = Map::new();
    values.insert("id".to_owned(), call.param("id").into());
    let source = Source {
        location: vec!["path".into()],
        values,
        whole: Value::Null,
    };
    let id = fields.bounded(&source, "id", least, i64::MAX);
    fields.done()?;
    Ok(id.unwrap_or_default())
}
