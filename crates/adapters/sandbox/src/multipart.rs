//! Bodies of `multipart/form-data` taken apart (RFC 7578, as Fetch reads it).

use serde_json::{Value, json};

use crate::intrinsics::{Outcome, text};

/// More parts than any form has.
const MOST_PARTS: usize = 10_000;

/// The parts as JSON `[{name, filename, type, start, end}]`; the offsets are into the body.
pub(crate) fn parts(body: &[u8], boundary: &[u8]) -> Outcome {
    let delimiter = [b"--", boundary].concat();
    let malformed = || "The body is not well-formed multipart/form-data".to_owned();
    let mut at = find(body, &delimiter, 0).ok_or_else(malformed)?;
    let mut parts: Vec<Value> = Vec::new();
    loop {
        at += delimiter.len();
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(Value::from(parts).to_string().into_bytes());
        }
        if !rest.starts_with(b"\r\n") || parts.len() == MOST_PARTS {
            return Err(malformed());
        }
        let head_end = find(body, b"\r\n\r\n", at).ok_or_else(malformed)?;
        let head = body.get(at + 2..head_end).ok_or_else(malformed)?;
        let start = head_end + 4;
        let end_mark = [b"\r\n", delimiter.as_slice()].concat();
        // An empty part may share its line end with the head's.
        let end = find(body, &end_mark, start).ok_or_else(malformed)?;
        parts.push(part(text(head)?, start, end).ok_or_else(malformed)?);
        at = end + 2;
    }
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = from;
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == first)?;
        if body.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

fn part(head: &str, start: usize, end: usize) -> Option<Value> {
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    let kind = disposition.split(';').next()?.trim();
    if !kind.eq_ignore_ascii_case("form-data") {
        return None;
    }
    let name = parameter(disposition, "name")?;
    let filename = parameter(disposition, "filename");
    Some(
        json!({"name": name, "filename": filename, "type": header("content-type"), "start": start, "end": end}),
    )
}

/// `; name="value"` with the three characters browsers escape.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition;
    loop {
        let (_, after) = rest.split_once(';')?;
        let after = after.trim_start();
        let (name, value) = after.split_once('=')?;
        let (value, next) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Value, String> {
        parts(body.as_bytes(), b"x").map(|json| serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn fields_and_files_are_found_with_their_names() {
        let body = "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n--x\r\n\
            content-disposition: form-data; name=f; filename=\"t;1.txt\"\r\nContent-Type: text/css\r\n\r\n--y\r\n\r\n--x--\r\n";
        let read = read(body).unwrap();
        assert_eq!(read[0]["name"], "a\"b");
        assert_eq!(read[0]["filename"], Value::Null);
        assert_eq!(read[1]["filename"], "t;1.txt");
        assert_eq!(read[1]["type"], "text/css");
        let slice = |part: &Value| {
            &body[part["start"].as_u64().unwrap() as usize..part["end"].as_u64().unwrap() as usize]
        };
        assert_eq!([slice(&read[0]), slice(&read[1])], ["1", "--y\r\n"]);
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        for body in [
            "",
            "--x",
            "--x\r\n",
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
            "--x\r\n\r\n\r\n--x--",
        ] {
            assert!(read(body).is_err(), "{body:?}");
        }
        assert_eq!(read("--x--").unwrap(), json!([]));
    }
}
