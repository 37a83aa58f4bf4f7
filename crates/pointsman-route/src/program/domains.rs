//! Which virtual host a request's host belongs to.

use crate::index::ByteMap;

/// Domains by kind. Exact ones first, then `*x` longest first, then `x*` longest first, then `*`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Domains {
    exact: ByteMap,
    suffixes: Wildcards,
    prefixes: Wildcards,
    default: Option<u32>,
}

/// By length of the fixed part, the longest first.
#[derive(Debug, Clone, Default)]
struct Wildcards(Vec<(usize, ByteMap)>);

/// How the domain that was found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DomainKind {
    /// The host itself.
    Exact,
    /// `*x`.
    Suffix,
    /// `x*`.
    Prefix,
    /// `*`.
    Any,
}

impl Domains {
    /// Adds a domain; `false` where it stands already, which then stays.
    pub(super) fn add(&mut self, domain: &str, host: u32) -> bool {
        let domain = domain.to_ascii_lowercase();
        let bytes = domain.as_bytes();
        match (bytes.split_first(), bytes.split_last()) {
            (Some((b'*', [])), _) => {
                let free = self.default.is_none();
                self.default.get_or_insert(host);
                free
            }
            (Some((b'*', rest)), _) => self.suffixes.add(rest, host),
            (_, Some((b'*', rest))) => self.prefixes.add(rest, host),
            _ => insert(&mut self.exact, bytes, host),
        }
    }

    /// Sorts the wildcards: to be called once after the last [`Self::add`].
    pub(super) fn finish(&mut self) {
        self.suffixes.0.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        self.prefixes.0.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    }

    /// Whether the host is not looked at, because there is `*` alone.
    pub(crate) fn only_default(&self) -> Option<u32> {
        let plain = self.exact.is_empty() && self.suffixes.0.is_empty() && self.prefixes.0.is_empty();
        self.default.filter(|_| plain)
    }

    /// The virtual host of a host in lower case.
    pub(crate) fn find(&self, host: &[u8]) -> Option<(u32, DomainKind)> {
        if let Some(found) = self.exact.get(host) {
            return Some((found, DomainKind::Exact));
        }
        let suffix = |length: usize| host.get(host.len() - length..);
        if let Some(found) = self.suffixes.find(host.len(), suffix) {
            return Some((found, DomainKind::Suffix));
        }
        if let Some(found) = self.prefixes.find(host.len(), |length| host.get(..length)) {
            return Some((found, DomainKind::Prefix));
        }
        self.default.map(|found| (found, DomainKind::Any))
    }
}

impl Wildcards {
    fn add(&mut self, fixed: &[u8], host: u32) -> bool {
        let position = match self.0.iter().position(|(length, _)| *length == fixed.len()) {
            Some(position) => position,
            None => {
                self.0.push((fixed.len(), ByteMap::default()));
                self.0.len() - 1
            }
        };
        self.0.get_mut(position).is_some_and(|(_, of_length)| insert(of_length, fixed, host))
    }

    fn find<'h>(&self, length: usize, part: impl Fn(usize) -> Option<&'h [u8]>) -> Option<u32> {
        // A wildcard stands for at least one character.
        let candidates = self.0.iter().filter(|(fixed, _)| *fixed < length);
        candidates.filter_map(|(fixed, hosts)| hosts.get(part(*fixed)?)).next()
    }
}

fn insert(map: &mut ByteMap, key: &[u8], host: u32) -> bool {
    let mut free = false;
    map.entry(key, || {
        free = true;
        host
    });
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_then_suffixes_then_prefixes_then_any() {
        let mut domains = Domains::default();
        for (host, domain) in
            (0..).zip(["a.com", "*.a.com", "*-x.a.com", "a.*", "a.b.*", "*", "a.*.com", "*.com"])
        {
            assert!(domains.add(domain, host), "{domain}");
        }
        assert!(!domains.add("A.com", 9) && !domains.add("*", 9));
        domains.finish();
        let table = [
            ("a.com", 0),
            ("q.r.a.com", 1),
            ("q-x.a.com", 2),
            ("a.org", 3),
            ("a.b.org", 4),
            ("z", 5),
            // A wildcard stands for something.
            (".a.com", 7),
            ("a.q.com", 7),
            ("a.b.com", 7),
        ];
        for (host, expected) in table {
            assert_eq!(domains.find(host.as_bytes()).map(|(found, _)| found), Some(expected), "{host}");
        }
        assert_eq!(domains.only_default(), None);
    }
}
