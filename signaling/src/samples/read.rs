//! Reading lines back: a segment, a directory of segments, or the export of a meeting that has them.

use super::line::Line;
use super::segments::{directory_of, is_of_the_content, segments};
use crate::meeting::MeetingId;
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The longest line that is read, in bytes, here and in an export: a second of three hundred people who all show and hear
/// each other, and more than twice that.
pub const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;
/// How a gzip file begins (RFC 1952 section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why lines cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file system.
    #[error("{path} går inte att läsa / cannot be read: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing of a meeting in it.
    #[error(
        "{0} har inga mätvärden: ange en fil eller katalog under samples/, eller en export med mätvärden / \
         has no samples: name a file or directory under samples/, or an export that has samples"
    )]
    NoSamples(PathBuf),
    /// A line is not what the recorder writes.
    #[error(
        "{path}, rad {line}: raden är skadad eller skriven av en annan version av Lika ({problem}) / \
         line {line} is damaged, or written by another version of Lika"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line of it, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
}

/// The lines of a meeting, in order.
pub struct Lines {
    texts: Texts,
    found: bool,
}

/// The texts of lines in files that follow each other, whatever the lines say.
pub struct Texts {
    named: PathBuf,
    files: std::vec::IntoIter<PathBuf>,
    now: Option<Reading>,
    read: bool,
    torn: bool,
}

struct Reading {
    path: PathBuf,
    lines: Box<dyn BufRead>,
    line: u64,
}

/// A line of an export: samples, or something of the journal.
#[derive(Deserialize)]
struct Exported<'a> {
    #[serde(borrow)]
    sample: Option<std::borrow::Cow<'a, str>>,
}

impl Lines {
    /// Of a file or a directory.
    ///
    /// # Errors
    /// When it cannot be read, or is a directory without segments.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let files = if path.is_dir() {
            segments(path).map_err(|source| ReadError::Io {
                path: path.into(),
                source,
            })?
        } else {
            vec![path.to_owned()]
        };
        Ok(Self {
            texts: Texts::of(path, files)?.ok_or_else(|| ReadError::NoSamples(path.into()))?,
            found: false,
        })
    }

    /// Whether the last file ended in the middle of a member: it is being written, or the server was stopped hard.
    #[must_use]
    pub const fn torn(&self) -> bool {
        self.texts.torn
    }

    /// The next line with its exact bytes, without its end; `None` at the end.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn next_line(&mut self) -> Result<Option<(Line, Vec<u8>)>, ReadError> {
        while let Some(text) = self.texts.next_text()? {
            if let Some(line) = self.texts.understand(text)? {
                self.found = true;
                return Ok(Some(line));
            }
        }
        if self.found {
            Ok(None)
        } else {
            Err(ReadError::NoSamples(self.texts.named.clone()))
        }
    }
}

impl Texts {
    /// Of a meeting in a data directory; `None`: no samples are kept of it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn of_meeting(data_directory: &Path, meeting: MeetingId) -> Result<Option<Self>, ReadError> {
        let path = directory_of(data_directory, meeting);
        match segments(&path) {
            Ok(files) => Self::of(&path, files),
            Err(source) => Err(ReadError::Io { path, source }),
        }
    }

    fn of(named: &Path, files: Vec<PathBuf>) -> Result<Option<Self>, ReadError> {
        let mut texts = Self {
            named: named.to_owned(),
            files: files.into_iter(),
            now: None,
            read: false,
            torn: false,
        };
        Ok(texts.turn_page()?.then_some(texts))
    }

    /// The next line without its end; `None` at the end, which may be in the middle of the last file's last member.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn next_text(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        while let Some(now) = &mut self.now {
            match now.read() {
                Ok(Some(text)) => {
                    self.read = true;
                    return Ok(Some(text));
                }
                Ok(None) => {
                    self.turn_page()?;
                }
                Err(error) if is_of_the_content(&error) && self.files.len() == 0 && self.read => {
                    self.torn = true;
                    self.now = None;
                }
                Err(error) => return Err(now.failed(error)),
            }
        }
        Ok(None)
    }

    /// The line read last is not what it should be.
    #[must_use]
    pub fn damaged(&self, problem: &str) -> ReadError {
        let now = self.now.as_ref();
        ReadError::Damaged {
            path: now.map_or_else(|| self.named.clone(), |now| now.path.clone()),
            line: now.map_or(0, |now| now.line),
            problem: problem.to_owned(),
        }
    }

    /// `None`: something else of an export than a sample.
    fn understand(&self, text: Vec<u8>) -> Result<Option<(Line, Vec<u8>)>, ReadError> {
        let problem = match Line::decode(&text) {
            Ok(line) => return Ok(Some((line, text))),
            Err(problem) => problem,
        };
        match serde_json::from_slice(&text) {
            Ok(Exported { sample: Some(sample) }) => {
                let line = Line::decode(sample.as_bytes()).map_err(|problem| self.damaged(&problem.to_string()))?;
                Ok(Some((line, sample.into_owned().into_bytes())))
            }
            Ok(Exported { sample: None }) if !is_a_sample(&text) => Ok(None),
            _ => Err(self.damaged(&problem.to_string())),
        }
    }

    /// Whether there is another file.
    fn turn_page(&mut self) -> Result<bool, ReadError> {
        self.now = self.files.next().map(Reading::open).transpose()?;
        Ok(self.now.is_some())
    }
}

/// The text of a file, compressed or not.
pub(crate) fn text_of(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::new(File::open(path)?);
    let packed = reader.fill_buf()?.starts_with(&GZIP);
    Ok(if packed {
        Box::new(BufReader::new(MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

impl Reading {
    fn open(path: PathBuf) -> Result<Self, ReadError> {
        match text_of(&path) {
            Ok(lines) => Ok(Self { path, lines, line: 0 }),
            Err(source) => Err(ReadError::Io { path, source }),
        }
    }

    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        (&mut self.lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if text.pop_if(|last| *last == b'\n').is_none() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(text))
    }

    fn failed(&self, source: io::Error) -> ReadError {
        if is_of_the_content(&source) {
            return ReadError::Damaged {
                path: self.path.clone(),
                line: self.line + 1,
                problem: source.to_string(),
            };
        }
        ReadError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// Whether a line that cannot be understood claims to be one of the recorder's.
fn is_a_sample(text: &[u8]) -> bool {
    ["segment", "begun", "input", "verdict", "gap"]
        .iter()
        .any(|kind| text.starts_with(format!("{{\"{kind}\":").as_bytes()))
}
