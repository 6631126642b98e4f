//! Numbers, dates and abilities in words.

use std::time::Duration;

use emdash_manifest::Capability;
use emdash_types::Timestamp;
use maud::{Markup, html};

/// What a plugin does with a capability, in two or three words.
pub fn ability(capability: Capability) -> &'static str {
    match capability {
        Capability::ContentRead => "Reads content",
        Capability::ContentWrite => "Writes content",
        Capability::TaxonomiesRead => "Reads taxonomies",
        Capability::MediaRead => "Reads media",
        Capability::MediaWrite => "Writes media",
        Capability::UsersRead => "Reads users",
        Capability::NetworkRequest => "Talks to listed hosts",
        Capability::NetworkRequestUnrestricted => "Talks to any host",
        Capability::EmailSend => "Sends e-mail",
        Capability::EmailEventsRegister => "Sees your e-mail",
        Capability::EmailTransportRegister => "Delivers your e-mail",
        Capability::PageFragmentsRegister => "Adds to pages",
    }
}

/// The abilities behind canonical names, without those another one includes.
pub fn abilities(names: &[String]) -> Vec<&'static str> {
    let all: Vec<Capability> = names.iter().filter_map(|name| Capability::by_name(name)).collect();
    let included = |capability: &&Capability| all.iter().any(|other| other.implied() == Some(**capability));
    all.iter().filter(|capability| !included(capability)).map(|capability| ability(*capability)).collect()
}

pub fn bytes(count: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match count {
        0..KIB => format!("{count} bytes"),
        KIB..MIB => format!("{} KiB", count.div_ceil(KIB)),
        _ => format!("{} MiB", count.div_ceil(MIB)),
    }
}

pub fn duration(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1000) { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}

/// `12,345`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn installs(count: u64) -> String {
    match count {
        0 => "No installs yet".to_owned(),
        1 => "1 install".to_owned(),
        more => format!("{} installs", number(more)),
    }
}

pub fn date(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (at.long_date()) } }
}

pub fn publisher(name: &str, verified: bool) -> Markup {
    html! {
        span.publisher {
            (name)
            @if verified { " " span.verified { "Verified" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([10, 1024, 1025, 64 << 20].map(bytes), ["10 bytes", "1 KiB", "2 KiB", "64 MiB"]);
        assert_eq!([500, 5000].map(|millis| duration(Duration::from_millis(millis))), ["500 ms", "5 s"]);
    }

    #[test]
    fn an_ability_that_another_includes_is_not_said_twice() {
        let names = ["content:read", "content:write", "email:send"].map(str::to_owned);
        assert_eq!(abilities(&names), ["Writes content", "Sends e-mail"]);
    }
}
