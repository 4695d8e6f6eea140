//! The web server: the page, the invitations, the WebSocket's door and the doors beside the page.

mod entry;
mod headers;
mod health;
mod ice_tcp;
pub mod listener;
mod notice;
mod page;
mod rate;
mod session;
pub mod tls;
mod whip;

use crate::clock::Clock;
use crate::conference::Hall;
use crate::config::Config;
use crate::keeper::Keeper;
use crate::ws;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use lika_auth::IdentityStore;
use rate::Entries;
use std::sync::Arc;

pub use listener::Connection;
pub use session::{cookie, signed_in};

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
    entries: Entries,
}

impl Doors {
    /// The doors to these meetings.
    #[must_use]
    pub fn new(config: &Config, identities: Keeper<IdentityStore>, hall: Hall, clock: Clock) -> Self {
        let origin = config.server.public_url.as_str().into();
        Self {
            identities,
            hall,
            clock,
            origin,
            entries: Entries::new(config.limits.entries_per_minute),
        }
    }

    /// Every address there is.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/", get(page::front))
            .route("/i/{token}", get(entry::enter).head(entry::look))
            .route("/meeting", get(page::meeting))
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
