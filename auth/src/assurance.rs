//! How sure we are of who somebody is.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The Swedish levels of assurance (tillitsnivåer, Agency for Digital Government). The order is from least to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Whoever had the personal invitation.
    #[default]
    Open,
    /// Level 2.
    Loa2,
    /// Level 3; corresponds to eIDAS *substantial*.
    Loa3,
    /// Level 4.
    Loa4,
}

impl Assurance {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Loa2 => 2,
            Self::Loa3 => 3,
            Self::Loa4 => 4,
        }
    }

    /// A code this program does not know is worth no more than an invitation.
    pub(crate) const fn of_code(code: u8) -> Self {
        match code {
            2 => Self::Loa2,
            3 => Self::Loa3,
            4 => Self::Loa4,
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Assurance;

    #[test]
    fn levels_are_ordered_and_survive_storage() {
        let levels = [Assurance::Open, Assurance::Loa2, Assurance::Loa3, Assurance::Loa4];
        assert!(levels.is_sorted());
        assert!(levels.iter().all(|level| Assurance::of_code(level.code()) == *level));
        assert_eq!(Assurance::of_code(9), Assurance::Open);
    }
}
