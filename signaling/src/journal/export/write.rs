//! Writing the exported file.

use super::super::chain::Link;
use super::super::checkpoint::Checkpoint;
use super::super::key::KeyError;
use super::super::keys::KeyRecord;
use super::super::reader::{event_of, head};
use super::super::samples::measured_at;
use super::super::secrecy::Secrecy;
use super::super::signer::Signer;
use super::super::{JournalError, KEY_FILE, Reader};
use super::{End, FORMAT, Header, Line};
use crate::meeting::MeetingId;
use crate::samples::{Chain, Line as SampleLine, MAX_LINE_BYTES, Texts};
use crate::sha256::{Hashing, Sha256};
use flate2::{Compression, GzBuilder};
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

/// What goes into an export beside the public record.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// What was said and decided at secret items; without it, digests stand there.
    pub secret: bool,
    /// The samples, if they are kept.
    pub samples: bool,
}

impl Reader {
    /// Writes a meeting as one compressed file, signed with the key of the data directory; see docs/evidence.md.
    ///
    /// # Errors
    /// As [`Reader::read`]; `Key` without a key, `CannotWithhold`, `Samples`, or `Export` if `out` fails.
    pub fn export(
        &self,
        meeting: MeetingId,
        data_directory: &Path,
        parts: Parts,
        at_ms: i64,
        out: &mut impl Write,
    ) -> Result<(), JournalError> {
        let signer = Signer::read(data_directory)?;
        let mut zipped = GzBuilder::new().write(out, Compression::default());
        self.write_lines(meeting, data_directory, parts, (&signer, at_ms), &mut zipped)?;
        zipped
            .finish()
            .and_then(|out| out.flush())
            .map_err(JournalError::Export)
    }

    /// The lines themselves.
    pub(in super::super) fn write_lines(
        &self,
        meeting: MeetingId,
        data_directory: &Path,
        parts: Parts,
        (signer, at_ms): (&Signer, i64),
        out: &mut impl Write,
    ) -> Result<(), JournalError> {
        let _snapshot = self.snapshot()?;
        let (head, checkpoints) = (head(&self.db, meeting)?, self.checkpoints(meeting)?);
        // After the first look at the journal, so that no event speaks of samples that were not there yet.
        let samples = match parts.samples {
            true => Texts::of_meeting(data_directory, meeting)?,
            false => None,
        };
        let mut lines = Lines::to(out);
        lines.write(&Header {
            lika_journal: FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            meeting,
            events: head.events,
            head: head.hash,
            checkpoints: checkpoints.len() as u64,
            secret: parts.secret,
            samples: samples.is_some(),
            keys: self.introduced(signer, data_directory, at_ms)?,
        })?;
        let secrecy = self.write_events(meeting, parts.secret, &checkpoints, &mut lines)?;
        let withholds = |line: &str| !parts.secret && secrecy.covers(measured_at(line));
        let samples = samples.map_or(Ok(0), |samples| write_samples(samples, withholds, &mut lines))?;
        let mut end = End {
            events: head.events,
            checkpoints: checkpoints.len() as u64,
            samples,
            at_ms,
            digest: lines.digest(),
            key: signer.public(),
            signature: super::super::hex::Hex([0; 64]),
        };
        end.signature = signer.key().sign(&end.message(meeting));
        lines.write(&Line::End(end))
    }

    /// The keys; the signer's must be the last of them. A journal that was never opened for writing since it is signed
    /// at all has none.
    fn introduced(&self, signer: &Signer, directory: &Path, at_ms: i64) -> Result<Vec<KeyRecord>, JournalError> {
        let mut keys = self.keys()?;
        if keys.is_empty() {
            keys.push(KeyRecord::first(signer.public(), at_ms));
        }
        match keys.last() {
            Some(last) if last.key == signer.public() => Ok(keys),
            _ => Err(KeyError::Lost(directory.join(KEY_FILE)).into()),
        }
    }

    fn write_events(
        &self,
        meeting: MeetingId,
        secret: bool,
        checkpoints: &[Checkpoint],
        lines: &mut Lines<impl Write>,
    ) -> Result<Secrecy, JournalError> {
        let mut checkpoints = checkpoints.iter().peekable();
        let mut secrecy = Secrecy::default();
        self.walk(meeting, |link| {
            let withheld = secrecy.withholds(link.seq, link.at_ms, &event_of(meeting, &link)?);
            let link = if withheld && !secret {
                without_text(&link)?
            } else {
                link
            };
            lines.write(&Line::Event((&link).into()))?;
            while let Some(checkpoint) = checkpoints.next_if(|one| one.events == link.seq) {
                lines.write(&Line::Checkpoint(*checkpoint))?;
            }
            Ok(())
        })?;
        Ok(secrecy)
    }
}

fn without_text(link: &Link) -> Result<Link, JournalError> {
    let seq = link.seq;
    let body = link.body.withheld().ok_or(JournalError::CannotWithhold { seq })?;
    Ok(Link { body, ..*link })
}

/// How many there were. A stretch that is withheld becomes one line, and so do those before the first that is there: they
/// have been weeded.
fn write_samples(
    mut samples: Texts,
    withholds: impl Fn(&str) -> bool,
    lines: &mut Lines<impl Write>,
) -> Result<u64, JournalError> {
    let (mut at, mut withheld) = (Chain::START, false);
    while let Some(line) = samples.next_text()? {
        let line = String::from_utf8(line).map_err(|_| samples.damaged("not UTF-8"))?;
        if at == Chain::START
            && let Ok(SampleLine::Segment(weeded)) = SampleLine::decode(line.as_bytes())
            && weeded.lines > 0
        {
            (at, withheld) = (Chain::at(weeded), true);
        }
        let hides = withholds(&line);
        if withheld && !hides {
            lines.write(&Line::SamplesWithheld(at.mark()))?;
        }
        if !hides {
            lines.write(&Line::Sample(Cow::Borrowed(&line)))?;
        }
        (at, withheld) = (at.with(line.as_bytes()), hides);
    }
    if withheld {
        lines.write(&Line::SamplesWithheld(at.mark()))?;
    }
    Ok(at.lines())
}

/// Lines that are written, and the digest of them.
struct Lines<W> {
    out: W,
    content: Hashing,
}

impl<W: Write> Lines<W> {
    fn to(out: W) -> Self {
        Self {
            out,
            content: Hashing::start(),
        }
    }

    fn write(&mut self, line: &impl serde::Serialize) -> Result<(), JournalError> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        if text.len() as u64 >= MAX_LINE_BYTES {
            return Err(JournalError::LineTooLong(text.len()));
        }
        self.content.add(&text);
        self.out.write_all(&text).map_err(JournalError::Export)
    }

    fn digest(&self) -> Sha256 {
        self.content.clone().digest()
    }
}
