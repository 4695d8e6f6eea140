//! What a publisher is asked to send: no layer that nobody wants, and a lowest layer that the receivers' lines carry.

use crate::allocation::lowest;
use crate::forward::layer::LAYERS;
use crate::{Layer, PictureCodec};
use std::time::{Duration, Instant};

/// A layer that nobody wants any more goes on so long: whoever looks from one to the next comes back to the first.
const LINGERS: Duration = Duration::from_secs(5);
/// A new rate of the lowest layer is not worth telling for less than this share of the old one.
const WORTH_TELLING: f64 = 0.05;

/// What to send of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publishing {
    /// The highest layer that anybody wants. Those below are to be sent as well: a receiver whose line grows thin is
    /// shown the next lower one.
    pub highest: Layer,
    /// Bits a second of the lowest layer, as the encoder counts them: without headers.
    pub lowest_bps: u32,
    /// What to encode it with: all who may be shown it decode that.
    pub codec: PictureCodec,
}

impl Default for Publishing {
    /// What a publisher sends until it is asked for something else: what it offered.
    fn default() -> Self {
        Self {
            highest: Layer::High,
            lowest_bps: lowest::MOST_BPS,
            codec: PictureCodec::Vp8,
        }
    }
}

/// What one publisher has been asked for.
#[derive(Debug, Default)]
pub struct Asked {
    told: Publishing,
    /// When each layer was wanted last.
    wanted: [Option<Instant>; 3],
    begun: Option<Instant>,
}

impl Asked {
    /// Takes up what is wanted now; what to tell the publisher, if that is news.
    pub fn update(&mut self, now: Instant, highest: Layer, lowest_bps: u32, codec: PictureCodec) -> Option<Publishing> {
        let begun = *self.begun.get_or_insert(now);
        for layer in &LAYERS[..=highest.index()] {
            self.wanted[layer.index()] = Some(now);
        }
        let lingers = |layer: &&Layer| {
            let wanted = self.wanted[layer.index()].unwrap_or(begun);
            now.saturating_duration_since(wanted) < LINGERS
        };
        // What it sends already may linger; what it does not is begun only when somebody wants it.
        let kept = LAYERS[..=self.told.highest.index()].iter().rev().find(lingers);
        let highest = kept.copied().unwrap_or_default().max(highest);
        let changed = f64::from(self.told.lowest_bps.abs_diff(lowest_bps));
        let is_other = (highest, codec) != (self.told.highest, self.told.codec);
        let is_news = is_other || changed > WORTH_TELLING * f64::from(self.told.lowest_bps);
        is_news.then(|| {
            self.told = Publishing {
                highest,
                lowest_bps,
                codec,
            };
            self.told
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = lowest::MOST_BPS;

    fn asked(wants: &[(u64, Layer)]) -> Vec<Option<Layer>> {
        let start = Instant::now();
        let mut asked = Asked::default();
        wants
            .iter()
            .map(|(seconds, layer)| {
                let told = asked.update(start + Duration::from_secs(*seconds), *layer, RATE, PictureCodec::Vp8);
                told.map(|told| told.highest)
            })
            .collect()
    }

    #[test]
    fn layers_begin_at_once_and_end_when_nobody_has_wanted_them_for_a_while() {
        use Layer::{High, Low, Mid};
        let wants = [
            (0, Low),
            (4, Low),
            (5, Low),
            (6, Mid),
            (7, Low),
            (9, Mid),
            (10, High),
            (14, Mid),
            (15, Mid),
            (20, Low),
        ];
        let told = [
            None,
            None,
            Some(Low),
            Some(Mid),
            None,
            None,
            Some(High),
            None,
            Some(Mid),
            Some(Low),
        ];
        assert_eq!(asked(&wants), told);
    }

    #[test]
    fn a_little_more_or_less_is_not_told() {
        let now = Instant::now();
        let mut asked = Asked::default();
        let mut rate = |bps| {
            asked
                .update(now, Layer::High, bps, PictureCodec::Vp8)
                .map(|told| told.lowest_bps)
        };
        assert_eq!(rate(RATE), None);
        assert_eq!(rate(RATE - RATE / 25), None);
        assert_eq!(rate(RATE / 2), Some(RATE / 2));
        assert_eq!(rate(RATE / 2 + RATE / 50), None);
        assert_eq!(rate(RATE), Some(RATE));
    }

    #[test]
    fn another_codec_is_told_once() {
        use PictureCodec::{H264, Vp8};
        let now = Instant::now();
        let mut asked = Asked::default();
        let mut codec = |codec| asked.update(now, Layer::High, RATE, codec).map(|told| told.codec);
        let told = [Vp8, H264, H264, Vp8].map(&mut codec);
        assert_eq!(told, [None, Some(H264), None, Some(Vp8)]);
    }
}
