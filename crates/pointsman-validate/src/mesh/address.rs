//! Addresses of servers.

use pointsman_types::host;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{address, quote};

/// `host:port`, with a name or an IP address.
pub(crate) fn host_and_port(text: &str, at: &Place<'_>, out: &mut Report) {
    let Some((name, port)) = address::host_and_port(text) else {
        out.error(at, codes::PROXY_ADDRESS, format!("{} is not `host:port`", quote(text)));
        return;
    };
    if !port.parse().is_ok_and(crate::words::is_port) {
        out.error(at, codes::PROXY_ADDRESS, format!("{} is not a port", quote(port)));
    } else if !is_host(name) {
        out.error(
            at,
            codes::PROXY_ADDRESS,
            format!("{} is neither a host name nor an IP address", quote(name)),
        );
    }
}

/// A full name or an IP address.
pub(crate) fn is_host(text: &str) -> bool {
    host::check_fqdn(text).is_ok() || address::is_ip(text)
}
