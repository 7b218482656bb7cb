//! Who we are: every way it can be said, and which counts.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;

/// A keyring that a test can lock.
#[derive(Default)]
struct Drawer {
    is_locked: bool,
    tokens: RefCell<BTreeMap<String, Secret>>,
}

impl Drawer {
    fn open(&self) -> Result<std::cell::RefMut<'_, BTreeMap<String, Secret>>, KeyringError> {
        let locked = || KeyringError("it is locked".into());
        (!self.is_locked)
            .then(|| self.tokens.borrow_mut())
            .ok_or_else(locked)
    }
}

impl Keyring for Drawer {
    fn is_known(&self) -> bool {
        true
    }

    fn keep(&self, url: &str, token: &Secret) -> Result<(), KeyringError> {
        self.open()?.insert(url.to_owned(), token.clone());
        Ok(())
    }

    fn fetch(&self, url: &str) -> Result<Secret, KeyringError> {
        let none = || KeyringError("there is no such entry".into());
        self.open()?.get(url).cloned().ok_or_else(none)
    }

    fn forget(&self, url: &str) -> Result<(), KeyringError> {
        self.open()?.remove(url);
        Ok(())
    }
}

fn saved(url: &str, token: &str) -> Saved {
    Saved {
        url: url.into(),
        token: Secret::new(token),
        in_keyring: false,
        user: User {
            id: UserId(1),
            name: "ada".into(),
        },
        device: Some(DeviceId("d".into())),
        token_id: None,
        scopes: Vec::new(),
        expires_at: None,
    }
}

/// Two servers, the second of which is the usual one.
fn file() -> Credentials {
    let mut file = Credentials::default();
    file.put(saved("https://a.example", "file-a"));
    file.put(saved("http://nas/romm", "file-nas"));
    file
}

/// `address token`, or what is wrong.
fn find_with(told: &Told, variables: &[(&str, &str)], file: &Credentials) -> String {
    find_in(told, variables, file, &Drawer::default())
}

fn find_in(
    told: &Told,
    variables: &[(&str, &str)],
    file: &Credentials,
    keyring: &Drawer,
) -> String {
    let found = find(
        told,
        |name| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned())
        },
        file,
        keyring,
    );
    match found {
        Ok(account) => {
            let how = match &account.credential {
                Credential::Token(token) => token.reveal().to_owned(),
                Credential::Password { user, password } => format!("{user}:{}", password.reveal()),
                Credential::Nobody => "nobody".to_owned(),
            };
            let user = account.user().map_or("", |_| " saved");
            format!("{} {how}{user}", account.address)
        }
        Err(error) => error.to_string(),
    }
}

fn flag(url: &str) -> Told {
    Told {
        url: Some(url.into()),
        token: None,
    }
}

#[test]
fn what_is_said_first_counts() {
    let nothing = Told::default();
    let token = Told {
        token: Some(Secret::new("flag")),
        ..Told::default()
    };
    let both = Told {
        token: Some(Secret::new("flag")),
        ..flag("http://flag")
    };
    let ours = [("KEEPSAVE_URL", "http://ours"), ("KEEPSAVE_TOKEN", "ours")];
    let theirs = [("API_BASE_URL", "http://theirs"), ("API_TOKEN", "theirs")];
    let basic = [
        ("API_BASE_URL", "http://theirs"),
        ("API_USERNAME", "ada"),
        ("API_PASSWORD", "sesame"),
    ];
    let all = [&ours[..], &theirs, &basic].concat();
    for (told, variables, expected) in [
        (&nothing, &[][..], "http://nas/romm file-nas saved"),
        (&nothing, &basic, "http://theirs ada:sesame"),
        (&nothing, &theirs, "http://theirs theirs"),
        (&nothing, &all, "http://ours ours"),
        (&token, &all, "http://ours flag"),
        (&token, &[], "http://nas/romm flag"),
        (&both, &all, "http://flag flag"),
        (
            &flag("https://a.example/"),
            &all,
            "https://a.example file-a saved",
        ),
    ] {
        assert_eq!(find_with(told, variables, &file()), expected);
    }
}

/// Whatever is combined with whatever, a token goes to the origin it stands beside.
#[test]
fn a_token_goes_where_it_belongs() {
    let nothing = Told::default();
    let signed_out =
        |url: &str| format!("not signed in to {url}. Sign in with `keepsave login {url}`");
    let ours = [("KEEPSAVE_URL", "http://ours"), ("KEEPSAVE_TOKEN", "ours")];
    // Of another server than the flag names.
    assert_eq!(
        find_with(&flag("http://other"), &ours, &file()),
        signed_out("http://other")
    );
    // The same server, written in another way.
    assert_eq!(
        find_with(&flag("http://OURS:80/"), &ours, &file()),
        "http://ours ours"
    );
    // romm-cli's token does not go to our server.
    let mixed = [
        ("KEEPSAVE_URL", "http://ours"),
        ("API_BASE_URL", "http://theirs"),
        ("API_TOKEN", "theirs"),
    ];
    assert_eq!(
        find_with(&nothing, &mixed, &file()),
        signed_out("http://ours")
    );
    // The file's do not go to a server that a variable names.
    let elsewhere = [("KEEPSAVE_URL", "https://a.example:8443")];
    assert_eq!(
        find_with(&nothing, &elsewhere, &file()),
        signed_out("https://a.example:8443")
    );
    let plain = [("KEEPSAVE_URL", "http://a.example")];
    assert_eq!(
        find_with(&nothing, &plain, &file()),
        signed_out("http://a.example")
    );
    let there = [("KEEPSAVE_URL", "https://a.example")];
    assert_eq!(
        find_with(&nothing, &there, &file()),
        "https://a.example file-a saved"
    );
    // Alone it goes nowhere by itself, but where a command says.
    let alone = [("KEEPSAVE_TOKEN", "ours")];
    let told = find_with(&nothing, &alone, &file());
    assert!(told.contains("KEEPSAVE_URL beside it"), "{told}");
    assert_eq!(
        find_with(&flag("http://other"), &alone, &file()),
        "http://other ours"
    );
    let alone = [("API_TOKEN", "theirs")];
    let told = find_with(&nothing, &alone, &file());
    assert!(told.contains("API_BASE_URL beside it"), "{told}");
}

#[test]
fn what_is_missing_is_said() {
    let nothing = Told::default();
    let none = Credentials::default();
    let told = find_with(&nothing, &[], &none);
    assert!(told.contains("keepsave login URL"), "{told}");
    let told = find_with(&nothing, &[("KEEPSAVE_URL", "nas:8080")], &none);
    assert!(told.starts_with("KEEPSAVE_URL: "), "{told}");
    let told = find_with(&flag("nas"), &[], &none);
    assert!(told.starts_with("--url: "), "{told}");
    let half = [("API_BASE_URL", "http://theirs"), ("API_USERNAME", "ada")];
    assert!(find_with(&nothing, &half, &none).contains("API_PASSWORD"));
    // An empty variable is none.
    let empty = [("KEEPSAVE_URL", ""), ("KEEPSAVE_TOKEN", " ")];
    assert_eq!(
        find_with(&nothing, &empty, &file()),
        "http://nas/romm file-nas saved"
    );
}

#[test]
fn of_servers_that_share_an_origin_the_path_tells() {
    let mut file = Credentials::default();
    file.put(saved("http://nas/one", "one"));
    file.put(saved("http://nas/two", "two"));
    for (url, expected) in [
        ("http://nas/one/", "http://nas/one one saved"),
        ("http://nas/two", "http://nas/two two saved"),
    ] {
        assert_eq!(find_with(&flag(url), &[], &file), expected);
    }
    let told = find_with(&flag("http://nas/three"), &[], &file);
    assert!(told.starts_with("not signed in"), "{told}");
}

#[test]
fn a_token_in_the_keyring_is_not_in_the_file() {
    let (mut file, mut drawer) = (Credentials::default(), Drawer::default());
    let note = keyring::save(&mut file, saved("http://nas", "sesame"), &drawer);
    assert_eq!(note, None);
    assert!(!serde_json::to_string(&file).unwrap().contains("sesame"));
    let nothing = Told::default();
    assert_eq!(
        find_in(&nothing, &[], &file, &drawer),
        "http://nas sesame saved"
    );
    drawer.is_locked = true;
    let told = find_in(&nothing, &[], &file, &drawer);
    assert!(
        told.contains("it is locked") && told.contains("keepsave login"),
        "{told}"
    );
    // Where it cannot be used, the file has it, and that is said.
    let note = keyring::save(&mut file, saved("http://nas", "sesame"), &drawer);
    assert!(note.unwrap().contains("it is locked"));
    assert_eq!(
        find_in(&nothing, &[], &file, &drawer),
        "http://nas sesame saved"
    );
}
