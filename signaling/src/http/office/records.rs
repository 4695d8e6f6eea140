//! The record of a meeting: its journal as a signed file, and its report.

use super::reading::reading;
use super::sending::Record;
use super::{Refused, unavailable};
use crate::http::Doors;
use crate::http::admin::Caller;
use crate::journal::Parts;
use crate::meeting::MeetingId;
use crate::report::{self, Language, Source};
use crate::samples::directory_of;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::Path;
use tokio::sync::OwnedSemaphorePermit;

/// Records written and sent at once: each has its size on the disk meanwhile.
pub(in crate::http) const MAX_RECORDS: usize = 4;

impl Doors {
    /// The journal and samples of a meeting as one signed file. It is written whole before any of it is sent: what goes
    /// wrong is told, and the journal is not held open for somebody's slow line.
    pub(in crate::http) async fn export(
        &self,
        by: &Caller,
        meeting: MeetingId,
        parts: Parts,
    ) -> Result<Record, Refused> {
        let permit = self.record_permit()?;
        let now_ms = self.clock.now_ms();
        let written = reading(&self.data_dir, permit, move |directory, journal| {
            let file = unnamed(directory)?;
            let mut out = BufWriter::new(file);
            journal.export(meeting, directory, parts, now_ms, &mut out)?;
            out.flush().map_err(|error| unavailable(&error))?;
            let mut file = out.into_inner().map_err(|error| unavailable(&error))?;
            let length = file.stream_position().map_err(|error| unavailable(&error))?;
            file.rewind().map_err(|error| unavailable(&error))?;
            Ok((file, length))
        });
        let ((file, length), permit) = written.await?;
        tracing::info!(
            meeting = meeting.0,
            secret = parts.secret,
            by = by.name(),
            "a meeting was exported"
        );
        Ok(Record { file, length, permit })
    }

    /// The report (HTML).
    pub(in crate::http) async fn report(
        &self,
        by: &Caller,
        meeting: MeetingId,
        language: Language,
        secret: bool,
    ) -> Result<String, Refused> {
        let permit = self.record_permit()?;
        let people = self.stores.people.ask(move |people| people.of(meeting.0)).await??;
        let writing = reading(&self.data_dir, permit, move |directory, journal| {
            let source = Source::of_journal(journal.read(meeting)?, &directory_of(directory, meeting), secret);
            let source = source.map_err(|error| unavailable(&error))?;
            Ok(report::report(&source, people, language, secret))
        });
        let (html, _) = writing.await?;
        tracing::info!(meeting = meeting.0, secret, by = by.name(), "a report was made");
        Ok(html)
    }

    fn record_permit(&self) -> Result<OwnedSemaphorePermit, Refused> {
        self.records.clone().try_acquire_owned().map_err(|_| Refused::Busy)
    }
}

/// A file without a name beside the journal, which has room for it and keeps its secrets.
fn unnamed(directory: &Path) -> Result<File, Refused> {
    tempfile::tempfile_in(directory).map_err(|error| unavailable(&error))
}
