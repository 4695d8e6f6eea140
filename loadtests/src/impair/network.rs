//! The kinds of network that delegates sit behind, by name. docs/load-tests.md has the figures with their sources.

use super::{Impairment, Loss, Way};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A network as delegates have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// A wireless network at home: quick, with some jitter and short bursts of loss
    HomeWifi,
    /// A mobile network (4G): slower, and longer under way
    Mobile,
    /// An office whose firewall lets no UDP through: media go over TCP to the HTTPS port
    OfficeUdpBlocked,
}

/// The figures of one network; the same loss, delay and jitter in both directions.
struct Figures {
    up_mbit_s: u32,
    down_mbit_s: u32,
    delay_ms: u64,
    jitter_ms: u64,
    loss_percent: f64,
    burst: f64,
}

const HOME_WIFI: Figures = Figures {
    up_mbit_s: 15,
    down_mbit_s: 30,
    delay_ms: 10,
    jitter_ms: 8,
    loss_percent: 0.2,
    burst: 3.0,
};
const MOBILE: Figures = Figures {
    up_mbit_s: 12,
    down_mbit_s: 12,
    delay_ms: 35,
    jitter_ms: 15,
    loss_percent: 0.5,
    burst: 4.0,
};

impl Network {
    /// What it does to datagrams. Where UDP is blocked: nothing, since none come through; TCP is as good as the network is.
    #[must_use]
    pub fn impairment(self) -> Impairment {
        match self {
            Self::HomeWifi => HOME_WIFI.impairment(),
            Self::Mobile => MOBILE.impairment(),
            Self::OfficeUdpBlocked => Impairment::None,
        }
    }

    /// Whether no UDP comes through.
    #[must_use]
    pub fn blocks_udp(self) -> bool {
        self == Self::OfficeUdpBlocked
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HomeWifi => "home-wifi",
            Self::Mobile => "mobile",
            Self::OfficeUdpBlocked => "office-udp-blocked",
        }
    }
}

impl Figures {
    fn impairment(&self) -> Impairment {
        let way = |mbit_s: u32| Way {
            loss: Loss::Bursts {
                percent: self.loss_percent,
                length: self.burst,
            },
            delay: Duration::from_millis(self.delay_ms),
            jitter: Duration::from_millis(self.jitter_ms),
            rate: Some(mbit_s * 1_000_000),
            drops: None,
        };
        Impairment::Ways {
            up: way(self.up_mbit_s),
            down: way(self.down_mbit_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_command_line() {
        for network in Network::value_variants() {
            let value = network.to_possible_value().unwrap();
            assert_eq!(value.get_name(), network.name());
            assert_eq!(serde_json::to_value(network).unwrap(), network.name());
        }
    }

    #[test]
    fn a_firewall_blocks_and_the_others_impair() {
        assert!(Network::OfficeUdpBlocked.blocks_udp());
        assert_eq!(Network::OfficeUdpBlocked.impairment(), Impairment::None);
        for network in [Network::HomeWifi, Network::Mobile] {
            let impairment = network.impairment();
            assert!(!network.blocks_udp() && impairment.up().is_some() && impairment.up() != Some(Way::default()));
        }
    }
}
