//! `POST /sign-in/{provider}/logout`: a provider tells that somebody has logged out there (OpenID Connect Back-Channel
//! Logout 1.0).

use super::callback::ask;
use super::refusal::explain;
use super::sign_out::tell;
use crate::http::notice::Notice;
use crate::http::{Connection, Doors};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Form};
use serde::Deserialize;

/// Section 2.5.
#[derive(Deserialize)]
pub(in crate::http) struct Told {
    logout_token: String,
}

/// 200: the sessions have ended; 400: the token is refused (section 2.8).
pub(in crate::http) async fn logged_out(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    Path(provider): Path<String>,
    Form(Told { logout_token }): Form<Told>,
) -> Result<StatusCode, StatusCode> {
    if !doors.logouts.may_try(connection.peer.ip()) {
        return Err(StatusCode::TOO_MANY_REQUESTS);
    }
    let relying_party = doors.providers.find(&provider).ok_or(StatusCode::NOT_FOUND)?;
    let token = match relying_party.logged_out(&logout_token, doors.clock.wall_ms()).await {
        Ok(token) => token,
        Err(error) => {
            explain(&provider, &error);
            return Err(StatusCode::BAD_REQUEST);
        }
    };
    let (name, keys) = (provider.clone(), doors.providers.keys());
    let subject = token.subject.as_deref();
    let subjects = subject.map_or_else(Vec::new, |subject| keys.subjects(&provider, subject));
    let ending =
        move |store: &mut lika_auth::IdentityStore| store.logged_out(&name, &subjects, token.session.as_deref());
    let failed = |_: Notice| StatusCode::INTERNAL_SERVER_ERROR;
    let ended = ask(&doors, &provider, ending).await.map_err(failed)?;
    tracing::info!(provider, sessions = ended.len(), "the provider has logged somebody out");
    for (session, whom) in ended {
        tell(&doors, session, whom).await;
    }
    Ok(StatusCode::OK)
}
