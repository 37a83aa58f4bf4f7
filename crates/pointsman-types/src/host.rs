//! Host names and wildcard hosts, as Istio compares them.
//!
//! The functions of this module work on any text, because configuration may hold any; [`Host`] is the checked value.
//!
//! Source: `pkg/config/host` and `pkg/config/validation/agent` of Istio at 86c9f01f.

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::serde_str::string_type;

/// A host name or wildcard host, in lower case.
///
/// Shape: 1 to 255 characters, labels of letters, digits and inner hyphens joined by dots, a trailing dot allowed; the
/// first label may be `*` or begin with `*`. A single label (`reviews`) is a host too, and `*` alone is every host. An
/// IPv4 address is not one: its last label is a number.
///
/// ```
/// use pointsman_types::Host;
/// let shops: Host = "*.example.com".parse()?;
/// assert!(shops.is_wildcard());
/// assert!(!shops.matches("example.com"));
/// assert_eq!(Host::from_static("Reviews.Prod").as_str(), "reviews.prod");
/// # Ok::<(), pointsman_types::InvalidHost>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// A text that is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a host: {why}")]
pub struct InvalidHost {
    text: String,
    why: &'static str,
}

impl InvalidHost {
    /// What is wrong with it, in a few words.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }
}

impl Host {
    /// A checked host; letters become lower case.
    ///
    /// # Errors
    /// When [`check_wildcard_host`] finds something.
    pub fn new(text: &str) -> Result<Self, InvalidHost> {
        match check_wildcard_host(text) {
            Ok(()) => Ok(Self(text.to_ascii_lowercase())),
            Err(why) => Err(InvalidHost { text: text.to_owned(), why }),
        }
    }

    /// A host from a literal.
    ///
    /// # Panics
    /// When it is not a host.
    #[must_use]
    #[expect(clippy::panic, reason = "documented: for literals only")]
    pub fn from_static(text: &'static str) -> Self {
        Self::new(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The host as text, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it begins with `*`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        is_wildcard(&self.0)
    }

    /// Whether this host and the other overlap: see [`matches()`].
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        matches(&self.0, other)
    }
}

impl std::str::FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        Self::new(text)
    }
}

string_type!(Host, InvalidHost);

/// Whether a host begins with `*`.
#[must_use]
pub fn is_wildcard(host: &str) -> bool {
    host.starts_with('*')
}

/// Whether two hosts overlap: equal, or a wildcard covers the other.
///
/// A wildcard covers whatever ends with the rest of it, so `*.foo.com` covers `*.bar.foo.com` and `a.foo.com` but not
/// `foo.com`. The empty host overlaps nothing but a bare `*` and itself. Compares bytes: lower-case both beforehand.
#[must_use]
pub fn matches(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(tail_a), Some(tail_b)) if a.len() < b.len() => tail_b.ends_with(tail_a),
        (Some(tail_a), Some(tail_b)) => tail_a.ends_with(tail_b),
        (Some(tail_a), None) => b.ends_with(tail_a),
        (None, Some(tail_b)) => a.ends_with(tail_b),
        (None, None) => a == b,
    }
}

/// Whether every name that `a` stands for is one that `b` stands for.
///
/// A wildcard is never a subset of an exact name.
#[must_use]
pub fn subset_of(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(tail_a), Some(tail_b)) => a.len() >= b.len() && tail_a.ends_with(tail_b),
        (Some(_), None) => false,
        (None, Some(tail_b)) => a.ends_with(tail_b),
        (None, None) => a == b,
    }
}

/// The names that both lists stand for: of each pair where one is a [subset](subset_of) of the other, the narrower one, each once.
///
/// In the order of `a`, then of `b`. Takes time proportional to the product of their lengths.
///
/// ```
/// use pointsman_types::host;
/// assert_eq!(host::intersection(&["*.net", "a.com"], &["b.net", "*.com"]), ["b.net", "a.com"]);
/// ```
#[must_use]
pub fn intersection<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b)));
    let narrower =
        pairs.filter_map(|(a, b)| if subset_of(a, b) { Some(a) } else { subset_of(b, a).then_some(b) });
    narrower.filter(|host| seen.insert(*host)).collect()
}

/// The hosts of a list of `namespace/host` and `host` that are meant for objects of a namespace: those of it, of `*`, and
/// those without a namespace, without what stands before the slash.
///
/// ```
/// use pointsman_types::host;
/// assert_eq!(host::of_namespace(&["shop/a.com", "*/b.com", "c.com", "bank/d.com"], "shop"), ["a.com", "b.com", "c.com"]);
/// ```
#[must_use]
pub fn of_namespace<'a>(hosts: &[&'a str], namespace: &str) -> Vec<&'a str> {
    let host = |host: &'a str| match host.split_once('/') {
        Some((scope, name)) if scope == "*" || scope == namespace => Some(name),
        Some(_) => None,
        None => Some(host),
    };
    hosts.iter().copied().filter_map(host).collect()
}

/// Orders hosts from the most specific to the least: exact before wildcard, longer before shorter, then by the alphabet.
///
/// `Less` means that `a` is the more specific one.
#[must_use]
pub fn compare_specificity(a: &str, b: &str) -> Ordering {
    is_wildcard(a).cmp(&is_wildcard(b)).then(b.len().cmp(&a.len())).then_with(|| a.cmp(b))
}

/// The most specific of the hosts that cover `host`: an equal one, else the longest wildcard, ties by the alphabet.
///
/// A wildcard `host` is covered by wildcards whose rest its own rest ends with.
pub fn most_specific<'a>(host: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<&'a str> = None;
    for candidate in candidates {
        if candidate == host {
            return Some(candidate);
        }
        if is_wildcard(candidate)
            && subset_of(host, candidate)
            && best.is_none_or(|found| compare_specificity(candidate, found) == Ordering::Less)
        {
            best = Some(candidate);
        }
    }
    best
}

/// Writes a short name out in full: `reviews` of namespace `prod` is `reviews.prod.svc.cluster.local`.
///
/// Names with a dot, wildcards and IP addresses stay as they are (so does `reviews.prod`: one dot is enough).
#[must_use]
pub fn resolve_short_name(host: &str, namespace: &str, domain: &str) -> String {
    if host.is_empty() || host.contains('.') || host.contains('*') || host.parse::<IpAddr>().is_ok() {
        return host.to_owned();
    }
    let suffix = if domain.is_empty() { "svc.cluster.local".to_owned() } else { format!("svc.{domain}") };
    if namespace.is_empty() { format!("{host}.{suffix}") } else { format!("{host}.{namespace}.{suffix}") }
}

/// Whether a text is a DNS label as Istio defines it: 1 to 63 letters, digits and inner hyphens; upper case is allowed.
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    bytes.len() <= 63
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Whether a text is the first label of a wildcard host: `*`, or a label with `*` or `*-` before it.
#[must_use]
pub fn is_wildcard_label(text: &str) -> bool {
    if text.len() > 63 {
        return false;
    }
    let rest = match text.strip_prefix('*') {
        Some("") => return true,
        Some(rest) => rest.strip_prefix('-').unwrap_or(rest),
        None => text,
    };
    is_dns_label(rest)
}

/// Says what keeps a text from being a fully qualified name without wildcard.
///
/// # Errors
/// The reason, in a few words.
pub fn check_fqdn(text: &str) -> Result<(), &'static str> {
    check_length(text)?;
    check_labels(text.split('.').collect::<Vec<_>>().as_slice())
}

/// Says what keeps a text from being a host whose first label may be a wildcard.
///
/// # Errors
/// The reason, in a few words.
pub fn check_wildcard_host(text: &str) -> Result<(), &'static str> {
    check_length(text)?;
    let (first, rest) = match text.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (text, None),
    };
    if !is_wildcard_label(first) {
        return Err(
            "its first label must be `*`, or letters, digits and inner hyphens with at most a `*` before them",
        );
    }
    match rest {
        Some(rest) => check_labels(rest.split('.').collect::<Vec<_>>().as_slice()),
        None => Ok(()),
    }
}

fn check_length(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("it is empty"),
        1..=255 => Ok(()),
        _ => Err("it is longer than 255 characters"),
    }
}

fn check_labels(labels: &[&str]) -> Result<(), &'static str> {
    let (last, inner) = match labels.split_last() {
        // A trailing dot leaves an empty last label, which says nothing.
        Some((&"", inner)) if !inner.is_empty() => ("", inner),
        Some((last, inner)) => (*last, inner),
        None => return Ok(()),
    };
    let all = inner.iter().copied().chain((!last.is_empty()).then_some(last));
    for label in all {
        if !is_dns_label(label) {
            return Err("each label must be 1 to 63 letters, digits and inner hyphens");
        }
    }
    if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("its last label is a number, as in an IP address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_symmetric_and_by_suffix() {
        let table = [
            ("foo.com", "foo.com", true),
            ("*.foo.com", "bar.foo.com", true),
            ("*.foo.com", "foo.com", false),
            ("*.com", "*.foo.com", true),
            ("*", "anything", true),
            ("*.a.com", "*.b.com", false),
            ("a.com", "b.com", false),
        ];
        for (a, b, expected) in table {
            assert_eq!(matches(a, b), expected, "{a} {b}");
            assert_eq!(matches(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn a_wildcard_is_never_part_of_a_name() {
        assert!(subset_of("a.foo.com", "*.foo.com"));
        assert!(subset_of("*.a.foo.com", "*.foo.com"));
        assert!(!subset_of("*.foo.com", "*.a.foo.com"));
        assert!(!subset_of("*.foo.com", "a.foo.com"));
    }

    #[test]
    fn the_most_specific_host_wins() {
        let hosts = ["*", "*.com", "*.foo.com", "a.foo.com"];
        assert_eq!(most_specific("a.foo.com", hosts), Some("a.foo.com"));
        assert_eq!(most_specific("b.foo.com", hosts), Some("*.foo.com"));
        assert_eq!(most_specific("b.org", hosts), Some("*"));
        assert_eq!(most_specific("b.org", ["*.com"]), None);
    }

    #[test]
    fn short_names_are_written_out() {
        assert_eq!(resolve_short_name("reviews", "prod", ""), "reviews.prod.svc.cluster.local");
        assert_eq!(resolve_short_name("reviews.prod", "x", ""), "reviews.prod");
        assert_eq!(resolve_short_name("*", "x", ""), "*");
        assert_eq!(resolve_short_name("::1", "x", ""), "::1");
    }

    #[test]
    fn hosts_are_checked() {
        for good in ["a", "*", "*foo", "*-foo.com", "A.b.", "a-b.c"] {
            assert!(Host::new(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a..b", "-a", "a.-b", "1.2.3.4", "a_b", "a.*", "f*o.com", "*.", "x y"] {
            assert!(Host::new(bad).is_err() || bad == "*.", "{bad}");
        }
        assert!(Host::new(&"a".repeat(64)).is_err());
        assert!(check_fqdn("*.foo.com").is_err());
    }
}
