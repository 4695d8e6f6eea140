//! What the operator is told: a line for each change of state, for people or as JSON.

use super::Change;
use crate::delegate::News;
use crate::delegate::conduct::Camera;
use crate::impair::Impairment;
use lika::meeting::Attendance;
use serde::Serialize;
use std::io::{self, Write};

/// Writes to standard output; complaints go to standard error.
pub(super) struct Teller {
    json: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    delegate: usize,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Teller {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn tell(&mut self, number: usize, news: &News) {
        let (state, detail) = match news {
            News::SignedIn => ("signed-in", None),
            News::Waiting(reason) => ("waiting", Some(reason.clone())),
            News::Attendance(attendance) => (place(*attendance), None),
            News::MediaUp => ("media-up", None),
            News::MediaDown(reason) => ("media-down", Some(reason.clone())),
            News::Microphone(true) => ("speaking", None),
            News::Microphone(false) => ("silent", None),
            News::Left(reason) => ("left", Some(reason.clone())),
        };
        self.line(&Told {
            delegate: number,
            state,
            detail,
        });
    }

    pub(super) fn changed(&mut self, number: usize, change: Change) {
        let (state, detail) = match change {
            Change::Path(Impairment::None) | Change::Camera(Camera::Moving) | Change::Restore => ("restored", None),
            Change::Path(Impairment::Cut) => ("cut", None),
            Change::Path(Impairment::Lossy(percent)) => ("lossy", Some(format!("{percent} %"))),
            Change::Path(Impairment::Ways { .. }) => ("impaired", None),
            Change::Camera(Camera::Frozen) => ("frozen", None),
            Change::Camera(Camera::Covered) => ("covered", None),
            Change::MicrophoneBreaks => ("mute-fault", None),
            Change::Leave => ("leaving", None),
        };
        self.line(&Told {
            delegate: number,
            state,
            detail,
        });
    }

    pub(super) fn complain(&mut self, problem: &str) {
        let _ = writeln!(io::stderr(), "{problem}");
    }

    fn line(&mut self, told: &Told<'_>) {
        let line = if self.json {
            serde_json::to_string(told).unwrap_or_default()
        } else {
            words(told)
        };
        // A reader that went away is no reason to stop the delegates.
        let _ = writeln!(io::stdout(), "{line}");
    }
}

fn words(told: &Told<'_>) -> String {
    let detail = told
        .detail
        .as_ref()
        .map_or_else(String::new, |detail| format!(": {detail}"));
    format!("delegate {}: {}{detail}", told.delegate, told.state.replace('-', " "))
}

fn place(attendance: Attendance) -> &'static str {
    match attendance {
        Attendance::Away => "away",
        Attendance::Lobby => "in-the-lobby",
        Attendance::Inside => "in-the-meeting",
        Attendance::Lost => "lost",
        Attendance::Dismissed => "dismissed",
    }
}
