//! The WebSocket's door: who may open one, and how much it may ask for. docs/protocol.md tells the conversation.

mod conversation;
mod socket;

use crate::http::origin::is_foreign;
use crate::http::{Connection, Doors, presented};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// The longest message: the longest offer, its line ends escaped in JSON, and what is around it.
pub const MAX_MESSAGE: usize = lika_sfu::limits::MAX_SDP_BYTES + 128 * 1024;
/// `Hello` must come within this.
pub const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// A page that nothing has come from for this long is gone. It reports every second and answers pings.
pub const SILENCE: Duration = Duration::from_secs(12);
/// How often the page is pinged, so that a hidden page, whose timers browsers slow down, still is heard.
pub const PING_EVERY: Duration = Duration::from_secs(4);
/// One message must be taken by the page's network within this, or the connection is cut for the page to resume.
pub const WRITE_WITHIN: Duration = Duration::from_secs(5);
/// Messages a page may send in a second, on average. It needs two or three.
pub const MESSAGES_PER_SECOND: u32 = 20;
/// Messages a page may send at once after being quiet.
pub const MESSAGE_BURST: u32 = 60;

/// Opens the WebSocket. A page of another origin is refused here, so that no other site can use somebody's cookie; one
/// that is not signed in is told so inside, since a browser hides from its page why an upgrade failed.
pub async fn open(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if is_foreign(&doors, &headers) {
        tracing::warn!(peer = %connection.peer.ip(), "WebSocket from another origin refused; is server.public_url right?");
        return (
            StatusCode::FORBIDDEN,
            "this origin may not connect; open the meeting at server.public_url\n",
        )
            .into_response();
    }
    let presented = presented(&headers);
    upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| conversation::hold(socket, presented, doors, connection))
}
