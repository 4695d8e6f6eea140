//! From bytes to text.

use super::Problem;

/// What Windows-1252 has at 0x80 to 0x9F (WHATWG Encoding Standard, index-windows-1252); elsewhere it is Latin-1.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// The text of a file: UTF-16 if it says so, UTF-8 if it is that, otherwise Windows-1252, which every byte is.
pub(super) fn decode(file: &[u8]) -> Result<String, Problem> {
    match file {
        // A ZIP archive (.xlsx, .ods) and the older compound file (.xls).
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Problem::Workbook),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(utf_8(rest)),
        plain => Ok(utf_8(plain)),
    }
}

fn utf_8(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(windows_1252).collect(), str::to_owned)
}

fn windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problem> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return Err(Problem::Encoding);
    };
    let units = pairs.iter().copied().map(unit);
    char::decode_utf16(units)
        .collect::<Result<_, _>>()
        .map_err(|_| Problem::Encoding)
}

/// Without Excel's `sep=;` before the header, and how many rows that was.
pub(super) fn without_separator_line(text: &str) -> (&str, u32) {
    match text.split_once('\n') {
        Some((first, rest)) if first.to_ascii_lowercase().starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}
