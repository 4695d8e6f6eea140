//! A file being sent to somebody whose line may be slow, but not so slow that nobody else gets theirs.

use axum::body::Body;
use futures_util::stream;
use std::fs::File;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, timeout_at};

/// What is read at a time, in bytes.
const CHUNK: usize = 64 * 1024;
/// Within this each chunk must be taken: a line of 10 kbit/s does it.
const CHUNK_WITHIN: Duration = Duration::from_secs(60);
/// And within this all of them.
const ALL_WITHIN: Duration = Duration::from_secs(60 * 60);

/// A record on its way to whoever asked for it: a file, which has no name on the disk, so that it is gone when it is sent.
pub(in crate::http) struct Record {
    pub(super) file: File,
    /// In bytes.
    pub(in crate::http) length: u64,
    /// Kept until it is sent or nobody takes it.
    pub(super) permit: OwnedSemaphorePermit,
}

impl Record {
    /// As a body, which ends with an error if it is not taken in time.
    pub(in crate::http) fn into_body(self) -> Body {
        let Self { file, length, permit } = self;
        let (chunks, taken) = mpsc::channel(1);
        tokio::spawn(async move {
            send(tokio::fs::File::from_std(file), &chunks).await;
            drop(permit);
        });
        Body::from_stream(stream::try_unfold((taken, length), |(mut taken, left)| async move {
            match taken.recv().await {
                Some(chunk) => {
                    let chunk: Vec<u8> = chunk?;
                    let left = left.saturating_sub(chunk.len() as u64);
                    Ok(Some((chunk, (taken, left))))
                }
                None if left == 0 => Ok(None),
                None => Err(io::Error::from(io::ErrorKind::TimedOut)),
            }
        }))
    }
}

/// Until the end, an error, or nobody takes it.
async fn send(mut file: impl AsyncRead + Unpin, chunks: &mpsc::Sender<io::Result<Vec<u8>>>) {
    let end = Instant::now() + ALL_WITHIN;
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await;
        let read = match read {
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                Ok(chunk)
            }
            Err(error) => Err(error),
        };
        let last = read.is_err();
        let within = end.min(Instant::now() + CHUNK_WITHIN);
        match timeout_at(within, chunks.send(read)).await {
            Ok(Ok(())) if !last => {}
            Ok(_) => return,
            Err(_) => return tracing::info!("a record was not taken in time; the rest of it is not sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL_WITHIN, CHUNK, CHUNK_WITHIN, Record};
    use axum::body::Body;
    use futures_util::StreamExt as _;
    use std::io::{Seek as _, Write as _};
    use std::sync::Arc;
    use tokio::sync::Semaphore;
    use tokio::time::{Duration, Instant, sleep};

    const CHUNKS: usize = 200;

    async fn sending() -> (Body, Arc<Semaphore>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; CHUNKS * CHUNK]).unwrap();
        file.rewind().unwrap();
        let permits = Arc::new(Semaphore::new(1));
        let record = Record {
            file,
            length: (CHUNKS * CHUNK) as u64,
            permit: Arc::clone(&permits).acquire_owned().await.unwrap(),
        };
        (record.into_body(), permits)
    }

    /// How many bytes come, with a pause before each chunk, and whether all did.
    async fn taken(body: Body, pause: Duration) -> (usize, bool) {
        let (mut chunks, mut bytes) = (body.into_data_stream(), 0);
        loop {
            sleep(pause).await;
            match chunks.next().await {
                Some(Ok(chunk)) => bytes += chunk.len(),
                Some(Err(_)) => return (bytes, false),
                None => return (bytes, true),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_gets_all_of_it() {
        let (body, permits) = sending().await;
        assert_eq!(taken(body, Duration::from_secs(10)).await, (CHUNKS * CHUNK, true));
        assert!(permits.acquire().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_for_a_minute_is_cut_off() {
        let (body, permits) = sending().await;
        let begun = Instant::now();
        drop(permits.acquire().await.unwrap());
        assert!(begun.elapsed() >= CHUNK_WITHIN && begun.elapsed() < ALL_WITHIN);
        let (bytes, whole) = taken(body, Duration::ZERO).await;
        assert!(bytes < CHUNKS * CHUNK && !whole, "{bytes}");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_more_than_an_hour_is_cut_off() {
        let (body, permits) = sending().await;
        let begun = Instant::now();
        let (bytes, whole) = taken(body, Duration::from_secs(50)).await;
        assert!(bytes < CHUNKS * CHUNK && !whole, "{bytes}");
        assert!(permits.try_acquire().is_ok() && begun.elapsed() >= ALL_WITHIN);
    }

    #[tokio::test]
    async fn whoever_hangs_up_gives_the_permit_back() {
        let (body, permits) = sending().await;
        drop(body);
        assert!(permits.acquire().await.is_ok());
    }
}
