//! What a simulated delegate shows and says: the files of `loadtests/media`, carried in the program.

pub mod ivf;
pub mod ogg;

use bytes::Bytes;
use ivf::Ivf;
use lika_sfu::Layer;
use std::sync::Arc;
use thiserror::Error;

/// Why a media file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MediaError {
    /// The file ends too early.
    #[error("the file ends in the middle of {0}; make it anew with loadtests/media/make")]
    Truncated(&'static str),
    /// The file is of another kind.
    #[error("the file is not {0}; make it anew with loadtests/media/make")]
    Not(&'static str),
}

/// A picture in the three simulcast layers, lowest first.
#[derive(Debug)]
pub struct Picture {
    layers: [Ivf; 3],
}

impl Picture {
    /// One layer.
    #[must_use]
    pub fn layer(&self, layer: Layer) -> &Ivf {
        let [low, mid, high] = &self.layers;
        match layer {
            Layer::Low => low,
            Layer::Mid => mid,
            Layer::High => high,
        }
    }
}

/// Opus frames of 20 ms and the level of each (RFC 6464, -dBov).
#[derive(Debug)]
pub struct Sound {
    /// The frames.
    pub frames: Vec<Bytes>,
    /// As many levels.
    pub levels: Vec<u8>,
}

/// Everything there is to show and say, read once and shared.
#[derive(Debug)]
pub struct Wardrobe {
    figures: Vec<Arc<Picture>>,
    speeches: Vec<Arc<Sound>>,
    /// What a covered camera sends.
    pub black: Arc<Picture>,
    /// What a closed microphone sends.
    pub silence: Arc<Sound>,
}

macro_rules! media {
    ($($part:literal),+) => {
        Bytes::from_static(include_bytes!(concat!("../../media/", $($part),+)))
    };
}

macro_rules! picture {
    ($name:literal) => {
        Picture {
            layers: [
                Ivf::parse(&media!($name, "-l.ivf"))?,
                Ivf::parse(&media!($name, "-m.ivf"))?,
                Ivf::parse(&media!($name, "-h.ivf"))?,
            ],
        }
    };
}

macro_rules! speech {
    ($name:literal) => {
        Sound::new(&media!($name, ".ogg"), &media!($name, ".levels"))?
    };
}

impl Sound {
    fn new(ogg: &Bytes, levels: &Bytes) -> Result<Self, MediaError> {
        let mut frames = ogg::parse(ogg)?;
        // The encoder's look-ahead adds a frame at the end.
        frames.truncate(levels.len());
        if frames.len() != levels.len() {
            return Err(MediaError::Not("as long as its list of levels"));
        }
        Ok(Self {
            frames,
            levels: levels.iter().map(|level| level & 127).collect(),
        })
    }
}

impl Wardrobe {
    /// Reads the files.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn open() -> Result<Self, MediaError> {
        let figures = vec![
            picture!("figure-1"),
            picture!("figure-2"),
            picture!("figure-3"),
            picture!("figure-4"),
            picture!("figure-5"),
            picture!("figure-6"),
            picture!("figure-7"),
            picture!("figure-8"),
            picture!("figure-9"),
            picture!("figure-10"),
            picture!("figure-11"),
            picture!("figure-12"),
        ];
        let silence = ogg::parse(&media!("silence.ogg"))?;
        let levels = vec![127; silence.len()];
        Ok(Self {
            figures: figures.into_iter().map(Arc::new).collect(),
            speeches: vec![Arc::new(speech!("speech-1")), Arc::new(speech!("speech-2"))],
            black: Arc::new(picture!("black")),
            silence: Arc::new(Sound {
                frames: silence,
                levels,
            }),
        })
    }

    /// The figure of delegate `number`; beyond the last they come round again, with another start in the loop.
    #[must_use]
    pub fn figure(&self, number: usize) -> Arc<Picture> {
        round(&self.figures, number)
    }

    /// The voice of delegate `number`.
    #[must_use]
    pub fn speech(&self, number: usize) -> Arc<Sound> {
        round(&self.speeches, number)
    }
}

fn round<T>(list: &[Arc<T>], number: usize) -> Arc<T> {
    Arc::clone(&list[number.saturating_sub(1) % list.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_what_the_delegates_promise() {
        let wardrobe = Wardrobe::open().unwrap();
        for number in 1..=13 {
            let picture = wardrobe.figure(number);
            for (layer, size, rate) in [
                (Layer::Low, (160, 90), 10),
                (Layer::Mid, (320, 180), 15),
                (Layer::High, (640, 360), 20),
            ] {
                let ivf = picture.layer(layer);
                assert_eq!(((ivf.width, ivf.height), ivf.rate), (size, rate));
                let keys = ivf.frames.iter().filter(|f| f.key).count();
                assert!(keys * ivf.rate as usize >= ivf.frames.len(), "a key frame a second");
            }
            let speech = wardrobe.speech(number);
            assert_eq!(speech.frames.len(), 500, "10 s");
            assert!(
                speech.levels.iter().any(|&level| level < 30),
                "loud enough to be speech"
            );
        }
        assert!(!Arc::ptr_eq(&wardrobe.figure(1), &wardrobe.figure(2)));
        assert!(Arc::ptr_eq(&wardrobe.figure(1), &wardrobe.figure(13)));
        assert!(wardrobe.silence.levels.iter().all(|&level| level == 127));
    }
}
