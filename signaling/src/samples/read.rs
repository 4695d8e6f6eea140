//! Reading lines back: a segment, a directory of segments, or the export of a meeting that has them.

use super::line::Line;
use super::segments::{is_of_the_content, segments};
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The longest line that is read, in bytes: a second of three hundred people who all show and hear each other, and
/// more than twice that.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;
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
    files: std::vec::IntoIter<PathBuf>,
    now: Option<Reading>,
    found: bool,
    torn: bool,
    named: PathBuf,
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
        let mut lines = Self {
            files: files.into_iter(),
            now: None,
            found: false,
            torn: false,
            named: path.to_owned(),
        };
        if !lines.turn_page()? {
            return Err(ReadError::NoSamples(path.into()));
        }
        Ok(lines)
    }

    /// Whether the last file ended in the middle of a member: it is being written, or the server was stopped hard.
    #[must_use]
    pub const fn torn(&self) -> bool {
        self.torn
    }

    /// The next line with its exact bytes, without its end; `None` at the end.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn next_line(&mut self) -> Result<Option<(Line, Vec<u8>)>, ReadError> {
        loop {
            let Some(now) = &mut self.now else {
                return self.end();
            };
            let text = match now.read() {
                Ok(Some(text)) => text,
                Ok(None) => {
                    self.turn_page()?;
                    continue;
                }
                Err(error) if is_of_the_content(&error) && self.files.len() == 0 && now.line > 0 => {
                    self.torn = true;
                    self.now = None;
                    continue;
                }
                Err(error) => return Err(now.failed(error)),
            };
            if let Some(line) = now.understand(text)? {
                self.found = true;
                return Ok(Some(line));
            }
        }
    }

    fn end(&self) -> Result<Option<(Line, Vec<u8>)>, ReadError> {
        if self.found {
            Ok(None)
        } else {
            Err(ReadError::NoSamples(self.named.clone()))
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

    /// `None`: something else of an export than a sample.
    fn understand(&self, text: Vec<u8>) -> Result<Option<(Line, Vec<u8>)>, ReadError> {
        let problem = match Line::decode(&text) {
            Ok(line) => return Ok(Some((line, text))),
            Err(problem) => problem,
        };
        match serde_json::from_slice(&text) {
            Ok(Exported { sample: Some(sample) }) => {
                let line = Line::decode(sample.as_bytes()).map_err(|problem| self.damaged(problem.to_string()))?;
                Ok(Some((line, sample.into_owned().into_bytes())))
            }
            Ok(Exported { sample: None }) if !is_a_sample(&text) => Ok(None),
            _ => Err(self.damaged(problem.to_string())),
        }
    }

    fn damaged(&self, problem: String) -> ReadError {
        ReadError::Damaged {
            path: self.path.clone(),
            line: self.line,
            problem,
        }
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
