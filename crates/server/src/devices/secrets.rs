//! The secrets in a device's `sync_config`: they go in, and never come out.

use keepsave_wire::devices::{MASK, SECRETS};
use serde_json::{Map, Value};

/// The configuration as it is shown.
pub fn masked(stored: &str) -> Map<String, Value> {
    let mut config = read(stored);
    for secret in SECRETS {
        if let Some(value) = config.get_mut(secret).filter(|value| !value.is_null()) {
            *value = Value::from(MASK);
        }
    }
    config
}

/// The configuration as it is stored. A client that writes back what it was shown changes no
/// secret: a mask stands for what was stored before.
pub fn stored(mut config: Map<String, Value>, before: Option<&str>) -> String {
    let mut before = before.map(read).unwrap_or_default();
    for secret in SECRETS {
        if config.get(secret).is_some_and(|value| value == MASK) {
            match before.remove(secret) {
                Some(known) => config.insert(secret.to_owned(), known),
                None => config.remove(secret),
            };
        }
    }
    Value::Object(config).to_string()
}

fn read(stored: &str) -> Map<String, Value> {
    serde_json::from_str(stored).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else {
            panic!("an object is meant")
        };
        object
    }

    #[test]
    fn secrets_are_masked_and_nothing_else_is() {
        let shown = masked(r#"{"ssh_host":"h","ssh_password":"p","ssh_key_path":null,"x":"p"}"#);
        let expected = json!({
            "ssh_host": "h", "ssh_password": MASK, "ssh_key_path": null, "x": "p",
        });
        assert_eq!(Value::Object(shown), expected);
    }

    #[test]
    fn what_was_shown_can_be_written_back() {
        let before = r#"{"ssh_host":"h","ssh_password":"p"}"#;
        let mut shown = masked(before);
        shown.insert("ssh_host".to_owned(), json!("other"));
        assert_eq!(
            stored(shown, Some(before)),
            r#"{"ssh_host":"other","ssh_password":"p"}"#
        );
    }

    #[test]
    fn a_mask_for_nothing_is_nothing() {
        let config = object(json!({ "ssh_password": MASK, "ssh_key_path": "/x" }));
        assert_eq!(stored(config, None), r#"{"ssh_key_path":"/x"}"#);
    }

    #[test]
    fn a_secret_can_be_changed_and_taken_away() {
        let before = r#"{"ssh_password":"p","ssh_key_path":"/x"}"#;
        let config = object(json!({ "ssh_password": "new" }));
        assert_eq!(stored(config, Some(before)), r#"{"ssh_password":"new"}"#);
    }
}
