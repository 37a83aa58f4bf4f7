//! IP addresses, blocks and sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

/// Whether a text is an address as Go's `netip` reads it: an IPv6 address may name a zone.
#[must_use]
pub(crate) fn is_ip(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok(),
        None => text.parse::<IpAddr>().is_ok(),
    }
}

/// Whether a text is a block, `address/bits`; bits of the host may be set.
#[must_use]
pub(crate) fn is_block(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let plain = !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && (bits == "0" || !bits.starts_with('0'));
    let Some(bits) = bits.parse::<u32>().ok().filter(|_| plain) else { return false };
    if address.parse::<Ipv4Addr>().is_ok() {
        bits <= 32
    } else {
        address.parse::<Ipv6Addr>().is_ok() && bits <= 128
    }
}

/// An address or a block.
pub(crate) fn ip_or_block(text: &str, at: &Place<'_>, out: &mut Report) {
    let good = if text.matches('/').count() == 1 { is_block(text) } else { is_ip(text) };
    if !good {
        out.error(
            at,
            codes::INVALID_ADDRESS,
            format!("{} is not an IP address or a CIDR block", quote(text)),
        );
    }
}

/// An address.
pub(crate) fn ip(text: &str, at: &Place<'_>, out: &mut Report) {
    if !is_ip(text) {
        out.error(at, codes::INVALID_ADDRESS, format!("{} is not an IP address", quote(text)));
    }
}

/// What stands after `unix://`: an absolute path of a file, or an abstract name.
pub(crate) fn unix(path: &str, at: &Place<'_>, out: &mut Report) {
    let why = if path.is_empty() {
        "it is empty"
    } else if path.starts_with('@') {
        return;
    } else if !path.starts_with('/') {
        "it is not absolute"
    } else if path.ends_with('/') {
        "it is a folder"
    } else {
        return;
    };
    out.error(at, codes::INVALID_SOCKET, format!("{} is not the path of a Unix socket: {why}", quote(path)));
}

/// Host and port of `host:port`; an IPv6 host stands in brackets.
#[must_use]
pub(crate) fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').map(|inner| (inner, port)),
        None if host.contains([':', '[', ']']) => None,
        None => Some((host, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_go_reads_them() {
        for good in ["1.2.3.4", "::1", "fe80::1%eth0", "::ffff:1.2.3.4"] {
            assert!(is_ip(good), "{good}");
        }
        for bad in ["", "1.2.3", "01.2.3.4", "[::1]", "fe80::1%", "1.2.3.4%a", "1.2.3.4/8"] {
            assert!(!is_ip(bad), "{bad}");
        }
        for good in ["1.2.3.4/0", "10.1.2.3/8", "::/0", "2001:db8::1/128"] {
            assert!(is_block(good), "{good}");
        }
        for bad in ["1.2.3.4/33", "1.2.3.4/", "1.2.3.4/08", "1.2.3.4/+8", "::/129", "fe80::%a/8", "x/8"] {
            assert!(!is_block(bad), "{bad}");
        }
    }

    #[test]
    fn a_socket_is_an_absolute_file() {
        let count = |path: &str| Report::of(|at, out| unix(path, at, out)).len();
        assert_eq!(["@a", "/a", "", "a", "/a/"].map(count), [0, 0, 1, 1, 1]);
    }

    #[test]
    fn host_and_port_are_split() {
        assert_eq!(host_and_port("[::1]:80"), Some(("::1", "80")));
        assert_eq!(host_and_port("a:80"), Some(("a", "80")));
        assert_eq!(host_and_port(":80"), Some(("", "80")));
        assert_eq!(host_and_port("::1:80"), None);
        assert_eq!(host_and_port("a"), None);
    }
}
