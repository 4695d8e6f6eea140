//! A browser without a screen: keeps cookies, follows redirects when told to, and fills in the test provider's form.

use lika_auth::test_provider::test_number;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use std::collections::BTreeMap;

#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// What was answered, and at which address.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) address: String,
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(http: reqwest::Client, origin: &str) -> Self {
        Self {
            http,
            origin: origin.into(),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        let address = self.absolute(address);
        let request = self.http.get(&address);
        self.send(address, request).await
    }

    /// As a form of this origin, or of another one.
    pub(crate) async fn post(&mut self, address: &str, form: &[(&str, &str)], origin: &str) -> Answer {
        let address = self.absolute(address);
        let body: String = form
            .iter()
            .map(|(name, value)| format!("{name}={}&", encode(value)))
            .collect();
        let request = self
            .http
            .post(&address)
            .header(ORIGIN, origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.send(address, request).await
    }

    /// A body that is no form.
    pub(crate) async fn post_text(&mut self, address: &str, body: &str, origin: &str) -> Answer {
        self.post_as(address, "text/plain", body, origin).await
    }

    /// A body of any type.
    pub(crate) async fn post_as(&mut self, address: &str, kind: &str, body: &str, origin: &str) -> Answer {
        let address = self.absolute(address);
        let request = self
            .http
            .post(&address)
            .header(ORIGIN, origin)
            .header("content-type", kind);
        self.send(address, request.body(body.to_owned())).await
    }

    /// Where redirects lead.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            match answer.location.take() {
                Some(next) => answer = self.get(&next).await,
                None => return answer,
            }
        }
        panic!("redirected without end: {answer:?}");
    }

    /// Goes to the test provider and chooses who to be: the callback's address, not yet opened.
    pub(crate) async fn chooses(&mut self, participant: u32, level: u8) -> String {
        let begun = self.get("/sign-in/test").await;
        let page = self.follow(begun).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let (number, level) = (test_number(participant), level.to_string());
        let hidden = hidden_fields(&page.body);
        let mut form: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
        form.extend([("person", &*number), ("level", &*level), ("decision", "sign")]);
        let origin = self.origin.clone();
        let decided = self.post("/test-identities/decide", &form, &origin).await;
        decided
            .location
            .unwrap_or_else(|| panic!("not sent back: {}", decided.body))
    }

    /// Logs in as somebody.
    pub(crate) async fn logs_in(&mut self, participant: u32, level: u8) -> Answer {
        let callback = self.chooses(participant, level).await;
        self.get(&callback).await
    }

    /// The `Cookie` header of the session.
    pub(crate) fn session(&self) -> String {
        format!("__Host-lika={}", self.cookies["__Host-lika"])
    }

    async fn send(&mut self, address: String, request: reqwest::RequestBuilder) -> Answer {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            assert!(cookie.contains("; Path=/; Secure; HttpOnly; SameSite="), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        Answer {
            address,
            status: answer.status(),
            location: answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().into()),
            body: answer.text().await.unwrap(),
        }
    }

    fn absolute(&self, address: &str) -> String {
        if address.starts_with('/') {
            format!("{}{address}", self.origin)
        } else {
            address.into()
        }
    }
}

pub(crate) fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    let field = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
    };
    inputs.map(field).collect()
}

/// `application/x-www-form-urlencoded`.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
