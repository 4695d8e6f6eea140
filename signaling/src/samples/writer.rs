//! Writing lines: gathered into a gzip member in memory, which goes to the disk whole or not at all.

use super::chain::Chain;
use super::line::{Gap, Line};
use super::segments::{Found, Segments};
use crate::meeting::SamplesMark;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write as _};
use std::path::Path;

/// A member is written once it has this many lines: ten seconds of input and verdict, the most that a crash takes.
const MEMBER_LINES: u64 = 20;
/// Of 1 to 9. The lines of two seconds are so alike that more work saves little (docs/samples.md has the figures).
const COMPRESSION: u32 = 3;

/// The lines of one meeting.
pub(super) struct Writer {
    segments: Segments,
    /// After the last line on the disk.
    kept: Chain,
    /// After the last line of `member`.
    chain: Chain,
    member: GzEncoder<Vec<u8>>,
    /// Lines of `member` that were asked for: all but those about files and gaps.
    gathered: u64,
    /// Lines that could not be kept since the last gap was told of.
    lost: u64,
    torn: bool,
}

impl Writer {
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        let Found { segments, chain, torn } = Segments::open(directory)?;
        Ok(Self {
            segments,
            kept: chain,
            chain,
            member: encoder(),
            gathered: 0,
            lost: 0,
            torn,
        })
    }

    /// Adds a line, after one about those that are lost. An error is about the lines before it too: they are lost.
    pub(super) fn write(&mut self, line: &Line, at_ms: i64) -> io::Result<()> {
        if self.gathered == 0
            && let Err(error) = self.begin_member(at_ms)
        {
            self.lost = self.lost.saturating_add(1);
            return Err(error);
        }
        self.put(line)?;
        self.gathered += 1;
        if self.gathered >= MEMBER_LINES {
            self.flush()?;
        }
        Ok(())
    }

    /// Notes lines that never came here.
    pub(super) fn lose(&mut self, lines: u64) -> io::Result<()> {
        // The gap stands where it is: between what came before it and what comes next.
        let flushed = if lines > 0 { self.flush() } else { Ok(()) };
        self.lost = self.lost.saturating_add(lines);
        flushed
    }

    /// Brings everything to the disk.
    ///
    /// # Errors
    /// The lines since the last time are lost; the next line is preceded by one that says how many.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.gathered == 0 {
            return Ok(());
        }
        let gathered = std::mem::take(&mut self.gathered);
        let member = std::mem::replace(&mut self.member, encoder()).finish()?;
        if let Err(error) = self.segments.append(&member) {
            self.chain = self.kept;
            self.lost = self.lost.saturating_add(gathered);
            return Err(error);
        }
        self.kept = self.chain;
        self.lost = 0;
        self.torn = false;
        Ok(())
    }

    /// How far the lines on the disk go, if nothing is lost that should be among them.
    pub(super) fn mark(&mut self) -> io::Result<Option<SamplesMark>> {
        self.flush()?;
        Ok((self.lost == 0).then(|| self.kept.mark()))
    }

    fn begin_member(&mut self, at_ms: i64) -> io::Result<()> {
        self.segments.turn_page()?;
        if self.segments.at_beginning() {
            self.put(&Line::Segment(self.chain.mark()))?;
        }
        if self.lost > 0 || self.torn {
            let lost = self.lost;
            self.put(&Line::Gap(Gap { at_ms, lost }))?;
        }
        Ok(())
    }

    fn put(&mut self, line: &Line) -> io::Result<()> {
        let mut text = line.encode()?;
        self.chain = self.chain.with(&text);
        text.push(b'\n');
        self.member.write_all(&text)
    }
}

fn encoder() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::new(COMPRESSION))
}
