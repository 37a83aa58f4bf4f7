//! Listeners: choices before the first byte of HTTP.

use std::net::IpAddr;

use pointsman_types::Port;
use serde::{Deserialize, Serialize};

use super::{ClusterName, WeightedDestination};

/// Where connections arrive.
///
/// Shape: a connection finds the listener of its exact destination address, else the one of its port without address.
///
/// Source: Envoy's `Listener`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listener {
    /// Name, such as `10.0.0.1_443` or `0.0.0.0_8080`.
    pub name: String,
    /// The address; `None`: any.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: Port,
    /// Filter chains; the most specific match is taken.
    pub chains: Vec<FilterChain>,
    /// What happens when no chain matches; `None`: the connection is closed.
    pub default: Option<L4Action>,
    /// Whether it listens itself, as at a gateway, or is handed connections that went elsewhere, as in a sidecar.
    #[serde(default)]
    pub is_bound: bool,
}

/// Conditions on a connection, and what happens to it.
///
/// Shape: an empty list is no condition. Decided in this order, each time by the most specific value alone, without
/// going back: destination port, destination address, server name, transport, application protocol.
///
/// Source: Envoy's `FilterChainMatch`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterChain {
    /// Name, may be empty.
    pub name: String,
    /// The original destination port.
    pub destination_port: Option<u16>,
    /// Networks of the destination address.
    pub destinations: Vec<Cidr>,
    /// Server names (SNI): exact or `*.suffix`; the longest wins.
    pub server_names: Vec<String>,
    /// `tls` or `raw_buffer`; empty: any.
    pub transport: String,
    /// Application protocols (ALPN); empty: any.
    pub application_protocols: Vec<String>,
    /// What happens.
    pub action: L4Action,
}

/// What happens to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum L4Action {
    /// Its requests are routed by the route configuration of that name.
    Http(String),
    /// It is sent on as a whole.
    Tcp(TcpRoute),
}

impl Default for L4Action {
    fn default() -> Self {
        Self::Http(String::new())
    }
}

/// A connection sent on as a whole.
///
/// Source: Envoy's `TcpProxy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct TcpRoute {
    /// Destinations; with one alone its weight does not matter.
    pub destinations: Vec<WeightedDestination>,
    /// Whether the source address is hashed to choose an endpoint.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hash_source_ip: bool,
}

impl TcpRoute {
    /// All to one cluster.
    #[must_use]
    pub fn to(cluster: ClusterName) -> Self {
        Self { destinations: vec![WeightedDestination::new(cluster, 1)], hash_source_ip: false }
    }
}

/// A network: address and prefix length.
///
/// Shape: text `10.0.0.0/8`; a bare address is the network of that address alone. Bits below the prefix are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: expected `address/prefix length`")]
pub struct InvalidCidr(String);

impl Cidr {
    /// A network.
    ///
    /// # Errors
    /// A prefix longer than the address.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, InvalidCidr> {
        if prefix > bits(address) {
            return Err(InvalidCidr(format!("{address}/{prefix}")));
        }
        Ok(Self { address, prefix })
    }

    /// The address as written.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// The prefix length in bits.
    #[must_use]
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Its first address.
    #[must_use]
    pub fn first(self) -> IpAddr {
        self.with_host_bits(0)
    }

    /// Its last address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        self.with_host_bits(u128::MAX)
    }

    fn with_host_bits(self, wanted: u128) -> IpAddr {
        let free = u32::from(bits(self.address)) - u32::from(self.prefix);
        let host = u128::MAX.checked_shl(free).map_or(u128::MAX, |network| !network);
        match self.address {
            IpAddr::V4(v4) => {
                let host = u32::try_from(host & u128::from(u32::MAX)).unwrap_or(u32::MAX);
                let wanted = if wanted == 0 { 0 } else { host };
                IpAddr::V4(((v4.to_bits() & !host) | wanted).into())
            }
            IpAddr::V6(v6) => IpAddr::V6(((v6.to_bits() & !host) | (wanted & host)).into()),
        }
    }

    /// Whether the address lies in it; never across IPv4 and IPv6.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        if bits(self.address) != bits(address) {
            return false;
        }
        let kept = 128 - u32::from(bits(address)) + u32::from(self.prefix);
        let mask = u128::MAX.checked_shl(128 - kept).unwrap_or(0);
        number(self.address) & mask == number(address) & mask
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl std::str::FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let invalid = || InvalidCidr(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| invalid())?,
            None => bits(address),
        };
        Self::new(address, prefix).map_err(|_| invalid())
    }
}

impl TryFrom<String> for Cidr {
    type Error = InvalidCidr;

    fn try_from(text: String) -> Result<Self, InvalidCidr> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn networks_hold_their_addresses() {
        let table = [
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
        ];
        for (network, address, expected) in table {
            let network: Cidr = network.parse().expect("a network");
            assert_eq!(
                network.contains(address.parse().expect("an address")),
                expected,
                "{network} {address}"
            );
        }
        assert!("10.0.0.0/33".parse::<Cidr>().is_err());
        for (network, first, last) in [
            ("10.1.2.3/8", "10.0.0.0", "10.255.255.255"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.3"),
            ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
            ("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            let network: Cidr = network.parse().expect("a network");
            assert_eq!(
                (network.first().to_string(), network.last().to_string()),
                (first.into(), last.into())
            );
        }
    }
}
