//! Proofs that one route takes everything another could take.

use std::borrow::Cow;

use crate::ir::{HeaderMatch, PathMatch, RouteMatch};
use crate::pattern::{Pattern, Tails};

/// The conditions of a route, read once to be held against those of many others.
#[derive(Debug)]
pub(super) struct Cover<'r> {
    matches: &'r RouteMatch,
    /// What every path that matches begins with; in lower case where case does not count.
    begin: Option<Cow<'r, [u8]>>,
    pattern: Option<Pattern>,
    takes: Takes,
}

/// Paths that a condition takes whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    All,
    /// All that begin with a slash; that of `OPTIONS *` does not.
    Absolute,
    Some,
}

impl<'r> Cover<'r> {
    pub(super) fn new(matches: &'r RouteMatch, tails: &mut Tails) -> Self {
        let pattern = match &matches.path {
            PathMatch::Regex(regex) => Pattern::new(regex, tails).ok(),
            _ => None,
        };
        let begin = match &matches.path {
            PathMatch::Exact(text) | PathMatch::Prefix(text) | PathMatch::PathSeparatedPrefix(text) => {
                Some(Cow::Borrowed(text.as_bytes()))
            }
            PathMatch::Regex(_) => pattern.as_ref().map(|pattern| pattern.head().to_vec().into()),
            PathMatch::Connect | PathMatch::Missing => None,
        };
        let takes = match &matches.path {
            PathMatch::Prefix(prefix) if prefix.is_empty() => Takes::All,
            PathMatch::Regex(regex) if regex == ".*" => Takes::All,
            PathMatch::Prefix(prefix) if prefix == "/" => Takes::Absolute,
            PathMatch::Regex(regex) if regex == "/.*" => Takes::Absolute,
            _ => Takes::Some,
        };
        let begin =
            if matches.case_sensitive { begin } else { begin.map(|text| text.to_ascii_lowercase().into()) };
        Self { matches, begin, pattern, takes }
    }

    /// Whether every request that `inner` takes is one that this takes too. Sound, not complete: `false` says nothing.
    pub(super) fn covers(&self, inner: &Self) -> bool {
        self.covers_path(inner) && self.covers_beside_path(inner.matches)
    }

    fn covers_beside_path(&self, inner: &RouteMatch) -> bool {
        let outer = self.matches;
        let same_header = |a: &HeaderMatch, b: &HeaderMatch| {
            a.name.eq_ignore_ascii_case(&b.name)
                && a.condition == b.condition
                && a.invert == b.invert
                && a.treat_missing_as_empty == b.treat_missing_as_empty
        };
        outer.headers.iter().all(|wanted| inner.headers.iter().any(|has| same_header(wanted, has)))
            && outer.query.iter().all(|wanted| inner.query.contains(wanted))
            && outer.metadata.iter().all(|wanted| inner.metadata.contains(wanted))
            && outer.fraction.as_ref().is_none_or(|fraction| {
                u64::from(fraction.default.numerator) >= fraction.default.denominator.value()
            })
            && (!outer.grpc_only || inner.grpc_only)
            && (outer.tls.is_none() || outer.tls == inner.tls)
    }

    fn covers_path(&self, inner: &Self) -> bool {
        let (outer_path, inner_path) = (&self.matches.path, &inner.matches.path);
        match self.takes {
            Takes::All => return *inner_path != PathMatch::Connect,
            Takes::Absolute => return inner.begin.as_deref().is_some_and(|begin| begin.starts_with(b"/")),
            Takes::Some => {}
        }
        // Of a condition whatever the case only an equal one is known to be covered by one by case.
        if self.matches.case_sensitive != inner.matches.case_sensitive {
            return false;
        }
        if let (PathMatch::Regex(own), PathMatch::Regex(other)) = (outer_path, inner_path) {
            return own == other;
        }
        let (Some(own), Some(begin)) = (self.begin.as_deref(), inner.begin.as_deref()) else {
            return *outer_path == PathMatch::Connect && *inner_path == PathMatch::Connect;
        };
        match (outer_path, inner_path) {
            (PathMatch::Prefix(_), _) => begin.starts_with(own),
            (PathMatch::Exact(_), PathMatch::Exact(_)) => begin == own,
            (PathMatch::PathSeparatedPrefix(_), PathMatch::Exact(_) | PathMatch::PathSeparatedPrefix(_)) => {
                begin == own || is_below(own, begin)
            }
            (PathMatch::PathSeparatedPrefix(_), PathMatch::Prefix(_)) => is_below(own, begin),
            // Regular expressions never ignore case, whatever the route says.
            (PathMatch::Regex(_), PathMatch::Exact(_)) if inner.matches.case_sensitive => {
                self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(begin))
            }
            _ => false,
        }
    }
}

fn is_below(prefix: &[u8], text: &[u8]) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(b"/"))
}
