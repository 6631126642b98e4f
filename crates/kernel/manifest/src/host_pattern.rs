//! Host patterns of `allowedHosts` (plugin contract §3.8).

use std::fmt;

use serde::{Deserialize, Serialize};

/// `*` (any host), `*.example.com` (that domain and everything below it) or an exact host. Ports are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern(String);

impl HostPattern {
    /// Longest pattern, in characters.
    pub const MAX_LENGTH: usize = 256;

    /// Reads a pattern; it is kept in lower case.
    ///
    /// # Errors
    /// A sentence that says what is wrong, for a pattern with scheme, path, port, white space or an inner `*`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pattern = text.trim_end_matches('.').to_ascii_lowercase();
        let host = pattern.strip_prefix("*.").unwrap_or(&pattern);
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        let valid = text == "*" || (!host.is_empty() && host.chars().all(plain) && !host.starts_with('.'));
        let has_port = !host.starts_with('[') && host.contains(':') && host.matches(':').count() == 1;
        if !valid || has_port || pattern.len() > Self::MAX_LENGTH {
            return Err(format!(
                "\"{text}\" is not a host pattern: write a host (api.example.com), *.example.com or *, without scheme, port or path"
            ));
        }
        Ok(Self(pattern))
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a host, as it stands in a parsed URL, matches.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host =
            host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        match self.0.strip_prefix("*.") {
            Some(domain) => {
                host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            }
            None => self.0 == "*" || self.0.trim_start_matches('[').trim_end_matches(']') == host,
        }
    }

    /// Whether somebody who agreed to this pattern agreed to `other` (plugin contract §1.7): `*` covers everything,
    /// `*.x` what is below x and the narrower wildcards. It does not cover x itself, although it matches it: a
    /// person who reads "*.x" is not told of x.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self.0.strip_prefix("*."), other.0.strip_prefix("*.")) {
            _ if self.0 == "*" => true,
            (Some(domain), Some(inner)) => inner == domain || inner.ends_with(&format!(".{domain}")),
            (None, Some(_)) => false,
            (Some(domain), None) => {
                other.0.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            (None, None) => self.0 == other.0,
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_the_domain_and_everything_below_it_and_nothing_beside_it() {
        let pattern = HostPattern::parse("*.Example.com").unwrap();
        for host in ["example.com", "a.example.com", "A.B.EXAMPLE.com."] {
            assert!(pattern.matches(host), "{host}");
        }
        for host in ["badexample.com", "example.com.evil.net", "com"] {
            assert!(!pattern.matches(host), "{host}");
        }
    }

    #[test]
    fn a_wildcard_covers_what_is_below_its_domain_and_not_the_domain() {
        let pattern = |text: &str| HostPattern::parse(text).unwrap();
        for (wide, narrow) in [("*", "*"), ("*", "a.com"), ("*.a.com", "b.a.com"), ("*.a.com", "*.b.a.com")] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} covers {narrow}");
        }
        for (narrow, wide) in [
            ("a.com", "*"),
            ("*.a.com", "*"),
            ("a.com", "*.a.com"),
            ("*.b.a.com", "*.a.com"),
            ("*.a.com", "a.com"),
        ] {
            assert!(!pattern(narrow).covers(&pattern(wide)), "{narrow} does not cover {wide}");
        }
    }

    #[test]
    fn a_pattern_with_scheme_port_or_path_is_refused() {
        for text in ["https://a.com", "a.com/x", "a.com:8080", "", "*.", "a*.com", "a b", "*.*.com"] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
