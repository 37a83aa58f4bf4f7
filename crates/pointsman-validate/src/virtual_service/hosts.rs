//! The hosts of a VirtualService.

use std::collections::BTreeMap;

use pointsman_api::istio::networking::VirtualService;

use super::Scope;
use crate::codes;
use crate::report::{Place, Report};
use crate::words::address::is_ip;
use crate::words::{quote, wildcard_host};

pub(super) fn check(service: &VirtualService, scope: Scope, at: &Place<'_>, out: &mut Report) {
    let before = out.errors();
    let sni = service.tls.iter().any(|route| route.r#match.iter().any(|m| !m.sni_hosts.is_empty()));
    for (position, name) in service.hosts.iter().enumerate() {
        let here = at.item("hosts", position);
        if name == "*" && !scope.gateways_only {
            out.error(&here, codes::WILDCARD_IN_MESH, "the host `*` is only for gateways");
        }
        if is_ip(name) {
            continue;
        }
        if scope.gateways_only {
            gateway_host(name, sni, &here, out)
        } else {
            wildcard_host(name, &here, out)
        }
    }
    if out.errors() == before {
        overlaps(&service.hosts, at, out);
    }
}

/// A host of a VirtualService that only gateways use: it may be a generated server name too.
pub(crate) fn gateway_host(name: &str, sni: bool, at: &Place<'_>, out: &mut Report) {
    if sni && name.starts_with("outbound_") {
        gateway_host_generated(name, at, out);
    } else {
        wildcard_host(name, at, out);
    }
}

pub(crate) fn gateway_host_generated(name: &str, at: &Place<'_>, out: &mut Report) {
    if generated_sni(name).is_none() {
        let message = format!("{} is not of the form `outbound_.PORT_.SUBSET_.HOST`", quote(name));
        out.error(at, codes::GENERATED_SNI, message);
    }
}

/// Direction, port and host of a server name that gateways of the mesh make: `outbound_.80_._.reviews.prod.svc`.
#[must_use]
pub(crate) fn generated_sni(name: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = name.split('_').collect();
    let [direction, port, _, name, ..] = parts.as_slice() else { return None };
    let port = port.trim_matches('.');
    let name = name.trim_matches('.');
    let good = *direction == "outbound"
        && port.bytes().any(|byte| byte.is_ascii_digit())
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    good.then_some((*direction, port, name))
}

/// Reports each host that stands for some of the same names as an earlier one. Takes time linear in the text of all hosts.
fn overlaps(hosts: &[String], at: &Place<'_>, out: &mut Report) {
    let mut seen = Seen::default();
    for (position, name) in hosts.iter().enumerate() {
        if let Some(other) = seen.insert(name, position).and_then(|index| hosts.get(index)) {
            let message = format!("the host {} overlaps with {}", quote(name), quote(other));
            out.error(&at.item("hosts", position), codes::HOSTS_OVERLAP, message);
        }
    }
}

/// Hosts by their letters from the end, so that what a wildcard covers stands together.
#[derive(Debug, Default)]
pub(super) struct Seen {
    exact: BTreeMap<Vec<u8>, usize>,
    wild: BTreeMap<Vec<u8>, usize>,
}

impl Seen {
    pub(super) fn of(hosts: &[String]) -> Self {
        let mut seen = Self::default();
        for (position, name) in hosts.iter().enumerate() {
            seen.insert(name, position);
        }
        seen
    }

    /// Whether a host is a subset of one of these.
    pub(super) fn hold(&self, name: &str) -> bool {
        let tail = name.strip_prefix('*');
        let letters: Vec<u8> = tail.unwrap_or(name).bytes().rev().collect();
        let mut ends = (0..=letters.len()).filter_map(|end| letters.get(..end));
        ends.any(|end| self.wild.contains_key(end)) || (tail.is_none() && self.exact.contains_key(&letters))
    }

    /// Adds a host; answers an earlier one that it overlaps with.
    fn insert(&mut self, name: &str, position: usize) -> Option<usize> {
        let tail = name.strip_prefix('*');
        let letters: Vec<u8> = tail.unwrap_or(name).bytes().rev().collect();
        let ends = (0..=letters.len()).filter_map(|end| letters.get(..end));
        let covered = ends.filter_map(|end| self.wild.get(end)).min().copied();
        let other = covered.or_else(|| match tail {
            None => self.exact.get(&letters).copied(),
            Some(_) => first_below(&self.exact, &letters).or_else(|| first_below(&self.wild, &letters)),
        });
        let hosts = if tail.is_some() { &mut self.wild } else { &mut self.exact };
        hosts.entry(letters).or_insert(position);
        other
    }
}

fn first_below(hosts: &BTreeMap<Vec<u8>, usize>, start: &[u8]) -> Option<usize> {
    let (letters, position) = hosts.range(start.to_vec()..).next()?;
    letters.starts_with(start).then_some(*position)
}
