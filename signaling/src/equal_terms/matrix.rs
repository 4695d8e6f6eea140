//! The matrix: how every sender reaches every receiver, sound and picture, in one second.

use crate::meeting::ParticipantId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Every sender -> receiver edge at one second. A row is a sender, a letter in it a receiver, both in the order of
/// `people`: `-` no edge (oneself, or nothing is expected), `u` unknown, `s` suspended, `g` green, `a` amber, `r` red.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Whom rows and columns are about.
    pub people: Vec<ParticipantId>,
    /// Who is heard by whom.
    pub sound: Vec<String>,
    /// Who is seen by whom.
    pub picture: Vec<String>,
}
