//! An unknown key is a mistake that silence would hide: it is named, with the nearest known one.

/// How alike two keys must be (Jaro-Winkler, 0 to 1) for one to be taken as the other misspelt.
const ALIKE: f64 = 0.7;

/// The error's text with its line; for an unknown key, a question beside it.
pub(super) fn explain(error: &toml::de::Error) -> String {
    let text = error.to_string();
    match nearest(error.message()) {
        Some((unknown, known)) => format!("unknown key `{unknown}`, did you mean `{known}`?\n{text}"),
        None => text,
    }
}

/// Serde says: unknown field `a`, expected one of `b`, `c`.
fn nearest(message: &str) -> Option<(&str, &str)> {
    let mut names = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = names.next()?;
    let alike = names.map(|known| (strsim::jaro_winkler(unknown, known), known));
    let (score, known) = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score >= ALIKE).then_some((unknown, known))
}
