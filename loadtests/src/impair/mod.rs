//! A bad network inside the client: its sockets lose packets, both ways, so that everything above them (ICE, DTLS,
//! SRTP, RTCP) meets the fault as it would meet a real one.

mod runtime;
mod socket;

pub use runtime::ImpairedRuntime;

use tokio::sync::watch;

/// What is wrong with the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Impairment {
    /// Nothing.
    #[default]
    None,
    /// Everything is lost: the cable is out.
    Cut,
    /// This share of the packets is lost in each direction, in percent.
    Lossy(u8),
}

impl Impairment {
    /// Whether a packet is lost, given a fair `roll` from 0 up to and without 100.
    #[must_use]
    pub fn loses(self, roll: u8) -> bool {
        match self {
            Self::None => false,
            Self::Cut => true,
            Self::Lossy(percent) => roll < percent,
        }
    }
}

/// The path of one delegate as its sockets see it.
#[derive(Clone, Debug)]
pub struct Link(watch::Receiver<Impairment>);

impl Link {
    /// A path that is as the sender of `impairment` says.
    #[must_use]
    pub fn new(impairment: watch::Receiver<Impairment>) -> Self {
        Self(impairment)
    }

    /// What is wrong now.
    #[must_use]
    pub fn impairment(&self) -> Impairment {
        *self.0.borrow()
    }

    /// Completes when the cable is in; at once if it is.
    pub async fn joined(&mut self) {
        self.until(|impairment| *impairment != Impairment::Cut).await;
    }

    /// Completes when the cable is out; at once if it is.
    pub async fn cut(&mut self) {
        self.until(|impairment| *impairment == Impairment::Cut).await;
    }

    async fn until(&mut self, state: impl FnMut(&Impairment) -> bool) {
        if self.0.wait_for(state).await.is_err() {
            // Nobody can change the path any more, so the wait never ends.
            std::future::pending::<()>().await;
        }
    }

    fn loses_next(&self) -> bool {
        let impairment = self.impairment();
        impairment != Impairment::None && impairment.loses(rand::random_range(0..100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn loses_its_share_exactly(percent in 0u8..=100) {
            let lost = (0..100).filter(|&roll| Impairment::Lossy(percent).loses(roll)).count();
            prop_assert_eq!(lost, usize::from(percent));
        }
    }

    #[test]
    fn cut_loses_all_and_none_loses_nothing() {
        assert!((0..100).all(|roll| Impairment::Cut.loses(roll) && !Impairment::None.loses(roll)));
    }
}
