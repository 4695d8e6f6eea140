//! The WebSocket to the server: messages as JSON text (docs/protocol.md).

use super::server::{Server, SessionCookie};
use futures_util::{SinkExt, StreamExt};
use lika::protocol::{ClientMessage, ServerMessage};
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

/// A server that does not answer by then is down.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// Silence longer than this means that the connection is dead: quality comes every second.
const SILENCE: Duration = Duration::from_secs(15);
/// A close that is not answered by then is not waited for.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why there is no talking to the server.
#[derive(Debug, Error)]
pub(super) enum SocketError {
    /// The session does not open the WebSocket.
    #[error("the server refuses the session ({0}); a new invitation is needed")]
    Refused(StatusCode),
    /// The connection could not be made or broke.
    #[error("the connection to the server broke: {0}")]
    Broken(String),
    /// The server sends what is not in the protocol.
    #[error("the server sent a message that this version does not know: {0}")]
    Unknown(String),
}

impl SocketError {
    /// Whether trying again cannot help.
    #[must_use]
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// An open connection.
pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(super) async fn open(
        server: &Server,
        cookie: &SessionCookie,
        hello: &ClientMessage,
    ) -> Result<Self, SocketError> {
        let mut request = server
            .web_socket()
            .into_client_request()
            .map_err(|error| broken(&error))?;
        let headers = request.headers_mut();
        for (name, value) in [(header::COOKIE, cookie.header()), (header::ORIGIN, server.origin())] {
            headers.insert(name, HeaderValue::from_str(&value).map_err(|error| broken(&error))?);
        }
        let connecting = connect_async_tls_with_config(request, None, true, Some(Connector::Rustls(server.tls())));
        let connected = tokio::time::timeout(OPEN_TIMEOUT, connecting).await;
        let (stream, _) = connected
            .map_err(|_| SocketError::Broken("no answer".into()))?
            .map_err(|error| match error {
                tungstenite::Error::Http(answer) if answer.status().is_client_error() => {
                    SocketError::Refused(answer.status())
                }
                error => broken(&error),
            })?;
        let mut socket = Self(stream);
        socket.send(hello).await?;
        Ok(socket)
    }

    pub(super) async fn send(&mut self, message: &ClientMessage) -> Result<(), SocketError> {
        let text = serde_json::to_string(message).map_err(|error| broken(&error))?;
        self.0.send(Message::text(text)).await.map_err(|error| broken(&error))
    }

    /// The next message; safe to cancel.
    pub(super) async fn receive(&mut self) -> Result<ServerMessage, SocketError> {
        loop {
            let next = tokio::time::timeout(SILENCE, self.0.next()).await;
            match next.map_err(|_| SocketError::Broken("the server is silent".into()))? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map_err(|error| SocketError::Unknown(error.to_string()));
                }
                Some(Ok(Message::Close(frame))) => {
                    let reason = frame.map_or_else(|| "closed".into(), |frame| frame.to_string());
                    return Err(SocketError::Broken(reason));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(broken(&error)),
                None => return Err(SocketError::Broken("closed".into())),
            }
        }
    }

    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.0.close(None)).await;
    }
}

fn broken(error: &impl ToString) -> SocketError {
    SocketError::Broken(error.to_string())
}
