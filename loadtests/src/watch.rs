//! What the server takes while it is tested: from /proc where it is this machine's own, otherwise from its metrics.

use crate::delegate::server::{ServerError, Trust, http_client, reason};
use crate::machine::{self, Taken};
use reqwest::Url;
use std::time::Duration;
use thiserror::Error;

/// The metrics' names, as every Prometheus client library has them.
const CPU_SECONDS: &str = "process_cpu_seconds_total";
const MEMORY_BYTES: &str = "process_resident_memory_bytes";
const DESCRIPTORS: &str = "process_open_fds";
/// Lika has it and nobody else: a Prometheus tells of itself under the names above.
const LIKA: &str = "lika_build_info";
/// A scrape that has not come by then is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that is read: a server's metrics are some tens of KiB.
const MAX_METRICS: usize = 4 * 1024 * 1024;

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum WatchError {
    /// The process is away.
    #[error("the server's process is gone")]
    Gone,
    /// No answer.
    #[error("{0}")]
    Unreachable(String),
    /// The answer has other things in it.
    #[error(
        "the answer has no {LIKA}, {CPU_SECONDS} and {MEMORY_BYTES}; is it the address of lika's own metrics (metrics.listen), with \
         /metrics at its end?"
    )]
    OtherThings,
}

/// How the server is watched.
#[derive(Clone, Debug)]
pub enum Watch {
    /// As a process of this machine.
    Process(u32),
    /// By its Prometheus metrics.
    Metrics(Url, reqwest::Client),
    /// Not at all: nobody told how.
    Nothing,
}

impl Watch {
    /// By the metrics at `url`.
    ///
    /// # Errors
    /// When the address or the certificate file is bad.
    pub fn metrics(url: &str, trust: &Trust) -> Result<Self, ServerError> {
        let bad = || ServerError::Address(url.into());
        let url = Url::parse(url).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad());
        }
        Ok(Self::Metrics(url, http_client(trust, PATIENCE)?))
    }

    /// What the server has taken by now; `None`: nobody told how to know.
    ///
    /// # Errors
    /// When it is not known although it should be.
    pub async fn taken(&self) -> Result<Option<Taken>, WatchError> {
        match self {
            Self::Process(pid) => machine::process(*pid).ok_or(WatchError::Gone).map(Some),
            Self::Metrics(url, client) => scrape(url, client).await.map(Some),
            Self::Nothing => Ok(None),
        }
    }

    /// Where the figures come from, for the report.
    #[must_use]
    pub fn source(&self) -> Option<&'static str> {
        match self {
            Self::Process(_) => Some("process"),
            Self::Metrics(..) => Some("metrics"),
            Self::Nothing => None,
        }
    }
}

async fn scrape(url: &Url, client: &reqwest::Client) -> Result<Taken, WatchError> {
    let away = |error: reqwest::Error| WatchError::Unreachable(reason(&error.without_url()));
    let answer = client.get(url.clone()).send().await.map_err(away)?;
    let mut answer = answer.error_for_status().map_err(away)?;
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(away)? {
        if text.len() + part.len() > MAX_METRICS {
            return Err(WatchError::OtherThings);
        }
        text.extend_from_slice(&part);
    }
    parse(&String::from_utf8_lossy(&text)).ok_or(WatchError::OtherThings)
}

/// Prometheus' text format: `name value`, or `name{labels} value`.
fn parse(text: &str) -> Option<Taken> {
    let figure = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name).filter(|rest| rest.starts_with([' ', '{'])))?;
        let value = line.rsplit_once('}').map_or(line, |(_, value)| value);
        value.split_ascii_whitespace().next()?.parse::<f64>().ok()
    };
    figure(LIKA)?;
    Some(Taken {
        cpu_s: figure(CPU_SECONDS)?,
        memory: figure(MEMORY_BYTES)? as u64,
        descriptors: figure(DESCRIPTORS).map(|open| open as u64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn the_two_figures_are_found_among_many() {
        let text = "# HELP process_cpu_seconds_total x\n# TYPE process_cpu_seconds_total counter\nlika_build_info{version=\"1\"} 1\n\
                    process_cpu_seconds_total_other 9\nprocess_cpu_seconds_total 12.5\n\
                    process_resident_memory_bytes{instance=\"a\"} 1.5e+06\nprocess_open_fds 95\n";
        let taken = parse(text).unwrap();
        assert_eq!(
            (taken.cpu_s, taken.memory, taken.descriptors),
            (12.5, 1_500_000, Some(95))
        );
        assert_eq!(parse("up 1\n"), None);
    }

    #[tokio::test]
    async fn this_process_can_be_watched_and_nothing_tells_nothing() {
        assert!(Watch::Process(std::process::id()).taken().await.unwrap().is_some());
        assert!(Watch::Nothing.taken().await.unwrap().is_none());
        assert!(Watch::metrics("metrics", &Trust::System).is_err());
    }

    /// Answers every request with this page.
    async fn page(text: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    text.len()
                );
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all((head + text).as_bytes()).await;
            }
        });
        format!("http://{address}/metrics")
    }

    #[tokio::test]
    async fn metrics_that_are_not_there_are_told_with_the_reason() {
        let watch = |url: &str| Watch::metrics(url, &Trust::System).unwrap();
        let metrics = page("lika_build_info 1\nprocess_cpu_seconds_total 2\nprocess_resident_memory_bytes 3\n").await;
        assert_eq!(watch(&metrics).taken().await.unwrap().unwrap().memory, 3);
        let other = watch(&page("process_cpu_seconds_total 2\nprocess_resident_memory_bytes 3\n").await)
            .taken()
            .await;
        assert!(matches!(other, Err(WatchError::OtherThings)), "{other:?}");
        let nobody = watch("http://127.0.0.1:9/metrics").taken().await;
        assert!(matches!(nobody, Err(WatchError::Unreachable(_))), "{nobody:?}");
    }
}
