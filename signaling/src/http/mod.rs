//! The web server: the page, the invitations, the WebSocket's door and the doors beside the page.

mod entry;
mod headers;
mod health;
mod ice_tcp;
pub mod listener;
mod notice;
pub(crate) mod origin;
mod page;
mod rate;
mod session;
mod sign_in;
pub mod tls;
mod whip;

use crate::clock::Clock;
use crate::conference::Hall;
use crate::config::Config;
use crate::keeper::Keeper;
use crate::test_identities;
use crate::ws;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use lika_auth::IdentityStore;
use rate::Entries;
use std::sync::Arc;

pub use listener::Connection;
pub use session::{cookie, signed_in};
pub use sign_in::{Providers, ProvidersError};

/// The largest request body: a WHIP or WHEP offer.
const MAX_BODY: usize = lika_sfu::limits::MAX_SDP_BYTES;

/// What every request may need.
#[derive(Clone)]
pub struct Doors {
    /// Invitations, sessions and bearer tokens.
    pub identities: Keeper<IdentityStore>,
    /// The meetings.
    pub hall: Hall,
    /// The time.
    pub clock: Clock,
    /// The only origin whose pages may speak to us.
    pub origin: Arc<str>,
    /// Where people log in.
    pub providers: Providers,
    entries: Entries,
}

impl Doors {
    /// The doors to these meetings.
    #[must_use]
    pub fn new(
        config: &Config,
        identities: Keeper<IdentityStore>,
        providers: Providers,
        hall: Hall,
        clock: Clock,
    ) -> Self {
        let origin = config.server.public_url.as_str().into();
        Self {
            identities,
            hall,
            clock,
            origin,
            providers,
            entries: Entries::new(config.limits.entries_per_minute),
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
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route(notice::STYLE_PATH, get(notice::style))
            .fallback(page::file)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(axum::middleware::map_response(headers::strict))
            .with_state(self)
    }
}
