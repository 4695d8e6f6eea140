//! The web server: the page, the invitations, the WebSocket's door and the doors beside the page.

mod admin;
pub mod api;
mod crowd;
mod entry;
pub(crate) mod headers;
mod health;
mod ice_tcp;
pub mod listener;
pub mod metrics;
mod notice;
mod office;
pub(crate) mod origin;
mod page;
mod proxies;
mod rate;
mod secretary;
mod session;
mod sign_in;
mod status;
pub mod tls;
mod whip;
mod within;

use crate::clock::Clock;
use crate::conference::{Hall, Stores};
use crate::config::Config;
use crate::keeper::Keeper;
use crate::metrics::Watch;
use crate::test_identities;
use crate::ws;
use admin::Admins;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use lika_auth::{AdminToken, IdentityStore};
use rate::Entries;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

pub use listener::Connection;
pub use session::{cookie, in_force, presented, signed_in};
pub use sign_in::{Providers, ProvidersError};

/// Logouts that one address may tell of in a minute: a full council whose sessions the provider ends at once.
const LOGOUTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
/// A request, its body included, takes no longer: a login asks its provider four times at most. A WebSocket is a request
/// until it is opened.
const REQUEST: Duration = Duration::from_secs(45);
/// A record of a long meeting is written before it is sent.
const RECORD: Duration = Duration::from_secs(10 * 60);

/// How many requests of the API one address may make for each attempt to get in that it may: a page asks for several things,
/// and a program for more.
const REQUESTS_PER_ENTRY: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// The largest request body: a WHIP or WHEP offer; a roster is smaller.
const MAX_BODY: usize = lika_sfu::limits::MAX_SDP_BYTES;

/// What every request may need.
#[derive(Clone)]
pub struct Doors {
    /// Invitations, sessions and bearer tokens.
    pub identities: Keeper<IdentityStore>,
    /// The directory of everything that is kept.
    pub data_dir: Arc<Path>,
    /// The meetings.
    pub hall: Hall,
    /// The time.
    pub clock: Clock,
    /// The only origin whose pages may speak to us.
    pub origin: Arc<str>,
    /// Where people log in.
    pub providers: Providers,
    /// What meetings are made of.
    pub stores: Stores,
    /// For how many days an invitation can be used.
    pub invitation_days: NonZeroU32,
    /// The way to look at the whole server.
    pub watch: Watch,
    admins: Admins,
    admin_group: Option<Arc<str>>,
    entries: Entries,
    /// Requests of the API and the secretary's page, good ones too.
    requests: Entries,
    /// Those of them that nobody known sends: a program whose token has expired locks nobody out of a meeting.
    guesses: Entries,
    /// Counted apart: all of a provider's come from its own address, and none may be lost behind somebody's guesses.
    logouts: Entries,
    /// Records that may be written at once.
    records: Arc<Semaphore>,
    /// Meetings that may be read at once.
    readings: Arc<Semaphore>,
}

impl Doors {
    /// The doors to these meetings.
    #[must_use]
    pub fn new(
        config: &Config,
        stores: Stores,
        admin: Option<&AdminToken>,
        providers: Providers,
        hall: Hall,
        clock: Clock,
        watch: Watch,
    ) -> Self {
        let origin = config.server.public_url.as_str().into();
        Self {
            identities: stores.identities.clone(),
            stores,
            invitation_days: config.limits.invitation_days,
            data_dir: config.storage.data_dir.as_path().into(),
            admins: Admins::new(admin),
            admin_group: config.identity.admin_group.as_deref().map(Arc::from),
            hall,
            clock,
            origin,
            providers,
            watch,
            entries: Entries::new(config.limits.entries_per_minute),
            requests: Entries::new(config.limits.entries_per_minute.saturating_mul(REQUESTS_PER_ENTRY)),
            guesses: Entries::new(config.limits.entries_per_minute),
            logouts: Entries::new(LOGOUTS_PER_MINUTE),
            records: Arc::new(Semaphore::new(office::MAX_RECORDS)),
            readings: Arc::new(Semaphore::new(office::MAX_READINGS)),
        }
    }

    /// Every address there is. `test_provider`: that of the identities for tests, if they are switched on.
    pub fn routes(self, test_provider: Option<Router>) -> Router {
        let test_provider = test_provider.unwrap_or_default();
        Router::new()
            .nest_service(test_identities::PATH, test_provider)
            .route("/", get(page::front))
            .route("/i/{token}", get(entry::enter).head(entry::look))
            .route("/meeting", get(page::meeting))
            .route("/sign-in", get(sign_in::list))
            .route("/sign-in/meeting", post(sign_in::choose))
            .route("/sign-in/{provider}", get(sign_in::begin))
            .route("/sign-in/{provider}/callback", get(sign_in::callback))
            .route("/sign-in/{provider}/logout", post(sign_in::logged_out))
            .route("/sign-out", post(sign_in::sign_out))
            .route("/signed-out", get(sign_in::signed_out))
            .route("/ws", get(ws::open))
            .route("/whip", post(whip::publish).options(whip::options))
            .route("/whip/{session}", delete(whip::leave))
            .route("/whep", post(whip::watch).options(whip::options))
            .route("/whep/{session}", delete(whip::leave))
            .route("/status", get(status::status))
            .route(status::STYLE_PATH, get(status::style))
            .route(notice::STYLE_PATH, get(notice::style))
            .fallback(page::file)
            .merge(api::routes())
            .merge(secretary::routes())
            .layer(from_fn_with_state(REQUEST, within::answered))
            .merge(
                Router::new()
                    .merge(api::slow_routes())
                    .merge(secretary::slow_routes())
                    .layer(from_fn_with_state(RECORD, within::answered)),
            )
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(axum::middleware::from_fn_with_state(self.clone(), metrics::count))
            .merge(health::routes())
            .layer(axum::middleware::map_response(headers::strict))
            .with_state(self)
    }
}

/// A problem (RFC 9457) for a program.
fn problem(status: StatusCode, detail: &str) -> Response {
    let body = serde_json::json!({ "title": status.canonical_reason(), "status": status.as_u16(), "detail": detail });
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
