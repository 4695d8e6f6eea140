//! The levels a test person can sign in at.

/// A Swedish level of assurance (tillitsnivå).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Loa2,
    Loa3,
    Loa4,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::Loa2, Self::Loa3, Self::Loa4];

    /// The value of `acr`: a URI of the Agency for Digital Government's list.
    pub(super) const fn acr(self) -> &'static str {
        match self {
            Self::Loa2 => "http://id.elegnamnden.se/loa/1.0/loa2",
            Self::Loa3 => "http://id.elegnamnden.se/loa/1.0/loa3",
            Self::Loa4 => "http://id.elegnamnden.se/loa/1.0/loa4",
        }
    }

    pub(super) fn of_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }

    /// As the form has it.
    pub(super) const fn digit(self) -> &'static str {
        match self {
            Self::Loa2 => "2",
            Self::Loa3 => "3",
            Self::Loa4 => "4",
        }
    }

    pub(super) fn of_digit(digit: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.digit() == digit)
    }
}

/// The levels a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whether a login at none of them is worth nothing (OpenID Connect Core 1.0 section 5.5.1.1).
    pub(super) essential: bool,
    /// In the client's order of preference; empty: any.
    pub(super) levels: Vec<Level>,
    /// It asked for values, and none is a level of this provider.
    pub(super) unknown_only: bool,
}

impl Wanted {
    pub(super) fn new<'a>(values: impl IntoIterator<Item = &'a str>, essential: bool) -> Self {
        let mut asked = false;
        let known = values.into_iter().inspect(|_| asked = true).filter_map(Level::of_acr);
        let levels: Vec<_> = known.collect();
        Self {
            essential,
            unknown_only: asked && levels.is_empty(),
            levels,
        }
    }

    /// What a login at this level is told to the client as; `None`: it is not enough. A login above an essential level
    /// is one at that level too.
    pub(super) fn delivers(&self, chosen: Level) -> Option<Level> {
        if !self.essential || self.levels.contains(&chosen) {
            return Some(chosen);
        }
        if self.levels.is_empty() && !self.unknown_only {
            return Some(chosen);
        }
        self.levels.iter().copied().filter(|level| *level < chosen).max()
    }

    /// Whether no login can be enough.
    pub(super) fn is_hopeless(&self) -> bool {
        self.essential && self.unknown_only
    }

    /// What the page has ticked.
    pub(super) fn suggestion(&self) -> Level {
        self.levels.first().copied().unwrap_or(Level::Loa3)
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Wanted};

    fn wanted(levels: &[Level], essential: bool) -> Wanted {
        Wanted::new(levels.iter().map(|level| level.acr()), essential)
    }

    #[test]
    fn an_essential_level_is_met_by_it_or_by_more() {
        let three = wanted(&[Level::Loa3], true);
        assert_eq!(three.delivers(Level::Loa2), None);
        assert_eq!(three.delivers(Level::Loa3), Some(Level::Loa3));
        assert_eq!(three.delivers(Level::Loa4), Some(Level::Loa3));
    }

    #[test]
    fn a_voluntary_level_is_a_wish() {
        assert_eq!(wanted(&[Level::Loa3], false).delivers(Level::Loa2), Some(Level::Loa2));
        assert_eq!(Wanted::default().delivers(Level::Loa4), Some(Level::Loa4));
    }

    #[test]
    fn an_essential_level_that_nobody_knows_is_never_met() {
        let unknown = Wanted::new(["urn:unknown"], true);
        assert!(Level::ALL.into_iter().all(|level| unknown.delivers(level).is_none()));
    }

    #[test]
    fn levels_are_read_as_they_are_written() {
        for level in Level::ALL {
            assert_eq!(Level::of_acr(level.acr()), Some(level));
            assert_eq!(Level::of_digit(level.digit()), Some(level));
        }
    }
}
