//! A bad network inside the client: its sockets lose and hold back packets, so that everything above them (ICE, DTLS,
//! SRTP, RTCP) meets the fault as it would meet a real one. What is wrong can change at any time.

mod framed;
mod kind;
mod network;
mod runtime;
mod socket;
mod traffic;
mod way;

pub(crate) use framed::tcp_candidates_only;
pub use kind::Kind;
pub use network::Network;
pub use runtime::ImpairedRuntime;
pub use traffic::{Bytes, Traffic};
pub use way::{Loss, Way};

use tokio::sync::watch;

/// What is wrong with the path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Impairment {
    /// Nothing.
    #[default]
    None,
    /// Everything is lost: the cable is out.
    Cut,
    /// This share of the packets is lost in each direction, in percent.
    Lossy(u8),
    /// Each direction has its own fault.
    Ways {
        /// From the delegate.
        up: Way,
        /// To the delegate.
        down: Way,
    },
}

impl Impairment {
    /// What is wrong with the way up; `None`: nothing comes through.
    #[must_use]
    pub fn up(self) -> Option<Way> {
        match self {
            Self::Ways { up, .. } => Some(up),
            _ => self.both(),
        }
    }

    /// What is wrong with the way down; `None`: nothing comes through.
    #[must_use]
    pub fn down(self) -> Option<Way> {
        match self {
            Self::Ways { down, .. } => Some(down),
            _ => self.both(),
        }
    }

    fn both(self) -> Option<Way> {
        match self {
            Self::Cut => None,
            Self::Lossy(percent) => Some(Way {
                loss: Loss::Even(percent.into()),
                ..Way::default()
            }),
            Self::None | Self::Ways { .. } => Some(Way::default()),
        }
    }
}

/// The path of one delegate as its sockets see it.
#[derive(Clone, Debug)]
pub struct Link {
    impairment: watch::Receiver<Impairment>,
    udp_blocked: bool,
    traffic: Traffic,
}

impl Link {
    /// A path that is as the sender of `impairment` says.
    #[must_use]
    pub fn new(impairment: watch::Receiver<Impairment>) -> Self {
        Self {
            impairment,
            udp_blocked: false,
            traffic: Traffic::default(),
        }
    }

    /// The same behind a firewall that lets no UDP through: media go over TCP to the server's HTTPS port (RFC 6544).
    #[must_use]
    pub fn with_udp_blocked(self) -> Self {
        Self {
            udp_blocked: true,
            ..self
        }
    }

    /// Whether no UDP comes through.
    #[must_use]
    pub const fn is_udp_blocked(&self) -> bool {
        self.udp_blocked
    }

    /// What the path has carried.
    #[must_use]
    pub const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// What is wrong now.
    #[must_use]
    pub fn impairment(&self) -> Impairment {
        *self.impairment.borrow()
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
        if self.impairment.wait_for(state).await.is_err() {
            // Nobody can change the path any more, so the wait never ends.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_stops_both_ways_and_loss_is_the_same_on_both() {
        assert_eq!((Impairment::Cut.up(), Impairment::Cut.down()), (None, None));
        assert_eq!(Impairment::None.up(), Some(Way::default()));
        let lossy = Impairment::Lossy(15);
        assert_eq!(lossy.up(), lossy.down());
        assert_eq!(lossy.up().unwrap().loss, Loss::Even(15.0));
    }

    #[test]
    fn each_way_can_have_its_own() {
        let up = Way {
            rate: Some(1000),
            ..Way::default()
        };
        let down = Way::default();
        let ways = Impairment::Ways { up, down };
        assert_eq!((ways.up(), ways.down()), (Some(up), Some(down)));
    }
}
