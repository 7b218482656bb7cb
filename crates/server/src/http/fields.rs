//! Reads the fields of a query or a JSON body and says everything that is wrong with them at once,
//! in the shape that RomM's clients know (pydantic's 422).
//!
//! A reader takes field after field, gets a harmless value where one is wrong, and asks at the end
//! with [`Fields::finish`] whether all was well.

mod form;
mod problem;
mod values;

use keepsave_core::time::Time;
use serde_json::{Map, Value, json};

use super::error::Failure;

pub use form::form_pairs;
pub use problem::Problem;
use problem::{complaint, offset, one_of};

/// A value in a request to change some fields: absent and null are different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it as it is.
    Keep,
    /// Set it, where the field may be emptied.
    Set(T),
}

/// The fields of one object on their way to becoming a typed request.
pub struct Fields {
    place: Vec<Value>,
    values: Map<String, Value>,
    /// What RomM repeats as the input of a missing field: the object, or null.
    whole: Value,
    problems: Vec<Problem>,
}

impl Fields {
    /// The fields of a URL's query. Of a repeated key the last counts, except for lists.
    pub fn of_query(query: Option<&str>) -> Self {
        let mut values = Map::new();
        for (key, value) in form_pairs(query.unwrap_or_default().as_bytes()) {
            match values.get_mut(&key) {
                Some(Value::Array(all)) => all.push(Value::String(value)),
                _ => {
                    values.insert(key, Value::Array(vec![Value::String(value)]));
                }
            }
        }
        Self::of("query", values)
    }

    /// Fields from anywhere, under the name that problems will give for the place.
    pub(super) fn of(place: &str, values: Map<String, Value>) -> Self {
        Self {
            place: vec![json!(place)],
            values,
            whole: Value::Null,
            problems: Vec::new(),
        }
    }

    /// The fields of a JSON body that is an object.
    pub fn of_body(body: &[u8]) -> Result<Self, Failure> {
        let place = vec![json!("body")];
        if body.is_empty() {
            return Err(Failure::invalid(vec![Problem::missing(place, Value::Null)]));
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            Failure::invalid(vec![Problem {
                kind: "json_invalid",
                place: vec![json!("body"), json!(offset(body, &error))],
                message: "JSON decode error".to_owned(),
                input: json!({}),
                context: Some(json!({ "error": complaint(&error) })),
            }])
        })?;
        match value {
            Value::Object(values) => {
                let whole = Value::Object(values.clone());
                Ok(Self {
                    place,
                    values,
                    whole,
                    problems: Vec::new(),
                })
            }
            input => Err(Failure::invalid(vec![Problem {
                kind: "dict_type",
                place,
                message: "Input should be a valid dictionary".to_owned(),
                input,
                context: None,
            }])),
        }
    }

    /// The fields of a JSON body that RomM takes as single parameters: anything but an object has
    /// none of them, and a missing one repeats nothing.
    pub fn of_parameters(body: &[u8]) -> Result<Self, Failure> {
        let mut fields = match serde_json::from_slice(body) {
            Ok(Value::Array(_)) => Self::of_body(b"{}")?,
            Ok(_) | Err(_) => Self::of_body(body)?,
        };
        fields.whole = Value::Null;
        Ok(fields)
    }

    /// Ends the reading: the request, or everything that was wrong with it.
    pub fn finish<T>(self, request: T) -> Result<T, Failure> {
        if self.problems.is_empty() {
            Ok(request)
        } else {
            Err(Failure::invalid(self.problems))
        }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        match self.present(name) {
            Some(value) => self.as_text(name, value).unwrap_or_default(),
            None => self.missing(name),
        }
    }

    /// A text, when it is there and not null.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        self.as_text(name, value)
    }

    /// A text to change: absent keeps, null empties.
    pub fn changed_text(&mut self, name: &str) -> Change<Option<String>> {
        match self.present(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Set(None),
            Some(value) => self
                .as_text(name, value)
                .map_or(Change::Keep, |text| Change::Set(Some(text))),
        }
    }

    /// A text of limited length, when it is there and not null.
    pub fn short_text(&mut self, name: &str, most_chars: usize) -> Option<String> {
        let text = self.optional_text(name)?;
        self.check_length(name, &text, most_chars);
        Some(text)
    }

    /// A text of limited length that must be there and have at least one character.
    pub fn filled_text(&mut self, name: &str, most_chars: usize) -> String {
        let text = self.text(name);
        if text.is_empty() && self.values.get(name).is_some_and(Value::is_string) {
            self.wrong(
                name,
                "string_too_short",
                "String should have at least 1 character".to_owned(),
                json!(text),
                Some(json!({ "min_length": 1 })),
            );
        }
        self.check_length(name, &text, most_chars);
        text
    }

    /// Notes a problem when a list has more items than it may.
    pub fn check_count(&mut self, name: &str, count: usize, most: usize) {
        if count > most {
            let input = self.values.get(name).cloned().unwrap_or_default();
            self.wrong(
                name,
                "too_long",
                format!("List should have at most {most} items after validation, not {count}"),
                input,
                Some(json!({ "field_type": "List", "max_length": most, "actual_length": count })),
            );
        }
    }

    /// Notes a problem when a text has more characters than it may.
    pub fn check_length(&mut self, name: &str, text: &str, most_chars: usize) {
        if text.chars().count() > most_chars {
            self.wrong(
                name,
                "string_too_long",
                format!("String should have at most {most_chars} characters"),
                json!(text),
                Some(json!({ "max_length": most_chars })),
            );
        }
    }

    /// One of several words, when it is there and not null.
    pub fn optional_word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        let found = value
            .as_str()
            .and_then(|word| words.iter().find(|known| known.0 == word));
        if found.is_none() {
            let expected = one_of(&words.iter().map(|word| word.0).collect::<Vec<_>>());
            self.wrong(
                name,
                "enum",
                format!("Input should be {expected}"),
                value,
                Some(json!({ "expected": expected })),
            );
        }
        found.map(|word| word.1)
    }

    /// An integer that must be there.
    pub fn integer(&mut self, name: &str) -> i64 {
        match self.present(name) {
            Some(value) => self.as_integer(name, &value).unwrap_or_default(),
            None => self.missing(name),
        }
    }

    /// An integer, when it is there and not null.
    pub fn optional_integer(&mut self, name: &str) -> Option<i64> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        self.as_integer(name, &value)
    }

    /// An integer within bounds, when it is there and not null.
    pub fn bounded_integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        let integer = self.as_integer(name, &value)?;
        if integer < least {
            self.too_small(name, value, least);
        } else if integer > most {
            self.wrong(
                name,
                "less_than_equal",
                format!("Input should be less than or equal to {most}"),
                value,
                Some(json!({ "le": most })),
            );
        } else {
            return Some(integer);
        }
        None
    }

    /// An integer that must be there and not be negative.
    pub fn natural(&mut self, name: &str) -> i64 {
        match self.present(name) {
            None => self.missing(name),
            Some(value) => match self.as_integer(name, &value) {
                Some(integer) if integer < 0 => {
                    self.too_small(name, value, 0);
                    0
                }
                Some(integer) => integer,
                None => 0,
            },
        }
    }

    /// Every integer of a repeated key or a list; empty when there is none.
    pub fn integers(&mut self, name: &str) -> Vec<i64> {
        let Some(Value::Array(all)) = self.values.get(name).cloned() else {
            return Vec::new();
        };
        all.iter()
            .filter_map(|value| self.as_integer(name, value))
            .collect()
    }

    /// A list of integers that must be there.
    pub fn required_integers(&mut self, name: &str) -> Vec<i64> {
        match self.values.get(name).cloned() {
            Some(Value::Array(_)) => self.integers(name),
            Some(value) => self.not_a_list(name, value),
            None => self.missing(name),
        }
    }

    /// Every text of a repeated key or a list; empty when there is none.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(Value::Array(all)) = self.values.get(name).cloned() else {
            return Vec::new();
        };
        all.into_iter()
            .filter_map(|value| self.as_text(name, value))
            .collect()
    }

    /// A list of texts that must be there and have at least one.
    pub fn some_texts(&mut self, name: &str) -> Vec<String> {
        match self.values.get(name).cloned() {
            Some(Value::Array(all)) if all.is_empty() => {
                self.wrong(
                    name,
                    "too_short",
                    "List should have at least 1 item after validation, not 0".to_owned(),
                    json!([]),
                    Some(json!({ "field_type": "List", "min_length": 1, "actual_length": 0 })),
                );
                Vec::new()
            }
            Some(Value::Array(_)) => self.texts(name),
            Some(value) => self.not_a_list(name, value),
            None => self.missing(name),
        }
    }

    /// A boolean that must be there.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.present(name) {
            Some(value) => self.as_flag(name, value).unwrap_or_default(),
            None => self.missing(name),
        }
    }

    /// A boolean, when it is there and not null.
    pub fn optional_flag(&mut self, name: &str) -> Option<bool> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        self.as_flag(name, value)
    }

    /// A moment that must be there.
    pub fn moment(&mut self, name: &str) -> Time {
        if let Some(value) = self.present(name) {
            self.as_moment(name, value).unwrap_or(Time::EPOCH)
        } else {
            self.missing::<()>(name);
            Time::EPOCH
        }
    }

    /// A moment, when it is there and not null.
    pub fn optional_moment(&mut self, name: &str) -> Option<Time> {
        let value = self.present(name).filter(|value| !value.is_null())?;
        self.as_moment(name, value)
    }

    /// An object of any fields to change: absent keeps, null empties.
    pub fn changed_object(&mut self, name: &str) -> Change<Option<Map<String, Value>>> {
        match self.present(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Set(None),
            Some(Value::Object(object)) => Change::Set(Some(object)),
            Some(value) => {
                let message = "Input should be a valid dictionary".to_owned();
                self.wrong(name, "dict_type", message, value, None);
                Change::Keep
            }
        }
    }

    /// Any JSON, when it is there.
    pub fn json(&mut self, name: &str) -> Option<Value> {
        self.present(name)
    }

    /// Whether the field is there, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A list of objects that must be there, each read by `read`.
    pub fn objects<T>(&mut self, name: &str, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        match self.values.remove(name) {
            Some(Value::Array(all)) => all
                .into_iter()
                .enumerate()
                .filter_map(|(index, value)| self.object(name, index, value, &mut read))
                .collect(),
            Some(value) => self.not_a_list(name, value),
            None => self.missing(name),
        }
    }

    /// Whether nothing was wrong so far.
    pub fn is_well(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes a problem with the object as a whole.
    pub fn refuse(&mut self, message: &str) {
        let problem = Problem::value(self.place.clone(), message, self.whole.clone());
        self.problems.push(problem);
    }

    /// Notes a problem with a field whose value is understood but not allowed.
    pub fn refuse_field(&mut self, name: &str, message: &str) {
        let input = self.values.get(name).cloned().unwrap_or_default();
        let problem = Problem::value(self.within(name), message, input);
        self.problems.push(problem);
    }

    fn object<T>(
        &mut self,
        name: &str,
        index: usize,
        value: Value,
        read: &mut impl FnMut(&mut Self) -> T,
    ) -> Option<T> {
        let mut place = self.within(name);
        place.push(json!(index));
        let Value::Object(values) = value else {
            self.problems.push(Problem {
                kind: "model_attributes_type",
                place,
                message: "Input should be a valid dictionary or object to extract fields from"
                    .to_owned(),
                input: value,
                context: None,
            });
            return None;
        };
        let whole = Value::Object(values.clone());
        let mut inner = Self {
            place,
            values,
            whole,
            problems: Vec::new(),
        };
        let result = read(&mut inner);
        self.problems.append(&mut inner.problems);
        Some(result)
    }

    /// The value of a field; the last one where a query repeats it.
    fn present(&self, name: &str) -> Option<Value> {
        let value = self.values.get(name)?;
        match value {
            Value::Array(all) if self.is_query() => all.last().cloned(),
            value => Some(value.clone()),
        }
    }

    fn is_query(&self) -> bool {
        self.place.first().is_some_and(|first| first == "query")
    }

    fn too_small(&mut self, name: &str, value: Value, least: i64) {
        self.wrong(
            name,
            "greater_than_equal",
            format!("Input should be greater than or equal to {least}"),
            value,
            Some(json!({ "ge": least })),
        );
    }

    fn not_a_list<T: Default>(&mut self, name: &str, value: Value) -> T {
        self.wrong(
            name,
            "list_type",
            "Input should be a valid list".to_owned(),
            value,
            None,
        );
        T::default()
    }

    fn missing<T: Default>(&mut self, name: &str) -> T {
        let problem = Problem::missing(self.within(name), self.whole.clone());
        self.problems.push(problem);
        T::default()
    }

    fn wrong(
        &mut self,
        name: &str,
        kind: &'static str,
        message: String,
        input: Value,
        context: Option<Value>,
    ) {
        let place = self.within(name);
        self.problems.push(Problem {
            kind,
            place,
            message,
            input,
            context,
        });
    }

    fn within(&self, name: &str) -> Vec<Value> {
        let mut place = self.place.clone();
        place.push(json!(name));
        place
    }
}
