//! `GET /sign-in/{provider}/callback`: back from the provider.

use super::refusal::{explain, no_identity, no_login, report};
use super::{binding, choose, no_binding};
use crate::conference::Input;
use crate::http::metrics::failure;
use crate::http::notice::Notice;
use crate::http::session::{self, presented};
use crate::http::{Connection, Doors};
use crate::meeting::MeetingId;
use crate::meeting::item::SECRET_REQUIRES;
use crate::metrics::label::SignIn;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use lika_auth::oidc::{Authenticated, Callback};
use lika_auth::{Assurance, Identity, IdentityStore, KeyedIdentity, Login, SessionToken};
use tokio::sync::oneshot;

/// A login that a provider has vouched for, its identity already hashed.
#[derive(Clone, Debug)]
pub(super) struct Proved {
    pub(super) provider: String,
    pub(super) subject: Option<KeyedIdentity>,
    pub(super) provider_session: Option<String>,
    pub(super) assurance: Assurance,
    pub(super) authenticated_ms: i64,
    pub(super) hashes: Vec<KeyedIdentity>,
}

pub(in crate::http) async fn callback(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    Path(provider): Path<String>,
    Query(callback): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, Notice> {
    let answer = come_back(&doors, &connection, &provider, &callback, &headers).await;
    if let Some(outcome) = answer.as_ref().map_or_else(failure, |_| Some(SignIn::Done)) {
        doors.stores.metrics.sign_in(outcome);
    }
    answer
}

async fn come_back(
    doors: &Doors,
    connection: &Connection,
    provider: &str,
    callback: &Callback,
    headers: &HeaderMap,
) -> Result<Response, Notice> {
    let relying_party = doors.providers.find(provider).ok_or(Notice::NotFound)?;
    let now_ms = doors.clock.wall_ms();
    let state = callback.state.as_deref().ok_or(Notice::LoginOver);
    let taken = state.and_then(|state| {
        let binding = binding(headers).ok_or(Notice::LoginElsewhere)?;
        let taken = doors.providers.logins().take(state, &binding, now_ms);
        taken.map_err(|error| no_login(provider, error))
    });
    // Whoever has signed is not sent away because others in the same building do so too: misses are counted alone.
    let (transaction, whom) = taken.map_err(|notice| {
        let may = doors.entries.may_try(connection.peer.ip());
        if may { notice } else { Notice::TooManyAttempts }
    })?;
    let finished = relying_party.finish(transaction, callback, now_ms).await;
    let authenticated = finished.map_err(|error| explain(provider, &error))?;
    let administers = administers(doors, &authenticated);
    let proved = proved(doors, authenticated);
    tracing::info!(provider, assurance = ?proved.assurance, administers, "somebody logged in");
    let arrived = match whom {
        _ if proved.hashes.is_empty() => Err(no_identity(provider)),
        Some(whom) => sign_in(doors, headers, proved, whom).await,
        None => find_line(doors, headers, proved).await,
    };
    match administers
        .then(|| doors.admins.sign_in(doors.clock.now_ms()))
        .flatten()
    {
        Some(cookie) => Ok(with_cookie(arrived.or_else(admin_alone)?, &cookie)),
        None => arrived,
    }
}

/// By the group, and by a login that is worth it whatever the meeting asks for.
fn administers(doors: &Doors, who: &Authenticated) -> bool {
    let is_one = |admins: &str| who.groups.iter().any(|group| group == admins);
    who.assurance >= SECRET_REQUIRES && doors.admin_group.as_deref().is_some_and(is_one)
}

/// An administrator need be in no roster.
fn admin_alone(refused: Notice) -> Result<Response, Notice> {
    match refused {
        Notice::NotInvited | Notice::NothingToMatch | Notice::LoginRefused => {
            Ok(Notice::AdministratorIn.into_response())
        }
        other => Err(other),
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// From here on nobody needs the identity itself.
fn proved(doors: &Doors, authenticated: Authenticated) -> Proved {
    let (keys, identity) = (doors.providers.keys(), authenticated.identity.as_ref());
    Proved {
        hashes: identity.map_or_else(Vec::new, |one| keys.hashes(one.as_str())),
        subject: keys
            .subjects(&authenticated.provider, &authenticated.subject)
            .first()
            .copied(),
        provider: authenticated.provider,
        provider_session: authenticated.session,
        assurance: authenticated.assurance,
        authenticated_ms: authenticated.authenticated_ms,
    }
}

/// Who came without an invitation: the roster knows them by their identity.
async fn find_line(doors: &Doors, headers: &HeaderMap, proved: Proved) -> Result<Response, Notice> {
    let hashes = proved.hashes.clone();
    let lines = ask(doors, &proved.provider, move |store| store.roster_lines(&hashes)).await?;
    let mut unfinished = Vec::new();
    for line in lines {
        if unfinished.len() < choose::MAX_LINES && doors.hall.find(MeetingId(line.meeting)).await.is_ok() {
            unfinished.push(line);
        }
    }
    match unfinished[..] {
        [] => Err(Notice::NotInvited),
        [only] => sign_in(doors, headers, proved, only).await,
        _ => choose::offer(doors, headers, proved, &unfinished).await,
    }
}

/// The session says from here on what was proved; the meeting is told, and the person goes there.
pub(super) async fn sign_in(
    doors: &Doors,
    headers: &HeaderMap,
    proved: Proved,
    whom: Identity,
) -> Result<Response, Notice> {
    let (current, now_ms) = (presented(headers), doors.clock.now_ms());
    let provider = proved.provider.clone();
    let entering = move |store: &mut IdentityStore| {
        let Some(matched) = store.matches(whom, &proved.hashes)? else {
            return Ok(None);
        };
        // Somebody else's identity is noted with a session that is there, and opens none.
        let held = current
            .as_ref()
            .map(|token| store.session(token, now_ms))
            .transpose()?
            .flatten();
        if !matched && held.is_none_or(|session| session.whom != whom) {
            return Ok(None);
        }
        let login = Login {
            whom,
            matched,
            assurance: proved.assurance,
            authenticated_ms: proved.authenticated_ms,
            provider: &proved.provider,
            subject: proved.subject,
            provider_session: proved.provider_session.as_deref(),
        };
        store.sign_in(&login, current.as_ref(), now_ms).map(Some)
    };
    let Some((token, session)) = ask(doors, &provider, entering).await? else {
        return Err(Notice::NothingToMatch);
    };
    let (meeting, participant) = (whom.meeting, whom.participant);
    if session.mismatched {
        tracing::warn!(meeting, participant, "the identity is another's than the roster has");
    }
    let page_is_open = tell(doors, session).await;
    Ok(arrived(&token, page_is_open))
}

/// Whether the meeting's page is open with this session in another tab.
async fn tell(doors: &Doors, session: lika_auth::Session) -> bool {
    let (reply, answer) = oneshot::channel();
    let shown = Input::IdentityShown { session, reply };
    match doors.hall.find(MeetingId(session.whom.meeting)).await {
        Ok(mailbox) => mailbox.send(shown).await.is_ok() && answer.await.unwrap_or(false),
        Err(_) => false,
    }
}

fn arrived(token: &SessionToken, page_is_open: bool) -> Response {
    let cookies: AppendHeaders<[(HeaderName, String); 2]> =
        AppendHeaders([(SET_COOKIE, session::cookie(token)), (SET_COOKIE, no_binding())]);
    if page_is_open {
        (cookies, Notice::LoginDone).into_response()
    } else {
        (StatusCode::SEE_OTHER, cookies, [(LOCATION, "/meeting")]).into_response()
    }
}

/// Asks the identity store; what goes wrong there is the operator's to see.
pub(super) async fn ask<R: Send + 'static>(
    doors: &Doors,
    provider: &str,
    what: impl FnOnce(&mut IdentityStore) -> Result<R, lika_auth::StoreError> + Send + 'static,
) -> Result<R, Notice> {
    match doors.identities.ask(what).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(report(provider, &error)),
        Err(error) => Err(report(provider, &error)),
    }
}
