//! The standard doors for devices without a page: WHIP (RFC 9725) to publish, WHEP (draft-ietf-wish-whep) to receive.
//! The same exchange in both: an offer is posted with a bearer token and answered, and the session is ended by DELETE.
//! Candidates are in the answer and ICE-lite needs none in return, so neither trickle nor restart is offered: PATCH is
//! answered 405 (RFC 9725 section 4.3) and there is no ETag.

use super::{Connection, Doors};
use crate::conference::{Door, Entered, Input};
use crate::meeting::{MeetingId, ParticipantId};
use crate::protocol::{IceServer, Refusal};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, LINK, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::{Bearer, BearerId, BearerToken};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

const SDP: &str = "application/sdp";
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// How long the relay may take to answer an offer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why a device does not get in, as a problem (RFC 9457).
pub(super) enum Problem {
    NoToken,
    WrongDoor,
    TooManyAttempts,
    NotSdp,
    NoSuchSession,
    Refused(Refusal),
}

/// `POST /whip`
pub(super) async fn publish(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    offer: String,
) -> Result<Response, Problem> {
    let (bearer, id) = authorized(&doors, &connection, &headers).await?;
    let participant = bearer.publishes_as.ok_or(Problem::WrongDoor)?;
    enter(
        &doors,
        &headers,
        (bearer, id),
        Door::Publish(ParticipantId(participant)),
        offer,
        "whip",
    )
    .await
}

/// `POST /whep`
pub(super) async fn watch(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    offer: String,
) -> Result<Response, Problem> {
    let (bearer, id) = authorized(&doors, &connection, &headers).await?;
    if bearer.publishes_as.is_some() {
        return Err(Problem::WrongDoor);
    }
    enter(&doors, &headers, (bearer, id), Door::Watch, offer, "whep").await
}

/// `OPTIONS`: what may be posted.
pub(super) async fn options() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(ACCEPT_POST, SDP)])
}

/// `DELETE` of a session.
pub(super) async fn leave(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    Path(session): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (bearer, _) = authorized(&doors, &connection, &headers).await?;
    let (reply, ended) = oneshot::channel();
    let mailbox = doors.hall.find(MeetingId(bearer.meeting)).await?;
    mailbox.send(Input::Withdraw { session, reply }).await?;
    if ended.await.unwrap_or(false) {
        Ok(StatusCode::OK)
    } else {
        Err(Problem::NoSuchSession)
    }
}

async fn enter(
    doors: &Doors,
    headers: &HeaderMap,
    (bearer, id): (Bearer, BearerId),
    door: Door,
    offer: String,
    path: &str,
) -> Result<Response, Problem> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(SDP))
    {
        return Err(Problem::NotSdp);
    }
    let (reply, answer) = oneshot::channel();
    let mailbox = doors.hall.find(MeetingId(bearer.meeting)).await?;
    let bearer = id;
    mailbox
        .send(Input::Offer {
            door,
            bearer,
            offer,
            reply,
        })
        .await?;
    let Ok(Ok(answered)) = timeout(ANSWER_WITHIN, answer).await else {
        return Err(Refusal::RelayFull.into());
    };
    let Entered {
        session,
        sdp,
        ice_servers,
    } = answered?;
    let location = format!("/{path}/{session}");
    let headers = [(CONTENT_TYPE, SDP.to_owned()), (LOCATION, location)];
    let mut response = (StatusCode::CREATED, headers, sdp).into_response();
    for link in ice_servers.iter().flat_map(links) {
        response.headers_mut().append(LINK, link);
    }
    Ok(response)
}

/// The addresses of a TURN server with the credentials for it, as links (RFC 9725 section 4.6).
fn links(server: &IceServer) -> impl Iterator<Item = HeaderValue> {
    let link = |url| {
        format!(
            "<{url}>; rel=\"ice-server\"; username=\"{}\"; credential=\"{}\"; credential-type=\"password\"",
            server.username, server.credential.0
        )
    };
    // The configuration was checked: an address is made of characters that a header may have.
    server.urls.iter().filter_map(move |url| {
        let mut link = HeaderValue::try_from(link(url)).ok()?;
        link.set_sensitive(true);
        Some(link)
    })
}

/// What the bearer token gives (RFC 6750).
async fn authorized(
    doors: &Doors,
    connection: &Connection,
    headers: &HeaderMap,
) -> Result<(Bearer, BearerId), Problem> {
    if !doors.entries.may_try(connection.peer.ip()) {
        return Err(Problem::TooManyAttempts);
    }
    let credentials = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(Problem::NoToken)?;
    let (scheme, token) = credentials.split_once(' ').ok_or(Problem::NoToken)?;
    let token = BearerToken::parse(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
    let (token, now_ms) = (token.ok_or(Problem::NoToken)?, doors.clock.now_ms());
    let id = BearerId::from(&token);
    match doors.identities.ask(move |store| store.bearer(&token, now_ms)).await {
        Ok(Ok(bearer)) => bearer.map(|bearer| (bearer, id)).ok_or(Problem::NoToken),
        Ok(Err(error)) => {
            tracing::error!(%error, "a bearer token could not be looked up");
            Err(Refusal::JournalUnavailable.into())
        }
        Err(error) => {
            tracing::error!(%error, "a bearer token could not be looked up");
            Err(Refusal::JournalUnavailable.into())
        }
    }
}

impl From<Refusal> for Problem {
    fn from(reason: Refusal) -> Self {
        Self::Refused(reason)
    }
}

impl Problem {
    const fn words(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "send Authorization: Bearer with a token of `lika meeting token` that is in force",
            ),
            Self::WrongDoor => (
                StatusCode::FORBIDDEN,
                "this token is for the other door: /whip publishes, /whep receives",
            ),
            Self::TooManyAttempts => (StatusCode::TOO_MANY_REQUESTS, "too many attempts; wait a minute"),
            Self::NotSdp => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "post the offer as application/sdp"),
            Self::NoSuchSession => (StatusCode::NOT_FOUND, "there is no such session, or it has ended"),
            Self::Refused(Refusal::BadOffer) => (
                StatusCode::BAD_REQUEST,
                "the offer cannot be used; send BUNDLE with rtcp-mux, Opus and VP8 or H.264 (baseline)",
            ),
            Self::Refused(Refusal::PictureNotDecoded) => (
                StatusCode::NOT_ACCEPTABLE,
                "somebody in the meeting does not decode H.264, or it is switched off (media.h264); send VP8",
            ),
            Self::Refused(Refusal::NoSuchMeeting | Refusal::NoSuchParticipant) => {
                (StatusCode::NOT_FOUND, "the token's meeting or participant is not there")
            }
            Self::Refused(Refusal::MeetingOver) => (StatusCode::GONE, "the meeting is over"),
            Self::Refused(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not possible just now; try again in a few seconds",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, advice) = self.words();
        let mut response = super::problem(status, advice);
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lika\""));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}
