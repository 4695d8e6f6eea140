//! Whether there is room for what happens, and how long it takes to be safe on the disk.

use super::finding::{Finding, failed, good, warning};
use crate::metrics::machine::Disk;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Below this the next meeting may not fit.
const ENOUGH: u64 = 5_000_000_000;
/// Below this nothing should begin.
const TOO_LITTLE: u64 = 500_000_000;
/// Writes that are timed.
const WRITES: usize = 20;
/// A page of the journal.
const PAGE: [u8; 4096] = [0; 4096];
/// A decision writes once and waits; from here on people notice.
const SLOW: Duration = Duration::from_millis(50);
/// From here on every button in a meeting is late.
const TOO_SLOW: Duration = Duration::from_millis(500);

pub(super) fn check(data_dir: &Path) -> Vec<Finding> {
    let there = data_dir.ancestors().find(|one| one.is_dir()).unwrap_or(data_dir);
    let mut findings = vec![room(there, Disk::of(there))];
    findings.push(if there == data_dir {
        speed(data_dir, time_writes(data_dir))
    } else {
        warning(
            format!(
                "{} finns inte än; den skapas när lika startar. Diskens hastighet går inte att mäta före det.",
                data_dir.display()
            ),
            format!(
                "{} is not there yet; it is made when lika starts. The disk's speed cannot be measured before.",
                data_dir.display()
            ),
        )
    });
    findings
}

fn room(directory: &Path, disk: Option<Disk>) -> Finding {
    let directory = directory.display();
    let Some(Disk { free, .. }) = disk else {
        return failed(
            format!(
                "Systemet säger inte hur mycket plats det finns i {directory}. Kontrollera att katalogen finns och går att läsa."
            ),
            format!(
                "The system does not say how much room there is in {directory}. Check that the directory is there and can be read."
            ),
        );
    };
    let gigabytes = free as f64 / 1e9;
    let (sv, en) = (
        format!("{gigabytes:.1} GB ledigt i {directory}."),
        format!("{gigabytes:.1} GB free in {directory}."),
    );
    match free {
        ..TOO_LITTLE => failed(
            format!(
                "{sv} När disken är full kan inget beslutas. Utöka den, eller gallra: lika meeting weed-samples --older-than 90."
            ),
            format!(
                "{en} When the disk is full nothing can be decided. Enlarge it, or weed: lika meeting weed-samples --older-than 90."
            ),
        ),
        TOO_LITTLE..ENOUGH => warning(
            format!(
                "{sv} Det räcker till några sammanträden. Utöka disken, eller gallra: lika meeting weed-samples --older-than 90."
            ),
            format!(
                "{en} That is enough for some meetings. Enlarge the disk, or weed: lika meeting weed-samples --older-than 90."
            ),
        ),
        ENOUGH.. => good(sv, en),
    }
}

/// How long the median write takes until it is safe, in a file that is gone afterwards.
fn time_writes(directory: &Path) -> io::Result<Duration> {
    let mut file = tempfile::tempfile_in(directory)?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let began = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_all()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(WRITES / 2).copied().unwrap_or_default())
}

fn speed(directory: &Path, median: io::Result<Duration>) -> Finding {
    let directory = directory.display();
    let median = match median {
        Ok(median) => median,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return warning(
                format!(
                    "{directory} får inte skrivas av den här användaren, så diskens hastighet är inte mätt. Kör: sudo -u lika lika doctor …"
                ),
                format!(
                    "{directory} may not be written by this user, so the disk's speed is not measured. Run: sudo -u lika lika doctor …"
                ),
            );
        }
        Err(error) => {
            return failed(
                format!(
                    "{directory} kan inte skrivas: {error}. Kontrollera disken och att den inte är monterad skrivskyddad."
                ),
                format!(
                    "{directory} cannot be written: {error}. Check the disk, and that it is not mounted read-only."
                ),
            );
        }
    };
    let took = median.as_secs_f64() * 1000.0;
    let (sv, en) = (
        format!("En skrivning är på disken efter {took:.1} ms."),
        format!("A write is on the disk after {took:.1} ms."),
    );
    let (remedy_sv, remedy_en) = (
        "Lägg den virtuella maskinen på snabbare lagring (SSD), och kör inga säkerhetskopior under sammanträden.",
        "Put the virtual machine on faster storage (SSD), and run no backups during meetings.",
    );
    if median >= TOO_SLOW {
        failed(
            format!("{sv} Varje knapp i sammanträdet svarar för sent. {remedy_sv}"),
            format!("{en} Every button in the meeting answers too late. {remedy_en}"),
        )
    } else if median >= SLOW {
        warning(format!("{sv} {remedy_sv}"), format!("{en} {remedy_en}"))
    } else {
        good(sv, en)
    }
}

#[cfg(test)]
mod tests {
    use super::{check, room, speed, time_writes};
    use crate::metrics::machine::Disk;
    use lika_auth::oidc::Outcome;
    use std::io::{Error, ErrorKind};
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn room_is_good_short_or_gone() {
        let outcome = |free| room(Path::new("/d"), Some(Disk { free, size: u64::MAX })).outcome;
        assert_eq!(outcome(50_000_000_000), Outcome::Ok);
        assert_eq!(outcome(4_000_000_000), Outcome::Warning);
        assert_eq!(outcome(400_000_000), Outcome::Failed);
        assert_eq!(room(Path::new("/d"), None).outcome, Outcome::Failed);
    }

    #[test]
    fn a_disk_is_fast_slow_or_not_to_be_written() {
        let outcome = |median| speed(Path::new("/d"), median).outcome;
        assert_eq!(outcome(Ok(Duration::from_millis(3))), Outcome::Ok);
        assert_eq!(outcome(Ok(Duration::from_millis(80))), Outcome::Warning);
        assert_eq!(outcome(Ok(Duration::from_millis(800))), Outcome::Failed);
        assert_eq!(outcome(Err(Error::from(ErrorKind::PermissionDenied))), Outcome::Warning);
        assert_eq!(
            outcome(Err(Error::from(ErrorKind::ReadOnlyFilesystem))),
            Outcome::Failed
        );
    }

    #[test]
    fn the_disk_here_is_timed_and_nothing_is_left_on_it() {
        let directory = tempfile::tempdir().unwrap();
        assert!(time_writes(directory.path()).unwrap() > Duration::ZERO);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        assert!(time_writes(Path::new("/proc")).is_err());
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_no_fault() {
        let directory = tempfile::tempdir().unwrap();
        let found = check(&directory.path().join("not/yet"));
        assert_eq!(found.last().unwrap().outcome, Outcome::Warning);
    }
}
