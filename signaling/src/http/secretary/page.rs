//! The frame of every page. What these functions are given as text becomes text, never markup.

use super::words::Words;
use crate::http::notice;
use crate::report::Times;
use axum::response::Html;
use lika_auth::Occasion;
use lika_auth::html::escape;
use std::fmt::Write as _;

pub(super) const STYLE_PATH: &str = "/admin/style.css";
pub(super) const SCRIPT_PATH: &str = "/admin/copy.js";

/// A page being written.
pub(super) struct Page {
    words: &'static Words,
    title: String,
    signed_in: bool,
    body: String,
}

impl Page {
    /// For somebody who has logged in.
    pub(super) fn new(words: &'static Words, title: &str) -> Self {
        Self {
            words,
            title: title.to_owned(),
            signed_in: true,
            body: String::new(),
        }
    }

    /// For somebody who has not.
    pub(super) fn outside(words: &'static Words, title: &str) -> Self {
        Self {
            signed_in: false,
            ..Self::new(words, title)
        }
    }

    /// Markup, in which whatever others wrote has been escaped.
    pub(super) fn html(mut self, html: &str) -> Self {
        self.body.push_str(html);
        self.body.push('\n');
        self
    }

    /// Something that went wrong; a screen reader says it at once.
    pub(super) fn alarm(self, text: &str) -> Self {
        let html = format!("<div class=\"alarm\" role=\"alert\"><p>{}</p></div>", escape(text));
        self.html(&html)
    }

    /// Something that was done.
    pub(super) fn done(self, text: &str) -> Self {
        let html = format!("<div class=\"done\" role=\"status\"><p>{}</p></div>", escape(text));
        self.html(&html)
    }

    /// The way back to the list.
    pub(super) fn back(self) -> Self {
        let html = format!("<p><a href=\"/admin\">{}</a></p>", escape(self.words.back));
        self.html(&html)
    }

    /// The document.
    pub(super) fn show(self) -> Html<String> {
        let words = self.words;
        let sign_out = match self.signed_in {
            true => format!(
                "<form method=\"post\" action=\"/admin/sign-out\"><button class=\"quiet\">{}</button></form>\n",
                escape(words.sign_out)
            ),
            false => String::new(),
        };
        Html(format!(
            "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Lika</title>\n\
             <link rel=\"stylesheet\" href=\"{notice}\">\n<link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n\
             <script type=\"module\" src=\"{SCRIPT_PATH}\"></script>\n</head>\n<body>\n<header>\n\
             <strong><a href=\"/admin\">{office}</a></strong>\n\
             <a href=\"/admin/language/{other_tag}\" lang=\"{other_tag}\" hreflang=\"{other_tag}\">{other}</a>\n{sign_out}\
             </header>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
            tag = words.tag,
            title = escape(&self.title),
            notice = notice::STYLE_PATH,
            office = escape(words.office),
            other_tag = words.other_tag,
            other = escape(words.other_language),
            body = self.body,
        ))
    }
}

/// A table that a narrow window scrolls by itself. `rows` are cells of markup.
pub(super) fn table(label: &str, headers: &[&str], rows: impl Iterator<Item = String>) -> String {
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n<thead><tr>",
        escape(label)
    );
    for header in headers {
        // Writing to a String cannot fail.
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(header));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        let _ = writeln!(html, "<tr>{row}</tr>");
    }
    html.push_str("</tbody>\n</table>\n</div>");
    html
}

/// A cell of text.
pub(super) fn cell(text: &str) -> String {
    format!("<td>{}</td>", escape(text))
}

/// A term and what it is.
pub(super) fn fact(term: &str, text: &str) -> String {
    format!("<dt>{}</dt><dd>{}</dd>\n", escape(term), escape(text))
}

/// When it is, as clocks in Sweden show it.
pub(super) fn when(words: &Words, occasion: &Occasion) -> String {
    let times = Times::swedish();
    let Some(starts_ms) = occasion.starts_ms else {
        return words.no_time.to_owned();
    };
    let begins = format!("{} {}", times.day(starts_ms), times.minute(starts_ms));
    match occasion.ends_ms {
        Some(ends_ms) if times.day(ends_ms) == times.day(starts_ms) => format!("{begins}–{}", times.minute(ends_ms)),
        Some(ends_ms) => format!("{begins} – {} {}", times.day(ends_ms), times.minute(ends_ms)),
        None => begins,
    }
}
