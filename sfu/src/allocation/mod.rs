//! What one receiver gets of everybody, when its line does not carry all that is wanted. A pure function; the rules
//! stand in `docs/allocation.md`.
//!
//! First everyone's sound, which is never weighed against pictures; then everyone's lowest layer; then what is left
//! goes to larger pictures. In each round whoever matters most comes first ([`Priority`]).

use crate::Layer;
use crate::command::Priority;
use crate::forward::layer::{LAYERS, choose};

/// What is not yet sent must fit with so much to spare, so that pictures do not come and go with the estimate.
const TO_SPARE: f64 = 1.15;
/// What is being sent may exceed the estimate by so much before it is taken away: the estimate breathes.
const TOLERANCE: f64 = 1.05;

/// One source's picture, as one receiver wants it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// How much it matters.
    pub priority: Priority,
    /// The highest layer wanted.
    pub wanted: Layer,
    /// Bits a second of each layer on the line, lowest first; `None`: it does not come.
    pub rates: [Option<u32>; 3],
    /// What is being sent now.
    pub showing: Option<Layer>,
}

/// The result for one receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocation {
    /// For each demand the highest layer that may be sent; `None`: the picture is withheld for lack of room.
    pub layers: Vec<Option<Layer>>,
    /// Bits a second that everything wanted would need, sound included.
    pub wanted_bps: u64,
}

/// A receiver's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Bits a second that it is estimated to carry.
    pub estimate: u64,
    /// Whether it is certain that it does not carry everyone's lowest layer. An estimate alone takes larger pictures
    /// away, never the lowest layer: it may have fallen for a stall of the receiver's device.
    pub is_thin: bool,
}

/// Shares a line (`None`: nothing is known of it) among `demands`, after `sound_bps` for sound.
#[must_use]
pub fn allocate(line: Option<Line>, sound_bps: u64, demands: &[Demand]) -> Allocation {
    let wanted_bps = sound_bps
        + demands
            .iter()
            .map(|demand| u64::from(demand.rate(demand.best())))
            .sum::<u64>();
    let Some(line) = line else {
        return Allocation {
            layers: demands.iter().map(|demand| Some(demand.wanted)).collect(),
            wanted_bps,
        };
    };
    let mut room = Room {
        used: sound_bps as f64,
        budget: line.estimate as f64,
    };
    let mut order: Vec<usize> = (0..demands.len()).collect();
    // Stable: among equals the slots' order, so that it is always the same ones who wait.
    order.sort_by_key(|&n| demands[n].priority);
    let mut layers: Vec<Option<Layer>> = vec![None; demands.len()];
    for &n in &order {
        layers[n] = room.floor(&demands[n], line.is_thin);
    }
    // Larger pictures only when nobody waits for the lowest layer.
    if layers.iter().all(Option::is_some) {
        for &n in &order {
            layers[n] = room.raise(&demands[n], layers[n]);
        }
    }
    Allocation { layers, wanted_bps }
}

/// The budget and what of it is given away.
struct Room {
    used: f64,
    budget: f64,
}

impl Room {
    /// The lowest layer there is, if it fits; on a line that is not known to be thin it always does.
    fn floor(&mut self, demand: &Demand, is_thin: bool) -> Option<Layer> {
        let Some(lowest) = choose(Layer::Low, demand.active()) else {
            // Nothing comes; nothing is withheld either.
            return Some(demand.wanted);
        };
        if !is_thin {
            self.used += f64::from(demand.rate(Some(lowest)));
            return Some(lowest);
        }
        self.take(0, demand.rate(Some(lowest)), demand.showing.is_some())
            .then_some(lowest)
    }

    /// The highest wanted layer that fits in place of `given`.
    fn raise(&mut self, demand: &Demand, given: Option<Layer>) -> Option<Layer> {
        let from = demand.rate(given.and_then(|given| choose(given, demand.active())));
        let higher =
            LAYERS.iter().rev().copied().filter(|layer| {
                *layer <= demand.wanted && Some(*layer) > given && demand.rates[layer.index()].is_some()
            });
        for layer in higher {
            if self.take(from, demand.rate(Some(layer)), demand.showing >= Some(layer)) {
                return Some(layer);
            }
        }
        given
    }

    fn take(&mut self, from: u32, rate: u32, is_sent: bool) -> bool {
        let used = self.used - f64::from(from) + f64::from(rate);
        let fits = if is_sent {
            used <= self.budget * TOLERANCE
        } else {
            used - f64::from(rate) + f64::from(rate) * TO_SPARE <= self.budget
        };
        if fits {
            self.used = used;
        }
        fits
    }
}

impl Demand {
    fn active(&self) -> [bool; 3] {
        self.rates.map(|rate| rate.is_some())
    }

    fn best(&self) -> Option<Layer> {
        choose(self.wanted, self.active())
    }

    fn rate(&self, layer: Option<Layer>) -> u32 {
        layer.and_then(|layer| self.rates[layer.index()]).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOUND: u64 = 40_000;

    fn demand(priority: Priority, wanted: Layer) -> Demand {
        Demand {
            priority,
            wanted,
            rates: [Some(150_000), Some(500_000), Some(1_500_000)],
            showing: None,
        }
    }

    fn thin(estimate: u64) -> Option<Line> {
        Some(Line {
            estimate,
            is_thin: true,
        })
    }

    fn council() -> Vec<Demand> {
        let mut demands = vec![demand(Priority::Rest, Layer::Low); 8];
        demands[5] = demand(Priority::Enlarged, Layer::High);
        demands[2] = demand(Priority::Speaker, Layer::Mid);
        demands
    }

    #[test]
    fn without_an_estimate_everything_wanted_is_sent() {
        let allocation = allocate(None, SOUND, &council());
        assert_eq!(allocation.layers[5], Some(Layer::High));
        assert_eq!(allocation.wanted_bps, SOUND + 6 * 150_000 + 500_000 + 1_500_000);
    }

    #[test]
    fn everyones_lowest_layer_comes_before_anyones_larger_picture() {
        let layers = allocate(thin(1_300_000), SOUND, &council()).layers;
        assert_eq!(layers, vec![Some(Layer::Low); 8]);
    }

    #[test]
    fn the_speaker_grows_before_the_enlarged() {
        let layers = allocate(thin(1_800_000), SOUND, &council()).layers;
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::Low)));
        let layers = allocate(thin(2_400_000), SOUND, &council()).layers;
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::Mid)));
        let layers = allocate(thin(4_000_000), SOUND, &council()).layers;
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::High)));
    }

    #[test]
    fn an_estimate_alone_takes_nobody_away() {
        let line = Line {
            estimate: 100_000,
            is_thin: false,
        };
        assert_eq!(
            allocate(Some(line), SOUND, &council()).layers,
            vec![Some(Layer::Low); 8]
        );
    }

    #[test]
    fn below_the_floor_the_speaker_stays_to_the_last() {
        let layers = allocate(thin(250_000), SOUND, &council()).layers;
        assert_eq!(layers[2], Some(Layer::Low));
        assert_eq!(layers.iter().flatten().count(), 1);
        let layers = allocate(thin(30_000), SOUND, &council()).layers;
        assert_eq!(
            layers.iter().flatten().count(),
            0,
            "sound is not weighed against pictures"
        );
    }

    #[test]
    fn what_is_sent_is_not_taken_away_for_a_breath_of_the_estimate() {
        let mut demands = vec![demand(Priority::Rest, Layer::Low); 2];
        let need = SOUND + 300_000;
        assert_eq!(
            allocate(thin(need), SOUND, &demands).layers[1],
            None,
            "not begun without room to spare"
        );
        demands[1].showing = Some(Layer::Low);
        demands[0].showing = Some(Layer::Low);
        assert_eq!(
            allocate(thin(need - 10_000), SOUND, &demands).layers[1],
            Some(Layer::Low)
        );
        assert_eq!(allocate(thin(need - 60_000), SOUND, &demands).layers[1], None);
    }

    #[test]
    fn a_source_that_sends_no_picture_is_not_withheld() {
        let silent = Demand {
            rates: [None; 3],
            ..demand(Priority::Rest, Layer::Low)
        };
        assert_eq!(allocate(thin(0), 0, &[silent]).layers, [Some(Layer::Low)]);
    }

    fn any_demand() -> impl Strategy<Value = Demand> {
        let layer = || prop::sample::select(LAYERS.to_vec());
        let priority = prop::sample::select(vec![
            Priority::Speaker,
            Priority::Enlarged,
            Priority::Chair,
            Priority::Rest,
        ]);
        let rates = [40_000u32..200_000, 200_000..700_000, 700_000..2_500_000].map(prop::option::of);
        (priority, layer(), rates, prop::option::of(layer())).prop_map(|(priority, wanted, rates, showing)| Demand {
            priority,
            wanted,
            rates,
            showing,
        })
    }

    proptest! {
        /// Never more than the line and its tolerance; nobody larger while somebody waits; no room left for a whole
        /// lowest layer that somebody waits for; more budget never gives anyone of highest rank less.
        #[test]
        fn the_rules_hold(demands in prop::collection::vec(any_demand(), 0..40), budget in 0u64..20_000_000) {
            let layers = allocate(thin(budget), SOUND, &demands).layers;
            let sent = |n: usize| demands[n].rate(layers[n].and_then(|layer| choose(layer, demands[n].active())));
            let used = SOUND + (0..demands.len()).map(|n| u64::from(sent(n))).sum::<u64>();
            prop_assert!(used as f64 <= (budget as f64 * TOLERANCE).max(SOUND as f64) + 1.0);
            let waits = |n: usize| layers[n].is_none();
            if (0..demands.len()).any(waits) {
                for n in 0..demands.len() {
                    let lowest = choose(Layer::Low, demands[n].active());
                    prop_assert!(layers[n].is_none() || lowest.is_none() || layers[n] == lowest);
                    if waits(n) {
                        let need = f64::from(demands[n].rate(lowest)) * TO_SPARE;
                        prop_assert!(used as f64 + need > budget as f64, "{n} waits beside free room");
                    }
                }
            }
            for (n, layer) in layers.iter().enumerate() {
                let lowest = choose(Layer::Low, demands[n].active());
                prop_assert!(layer.is_none() || *layer <= Some(demands[n].wanted).max(lowest));
            }
        }
    }
}
