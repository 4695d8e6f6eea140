//! `lika journal verify FILE`: works alone, on an exported file or on the journal's own.

use super::chain::{Body, Link};
use super::checkpoint::{Checkpoint, Checkpoints, Last, is_signed_at_once};
use super::flaw::{Flaw, Flawed, Place};
use super::key::PublicKey;
use super::keys::{KeyRecord, Trust};
use super::{Head, JournalError, Reader, export};
use crate::meeting::{Event, MeetingId};
use flate2::bufread::GzDecoder;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter::Peekable;
use std::path::Path;
use std::slice;
use thiserror::Error;

/// How every SQLite file begins (SQLite file format, section 1.3).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// How every gzip file begins (RFC 1952 section 2.3.1).
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// Everything was found unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The meetings in the file, and where their chains end.
    pub meetings: Vec<(MeetingId, Head)>,
    /// How many checkpoints sign them.
    pub checkpoints: u64,
    /// The meetings whose last events nothing signs yet, and the first of these.
    pub unsigned: Vec<(MeetingId, u64)>,
    /// How many events came without their text.
    pub withheld: u64,
    /// How many lines of samples there are; `None`: they are not in the file.
    pub samples: Option<u64>,
    /// The keys that the file names, the newest last.
    pub keys: Vec<PublicKey>,
    /// Whether they were checked against a key from elsewhere. If not, all that is proved is that the file fits
    /// together.
    pub key_given: bool,
}

impl Verified {
    /// A file of the first version, without signatures.
    pub(super) fn unsigned(meeting: (MeetingId, Head)) -> Self {
        Self {
            meetings: vec![meeting],
            checkpoints: 0,
            unsigned: vec![(meeting.0, 1)],
            withheld: 0,
            samples: None,
            keys: Vec::new(),
            key_given: false,
        }
    }
}

/// Why a file does not verify.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The first bad thing.
    #[error("Journalen är INTE hel. / The journal is NOT whole.\n{0}")]
    Flawed(#[from] Flawed),
    /// The file cannot be read.
    #[error("Filen kan inte läsas: {0}\nThe file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Neither an export nor a journal.
    #[error(
        "Filen är varken en exporterad journal eller en journalfil från lika.\n\
         The file is neither an exported journal nor a journal file of lika."
    )]
    NotAJournal,
    /// Written by a newer program.
    #[error(
        "Filen är skriven av ett nyare program (format {found}). Verifiera med den versionen.\n\
         The file was written by a newer program (format {found}). Verify it with that version."
    )]
    Newer {
        /// The file's format.
        found: i64,
    },
    /// The SQLite file itself cannot be read to its end.
    #[error("Journalfilen är skadad eller kan inte läsas: {0}\nThe journal file is damaged or cannot be read: {0}")]
    Database(#[source] JournalError),
}

/// Verifies every chain in the file, and signatures by the keys that the file itself names: that it fits together, not
/// whose it is.
///
/// # Errors
/// [`VerifyError`], naming the first bad thing if there is one. Its text is for people, Swedish first.
pub fn verify_file(path: &Path) -> Result<Verified, VerifyError> {
    verify_file_by(path, &[])
}

/// Verifies every chain in the file, and every signature by one of these keys or by one that they introduced.
///
/// # Errors
/// As [`verify_file`].
pub fn verify_file_by(path: &Path, keys: &[PublicKey]) -> Result<Verified, VerifyError> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(SQLITE_MAGIC) {
        return Ok(verify_database(path, keys)?);
    }
    verify_export(file, keys)
}

/// An export, compressed or not.
pub(super) fn verify_export(mut file: impl BufRead, keys: &[PublicKey]) -> Result<Verified, VerifyError> {
    if file.fill_buf()?.starts_with(GZIP_MAGIC) {
        return export::verify(BufReader::new(OneMember(GzDecoder::new(file))), keys);
    }
    export::verify(file, keys)
}

/// What one gzip member holds; anything after it is an error.
struct OneMember<R>(GzDecoder<R>);

impl<R: BufRead> Read for OneMember<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        if read == 0 && !buffer.is_empty() && !self.0.get_mut().fill_buf()?.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something follows the compressed file",
            ));
        }
        Ok(read)
    }
}

fn verify_database(path: &Path, given: &[PublicKey]) -> Result<Verified, JournalError> {
    let reader = Reader::open_file(path)?;
    let _snapshot = reader.snapshot()?;
    if let Some(meeting) = reader.unlisted()? {
        return Err(Flaw::WrongEnd { said: 0 }.at(meeting, Place::Event(1)).into());
    }
    let mut meetings = reader.meetings()?;
    let (mut checkpoints, mut unsigned) = (0, Vec::new());
    for (meeting, head) in &mut meetings {
        let (found, last) = verify_meeting(&reader, *meeting, given)?;
        *head = found;
        checkpoints += last.number;
        if last.events < found.events {
            unsigned.push((*meeting, last.events + 1));
        }
    }
    Ok(Verified {
        meetings,
        checkpoints,
        unsigned,
        withheld: 0,
        samples: None,
        keys: reader.keys()?.iter().map(|one| one.key).collect(),
        key_given: !given.is_empty(),
    })
}

/// Where its chain ends, and its last checkpoint.
fn verify_meeting(reader: &Reader, meeting: MeetingId, given: &[PublicKey]) -> Result<(Head, Last), JournalError> {
    let (keys, stored) = (reader.keys()?, reader.checkpoints(meeting)?);
    let mut signatures = Signatures::of(meeting, &keys, &stored, given)?;
    let mut unsigned = None;
    let head = reader.walk(meeting, |link| {
        unsigned = unsigned.or(signatures.is_due(&link).then_some(link.seq));
        if signatures.take(&link.head())? {
            unsigned = None;
        }
        Ok(())
    })?;
    signatures.end(&head)?;
    if let Some(seq) = unsigned {
        return Err(Flaw::Unsigned.at(meeting, Place::Event(seq)).into());
    }
    Ok((head, signatures.checkpoints.last()))
}

/// The checkpoints of a meeting in the journal's own file.
struct Signatures<'a> {
    waiting: Peekable<slice::Iter<'a, Checkpoint>>,
    checkpoints: Checkpoints,
    /// `None`: there are neither keys nor checkpoints, and no key was given.
    trust: Option<Trust>,
    key_given: bool,
}

impl<'a> Signatures<'a> {
    fn of(
        meeting: MeetingId,
        keys: &[KeyRecord],
        stored: &'a [Checkpoint],
        given: &[PublicKey],
    ) -> Result<Self, Flawed> {
        let key_given = !given.is_empty();
        if keys.is_empty() && key_given {
            return Err(Flaw::Unsigned.at(meeting, Place::Event(1)));
        }
        let none = keys.is_empty() && stored.is_empty();
        Ok(Self {
            waiting: stored.iter().peekable(),
            checkpoints: Checkpoints::of(meeting),
            trust: if none {
                None
            } else {
                Some(Trust::establish(meeting, keys, given)?)
            },
            key_given,
        })
    }

    /// Whether this event is one that is stored together with a checkpoint. Events of the first version of the chain were
    /// not; but to somebody who asks whose the file is, it makes no difference why nothing signs them.
    fn is_due(&self, link: &Link) -> bool {
        let is_of_first_version = matches!(link.body, Body::Plain(_));
        let event = link.body.text().map(Event::decode);
        (self.key_given || !is_of_first_version)
            && event.is_some_and(|event| event.is_ok_and(|event| is_signed_at_once(&event)))
    }

    /// Takes the checkpoints that stand here; whether there are any.
    fn take(&mut self, head: &Head) -> Result<bool, Flawed> {
        let before = self.checkpoints.last();
        while let Some(checkpoint) = self.waiting.next_if(|one| one.events <= head.events) {
            if let Some(trust) = &mut self.trust {
                self.checkpoints.accept(checkpoint, head, trust)?;
            }
        }
        Ok(self.checkpoints.last() != before)
    }

    /// What is left signs events that are not there.
    fn end(&mut self, head: &Head) -> Result<(), Flawed> {
        for checkpoint in self.waiting.by_ref() {
            if let Some(trust) = &mut self.trust {
                self.checkpoints.accept(checkpoint, head, trust)?;
            }
        }
        Ok(())
    }
}

impl From<JournalError> for VerifyError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Damaged(flawed) => Self::Flawed(flawed),
            JournalError::NotAJournal => Self::NotAJournal,
            JournalError::Newer { found } => Self::Newer { found },
            other => Self::Database(other),
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Journalen är hel. / The journal is whole.")?;
        for (MeetingId(meeting), Head { events, hash }) in &self.meetings {
            writeln!(
                f,
                "Sammanträde {meeting}: {events} händelser, sista kontrollsumma {hash}"
            )?;
            writeln!(f, "Meeting {meeting}: {events} events, last hash {hash}")?;
        }
        if self.withheld > 0 {
            writeln!(f, "Hemliga ärenden: {} händelser utan text.", self.withheld)?;
            writeln!(f, "Secret items: {} events without their text.", self.withheld)?;
        }
        match self.samples {
            Some(lines) => {
                writeln!(f, "Mätvärden: {lines} rader.")?;
                writeln!(f, "Samples: {lines} lines.")?;
            }
            None => {
                writeln!(f, "Mätvärden: inte i filen.")?;
                writeln!(f, "Samples: not in the file.")?;
            }
        }
        self.signatures(f)
    }
}

impl Verified {
    fn signatures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(key) = self.keys.last() else {
            writeln!(f, "Inga underskrifter: inget i filen visar vem som har gjort den.")?;
            return writeln!(f, "No signatures: nothing in the file shows who made it.");
        };
        for (MeetingId(meeting), from) in &self.unsigned {
            writeln!(f, "Sammanträde {meeting}: från händelse {from} är inget undertecknat.")?;
            writeln!(f, "Meeting {meeting}: from event {from} on nothing is signed.")?;
        }
        let (count, fingerprint) = (self.checkpoints, key.fingerprint());
        writeln!(f, "Kontrollpunkter: {count}, nyckelns fingeravtryck {fingerprint}")?;
        writeln!(f, "Checkpoints: {count}, fingerprint of the key {fingerprint}")?;
        if self.key_given {
            writeln!(
                f,
                "Underskrifterna är gjorda med den angivna nyckeln, eller med en som hänger ihop med den genom nyckelbyten."
            )?;
            return writeln!(
                f,
                "The signatures are by the given key, or by one that is connected with it through changes of keys."
            );
        }
        writeln!(
            f,
            "OBS: ingen nyckel angavs (--key). Prövat är bara att filen hänger ihop, inte vem som har gjort den."
        )?;
        writeln!(
            f,
            "NOTE: no key was given (--key). Only that the file fits together was tested, not who made it."
        )
    }
}
