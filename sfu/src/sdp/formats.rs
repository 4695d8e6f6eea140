//! The formats of a media section: what each payload type is, and with which parameters (RFC 8866 sections 6.6 and 6.15).

use super::attributes::values;
use rtc_sdp::description::common::Attribute;

/// Formats of one section: as many as there are payload types. Each is looked up among all others, and an offer full of
/// them must not take much longer to read than its length asks for.
const MAX_FORMATS: usize = 128;

/// What a section says of its formats, each line once.
pub(super) struct Formats<'a> {
    maps: Vec<(u8, &'a str)>,
    parameters: Vec<(u8, &'a str)>,
}

impl<'a> Formats<'a> {
    pub(super) fn of(attributes: &'a [Attribute]) -> Self {
        let numbered = |key| values(attributes, key).filter_map(numbered).take(MAX_FORMATS).collect();
        Self {
            maps: numbered("rtpmap"),
            parameters: numbered("fmtp"),
        }
    }

    /// The payload types mapped to `name`, in the offer's order.
    pub(super) fn mapped(&self, name: &str) -> impl Iterator<Item = u8> {
        let found = self
            .maps
            .iter()
            .filter(move |(_, found)| found.eq_ignore_ascii_case(name));
        found.map(|(payload_type, _)| *payload_type)
    }

    /// The parameters of a payload type as they stand: of `a=fmtp:97 apt=96`, 97's are `apt=96`.
    pub(super) fn parameters(&self, payload_type: u8) -> impl Iterator<Item = &'a str> {
        let own = self
            .parameters
            .iter()
            .filter(move |(number, _)| *number == payload_type);
        own.map(|(_, parameters)| *parameters)
    }

    /// One parameter: 97's `apt` is `96`.
    pub(super) fn parameter(&self, payload_type: u8, name: &str) -> Option<&'a str> {
        self.parameters(payload_type)
            .flat_map(|parameters| parameters.split(';'))
            .filter_map(|parameter| parameter.trim().split_once('='))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// `96 VP8/90000` gives (96, "VP8/90000").
fn numbered(text: &str) -> Option<(u8, &str)> {
    let (number, rest) = text.split_once(' ')?;
    Some((number.parse().ok().filter(|n| *n < 128)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(lines: impl Iterator<Item = (&'static str, String)>) -> Vec<Attribute> {
        lines
            .map(|(key, value)| Attribute::new(key.to_owned(), Some(value)))
            .collect()
    }

    #[test]
    fn a_parameter_is_found_under_its_number_however_it_is_written() {
        let lines = [
            ("rtpmap", "96 vp8/90000"),
            ("rtpmap", "97 rtx/90000"),
            ("fmtp", "97 apt=96;rtx-time=3000"),
            ("fmtp", "98 APT=1; apt=2"),
            ("rtpmap", "200 rtx/90000"),
            ("rtpmap", "x"),
        ];
        let attributes = attributes(lines.into_iter().map(|(key, value)| (key, value.to_owned())));
        let formats = Formats::of(&attributes);
        assert_eq!(formats.mapped("VP8/90000").collect::<Vec<_>>(), [96]);
        assert_eq!(formats.mapped("rtx/90000").collect::<Vec<_>>(), [97]);
        assert_eq!(formats.parameter(97, "apt"), Some("96"));
        assert_eq!(formats.parameter(98, "apt"), Some("1"));
        assert_eq!(formats.parameter(96, "apt"), None);
    }

    #[test]
    fn of_more_lines_than_there_are_payload_types_the_rest_is_not_read() {
        let lines = (0..3000u32).flat_map(|n| {
            let number = n % 128;
            [
                ("rtpmap", format!("{number} rtx/90000")),
                ("fmtp", format!("{number} apt={n}")),
            ]
        });
        let attributes = attributes(lines);
        let formats = Formats::of(&attributes);
        assert_eq!(formats.mapped("rtx/90000").count(), MAX_FORMATS);
        assert_eq!(formats.parameters(5).count(), 1);
    }
}
