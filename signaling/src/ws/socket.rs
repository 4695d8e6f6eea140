//! One page's socket: whole messages in, whole messages out, with a time limit on everything.

use super::WRITE_WITHIN;
use crate::conference::Farewell;
use crate::protocol::{ClientMessage, Refusal, ServerMessage};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::time::timeout;

/// What came.
pub(super) enum Incoming {
    /// A message of the protocol.
    Message(ClientMessage),
    /// Text that is none, or bytes.
    Malformed,
    /// Too long: nothing more can be read.
    TooLarge,
    /// A ping or pong.
    Alive,
    /// The page has closed, or the network has.
    Closed,
}

/// Nothing more can be sent.
pub(super) struct Broken;

pub(super) struct Socket(WebSocket);

impl Socket {
    pub(super) const fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// Waits for the next message. Cancelling it loses nothing.
    pub(super) async fn receive(&mut self) -> Incoming {
        match self.0.recv().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).map_or(Incoming::Malformed, Incoming::Message),
            Some(Ok(Message::Binary(_))) => Incoming::Malformed,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Incoming::Alive,
            Some(Ok(Message::Close(_))) | None => Incoming::Closed,
            Some(Err(error)) if is_capacity(&error) => Incoming::TooLarge,
            Some(Err(_)) => Incoming::Closed,
        }
    }

    pub(super) async fn send(&mut self, text: Utf8Bytes) -> Result<(), Broken> {
        self.write(Message::Text(text)).await
    }

    pub(super) async fn refuse(&mut self, reason: Refusal) -> Result<(), Broken> {
        match serde_json::to_string(&ServerMessage::Error { reason }) {
            Ok(text) => self.send(text.into()).await,
            Err(_) => Err(Broken),
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), Broken> {
        self.write(Message::Ping(Default::default())).await
    }

    /// Says why and closes.
    pub(super) async fn part(mut self, farewell: Farewell) {
        let (reason, code) = match farewell {
            Farewell::TooSlow => return,
            Farewell::Stopping => (None, close_code::AWAY),
            Farewell::Refused(Refusal::TooLarge) => (Some(Refusal::TooLarge), close_code::SIZE),
            Farewell::Refused(reason) => (Some(reason), close_code::POLICY),
        };
        if let Some(reason) = reason
            && self.refuse(reason).await.is_err()
        {
            return;
        }
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::default(),
        }));
        // The page may be gone already; then there is nobody to tell.
        let _ = self.write(close).await;
    }

    async fn write(&mut self, message: Message) -> Result<(), Broken> {
        match timeout(WRITE_WITHIN, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Broken),
        }
    }
}

/// axum hides the WebSocket library's error; what is too long is known by its text alone.
fn is_capacity(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}
