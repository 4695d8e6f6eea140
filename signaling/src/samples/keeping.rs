//! The way to a meeting's samples, and the thread at its end.

use super::line::{Begun, Line, Spoken};
use super::segments::directory_of;
use super::writer::Writer;
use crate::equal_terms::{Input, Profile};
use crate::meeting::{MeetingId, SamplesMark};
use crate::metrics::Metrics;
use crate::metrics::label::Kept;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Lines waiting for the thread: half a minute of a meeting, during which a disk may hang. More are dropped, and a line
/// says how many.
const QUEUE: usize = 64;
/// How long a decision waits for the samples to be on the disk; longer, and they are not durable.
const MARK_WITHIN: Duration = Duration::from_secs(2);
/// How often a disk that does not work is written about in the log.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// Where samples are kept, if they are.
#[derive(Clone, Debug)]
pub struct Recorder {
    data_directory: Option<PathBuf>,
    metrics: Option<Metrics>,
}

impl Recorder {
    /// In a data directory.
    #[must_use]
    pub const fn of(data_directory: PathBuf) -> Self {
        Self {
            data_directory: Some(data_directory),
            metrics: None,
        }
    }

    /// Nowhere.
    #[must_use]
    pub const fn off() -> Self {
        Self {
            data_directory: None,
            metrics: None,
        }
    }

    /// What becomes of the lines is counted there.
    #[must_use]
    pub fn counted(self, metrics: Metrics) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Goes on with a meeting's samples, or begins them. A thread that cannot be started is logged; then none are kept.
    #[must_use]
    pub fn open(&self, meeting: MeetingId) -> Samples {
        let Some(data_directory) = &self.data_directory else {
            return Samples::none();
        };
        let directory = directory_of(data_directory, meeting);
        let (requests, waiting) = mpsc::channel(QUEUE);
        let metrics = self.metrics.clone();
        let keeping = move || Keeping::new(meeting, directory, metrics).run(waiting);
        match thread::Builder::new().name("samples".into()).spawn(keeping) {
            Ok(_) => Samples {
                thread: Some(requests),
                dropped: 0,
                metrics: self.metrics.clone(),
            },
            Err(error) => {
                tracing::error!(meeting = meeting.0, %error, "no thread for the samples; they are not kept");
                Samples::none()
            }
        }
    }
}

enum Request {
    Write {
        line: Line,
        at_ms: i64,
        /// How many lines before it found the queue full.
        dropped: u64,
    },
    Mark(oneshot::Sender<Option<SamplesMark>>),
    Close(oneshot::Sender<()>),
}

/// The samples of one meeting, to be written. The thread writes what it has and ends when this is dropped.
#[derive(Debug)]
pub struct Samples {
    thread: Option<mpsc::Sender<Request>>,
    dropped: u64,
    metrics: Option<Metrics>,
}

impl Samples {
    /// Keeps nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            thread: None,
            dropped: 0,
            metrics: None,
        }
    }

    /// A judge begins who knows nothing yet.
    pub fn begin(&mut self, profile: &Profile, at_ms: i64) {
        let begun = Begun {
            at_ms,
            profile: profile.text().to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.write(Line::Begun(begun), at_ms);
    }

    /// What the judge was told, and what was said of it. Never waits.
    pub fn record(&mut self, input: Input, spoken: Spoken) {
        let at_ms = spoken.at_ms;
        let says_nothing = spoken.people.is_empty() && spoken.transitions == 0;
        let is_second = matches!(input, Input::Second(_));
        self.write(Line::Input(input), at_ms);
        if is_second || !says_nothing {
            self.write(Line::Verdict(spoken), at_ms);
        }
    }

    /// Has everything recorded so far on the disk, and says how far it goes. `None`: it is not kept, or not durable; the
    /// meeting goes on.
    pub async fn mark(&self) -> Option<SamplesMark> {
        let thread = self.thread.as_ref().filter(|_| self.dropped == 0)?;
        let (reply, answer) = oneshot::channel();
        let asking = async {
            thread.send(Request::Mark(reply)).await.ok()?;
            answer.await.ok()?
        };
        timeout(MARK_WITHIN, asking).await.ok()?
    }

    /// Writes what is left. When it returns, the files are free for others.
    pub async fn close(self) {
        let Some(thread) = self.thread else {
            return;
        };
        let (reply, closed) = oneshot::channel();
        if thread.send(Request::Close(reply)).await.is_err() || closed.await.is_err() {
            tracing::error!("the samples could not be closed");
        }
    }

    fn write(&mut self, line: Line, at_ms: i64) {
        let Some(thread) = &self.thread else {
            return;
        };
        let dropped = self.dropped;
        match thread.try_send(Request::Write { line, at_ms, dropped }) {
            Ok(()) => {
                self.dropped = 0;
                self.count(Kept::Queued);
            }
            Err(_) => {
                self.dropped = dropped.saturating_add(1);
                self.count(Kept::Dropped);
            }
        }
    }

    fn count(&self, kept: Kept) {
        if let Some(metrics) = &self.metrics {
            metrics.sample(kept);
        }
    }
}

/// The thread.
struct Keeping {
    meeting: MeetingId,
    directory: PathBuf,
    /// `None`: its files could not be opened; each line tries again.
    writer: Option<Writer>,
    /// Lines that found no writer.
    lost: u64,
    complained: Option<Instant>,
    metrics: Option<Metrics>,
}

impl Keeping {
    const fn new(meeting: MeetingId, directory: PathBuf, metrics: Option<Metrics>) -> Self {
        Self {
            meeting,
            directory,
            writer: None,
            lost: 0,
            complained: None,
            metrics,
        }
    }

    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut closing = None;
        while let Some(request) = requests.blocking_recv() {
            match request {
                Request::Write { line, at_ms, dropped } => self.write(&line, at_ms, dropped),
                Request::Mark(reply) => {
                    let mark = self.writer.as_mut().map(Writer::mark);
                    let mark = mark.and_then(|mark| self.unless_failed(mark)).flatten();
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(mark.filter(|_| self.lost == 0));
                }
                Request::Close(reply) => {
                    closing = Some(reply);
                    break;
                }
            }
        }
        let flushed = self.writer.as_mut().map(Writer::flush);
        flushed.and_then(|flushed| self.unless_failed(flushed));
        drop(self.writer);
        if let Some(reply) = closing {
            let _ = reply.send(());
        }
    }

    fn write(&mut self, line: &Line, at_ms: i64, dropped: u64) {
        self.lost = self.lost.saturating_add(dropped);
        if self.writer.is_none() {
            let opened = Writer::open(&self.directory);
            self.writer = self.unless_failed(opened);
        }
        let Some(writer) = &mut self.writer else {
            self.lost = self.lost.saturating_add(1);
            return;
        };
        let noted = writer.lose(std::mem::take(&mut self.lost));
        let written = noted.and(writer.write(line, at_ms));
        self.unless_failed(written);
    }

    /// The meeting goes on; the log says it once a minute.
    fn unless_failed<T>(&mut self, done: io::Result<T>) -> Option<T> {
        let error = match done {
            Ok(done) => return Some(done),
            Err(error) => error,
        };
        if let Some(metrics) = &self.metrics {
            metrics.samples_failed();
        }
        if self.complained.is_none_or(|since| since.elapsed() >= COMPLAIN_EVERY) {
            self.complained = Some(Instant::now());
            tracing::error!(
                meeting = self.meeting.0,
                directory = %self.directory.display(),
                %error,
                "the samples cannot be written; the meeting goes on without them"
            );
        }
        None
    }
}
