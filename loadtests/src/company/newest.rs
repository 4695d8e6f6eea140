//! The newest second of somebody's media. The media have a clock of their own, so that a second of theirs may come a little
//! after the company's; it does not stand for more than that. Pure.

use super::PersonSecond;

/// For how many seconds in which nothing new came the one before is taken.
const GRACE: u8 = 1;

/// The newest second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest(Option<(PersonSecond, u8)>);

impl Newest {
    /// A new one has come.
    pub(super) fn put(&mut self, second: PersonSecond) {
        self.0 = Some((second, 0));
    }

    /// For the second that has passed; `None`: nothing is known of it.
    pub(super) fn take(&mut self) -> Option<PersonSecond> {
        let (second, taken) = self.0.as_mut().filter(|(_, taken)| *taken <= GRACE)?;
        *taken += 1;
        Some(*second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stands_for_one_that_is_late_and_not_for_media_that_broke() {
        let mut newest = Newest::default();
        assert_eq!(newest.take(), None);
        let second = PersonSecond {
            number: 7,
            ..PersonSecond::default()
        };
        newest.put(second);
        assert_eq!(
            [newest.take(), newest.take(), newest.take()],
            [Some(second), Some(second), None]
        );
        newest.put(second);
        assert_eq!(newest.take(), Some(second));
    }
}
