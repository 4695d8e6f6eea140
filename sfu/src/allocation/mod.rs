//! What one receiver gets of everybody, when its line does not carry all that is wanted. A pure function; the rules
//! stand in `docs/allocation.md`.
//!
//! First everyone's sound, which is never weighed against pictures; then everyone's lowest layer, at half its frames
//! before anybody's at all of them; then what is left goes to larger pictures. In each round whoever matters most comes
//! first ([`Priority`]).

pub mod lowest;
pub mod publishing;

use crate::Layer;
use crate::command::Priority;
use crate::forward::layer::{LAYERS, choose};

/// What is not yet sent must fit with so much to spare, so that pictures do not come and go with the estimate.
pub(crate) const TO_SPARE: f64 = 1.15;
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
    /// Bits a second of the lowest layer without its highest temporal layer; `None`: it has but one.
    pub half: Option<u32>,
    /// What is being sent now.
    pub showing: Option<Layer>,
    /// Whether it is sent without its highest temporal layer.
    pub is_halved: bool,
}

/// What a receiver may be sent of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The highest layer.
    pub layer: Layer,
    /// Whether its highest temporal layer is left out.
    pub is_halved: bool,
}

impl Grant {
    /// Every frame of `layer`.
    #[must_use]
    pub const fn whole(layer: Layer) -> Self {
        Self {
            layer,
            is_halved: false,
        }
    }
}

/// The result for one receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocation {
    /// For each demand what may be sent; `None`: the picture is withheld for lack of room.
    pub grants: Vec<Option<Grant>>,
    /// Bits a second that everything wanted would need, sound included.
    pub wanted_bps: u64,
    /// Bits a second of what may be sent, sound included: more than the estimate as long as that is not certain.
    pub granted_bps: u64,
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
            grants: demands.iter().map(|demand| Some(Grant::whole(demand.wanted))).collect(),
            wanted_bps,
            granted_bps: wanted_bps,
        };
    };
    let mut room = Room {
        used: sound_bps as f64,
        budget: line.estimate as f64,
    };
    let mut order: Vec<usize> = (0..demands.len()).collect();
    // Stable: among equals the slots' order, so that it is always the same ones who wait.
    order.sort_by_key(|&n| demands[n].priority);
    let mut grants: Vec<Option<Grant>> = vec![None; demands.len()];
    for &n in &order {
        grants[n] = room.floor(&demands[n], line.is_thin);
    }
    for &n in &order {
        grants[n] = grants[n].map(|grant| room.complete(&demands[n], grant));
    }
    // Larger pictures only when everybody has the whole lowest layer.
    if grants.iter().all(|grant| grant.is_some_and(|grant| !grant.is_halved)) {
        for &n in &order {
            grants[n] = grants[n].map(|grant| room.raise(&demands[n], grant));
        }
    }
    Allocation {
        grants,
        wanted_bps,
        granted_bps: room.used as u64,
    }
}

/// The budget and what of it is given away.
struct Room {
    used: f64,
    budget: f64,
}

impl Room {
    /// The lowest layer there is, if half of it fits; on a line that is not known to be thin it always does.
    fn floor(&mut self, demand: &Demand, is_thin: bool) -> Option<Grant> {
        let Some(lowest) = choose(Layer::Low, demand.active()) else {
            // Nothing comes; nothing is withheld either.
            return Some(Grant::whole(demand.wanted));
        };
        if !is_thin {
            self.used += f64::from(demand.rate(Some(lowest)));
            return Some(Grant::whole(lowest));
        }
        let half = demand.half.filter(|_| lowest == Layer::Low);
        let rate = half.unwrap_or_else(|| demand.rate(Some(lowest)));
        self.take(0, rate, demand.showing.is_some()).then_some(Grant {
            layer: lowest,
            is_halved: half.is_some(),
        })
    }

    /// The other half, if it fits.
    fn complete(&mut self, demand: &Demand, given: Grant) -> Grant {
        let Some(half) = demand.half.filter(|_| given.is_halved) else {
            return given;
        };
        let is_sent = demand.showing.is_some() && !demand.is_halved;
        Grant {
            is_halved: !self.take(half, demand.rate(Some(given.layer)), is_sent),
            ..given
        }
    }

    /// The highest wanted layer that fits in place of `given`.
    fn raise(&mut self, demand: &Demand, given: Grant) -> Grant {
        let from = demand.rate(choose(given.layer, demand.active()));
        let higher =
            LAYERS.iter().rev().copied().filter(|layer| {
                *layer <= demand.wanted && *layer > given.layer && demand.rates[layer.index()].is_some()
            });
        for layer in higher {
            if self.take(from, demand.rate(Some(layer)), demand.showing >= Some(layer)) {
                return Grant::whole(layer);
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
            half: None,
            showing: None,
            is_halved: false,
        }
    }

    /// The layers alone.
    fn highest(line: Option<Line>, demands: &[Demand]) -> Vec<Option<Layer>> {
        let grants = allocate(line, SOUND, demands).grants;
        grants.iter().map(|grant| grant.map(|grant| grant.layer)).collect()
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
        assert_eq!(allocation.grants[5], Some(Grant::whole(Layer::High)));
        assert_eq!(allocation.wanted_bps, SOUND + 6 * 150_000 + 500_000 + 1_500_000);
    }

    #[test]
    fn everyones_lowest_layer_comes_before_anyones_larger_picture() {
        let layers = highest(thin(1_300_000), &council());
        assert_eq!(layers, vec![Some(Layer::Low); 8]);
    }

    #[test]
    fn the_speaker_grows_before_the_enlarged() {
        let layers = highest(thin(1_800_000), &council());
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::Low)));
        let layers = highest(thin(2_400_000), &council());
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::Mid)));
        let layers = highest(thin(4_000_000), &council());
        assert_eq!((layers[2], layers[5]), (Some(Layer::Mid), Some(Layer::High)));
    }

    #[test]
    fn an_estimate_alone_takes_nobody_away() {
        let line = Line {
            estimate: 100_000,
            is_thin: false,
        };
        assert_eq!(highest(Some(line), &council()), vec![Some(Layer::Low); 8]);
    }

    #[test]
    fn below_the_floor_the_speaker_stays_to_the_last() {
        let layers = highest(thin(250_000), &council());
        assert_eq!(layers[2], Some(Layer::Low));
        assert_eq!(layers.iter().flatten().count(), 1);
        let layers = highest(thin(30_000), &council());
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
            highest(thin(need), &demands)[1],
            None,
            "not begun without room to spare"
        );
        demands[1].showing = Some(Layer::Low);
        demands[0].showing = Some(Layer::Low);
        assert_eq!(highest(thin(need - 10_000), &demands)[1], Some(Layer::Low));
        assert_eq!(highest(thin(need - 60_000), &demands)[1], None);
    }

    #[test]
    fn a_source_that_sends_no_picture_is_not_withheld() {
        let silent = Demand {
            rates: [None; 3],
            ..demand(Priority::Rest, Layer::Low)
        };
        assert_eq!(highest(thin(0), &[silent]), [Some(Layer::Low)]);
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
        let now = (prop::option::of(layer()), any::<bool>());
        (priority, layer(), rates, prop::option::of(0.4..0.8), now).prop_map(
            |(priority, wanted, rates, half, (showing, is_halved))| Demand {
                priority,
                wanted,
                rates,
                half: rates[0]
                    .zip(half)
                    .map(|(rate, share): (u32, f64)| (f64::from(rate) * share) as u32),
                showing,
                is_halved,
            },
        )
    }

    /// Bits a second of what is granted.
    fn taken(demand: &Demand, grant: Option<Grant>) -> u64 {
        let whole = demand.rate(grant.and_then(|grant| choose(grant.layer, demand.active())));
        let half = demand.half.filter(|_| grant.is_some_and(|grant| grant.is_halved));
        half.unwrap_or(whole).into()
    }

    proptest! {
        /// Never more than the line and its tolerance; nobody larger while somebody waits or has half; nobody whole
        /// while somebody waits whose half would have fitted; no room left for what somebody waits for.
        #[test]
        fn the_rules_hold(demands in prop::collection::vec(any_demand(), 0..40), budget in 0u64..20_000_000) {
            let grants = allocate(thin(budget), SOUND, &demands).grants;
            let pairs = || demands.iter().zip(grants.iter().copied());
            let used = (SOUND + pairs().map(|(demand, grant)| taken(demand, grant)).sum::<u64>()) as f64;
            prop_assert!(used <= (budget as f64 * TOLERANCE).max(SOUND as f64) + 1.0);
            let is_large = |(demand, grant): (&Demand, Option<Grant>)| {
                let lowest = choose(Layer::Low, demand.active());
                lowest.is_some() && grant.is_some_and(|grant| Some(grant.layer) > lowest)
            };
            if grants.iter().any(|grant| grant.is_none_or(|grant| grant.is_halved)) {
                prop_assert!(!pairs().any(is_large), "somebody is large while somebody waits");
            }
            for (demand, grant) in pairs() {
                let lowest = choose(Layer::Low, demand.active());
                let least = demand.half.filter(|_| lowest == Some(Layer::Low)).unwrap_or(demand.rate(lowest));
                match grant {
                    None => prop_assert!(used + f64::from(least) * TO_SPARE > budget as f64, "waits beside free room"),
                    Some(Grant { is_halved: true, .. }) => {
                        let rest = f64::from(demand.rate(lowest)) * TO_SPARE - f64::from(least);
                        prop_assert!(used + rest > budget as f64, "half beside free room");
                    }
                    Some(Grant { layer, .. }) => prop_assert!(Some(layer) <= Some(demand.wanted).max(lowest)),
                }
            }
        }
    }

    #[test]
    fn everyone_at_half_their_frames_comes_before_anyone_at_all_of_them() {
        let half = Demand {
            half: Some(90_000),
            ..demand(Priority::Rest, Layer::Low)
        };
        let speaker = Demand {
            priority: Priority::Speaker,
            ..half
        };
        let demands = [half, half, speaker];
        let halved = |budget| {
            allocate(thin(budget), SOUND, &demands)
                .grants
                .iter()
                .map(|g| g.map(|g| g.is_halved))
                .collect::<Vec<_>>()
        };
        assert_eq!(halved(SOUND + 330_000), [Some(true); 3]);
        assert_eq!(
            halved(SOUND + 400_000),
            [Some(true), Some(true), Some(false)],
            "the speaker first"
        );
        assert_eq!(
            halved(SOUND + 200_000),
            [Some(true), None, Some(true)],
            "what does not fit at half waits"
        );
        assert_eq!(halved(SOUND + 600_000), [Some(false); 3]);
    }
}
