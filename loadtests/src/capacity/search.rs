//! How many: upward in steps until it fails, then by halves. Pure.

/// Looks for the largest number that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Search {
    passed: Option<u16>,
    failed: Option<u16>,
    next: u16,
    most: u16,
    least: u16,
}

impl Search {
    /// From `from` on, never beyond `most` nor below `least`.
    pub(super) fn new(from: u16, least: u16, most: u16) -> Self {
        Self {
            passed: None,
            failed: None,
            next: from.clamp(least, most),
            most,
            least,
        }
    }

    /// What is to be tried next; `None`: it is known as closely as is worth the time.
    pub(super) fn next(&self) -> Option<u16> {
        (self.next != 0).then_some(self.next)
    }

    /// The largest that passed.
    pub(super) fn passed(&self) -> Option<u16> {
        self.passed
    }

    /// The smallest that failed.
    pub(super) fn failed(&self) -> Option<u16> {
        self.failed
    }

    /// What was tried passed, or did not.
    pub(super) fn tried(&mut self, passed: bool) {
        if passed {
            self.passed = Some(self.next);
        } else {
            self.failed = Some(self.next);
        }
        self.next = match (self.passed, self.failed) {
            (Some(passed), None) if passed < self.most => (passed + (passed / 2).max(4)).min(self.most),
            (None, Some(failed)) if failed > self.least => (failed / 2).max(self.least),
            // Within a twentieth, nobody plans closer.
            (Some(passed), Some(failed)) if failed - passed > (passed / 20).max(2) => passed + (failed - passed) / 2,
            _ => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(from: u16, carries: u16) -> (Search, usize) {
        let mut search = Search::new(from, 3, 128);
        let mut tries = 0;
        while let Some(people) = search.next() {
            search.tried(people <= carries);
            tries += 1;
        }
        (search, tries)
    }

    #[test]
    fn it_stops_at_what_may_be_asked_and_at_what_cannot_be_less() {
        assert_eq!(found(20, 500).0.passed(), Some(128));
        assert_eq!((found(20, 2).0.passed(), found(20, 2).0.failed()), (None, Some(3)));
    }

    proptest! {
        #[test]
        fn it_comes_close_in_few_tries(from in 3u16..128, carries in 3u16..128) {
            let (search, tries) = found(from, carries);
            let passed = search.passed().unwrap();
            prop_assert!(passed <= carries && tries <= 14, "{passed} of {carries} after {tries}");
            prop_assert!(carries - passed <= (passed / 20).max(2));
        }
    }
}
