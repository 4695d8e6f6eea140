//! A browser without a screen: it keeps one cookie, follows what it is told to and fills in forms.

use crate::stage::encode;
use lika_auth::test_provider::COOKIE;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE as COOKIE_HEADER, LOCATION, SET_COOKIE};
use serde_json::Value;
use url::Url;

#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    pub(crate) cookie: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) set_cookie: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(http: reqwest::Client) -> Self {
        Self { http, cookie: None }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Answer {
        self.send(self.http.get(url)).await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, String)]) -> Answer {
        let request = self.http.post(url);
        let kind = "application/x-www-form-urlencoded";
        self.send(request.header(CONTENT_TYPE, kind).body(encode(form))).await
    }

    pub(crate) async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE_HEADER, format!("{COOKIE}={cookie}"));
        }
        let response = request.send().await.unwrap();
        let header = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let mut answer = Answer {
            url: response.url().to_string(),
            status: response.status().as_u16(),
            location: header(LOCATION),
            set_cookie: header(SET_COOKIE),
            cache_control: header(CACHE_CONTROL),
            body: String::new(),
        };
        answer.body = response.text().await.unwrap();
        if let Some(set) = &answer.set_cookie {
            let (_, rest) = set.split_once('=').unwrap();
            self.cookie = rest.split(';').next().map(str::to_owned);
        }
        answer
    }

    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        let base = Url::parse(&answer.url).unwrap();
        let next = base.join(answer.location.as_ref().unwrap()).unwrap();
        self.get(next.as_str()).await
    }

    /// Sends the form of a page, with what is hidden in it.
    pub(crate) async fn submit(&mut self, page: &Answer, filled_in: &[(&'static str, String)]) -> Answer {
        let mut form: Vec<_> = page.hidden();
        form.extend(filled_in.iter().map(|(name, value)| (*name, value.clone())));
        self.post(&page.action(), &form).await
    }

    pub(crate) fn with_header(
        &self,
        url: &str,
        form: &[(&str, String)],
        authorization: &str,
    ) -> reqwest::RequestBuilder {
        let request = self.http.post(url).body(encode(form));
        request.header("authorization", authorization)
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The code and status of an error response.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().unwrap().to_owned())
    }

    /// A parameter of the address that the browser is sent to.
    pub(crate) fn redirected_with(&self, name: &str) -> Option<String> {
        assert_eq!(self.status, 303, "{}", self.body);
        let url = Url::parse(self.location.as_ref()?).ok()?;
        let mut pairs = url.query_pairs().into_owned();
        pairs.find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn action(&self) -> String {
        let action = between(&self.body, "action=\"", "\"").unwrap();
        Url::parse(&self.url).unwrap().join(action).unwrap().into()
    }

    pub(crate) fn hidden(&self) -> Vec<(&str, String)> {
        let fields = self.body.split("<input type=\"hidden\" ").skip(1);
        fields
            .map(|field| {
                let value = between(field, "value=\"", "\"").unwrap();
                (between(field, "name=\"", "\"").unwrap(), value.replace("&amp;", "&"))
            })
            .collect()
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}
