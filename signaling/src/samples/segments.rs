//! The files of one meeting: `samples/<meeting>/000001.jsonl.gz` and so on, whole gzip members one after the other.

use super::chain::Chain;
use super::line::Line;
use crate::meeting::MeetingId;
use flate2::Compression;
use flate2::bufread::{GzDecoder, MultiGzDecoder};
use flate2::write::GzEncoder;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The directory of all samples in the data directory.
const DIRECTORY: &str = "samples";
/// Keeps two writers of one meeting apart.
const LOCK: &str = "lock";
/// What a segment's name ends with.
pub(super) const EXTENSION: &str = ".jsonl.gz";
/// How every member begins (RFC 1952 section 2.3.1): its magic number, deflated.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 8];
/// A segment that has come to this many bytes is followed by another: a restart reads the last one through before the
/// first new line is written, a second's work.
const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

/// Where a meeting's samples are, whether there are any or not.
#[must_use]
pub fn directory_of(data_directory: &Path, MeetingId(meeting): MeetingId) -> PathBuf {
    data_directory.join(DIRECTORY).join(meeting.to_string())
}

/// Every meeting that has a directory of samples.
pub(super) fn meetings(data_directory: &Path) -> io::Result<Vec<MeetingId>> {
    let directory = data_directory.join(DIRECTORY);
    let mut meetings: Vec<MeetingId> = names(&directory)?
        .iter()
        .filter_map(|name| name.parse().ok().map(MeetingId))
        .collect();
    meetings.sort_unstable();
    Ok(meetings)
}

/// The segments of a directory in their order.
pub(super) fn segments(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names: Vec<String> = names(directory)?
        .into_iter()
        .filter(|name| number(name).is_some())
        .collect();
    names.sort_unstable();
    Ok(names.iter().map(|name| directory.join(name)).collect())
}

/// What is whole of each of a meeting's files, from its beginning: the file and how many bytes. Beside the writer too: what
/// is whole stays as it is.
pub(crate) fn whole_segments(directory: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let paths = segments(directory)?;
    let last = paths.len().saturating_sub(1);
    let whole = |(at, path): (usize, PathBuf)| {
        let mut file = File::open(&path)?;
        let bytes = if at == last {
            Whole::of(&mut file)?.bytes
        } else {
            file.metadata()?.len()
        };
        Ok((path, bytes))
    };
    let segments = paths
        .into_iter()
        .enumerate()
        .map(whole)
        .collect::<io::Result<Vec<_>>>()?;
    Ok(segments.into_iter().filter(|(_, bytes)| *bytes > 0).collect())
}

/// None if there is no such directory.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    Ok(names.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn number(name: &str) -> Option<u32> {
    name.strip_suffix(EXTENSION)?.parse().ok()
}

/// The files of one meeting, for their only writer.
pub(super) struct Segments {
    directory: PathBuf,
    number: u32,
    file: File,
    bytes: u64,
    /// Held for as long as it lives, so that whoever opens the meeting anew waits for the last lines of before.
    _lock: File,
}

/// What was found of before.
pub(super) struct Found {
    pub(super) segments: Segments,
    /// After the last whole line.
    pub(super) chain: Chain,
    /// Whether something after it was cut off.
    pub(super) torn: bool,
}

impl Segments {
    /// Opens the meeting's files or begins them. What is not whole at the end of the last one is cut off; if it is more
    /// than a member that was being written, it is put aside.
    pub(super) fn open(directory: &Path) -> io::Result<Found> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let lock = private(&directory.join(LOCK))?;
        lock.lock()?;
        let last = segments(directory)?.pop();
        let last_number = last.and_then(|path| number(path.file_name()?.to_str()?));
        let number = last_number.unwrap_or(1);
        let path = path_of(directory, number);
        let mut file = private(&path)?;
        let length = file.metadata()?.len();
        let whole = Whole::of(&mut file)?;
        if whole.bytes < length {
            if is_member_after(&mut file, whole.bytes)? {
                put_aside(&mut file, whole.bytes, &path)?;
            }
            file.set_len(whole.bytes)?;
        }
        file.seek(SeekFrom::Start(whole.bytes))?;
        let chain = match whole.chain {
            Some(chain) => chain,
            // Torn before its first line was whole: what the one before it ends with.
            None if number > 1 => Whole::of(&mut private(&path_of(directory, number - 1))?)?
                .chain
                .unwrap_or(Chain::START),
            None => Chain::START,
        };
        let segments = Self {
            directory: directory.to_owned(),
            number,
            file,
            bytes: whole.bytes,
            _lock: lock,
        };
        Ok(Found {
            segments,
            chain,
            torn: whole.bytes < length,
        })
    }

    /// Whether the next member is the first of its file.
    pub(super) const fn at_beginning(&self) -> bool {
        self.bytes == 0
    }

    /// Writes a member and has the disk keep it. After an error the file is as it was.
    pub(super) fn append(&mut self, member: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(member).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            return Err(error);
        }
        self.bytes += member.len() as u64;
        Ok(())
    }

    /// Begins another file when this one is long enough.
    pub(super) fn turn_page(&mut self) -> io::Result<()> {
        if self.bytes < SEGMENT_BYTES {
            return Ok(());
        }
        let file = private(&path_of(&self.directory, self.number + 1))?;
        // The new name is on the disk before anything builds on it.
        File::open(&self.directory)?.sync_all()?;
        self.number += 1;
        self.file = file;
        self.bytes = 0;
        Ok(())
    }
}

/// Leaves of a meeting's samples nothing but how far they had come, so that they can go on: a file whose one line says so.
/// Whether there was more.
pub(super) fn forget(directory: &Path) -> io::Result<bool> {
    let Found {
        segments: last, chain, ..
    } = Segments::open(directory)?;
    let files = segments(directory)?;
    if chain == Chain::START {
        drop(last);
        std::fs::remove_dir_all(directory)?;
        return Ok(false);
    }
    if files.len() == 1 && is_alone(&path_of(directory, last.number))? {
        return Ok(false);
    }
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(&Line::Segment(chain.mark()).encode()?)?;
    member.write_all(b"\n")?;
    let mut next = private(&path_of(directory, last.number.saturating_add(1)))?;
    next.write_all(&member.finish()?)?;
    next.sync_all()?;
    let held = File::open(directory)?;
    held.sync_all()?;
    let kept = [LOCK.to_owned(), name_of(last.number.saturating_add(1))];
    for name in names(directory)?.iter().filter(|name| !kept.contains(name)) {
        std::fs::remove_file(directory.join(name))?;
    }
    held.sync_all()?;
    Ok(true)
}

/// Whether a file's first line is its only one.
fn is_alone(path: &Path) -> io::Result<bool> {
    let lines = BufReader::new(MultiGzDecoder::new(BufReader::new(File::open(path)?))).split(b'\n');
    Ok(lines.take(2).count() == 1)
}

/// Whether anything after here is a member.
fn is_member_after(file: &mut File, bytes: u64) -> io::Result<bool> {
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(bytes))?;
    file.read_to_end(&mut rest)?;
    let begins = |at: &usize| rest.get(*at..).is_some_and(|rest| rest.starts_with(&MEMBER));
    let is_whole = |at: usize| {
        let mut text = Vec::new();
        let member = rest.get(at..).map(|rest| GzDecoder::new(rest).read_to_end(&mut text));
        matches!(member, Some(Ok(_)))
    };
    Ok((0..rest.len()).filter(begins).any(is_whole))
}

/// Keeps what comes after here in a file of its own, which no reader takes for a segment.
fn put_aside(file: &mut File, bytes: u64, path: &Path) -> io::Result<()> {
    let aside = path.with_extension(format!("damaged-from-{bytes}"));
    file.seek(SeekFrom::Start(bytes))?;
    let mut copy = private(&aside)?;
    io::copy(file, &mut copy)?;
    copy.sync_all()?;
    tracing::error!(
        samples = %path.display(),
        aside = %aside.display(),
        "the samples are damaged; what comes after the damage is put aside, and the samples go on from before it"
    );
    Ok(())
}

fn path_of(directory: &Path, number: u32) -> PathBuf {
    directory.join(name_of(number))
}

fn name_of(number: u32) -> String {
    format!("{number:06}{EXTENSION}")
}

/// A file for this user alone.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// How much of a segment is whole.
struct Whole {
    bytes: u64,
    /// After its last whole line; `None`: it has none.
    chain: Option<Chain>,
}

impl Whole {
    fn of(file: &mut File) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::new(file);
        let mut whole = Self { bytes: 0, chain: None };
        loop {
            if reader.fill_buf()?.is_empty() {
                return Ok(whole);
            }
            let mut counted = Counted {
                inner: &mut reader,
                bytes: 0,
            };
            let mut text = Vec::new();
            let mut member = GzDecoder::new(&mut counted);
            match member.read_to_end(&mut text) {
                Ok(_) => {}
                // What a gzip reader says of a file that ends too early, or that is not one.
                Err(error) if is_of_the_content(&error) => return Ok(whole),
                Err(error) => return Err(error),
            }
            let Some(chain) = chain_after(whole.chain, &text) else {
                return Ok(whole);
            };
            whole.chain = Some(chain);
            whole.bytes += counted.bytes;
        }
    }
}

pub(super) fn is_of_the_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    )
}

/// The chain after a member's lines; the first line of a file says where it began. `None`: these are no lines.
fn chain_after(before: Option<Chain>, text: &[u8]) -> Option<Chain> {
    let text = text.strip_suffix(b"\n")?;
    let mut chain = before;
    for line in text.split(|byte| *byte == b'\n') {
        let known = match chain {
            Some(chain) => chain,
            None => match Line::decode(line).ok()? {
                Line::Segment(mark) => Chain::at(mark),
                _ => return None,
            },
        };
        chain = Some(known.with(line));
    }
    chain
}

/// Counts what a decoder takes of a reader.
struct Counted<'a, R> {
    inner: &'a mut R,
    bytes: u64,
}

impl<R: BufRead> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes += amount as u64;
        self.inner.consume(amount);
    }
}
