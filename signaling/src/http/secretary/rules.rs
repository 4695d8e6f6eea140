//! The rules that differ between municipalities, as fields of the form that convenes a meeting.

use super::words::Words;
use crate::meeting::Rulebook;
use lika_auth::html::escape;

pub(super) const RECONNECT_LIMIT: &str = "reconnect_limit_minutes";
pub(super) const ADJOURNMENT_LIMIT: &str = "adjournment_limit_minutes";
pub(super) const RETURNS: &str = "return_when_party_changed";
/// That nobody who was replaced serves again.
const NEVER: &str = "never";

/// As they were written; empty: as usual.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) reconnect_limit: String,
    pub(super) adjournment_limit: String,
    pub(super) returns: String,
}

impl Rules {
    /// # Errors
    /// What is wrong, for whoever wrote it.
    pub(super) fn rulebook(&self, words: &Words, council: bool) -> Result<Rulebook, String> {
        let usual = Rulebook::default();
        let minutes = |written: &str, usual: u8| match written {
            "" => Ok(usual),
            minutes => minutes.parse().map_err(|_| words.bad_minutes.to_owned()),
        };
        Ok(Rulebook {
            reconnect_limit_minutes: minutes(&self.reconnect_limit, usual.reconnect_limit_minutes)?,
            adjournment_limit_minutes: minutes(&self.adjournment_limit, usual.adjournment_limit_minutes)?,
            return_when_party_changed: self.returns != NEVER,
            council,
        })
    }

    /// Open if anything is not as usual: what is wrong must be seen.
    pub(super) fn fields(&self, words: &Words) -> String {
        let usual = Rulebook::default();
        let is_usual = self.rulebook(words, usual.council).is_ok_and(|rules| rules == usual);
        let reconnect = minutes(
            RECONNECT_LIMIT,
            words.reconnect_limit,
            words.reconnect_limit_hint,
            &self.reconnect_limit,
            usual.reconnect_limit_minutes,
        );
        let adjournment = minutes(
            ADJOURNMENT_LIMIT,
            words.adjournment_limit,
            words.adjournment_limit_hint,
            &self.adjournment_limit,
            usual.adjournment_limit_minutes,
        );
        let open = if is_usual { "" } else { " open" };
        let never = if self.returns == NEVER { " selected" } else { "" };
        format!(
            "<details{open}>\n<summary>{}</summary>\n<p class=\"hint\">{}</p>\n{reconnect}{adjournment}<div class=\"field\">\n\
             <label for=\"{RETURNS}\">{}</label>\n<select id=\"{RETURNS}\" name=\"{RETURNS}\">\n\
             <option value=\"yes\">{}</option>\n<option value=\"{NEVER}\"{never}>{}</option>\n</select>\n</div>\n</details>\n",
            escape(words.rules),
            escape(words.rules_hint),
            escape(words.returns),
            escape(words.returns_when_party_changed),
            escape(words.returns_never)
        )
    }
}

fn minutes(name: &str, label: &str, hint: &str, written: &str, usual: u8) -> String {
    let value = if written.is_empty() {
        usual.to_string()
    } else {
        escape(written)
    };
    format!(
        "<div class=\"field\">\n<label for=\"{name}\">{}</label>\n<p class=\"hint\" id=\"{name}-hint\">{}</p>\n\
         <input type=\"number\" id=\"{name}\" name=\"{name}\" min=\"0\" max=\"{}\" value=\"{value}\" \
         aria-describedby=\"{name}-hint\">\n</div>\n",
        escape(label),
        escape(hint),
        u8::MAX
    )
}
