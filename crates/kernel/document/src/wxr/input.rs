//! The bytes of an export: counted by line and column, and limited.

use std::io::{self, BufRead, Read};

/// Input that knows where it is and stops at a limit.
pub(super) struct Input<R> {
    inner: R,
    line: u64,
    column: u64,
    /// Bytes that may still be read before the limit is lifted again.
    left: u64,
}

/// Why reading stopped at the limit.
#[derive(Debug)]
pub(super) struct LimitReached;

impl std::fmt::Display for LimitReached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the limit of bytes is reached")
    }
}

impl std::error::Error for LimitReached {}

impl<R: BufRead> Input<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, line: 1, column: 1, left: u64::MAX }
    }

    /// From here on, at most this many bytes.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    /// Line and column, in bytes, of what is read next; both from 1.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.line, self.column)
    }
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        for (target, source) in buffer.iter_mut().zip(available) {
            *target = *source;
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        if self.left == 0 && !available.is_empty() {
            return Err(io::Error::other(LimitReached));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(available.len());
        Ok(&available[..most])
    }

    fn consume(&mut self, count: usize) {
        // The buffer is filled already, so this reads nothing new.
        if let Ok(available) = self.inner.fill_buf() {
            let consumed = &available[..count.min(available.len())];
            let feeds = consumed.iter().filter(|byte| **byte == b'\n').count() as u64;
            let after_feed = consumed.iter().rev().take_while(|byte| **byte != b'\n').count() as u64;
            self.column = if feeds == 0 { self.column + after_feed } else { after_feed + 1 };
            self.line += feeds;
        }
        self.left = self.left.saturating_sub(count as u64);
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_that_of_the_next_byte() {
        let mut input = Input::new(io::BufReader::with_capacity(3, &b"ab\ncd\n\nefg"[..]));
        let mut seen = Vec::new();
        let mut byte = [0];
        while input.read(&mut byte).unwrap() == 1 {
            seen.push(input.position());
        }
        let expected = [(1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (4, 1), (4, 2), (4, 3), (4, 4)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_limit_is_an_error_and_the_end_is_not() {
        let mut input = Input::new(&b"abcd"[..]);
        input.allow(4);
        let mut text = String::new();
        input.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abcd");
        let mut input = Input::new(&b"abcd"[..]);
        input.allow(3);
        assert!(input.read_to_string(&mut String::new()).is_err());
    }
}
