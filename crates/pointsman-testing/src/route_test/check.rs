//! Whether what was expected came out.

use std::collections::BTreeSet;

use pointsman_route::ir::ClusterName;
use pointsman_types::host;

use super::Share;
use super::expect::{Expectation, Expected, Retries, Shares, in_words};
use super::facts::{Endpoint, Facts};

/// How names of hosts are meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) namespace: &'a str,
    pub(super) domain: &'a str,
}

/// What came out for one expectation, where it is not what was expected; and a draw with which it comes out so.
pub(super) fn mismatch(
    expectation: &Expectation,
    facts: &[Facts],
    names: Names<'_>,
) -> Option<(String, u64)> {
    if let Expected::Shares(expected) = &expectation.expected {
        let (holds, found) = names.shares(expected, facts);
        let draw = facts.first().map_or(0, |facts| facts.draw);
        return (holds == expectation.is_negative).then_some((found, draw));
    }
    let looked: Vec<(bool, String)> =
        facts.iter().map(|facts| names.look(&expectation.expected, facts)).collect();
    let wrong = looked.iter().position(|(holds, _)| *holds == expectation.is_negative)?;
    let draw = facts.get(wrong).map_or(0, |facts| facts.draw);
    let found: Vec<&str> = looked.iter().map(|(_, found)| found.as_str()).collect();
    Some((by_share(&found, facts), draw))
}

/// What is found, with shares where it is not always the same.
fn by_share(found: &[&str], facts: &[Facts]) -> String {
    let mut sums: Vec<(&str, Share)> = Vec::new();
    for (found, facts) in found.iter().zip(facts) {
        match sums.iter_mut().find(|(known, _)| known == found) {
            Some((_, sum)) => *sum = sum.checked_add(facts.share).unwrap_or(Share::ALL),
            None => sums.push((*found, facts.share)),
        }
    }
    match sums.as_slice() {
        [(only, _)] => (*only).to_owned(),
        several => {
            let each = several.iter().map(|(found, share)| format!("{found} for {share} of the requests"));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

impl Names<'_> {
    /// Whether the expectation holds of one way, and what is found.
    fn look(&self, expected: &Expected, facts: &Facts) -> (bool, String) {
        let cluster = facts.destination();
        let parts = cluster.and_then(ClusterName::parts);
        let name = cluster.map(ClusterName::as_str);
        let missing = || not_sent_on(facts);
        let quoted = |text: &str| format!("`{text}`");
        let maybe =
            |found: Option<&str>, wanted: &str| (found == Some(wanted), found.map_or_else(missing, quoted));
        match expected {
            Expected::Host(wanted) => {
                let found = parts.map(|parts| parts.host).or(name);
                (found.is_some_and(|host| self.is_host(wanted, host)), found.map_or_else(missing, quoted))
            }
            Expected::Subset(wanted) => match parts.map(|parts| parts.subset) {
                Some("") => (wanted.is_empty(), "no subset".to_owned()),
                found => maybe(found, wanted),
            },
            Expected::Port(wanted) => {
                let found = parts.map(|parts| parts.port);
                (found == Some(*wanted), found.map_or_else(missing, |port| port.to_string()))
            }
            Expected::Cluster(wanted) => maybe(name, wanted),
            Expected::Unreachable(wanted) => {
                let is_reached = facts.is_reached();
                let how = if is_reached { in_words(false).to_owned() } else { missing() };
                // What the rules themselves answer, redirects too, is neither.
                let is_answered = facts.location.is_some() || (facts.body.is_some() && !is_blocked(facts));
                (if *wanted { !is_reached && !is_answered } else { is_reached }, how)
            }
            Expected::Endpoint(wanted) => match &facts.endpoint {
                Endpoint::One(found) => maybe(Some(found), wanted),
                Endpoint::Any(count) => (false, format!("any of {count}: neither a hash nor a draw chooses")),
                Endpoint::None => (false, "none".to_owned()),
            },
            Expected::Route(wanted) => (facts.route == *wanted, quoted(&facts.route)),
            Expected::Status(wanted) => {
                let found = facts.status;
                (
                    found == Some(*wanted),
                    found.map_or("none: it is sent on".to_owned(), |one| one.to_string()),
                )
            }
            Expected::Location(wanted) => self.optional(facts.location.as_deref(), wanted, "no redirect"),
            Expected::Body(wanted) => {
                self.optional(facts.body.as_deref(), wanted, "no body of the proxy's own")
            }
            Expected::Path(wanted) => (facts.path == *wanted, quoted(&facts.path)),
            Expected::Authority(wanted) => (facts.authority == *wanted, quoted(&facts.authority)),
            Expected::Headers(wanted) => headers(wanted, &facts.headers),
            Expected::ResponseHeaders(wanted) => headers(wanted, &facts.response_headers),
            Expected::Timeout(wanted) => {
                let found = facts.timeout;
                (found == *wanted, found.map_or_else(|| "none".to_owned(), |time| time.to_string()))
            }
            Expected::Retries(wanted) => (wanted.holds_of(&facts.retries), facts.retries.to_string()),
            Expected::Mirrors(wanted) => self.mirrors(wanted, facts),
            Expected::Delay(wanted) => (facts.delay == *wanted, or_none(facts.delay)),
            Expected::Abort(wanted) => (facts.abort == *wanted, or_none(facts.abort)),
            Expected::Shares(_) => (true, String::new()),
        }
    }

    fn optional(&self, found: Option<&str>, wanted: &str, none: &str) -> (bool, String) {
        (found == Some(wanted), found.map_or_else(|| none.to_owned(), |found| format!("`{found}`")))
    }

    /// Whether a name stands for a host: itself, `name` or `name.namespace` of a service of the cluster.
    fn is_host(&self, name: &str, host: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name == host
            || host::resolve_short_name(&name, self.namespace, self.domain) == host
            || format!("{name}.svc.{}", self.domain) == host
    }

    /// Whether a name stands for a destination: its cluster, its subset, its host, or `host/subset`.
    fn is_destination(&self, name: &str, cluster: &ClusterName) -> bool {
        let Some(parts) = cluster.parts() else { return name == cluster.as_str() };
        if let Some((host, subset)) = name.split_once('/') {
            return subset == parts.subset && self.is_host(host, parts.host);
        }
        name == cluster.as_str()
            || (!name.is_empty() && name == parts.subset)
            || self.is_host(name, parts.host)
    }

    /// Whether each named destination has its share and no other has any.
    fn shares(&self, expected: &Shares, facts: &[Facts]) -> (bool, String) {
        let hosts: BTreeSet<&str> =
            facts.iter().filter_map(|facts| Some(facts.destination()?.parts()?.host)).collect();
        let shown = |facts: &Facts| match facts.destination().map(|name| (name, name.parts())) {
            Some((_, Some(parts))) if hosts.len() > 1 || parts.subset.is_empty() => {
                let slash = if parts.subset.is_empty() { "" } else { "/" };
                format!("`{}{slash}{}`", parts.host, parts.subset)
            }
            Some((_, Some(parts))) => format!("`{}`", parts.subset),
            Some((name, None)) => format!("`{}`", name.as_str()),
            None => not_sent_on(facts),
        };
        let mut found: Vec<(String, Share)> = Vec::new();
        for facts in facts {
            let name = shown(facts);
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum = sum.checked_add(facts.share).unwrap_or(Share::ALL),
                None => found.push((name, facts.share)),
            }
        }
        let named = |name: &str, facts: &Facts| {
            facts.destination().is_some_and(|cluster| self.is_destination(name, cluster))
        };
        let has_share = |(name, share): &(String, Share)| {
            let its = facts.iter().filter(|facts| named(name, facts)).map(|facts| facts.share);
            its.into_iter().try_fold(Share::NONE, Share::checked_add) == Some(*share)
        };
        let is_named = |facts: &Facts| expected.iter().any(|(name, _)| named(name, facts));
        let holds = expected.iter().all(has_share) && facts.iter().all(is_named);
        let found: Vec<_> = found.iter().map(|(name, share)| format!("{name} {share}")).collect();
        (holds, found.join(", "))
    }

    fn mirrors(&self, wanted: &Shares, facts: &Facts) -> (bool, String) {
        let is_there = |(name, share): &(String, Share)| {
            facts.mirrors.iter().any(|(cluster, found)| self.is_destination(name, cluster) && found == share)
        };
        let is_wanted = |(cluster, share): &(ClusterName, Share)| {
            wanted.iter().any(|(name, wanted)| self.is_destination(name, cluster) && wanted == share)
        };
        let found: Vec<_> =
            facts.mirrors.iter().map(|(cluster, share)| format!("`{}` {share}", cluster.as_str())).collect();
        let holds = wanted.iter().all(is_there) && facts.mirrors.iter().all(is_wanted);
        (holds, if found.is_empty() { "none".to_owned() } else { found.join(", ") })
    }
}

/// Whether it is the answer to hosts that nobody knows.
fn is_blocked(facts: &Facts) -> bool {
    facts.route == "block_all"
}

fn not_sent_on(facts: &Facts) -> String {
    match (facts.status, &facts.location, &facts.cluster) {
        (Some(status), Some(location), _) => format!("redirected to `{location}` with {status}"),
        (Some(status), None, Some(cluster)) => {
            format!("answered with {status}: nobody is behind `{}`", cluster.as_str())
        }
        (Some(status), None, None) => format!("answered with {status}"),
        (None, ..) => "closed".to_owned(),
    }
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// Whether the headers that are named have these lines, and the lines that they have.
fn headers(wanted: &[(String, Vec<String>)], found: &[(String, String)]) -> (bool, String) {
    let lines = |name: &str| -> Vec<&str> {
        let same = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        found.iter().filter(same).map(|(_, value)| value.as_str()).collect()
    };
    let holds = wanted.iter().all(|(name, values)| lines(name) == *values);
    let shown = wanted.iter().map(|(name, _)| match lines(name).as_slice() {
        [] => format!("no `{name}`"),
        values => format!("`{name}: {}`", values.join("`, `")),
    });
    (holds, shown.collect::<Vec<_>>().join(", "))
}

impl Retries {
    /// Whether what is given here is so there.
    fn holds_of(&self, found: &Self) -> bool {
        self.attempts.is_none_or(|attempts| found.attempts == Some(attempts))
            && self.per_try_timeout.is_none_or(|time| found.per_try_timeout == Some(time))
            && self.on.as_ref().is_none_or(|on| found.on.as_ref() == Some(on))
    }
}
