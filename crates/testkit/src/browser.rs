//! A browser: keeps cookies, repeats the CSRF token as RomM's pages do, fills in forms.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::server::{Answer, Asking, TestServer, multipart_form};

/// A browser with its cookies.
pub struct Browser<'a> {
    server: &'a TestServer,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    /// A browser that was nowhere yet.
    pub fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which someone has signed in through the API.
    pub async fn signed_in(server: &'a TestServer, name: &str, password: &str) -> Self {
        let mut browser = Self::new(server);
        let asking = server.basic(name, password);
        let answer = asking.post("/api/login", Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser.keep(&answer);
        browser.get("/api/users/me").await;
        browser
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Plants a cookie.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.asking().get(path).await;
        self.keep(&answer);
        answer
    }

    /// POST of JSON, with the CSRF token in its header.
    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        let token = self.cookie("romm_csrftoken").unwrap_or_default().to_owned();
        let asking = self.asking().header("x-csrftoken", &token);
        let answer = asking.post(path, body).await;
        self.keep(&answer);
        answer
    }

    /// POST of a form, with the CSRF token that its page holds.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.cookie("romm_csrftoken").unwrap_or_default().to_owned();
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend(fields);
        self.submit_as_is(path, &all).await
    }

    /// POST of a form of nothing but these fields.
    pub async fn submit_as_is(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let kind = Some("application/x-www-form-urlencoded");
        let body = pairs.join("&").into_bytes();
        let answer = self.asking().send(Method::POST, path, kind, body).await;
        self.keep(&answer);
        answer
    }

    /// POST of a form with files, (field, file name, bytes), with the CSRF token that its page holds.
    pub async fn send_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let token = self.cookie("romm_csrftoken").unwrap_or_default().to_owned();
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend(fields);
        self.send_files_as_is(path, &all, files).await
    }

    /// POST of a form of nothing but these fields and files.
    pub async fn send_files_as_is(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let (kind, body) = multipart_form(fields, files);
        let answer = self.asking().send(Method::POST, path, Some(&kind), body);
        let answer = answer.await;
        self.keep(&answer);
        answer
    }

    /// The page that an answer leads to.
    #[track_caller]
    pub fn goes_to(answer: &Answer) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    fn asking(&self) -> Asking<'a> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        match pairs.as_slice() {
            [] => self.server.nobody(),
            pairs => self.server.nobody().header("cookie", &pairs.join("; ")),
        }
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if attributes.contains("1970") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
