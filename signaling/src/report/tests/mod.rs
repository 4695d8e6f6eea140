//! Reports of invented meetings.

mod acts;
mod court;
mod example;
mod exported;
mod honesty;
mod saying;
mod standing;
mod stories;
mod tale;

use super::page::{Page, render};
use super::{Account, Language, Recording, Times};
use crate::meeting::ParticipantId;
use std::collections::BTreeMap;
use tale::{CHAIR, CHAMBER, MEMBER_3, SECRETARY, SUBSTITUTE};

fn written(account: &Account, recording: Option<&Recording>, language: Language, secret: bool) -> String {
    render(&Page {
        account,
        recording,
        names: &names(),
        language,
        secret,
        times: Times::swedish(),
    })
}

/// Participant 4's name is erased.
fn names() -> BTreeMap<ParticipantId, String> {
    let named = [
        (CHAIR, "Ordförande"),
        (SECRETARY, "Sekreterare"),
        (MEMBER_3, "Ledamot <3>"),
        (SUBSTITUTE, "Ersättare 5"),
        (CHAMBER, "Salens kamera"),
    ];
    named.map(|(who, name)| (who, name.to_owned())).into()
}
