//! What whoever started a long test sees of it meanwhile, and how they end it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Without a terminal, a line comes so often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A line on standard error: standard output is for the figures.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Ctrl-c and SIGTERM. As long as nobody listens either ends the program where it stands, and what it began is not put away.
#[derive(Debug)]
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    is_told: bool,
}

impl Stop {
    /// From now on neither ends the program.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            is_told: false,
        })
    }

    /// Completes when the program has been told to stop, since it listens; at once if it was before.
    pub async fn told(&mut self) {
        if !self.is_told {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
            self.is_told = true;
        }
    }
}

/// Completes at ctrl-c or SIGTERM from now on.
pub async fn told_to_stop() {
    match Stop::listen() {
        Ok(mut stop) => stop.told().await,
        Err(_) => std::future::pending().await,
    }
}

/// A bar on a terminal, lines otherwise.
pub struct Progress {
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
    last_text: String,
}

impl Progress {
    /// For a test that takes so long once it has begun.
    #[must_use]
    pub fn new(total: Duration) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total.as_secs()), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{elapsed_precise} {bar:30} {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self {
            bar,
            last_line: None,
            last_text: String::new(),
        }
    }

    /// A step that is told once, whatever it is written on.
    pub fn step(&mut self, text: &str) {
        if self.last_text == text {
            return;
        }
        text.clone_into(&mut self.last_text);
        match &self.bar {
            Some(bar) => bar.println(text),
            None => say(text),
        }
    }

    /// How far it is.
    pub fn at(&mut self, passed: Duration, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(passed.as_secs());
            bar.set_message(text.to_owned());
        } else if self.last_line.is_none_or(|at| at.elapsed() >= LINE_EVERY) {
            self.last_line = Some(Instant::now());
            say(&format!("{} s: {text}", passed.as_secs()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
