//! `/docs`: what the server can be asked, for people. It says what the OpenAPI document says.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::failure::Refusal;
use super::page::{Page, Place};
use super::render;
use super::visitor::Visitor;
use crate::app::App;
use crate::http::router;

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage<'a> {
    page: Page,
    areas: &'a [Area],
}

/// Routes that belong together.
struct Area {
    name: String,
    routes: Vec<Route>,
}

struct Route {
    method: String,
    path: String,
    summary: String,
    description: String,
    inputs: Vec<Input>,
    answers: Vec<Answer>,
}

/// Something that goes with a request.
struct Input {
    name: String,
    place: String,
    kind: String,
    is_needed: bool,
    meaning: String,
}

struct Answer {
    status: String,
    meaning: String,
    body: String,
}

static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
    let document = serde_json::to_value(router::openapi()).unwrap_or_default();
    areas(&document)
});

/// Shows every route, area by area.
pub async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Refusal> {
    let shown = DocsPage {
        page: visitor.page(&app, Place::Elsewhere)?,
        areas: &AREAS,
    };
    render(StatusCode::OK, &shown)
}

fn areas(document: &Value) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            let name = text(&operation["tags"][0]);
            let route = route(method, path, operation);
            match areas.iter_mut().find(|area| area.name == name) {
                Some(area) => area.routes.push(route),
                None => areas.push(Area {
                    name,
                    routes: vec![route],
                }),
            }
        }
    }
    areas.sort_by(|one, other| one.name.cmp(&other.name));
    areas
}

fn route(method: &str, path: &str, operation: &Value) -> Route {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let bodies = members(&operation["requestBody"]["content"]);
    let description = &operation["requestBody"]["description"];
    let bodies = bodies.map(|(kind, content)| Input {
        name: kind.clone(),
        place: "body".to_owned(),
        kind: shape(&content["schema"]),
        is_needed: true,
        meaning: text(description),
    });
    Route {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        inputs: parameters.map(input).chain(bodies).collect(),
        answers: members(&operation["responses"]).map(answer).collect(),
    }
}

fn input(parameter: &Value) -> Input {
    Input {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind: shape(&parameter["schema"]),
        is_needed: parameter["required"].as_bool().unwrap_or_default(),
        meaning: text(&parameter["description"]),
    }
}

fn answer((status, response): (&String, &Value)) -> Answer {
    let body = members(&response["content"]).map(|(kind, content)| {
        let shape = shape(&content["schema"]);
        if kind == "application/json" {
            shape
        } else {
            format!("{kind} {shape}").trim_end().to_owned()
        }
    });
    Answer {
        status: status.clone(),
        meaning: text(&response["description"]),
        body: body.collect::<Vec<_>>().join(", "),
    }
}

/// `SaveSchema`, `list of SaveSchema`, `integer or null`.
fn shape(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let either = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(either) = either {
        return either.iter().map(shape).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", shape(&schema["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_are_said_in_words() {
        for (schema, said) in [
            (json!({ "$ref": "#/components/schemas/Save" }), "Save"),
            (
                json!({ "type": "array", "items": { "type": "integer" } }),
                "list of integer",
            ),
            (json!({ "type": ["string", "null"] }), "string or null"),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Rom" }] }),
                "null or Rom",
            ),
            (json!({}), ""),
        ] {
            assert_eq!(shape(&schema), said);
        }
    }
}
