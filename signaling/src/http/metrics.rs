//! The port that Prometheus reads, and the counting of requests and logins.

use super::Doors;
use super::notice::Notice;
use crate::config;
use crate::metrics::Watch;
use crate::metrics::label::{Class, SignIn};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Connections at the same time: one or two Prometheuses, and somebody with curl.
const CONNECTIONS: usize = 8;
/// How long a request's headers may take, and a connection may be idle before it is closed.
const HEADERS: Duration = Duration::from_secs(30);
/// Pause after accept has failed for lack of file descriptors, rather than spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The port; closed when dropped.
pub struct MetricsPort {
    address: Option<SocketAddr>,
    serving: JoinSet<()>,
}

impl MetricsPort {
    /// Binds the port, if there is to be one. One that is taken stops no meeting: it is logged, and the status page
    /// says so.
    pub async fn open(settings: &config::Metrics, watch: Watch) -> Self {
        let unread = watch.clone();
        let mut serving = JoinSet::new();
        let bound = if settings.enabled {
            TcpListener::bind(settings.listen)
                .await
                .and_then(|tcp| Ok((tcp.local_addr()?, tcp)))
        } else {
            Err(io::ErrorKind::Unsupported.into())
        };
        let address = match bound {
            Ok((address, tcp)) => {
                let routes = Router::new().route("/metrics", get(read)).with_state(watch);
                serving.spawn(serve(tcp, routes));
                Some(address)
            }
            Err(error) if settings.enabled => {
                let listen = settings.listen;
                unread.without_metrics();
                tracing::error!(%listen, %error, "no metrics: the port cannot be used; set metrics.listen to another");
                None
            }
            Err(_) => None,
        };
        Self { address, serving }
    }

    /// Closes the port. When it returns, others can have it.
    pub async fn close(mut self) {
        self.serving.shutdown().await;
    }

    /// The port actually bound.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

async fn serve(tcp: TcpListener, routes: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut conversations = JoinSet::new();
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match tcp.accept().await {
            Ok((stream, _)) => drop(conversations.spawn(converse(stream, routes.clone(), place))),
            Err(error) => {
                tracing::warn!(%error, "a reader of metrics could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, routes: Router, _place: OwnedSemaphorePermit) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a reader of metrics went");
    }
}

async fn read(State(watch): State<Watch>) -> Response {
    match watch.text().await {
        Ok(text) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be told");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Counts the answers of the HTTPS port, but those to whoever asks every few seconds whether it lives (see [`super::health`]).
pub(super) async fn count(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    doors.stores.metrics.answered(class(&answer));
    answer
}

/// Marks an answer that a fault is behind although it says 503 (try again): the data directory, or something that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault;

fn class(answer: &Response) -> Class {
    if answer.extensions().get::<Fault>().is_some() {
        return Class::ServerError;
    }
    match answer.status().as_u16() {
        ..200 => Class::Informational,
        200..300 => Class::Success,
        300..400 => Class::Redirection,
        400..500 => Class::ClientError,
        503 => Class::Unavailable,
        500.. => Class::ServerError,
    }
}

/// How a login ended that did not come about. What never was one, an address of no provider's or one try too many, is not
/// counted: anybody can make such requests, and nobody is to be woken by them.
pub(super) const fn failure(notice: &Notice) -> Option<SignIn> {
    Some(match notice {
        Notice::NotFound | Notice::TooManyAttempts => return None,
        Notice::LoginCancelled => SignIn::Cancelled,
        Notice::LoginOver | Notice::LoginElsewhere => SignIn::Over,
        Notice::ProviderDown => SignIn::ProviderDown,
        Notice::LevelNotMet => SignIn::LevelNotMet,
        Notice::NotInvited | Notice::NothingToMatch => SignIn::NotInvited,
        Notice::TryAgain => SignIn::Failed,
        _ => SignIn::Refused,
    })
}

#[cfg(test)]
mod tests {
    use super::{Fault, class};
    use crate::metrics::label::{Class, Label as _};
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    #[test]
    fn not_now_is_no_fault() {
        let answer = |status: u16| StatusCode::from_u16(status).unwrap().into_response();
        let mut broken = answer(503);
        broken.extensions_mut().insert(Fault);
        assert_eq!(class(&broken), Class::ServerError);
        let called = |status: u16| class(&answer(status)).value();
        assert_eq!(
            [101, 204, 303, 404, 500, 502, 503].map(called),
            ["1xx", "2xx", "3xx", "4xx", "5xx", "5xx", "503"]
        );
        assert_eq!(Class::ALL.len(), 6);
    }
}
