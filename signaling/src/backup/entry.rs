//! What may be in a backup, by name. Anything else is refused: a name is a path, and a backup may come from anywhere.

use crate::data::{IDENTITIES, PEOPLE};
use crate::journal::{FILE as JOURNAL, KEY_FILE};
use std::path::Path;

/// The key that identities are hashed with, under this name wherever it lies.
pub(super) const ROSTER_KEY: &str = "roster.key";
/// What every segment of samples lies under.
pub(super) const SAMPLES: &str = "samples";

/// Where a file of a backup belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Database,
    Samples,
    EvidenceKey,
    RosterKey,
}

/// What a file of this name is; `None`: nothing that belongs in a backup.
pub(super) fn kind(name: &str) -> Option<Kind> {
    match name {
        JOURNAL | IDENTITIES | PEOPLE => Some(Kind::Database),
        KEY_FILE => Some(Kind::EvidenceKey),
        ROSTER_KEY => Some(Kind::RosterKey),
        _ => is_segment(name).then_some(Kind::Samples),
    }
}

/// The name in the archive of a meeting's segment.
pub(super) fn segment(meeting: u64, file: &Path) -> Option<String> {
    let name = format!("{SAMPLES}/{meeting}/{}", file.file_name()?.to_str()?);
    is_segment(&name).then_some(name)
}

/// `samples/<meeting>/<six digits>.jsonl.gz`
fn is_segment(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((meeting, file)) = name.strip_prefix("samples/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let number = file.strip_suffix(".jsonl.gz");
    digits(meeting) && meeting.len() <= 20 && number.is_some_and(|number| number.len() == 6 && digits(number))
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind, segment};
    use std::path::Path;

    #[test]
    fn nothing_but_lika_s_own_files() {
        assert_eq!(kind("journal.sqlite"), Some(Kind::Database));
        assert_eq!(kind("samples/12/000001.jsonl.gz"), Some(Kind::Samples));
        for other in [
            "",
            "/etc/passwd",
            "../journal.sqlite",
            "samples",
            "samples/../000001.jsonl.gz",
            "samples/1/../../x",
            "samples/1/00001.jsonl.gz",
            "samples/1/000001.jsonl.gz/x",
            "samples//000001.jsonl.gz",
            "samples/1/lock",
        ] {
            assert_eq!(kind(other), None, "{other}");
        }
        let name = segment(7, Path::new("/var/lib/lika/samples/7/000002.jsonl.gz"));
        assert_eq!(name.as_deref(), Some("samples/7/000002.jsonl.gz"));
    }
}
