//! The picture's size in a sequence parameter set (ITU-T H.264 section 7.3.2.1.1).

/// Profiles that say how colours are sampled (section 7.3.2.1.1).
const WITH_CHROMA_FORMAT: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// num_ref_frames_in_pic_order_cnt_cycle (section 7.4.2.1.1).
const MAX_CYCLE: u32 = 255;
const MACROBLOCK: u32 = 16;

/// Width and height, cropped, of the NAL unit whose header precedes `body`; `None` when it cannot be read.
pub(super) fn frame_size(body: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(body);
    let profile = bits.take(8)?;
    bits.skip(16)?; // constraint flags, level
    bits.unsigned()?; // seq_parameter_set_id
    let chroma_format = if WITH_CHROMA_FORMAT.contains(&profile) {
        high_profile(&mut bits)?
    } else {
        1
    };
    bits.unsigned()?; // log2_max_frame_num_minus4
    picture_order(&mut bits)?;
    bits.unsigned()?; // max_num_ref_frames
    bits.skip(1)?; // gaps_in_frame_num_value_allowed_flag
    let width = bits.unsigned()?.checked_add(1)?.checked_mul(MACROBLOCK)?;
    let map_height = bits.unsigned()?.checked_add(1)?.checked_mul(MACROBLOCK)?;
    let frames_only = bits.flag()?;
    let fields = if frames_only { 1 } else { 2 };
    let height = map_height.checked_mul(fields)?;
    bits.skip(if frames_only { 1 } else { 2 })?; // mb_adaptive_frame_field_flag, direct_8x8_inference_flag
    let (across, down) = crop(&mut bits)?;
    // In units of chroma samples: table 6-1.
    let unit_across = if matches!(chroma_format, 1 | 2) { 2 } else { 1 };
    let unit_down = fields * if chroma_format == 1 { 2 } else { 1 };
    let width = width.checked_sub(across.checked_mul(unit_across)?)?;
    let height = height.checked_sub(down.checked_mul(unit_down)?)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

/// What the high profiles have more; returns chroma_format_idc.
fn high_profile(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma_format = bits.unsigned()?;
    if chroma_format == 3 {
        bits.skip(1)?; // separate_colour_plane_flag
    }
    bits.unsigned()?; // bit_depth_luma_minus8
    bits.unsigned()?; // bit_depth_chroma_minus8
    bits.skip(1)?; // qpprime_y_zero_transform_bypass_flag
    if bits.flag()? {
        for list in 0..if chroma_format == 3 { 12 } else { 8 } {
            if bits.flag()? {
                scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(chroma_format)
}

/// Passes over a scaling list (section 7.3.2.1.1.1).
fn scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..size {
        if next != 0 {
            next = (last + i64::from(bits.signed()?)).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Passes over how pictures are ordered.
fn picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.unsigned()? {
        0 => bits.unsigned().map(drop), // log2_max_pic_order_cnt_lsb_minus4
        1 => {
            bits.skip(1)?; // delta_pic_order_always_zero_flag
            bits.signed()?; // offset_for_non_ref_pic
            bits.signed()?; // offset_for_top_to_bottom_field
            let cycle = bits.unsigned().filter(|cycle| *cycle <= MAX_CYCLE)?;
            (0..cycle).try_for_each(|_| bits.signed().map(drop))
        }
        _ => Some(()),
    }
}

/// What is cut off across and down.
fn crop(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    if !bits.flag()? {
        return Some((0, 0));
    }
    let (left, right) = (bits.unsigned()?, bits.unsigned()?);
    let (top, bottom) = (bits.unsigned()?, bits.unsigned()?);
    Some((left.checked_add(right)?, top.checked_add(bottom)?))
}

/// The bits of a NAL unit, without the bytes that only keep start codes from appearing (section 7.4.1.1).
struct Bits<'a> {
    bytes: &'a [u8],
    zeros: u8,
    current: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            zeros: 0,
            current: 0,
            left: 0,
        }
    }

    fn next_byte(&mut self) -> Option<u8> {
        let (mut byte, mut rest) = self.bytes.split_first()?;
        if self.zeros >= 2 && *byte == 3 {
            (byte, rest) = rest.split_first()?;
            self.zeros = 0;
        }
        self.zeros = if *byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        self.bytes = rest;
        Some(*byte)
    }

    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            self.current = self.next_byte()?;
            self.left = 8;
        }
        self.left -= 1;
        Some(u32::from(self.current >> self.left & 1))
    }

    fn flag(&mut self) -> Option<bool> {
        self.bit().map(|bit| bit == 1)
    }

    /// At most 32.
    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | self.bit()?))
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        self.take(count).map(drop)
    }

    /// ue(v), section 9.1.
    fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }

    /// se(v), section 9.1.1.
    fn signed(&mut self) -> Option<i32> {
        let code = self.unsigned()?;
        let magnitude = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A writer of the bits that [`Bits`] reads.
    #[derive(Default)]
    struct Writer(Vec<bool>);

    impl Writer {
        fn bits(&mut self, value: u32, count: u32) {
            self.0.extend((0..count).rev().map(|n| value >> n & 1 == 1));
        }

        fn unsigned(&mut self, value: u32) {
            let length = (value + 1).ilog2();
            self.bits(0, length);
            self.bits(value + 1, length + 1);
        }

        fn signed(&mut self, value: i32) {
            self.unsigned(if value > 0 {
                2 * value.unsigned_abs() - 1
            } else {
                2 * value.unsigned_abs()
            });
        }

        /// With the stop bit, and the bytes that keep start codes from appearing.
        fn body(mut self) -> Vec<u8> {
            self.0.push(true);
            let byte = |bits: &[bool]| {
                bits.iter()
                    .enumerate()
                    .fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n))
            };
            let mut body: Vec<u8> = Vec::new();
            for byte in self.0.chunks(8).map(byte) {
                if byte <= 3 && body.ends_with(&[0, 0]) {
                    body.push(3);
                }
                body.push(byte);
            }
            body
        }
    }

    #[derive(Clone, Debug)]
    struct Parameters {
        profile: u32,
        chroma_format: u32,
        scaling: Option<i32>,
        order: u32,
        cycle: Vec<i32>,
        macroblocks: (u32, u32),
        frames_only: bool,
        crop: Option<[u32; 4]>,
    }

    impl Parameters {
        fn write(&self) -> Vec<u8> {
            let mut bits = Writer::default();
            bits.bits(self.profile, 8);
            bits.bits(0xc0_1f, 16);
            bits.unsigned(0);
            if self.profile == 100 {
                bits.unsigned(self.chroma_format);
                if self.chroma_format == 3 {
                    bits.bits(0, 1);
                }
                bits.unsigned(0);
                bits.unsigned(0);
                bits.bits(0, 1);
                bits.bits(u32::from(self.scaling.is_some()), 1);
                if let Some(delta) = self.scaling {
                    for list in 0..if self.chroma_format == 3 { 12 } else { 8 } {
                        bits.bits(u32::from(list % 2 == 0), 1);
                        if list % 2 == 0 {
                            // The last of 8 and this delta, and then nothing more of the list when that gives 0.
                            let count = if delta == -8 { 1 } else { if list < 6 { 16 } else { 64 } };
                            (0..count).for_each(|_| bits.signed(delta));
                        }
                    }
                }
            }
            bits.unsigned(4);
            bits.unsigned(self.order);
            match self.order {
                0 => bits.unsigned(2),
                1 => {
                    bits.bits(0, 1);
                    bits.signed(-3);
                    bits.signed(5);
                    bits.unsigned(self.cycle.len() as u32);
                    self.cycle.iter().for_each(|offset| bits.signed(*offset));
                }
                _ => {}
            }
            bits.unsigned(1);
            bits.bits(0, 1);
            bits.unsigned(self.macroblocks.0 - 1);
            bits.unsigned(self.macroblocks.1 - 1);
            bits.bits(u32::from(self.frames_only), 1);
            bits.bits(1, if self.frames_only { 1 } else { 2 });
            bits.bits(u32::from(self.crop.is_some()), 1);
            self.crop.iter().flatten().for_each(|side| bits.unsigned(*side));
            bits.bits(0, 1);
            bits.body()
        }

        fn size(&self) -> (u16, u16) {
            let [left, right, top, bottom] = self.crop.unwrap_or_default();
            let chroma_format = if self.profile == 100 { self.chroma_format } else { 1 };
            let (across, down) = [(1, 1), (2, 2), (2, 1), (1, 1)][chroma_format as usize];
            let fields = if self.frames_only { 1 } else { 2 };
            let width = 16 * self.macroblocks.0 - across * (left + right);
            let height = fields * (16 * self.macroblocks.1 - down * (top + bottom));
            (width as u16, height as u16)
        }
    }

    fn parameters() -> impl Strategy<Value = Parameters> {
        let profile = (prop_oneof![Just(66u32), Just(77), Just(100)], 0u32..4);
        let scaling = prop::option::of(prop_oneof![Just(-8i32), Just(0), Just(1)]);
        let order = (0u32..3, prop::collection::vec(-1000i32..1000, 0..5));
        let size = (
            (4u32..200, 4u32..100),
            any::<bool>(),
            prop::option::of(prop::array::uniform4(0u32..8)),
        );
        (profile, scaling, order, size).prop_map(|((profile, chroma_format), scaling, (order, cycle), size)| {
            Parameters {
                profile,
                chroma_format,
                scaling,
                order,
                cycle,
                macroblocks: size.0,
                frames_only: size.1,
                crop: size.2,
            }
        })
    }

    proptest! {
        #[test]
        fn the_size_written_is_read(parameters in parameters()) {
            prop_assert_eq!(frame_size(&parameters.write()), Some(parameters.size()));
        }

        #[test]
        fn a_part_of_it_is_no_size(parameters in parameters(), keep in 0.0..1.0) {
            let body = parameters.write();
            // The last byte may have nothing but what is not read.
            let keep = (keep * (body.len() - 2) as f64) as usize;
            prop_assert_eq!(frame_size(&body[..keep]), None);
        }

        #[test]
        fn anything_else_never_panics(body in prop::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..100)) {
            let _ = frame_size(&body);
        }
    }

    #[test]
    fn the_sizes_of_real_encoders_are_read() {
        let x264_baseline = [
            0x42, 0xc0, 0x1f, 0xd9, 0x00, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03,
        ];
        assert_eq!(frame_size(&x264_baseline), Some((1280, 720)));
        let x264_high = [
            0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03,
        ];
        assert_eq!(frame_size(&x264_high), Some((1920, 1080)));
        let openh264 = [
            0x42, 0xc0, 0x16, 0x8c, 0x68, 0x0a, 0x02, 0xf7, 0x97, 0x01, 0x01, 0xe1, 0x10,
        ];
        assert_eq!(frame_size(&openh264), Some((640, 360)));
    }
}
