//! Which names and addresses are internal (plugin contract §3.8, with every recommended range).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names that only ever mean this machine, its cloud's metadata service, or whatever address is spelled in them.
/// Each entry covers the name itself and everything below it.
const INTERNAL_NAMES: &[&str] = &[
    "localhost",
    "internal",
    "metadata",
    "metadata.google",
    "metadata.goog",
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "lvh.me",
    "localtest.me",
];

/// IPv4 ranges that are not a public server's: first address and prefix length.
const INTERNAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT, a cloud's metadata service
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // a cloud's agent endpoint, in public space
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, most metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, broadcast
];

/// The only IPv6 space given to public servers. Loopback, unique-local, link-local, multicast, IPv4-mapped,
/// IPv4-compatible and NAT64 addresses all lie outside it.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The parts of [`PUBLIC_V6`] that are not a public server's.
const INTERNAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarks, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address in disguise
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether a normalised host name is internal by its wording alone.
pub(crate) fn is_internal_name(host: &str) -> bool {
    INTERNAL_NAMES
        .iter()
        .any(|name| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether an address is a public server's.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !INTERNAL_V4
            .iter()
            .any(|&(network, prefix)| (address.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0),
        IpAddr::V6(address) => {
            let within = |&(network, prefix): &(Ipv6Addr, u32)| {
                (address.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0
            };
            within(&PUBLIC_V6) && !INTERNAL_V6.iter().any(within)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_internal_range_ends_where_it_says() {
        // (last address before, first inside, last inside, first address after)
        let edges = [
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"),
            ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
            ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", "1.0.0.0"),
            ("2000:ffff::", "2001::", "2001:1ff:ffff::", "2001:200::"),
            ("2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::"),
            ("2001:ffff::", "2002::", "2002:ffff::", "2003::"),
            ("3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::"),
            ("2606:4700::1111", "4000::", "ffff::", "2000::1"),
        ];
        for (before, first, last, after) in edges {
            let public = [before, first, last, after].map(|text| is_public(text.parse().unwrap()));
            assert_eq!(public, [true, false, false, true], "{first} to {last}");
        }
    }

    #[test]
    fn an_internal_name_covers_what_is_below_it_and_nothing_beside_it() {
        for host in ["localhost", "a.localhost", "metadata.google.internal", "10.0.0.1.nip.io", "nip.io"] {
            assert!(is_internal_name(host), "{host}");
        }
        for host in ["notlocalhost", "localhost.example.com", "metadata.example.com", "internal.example.com"]
        {
            assert!(!is_internal_name(host), "{host}");
        }
    }
}
