//! The pages. No script, no style of their own, and everything that comes from elsewhere is escaped.

use super::TestPerson;
use super::level::Level;
use super::logout::LogoutRequest;
use super::provider::{Browser, form_token};
use super::refusal::Refusal;
use super::request::AuthorizationRequest;
use super::words::{self, Language, Words};
use crate::html::escape;
use std::fmt::Write as _;

pub(super) const STYLE: &str = include_str!("page.css");

/// A page under the issuer's path, in a person's language.
pub(super) struct Page<'a> {
    pub(super) path: &'a str,
    pub(super) language: Language,
}

impl Page<'_> {
    /// Asks who somebody is.
    pub(super) fn choose(
        &self,
        request: &AuthorizationRequest,
        people: &[TestPerson],
        transaction: &str,
        browser: &Browser,
    ) -> String {
        let path = escape(self.path);
        let hidden = hidden("transaction", transaction) + &form_token_field(browser);
        let main = format!(
            "{heading}\n<p>{service}: {client}</p>\n{message}<form method=\"post\" action=\"{path}/decide\">\n{hidden}{levels}{people}{buttons}</form>\n",
            heading = self.heading(words::CHOOSE),
            service = self.both(words::SERVICE),
            client = escape(&request.reply_to.client),
            message = self.message(request.message.as_deref()),
            people = self.people(people),
            levels = self.levels(request.wanted.suggestion()),
            buttons = self.buttons(),
        );
        self.document(words::CHOOSE, &main)
    }

    /// Asks whether somebody wants to log out.
    pub(super) fn ask_to_log_out(&self, request: &LogoutRequest, person: &TestPerson, browser: &Browser) -> String {
        let fields = [
            ("client_id", &request.client),
            ("post_logout_redirect_uri", &request.return_to),
            ("state", &request.state),
        ];
        let known = fields
            .iter()
            .filter_map(|(name, value)| Some(hidden(name, value.as_deref()?)));
        let main = format!(
            "{heading}\n<p>{signed_in} <strong>{name}</strong></p>\n\
             <form method=\"post\" action=\"{path}/log-out\">\n{hidden}{token}<p class=\"buttons\"><button class=\"primary\">{log_out}</button></p>\n</form>\n",
            heading = self.heading(words::LOG_OUT_QUESTION),
            signed_in = self.both(words::SIGNED_IN_AS),
            name = escape(&person.name),
            path = escape(self.path),
            hidden = known.collect::<String>(),
            token = form_token_field(browser),
            log_out = self.both(words::LOG_OUT),
        );
        self.document(words::LOG_OUT_QUESTION, &main)
    }

    pub(super) fn logged_out(&self) -> String {
        let main = format!(
            "{}\n<p>{}</p>\n",
            self.heading(words::LOGGED_OUT),
            self.both(words::CLOSE)
        );
        self.document(words::LOGGED_OUT, &main)
    }

    /// Says why a request cannot be answered to the client.
    pub(super) fn refused(&self, refusal: Refusal) -> String {
        let main = format!(
            "{}\n<p>{}</p>\n<p>{}: <code lang=\"en\">{}: {}</code></p>\n",
            self.heading(words::REFUSED),
            self.both(words::START_AGAIN),
            self.both(words::REASON),
            refusal.code(),
            escape(&refusal.to_string()),
        );
        self.document(words::REFUSED, &main)
    }

    fn document(&self, title: Words, main: &str) -> String {
        let path = escape(self.path);
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – {banner}</title>\n\
             <link rel=\"stylesheet\" href=\"{path}/page.css\">\n</head>\n<body>\n\
             <header>\n<p class=\"banner\">{both}</p>\n<p>{warning}</p>\n</header>\n<main>\n{main}</main>\n</body>\n</html>\n",
            lang = self.language.tag(),
            title = title.in_language(self.language),
            banner = words::BANNER.in_language(self.language),
            both = self.both(words::BANNER),
            warning = self.both(words::NOT_REAL),
        )
    }

    /// A text in both languages, this page's first.
    fn both(&self, words: Words) -> String {
        let (first, second) = (
            words.in_language(self.language),
            words.in_language(self.language.other()),
        );
        if first == second {
            return first.to_owned();
        }
        format!(
            "<span>{first}</span> <span class=\"also\" lang=\"{}\">{second}</span>",
            self.language.other().tag()
        )
    }

    fn heading(&self, words: Words) -> String {
        format!("<h1>{}</h1>", self.both(words))
    }

    fn message(&self, message: Option<&str>) -> String {
        let show = |message| {
            format!(
                "<section class=\"message\">\n<h2>{}</h2>\n<p>{}</p>\n</section>\n",
                self.both(words::MESSAGE),
                escape(message)
            )
        };
        message.map(show).unwrap_or_default()
    }

    fn people(&self, people: &[TestPerson]) -> String {
        let mut list = format!("<fieldset>\n<legend>{}</legend>\n", self.both(words::PERSON));
        for person in people {
            let (number, name) = (escape(&person.number), escape(&person.name));
            let _ = writeln!(
                list,
                "<label><input type=\"radio\" name=\"person\" value=\"{number}\" required> <span>{name} <small>{number}</small></span></label>"
            );
        }
        if people.is_empty() {
            let _ = writeln!(list, "<p>{}</p>", self.both(words::NOBODY));
        }
        list + "</fieldset>\n"
    }

    fn levels(&self, suggestion: Level) -> String {
        let mut list = format!(
            "<fieldset class=\"levels\">\n<legend>{}</legend>\n",
            self.both(words::LEVEL)
        );
        for level in Level::ALL {
            let (digit, checked) = (level.digit(), if level == suggestion { " checked" } else { "" });
            let _ = writeln!(
                list,
                "<label><input type=\"radio\" name=\"level\" value=\"{digit}\" required{checked}> <span>{digit}</span></label>"
            );
        }
        list + "</fieldset>\n"
    }

    fn buttons(&self) -> String {
        format!(
            "<p class=\"buttons\">\n<button class=\"primary\" name=\"decision\" value=\"sign\">{}</button>\n\
             <button name=\"decision\" value=\"cancel\" formnovalidate>{}</button>\n</p>\n",
            self.both(words::SIGN),
            self.both(words::CANCEL)
        )
    }
}

fn form_token_field(browser: &Browser) -> String {
    hidden("form_token", &form_token(browser).reveal())
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
}
