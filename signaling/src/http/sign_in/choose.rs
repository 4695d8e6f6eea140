//! Whoever is in several rosters says which meeting they come to.

use super::callback::{Proved, sign_in};
use super::{Binding, binding};
use crate::conference::Input;
use crate::http::notice::{Notice, meeting_page};
use crate::http::origin::is_foreign;
use crate::http::{Connection, Doors};
use crate::meeting::MeetingId;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use lika_auth::Identity;
use lika_auth::oidc::transactions::{TRANSACTION_LIMIT_MS, TRANSACTIONS_LIMIT};
use serde::Deserialize;
use tokio::sync::oneshot;

/// Meetings offered at once, the newest first.
pub(super) const MAX_LINES: usize = 10;

/// Logins that wait for a choice, oldest first.
#[derive(Default)]
pub(super) struct Choices(Vec<Choice>);

struct Choice {
    binding: Binding,
    proved: Proved,
    lines: Vec<Identity>,
    since_ms: i64,
}

impl Choices {
    /// A browser has one; the oldest gives way when there are too many.
    fn put(&mut self, choice: Choice) {
        let since_ms = choice.since_ms;
        self.0
            .retain(|one| one.binding != choice.binding && since_ms - one.since_ms < TRANSACTION_LIMIT_MS);
        if self.0.len() >= TRANSACTIONS_LIMIT {
            self.0.remove(0);
        }
        self.0.push(choice);
    }

    fn take(&mut self, binding: &Binding, now_ms: i64) -> Option<Choice> {
        let at = self.0.iter().position(|one| one.binding == *binding)?;
        let choice = self.0.remove(at);
        (now_ms - choice.since_ms < TRANSACTION_LIMIT_MS).then_some(choice)
    }
}

/// Which of the meetings offered.
#[derive(Deserialize)]
pub(in crate::http) struct Chosen {
    meeting: usize,
}

pub(super) async fn offer(
    doors: &Doors,
    headers: &HeaderMap,
    proved: Proved,
    lines: &[Identity],
) -> Result<Response, Notice> {
    let binding = binding(headers).ok_or(Notice::LoginElsewhere)?;
    let mut titles = Vec::new();
    for line in lines {
        titles.push(title(doors, line.meeting).await);
    }
    doors.providers.choices().put(Choice {
        binding,
        proved,
        lines: lines.to_vec(),
        since_ms: doors.clock.now_ms(),
    });
    Ok(meeting_page(&titles).into_response())
}

/// `POST /sign-in/meeting`
pub(in crate::http) async fn choose(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    Form(Chosen { meeting }): Form<Chosen>,
) -> Result<Response, Notice> {
    if !doors.entries.may_try(connection.peer.ip()) {
        return Err(Notice::TooManyAttempts);
    }
    if is_foreign(&doors, &headers) {
        return Err(Notice::ForeignForm);
    }
    let binding = binding(&headers).ok_or(Notice::LoginElsewhere)?;
    let choice = doors.providers.choices().take(&binding, doors.clock.now_ms());
    let choice = choice.ok_or(Notice::LoginOver)?;
    let line = *choice.lines.get(meeting).ok_or(Notice::LoginOver)?;
    sign_in(&doors, &headers, choice.proved, line).await
}

/// A meeting that ended meanwhile is called by its number.
async fn title(doors: &Doors, meeting: u64) -> String {
    let (reply, answer) = oneshot::channel();
    let asked = match doors.hall.find(MeetingId(meeting)).await {
        Ok(mailbox) => mailbox.send(Input::Entrance { reply }).await.is_ok(),
        Err(_) => false,
    };
    match answer.await {
        Ok(entrance) if asked => entrance.title,
        _ => meeting.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Binding;
    use super::super::callback::Proved;
    use super::{Choice, Choices, TRANSACTION_LIMIT_MS, TRANSACTIONS_LIMIT};
    use lika_auth::Assurance;

    fn choice(binding: &Binding, since_ms: i64) -> Choice {
        let proved = Proved {
            provider: "bankid".into(),
            subject: None,
            provider_session: None,
            assurance: Assurance::Loa3,
            authenticated_ms: 0,
            hashes: Vec::new(),
        };
        Choice {
            binding: binding.clone(),
            proved,
            lines: Vec::new(),
            since_ms,
        }
    }

    #[test]
    fn a_choice_is_its_browsers_used_once_and_soon_over() {
        let mut choices = Choices::default();
        let (mine, other) = (Binding::random().unwrap(), Binding::random().unwrap());
        choices.put(choice(&mine, 0));
        assert!(choices.take(&other, 1).is_none());
        assert!(choices.take(&mine, 1).is_some());
        assert!(choices.take(&mine, 1).is_none());
        choices.put(choice(&mine, 0));
        assert!(choices.take(&mine, TRANSACTION_LIMIT_MS).is_none());
    }

    #[test]
    fn choices_are_bounded() {
        let mut choices = Choices::default();
        for _ in 0..=TRANSACTIONS_LIMIT {
            choices.put(choice(&Binding::random().unwrap(), 0));
        }
        assert_eq!(choices.0.len(), TRANSACTIONS_LIMIT);
    }
}
