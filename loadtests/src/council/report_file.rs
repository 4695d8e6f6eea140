//! The file that the report goes into: opened before the test, so that nobody waits for a report that cannot be written.

use super::findings::Findings;
use super::html;
use crate::language::Language;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An open file. What was in it stays until the report is written.
#[derive(Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    file: File,
    /// Whether it is there since the test began: without a report it goes again.
    is_new: bool,
    is_written: bool,
}

impl ReportFile {
    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let is_new = !path.exists();
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        Ok(Self {
            path: path.into(),
            file,
            is_new,
            is_written: false,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When the disk is full, for instance.
    pub(crate) fn write(&mut self, language: Language, findings: &Findings) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(html::report(language, findings).as_bytes())?;
        self.is_written = true;
        Ok(())
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if self.is_new && !self.is_written {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_place_of_the_one_before_and_only_a_report_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.html");
        drop(ReportFile::open(&path).unwrap());
        assert!(!path.exists(), "nothing was tested");
        std::fs::write(&path, "x".repeat(1_000_000)).unwrap();
        drop(ReportFile::open(&path).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 1_000_000);
        let findings = crate::council::findings_of_a_failed_test();
        ReportFile::open(&path).unwrap().write(Language::Sv, &findings).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("</html>\n"));
        assert!(ReportFile::open(directory.path()).is_err());
    }
}
