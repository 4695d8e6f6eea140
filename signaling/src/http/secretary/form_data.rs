//! A form with a file in it: `multipart/form-data` (RFC 7578), all of it in memory, since a roster is small.

/// Fields of one form; the largest here has fifteen.
const MAX_FIELDS: usize = 50;

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: String,
    pub(super) value: &'a [u8],
}

/// What separates the fields, by the request's `Content-Type`.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, boundary) = parameters.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let boundary = boundary.trim_matches('"');
    // RFC 2046 section 5.1.1.
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// The fields; `None`: it is no such form.
pub(super) fn fields<'a>(boundary: &str, body: &'a [u8]) -> Option<Vec<Field<'a>>> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first one stands at the beginning, without the line break that belongs to the others.
    let first = delimiter.get(2..)?;
    let mut rest = body.strip_prefix(first)?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        if fields.len() >= MAX_FIELDS {
            return None;
        }
        let (headers, content) = split(rest.strip_prefix(b"\r\n")?, b"\r\n\r\n")?;
        let (value, after) = split(content, &delimiter)?;
        fields.push(Field {
            name: name(std::str::from_utf8(headers).ok()?)?,
            value,
        });
        rest = after;
    }
    Some(fields)
}

/// The `name` of `Content-Disposition`.
fn name(headers: &str) -> Option<String> {
    let mut lines = headers.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, disposition) = lines.find(|(header, _)| header.eq_ignore_ascii_case("content-disposition"))?;
    let mut parameters = disposition.split(';').filter_map(|one| one.trim().split_once('='));
    let (_, name) = parameters.find(|(parameter, _)| *parameter == "name")?;
    Some(name.trim_matches('"').to_owned())
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let begins = bytes.windows(at.len()).position(|window| window == at)?;
    Some((bytes.get(..begins)?, bytes.get(begins + at.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::{boundary, fields};
    use proptest::prelude::*;

    fn form(boundary: &str, fields: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a;b.csv\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }

    #[test]
    fn the_boundary_is_told_by_the_type() {
        assert_eq!(boundary("multipart/form-data; boundary=----x"), Some("----x"));
        assert_eq!(
            boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""),
            Some("a b")
        );
        assert_eq!(boundary("application/json; boundary=x"), None);
        assert_eq!(boundary("multipart/form-data"), None);
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_byte_by_byte(values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
            let names: Vec<_> = (0..values.len()).map(|number| format!("field-{number}")).collect();
            let sent: Vec<_> = names.iter().map(String::as_str).zip(values.iter().map(Vec::as_slice)).collect();
            // No value can have it: the browser chooses one that none has.
            let body = form("a-boundary-that-is-nowhere-else", &sent);
            let read = fields("a-boundary-that-is-nowhere-else", &body).unwrap();
            let read: Vec<_> = read.iter().map(|field| (&*field.name, field.value)).collect();
            prop_assert_eq!(read, sent);
        }

        #[test]
        fn whatever_is_sent_reading_it_ends(body in prop::collection::vec(any::<u8>(), 0..200), cut in 0..200_usize) {
            let _ = fields("x", &body);
            let whole = form("x", &[("a", &body)]);
            let _ = fields("x", &whole[..cut.min(whole.len())]);
        }
    }
}
