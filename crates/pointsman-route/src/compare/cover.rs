//! Proofs that one route takes everything another could take.

use std::borrow::Cow;

use crate::ir::{HeaderMatch, PathMatch, RouteMatch};
use crate::pattern::Pattern;

/// Whether every request that `inner` takes is one that `outer` takes too. Sound, not complete: `false` says nothing.
pub(super) fn covers(outer: &RouteMatch, inner: &RouteMatch) -> bool {
    let same_header = |a: &HeaderMatch, b: &HeaderMatch| {
        a.name.eq_ignore_ascii_case(&b.name)
            && a.condition == b.condition
            && a.invert == b.invert
            && a.treat_missing_as_empty == b.treat_missing_as_empty
    };
    path_covers(outer, inner)
        && outer.headers.iter().all(|wanted| inner.headers.iter().any(|has| same_header(wanted, has)))
        && outer.query.iter().all(|wanted| inner.query.contains(wanted))
        && outer.metadata.iter().all(|wanted| inner.metadata.contains(wanted))
        && outer.fraction.as_ref().is_none_or(|fraction| {
            u64::from(fraction.default.numerator) >= fraction.default.denominator.value()
        })
        && (!outer.grpc_only || inner.grpc_only)
        && (outer.tls.is_none() || outer.tls == inner.tls)
}

fn path_covers(outer: &RouteMatch, inner: &RouteMatch) -> bool {
    let takes_any = match &outer.path {
        PathMatch::Prefix(prefix) => prefix.is_empty(),
        PathMatch::Regex(regex) => regex == ".*",
        _ => false,
    };
    if takes_any {
        return inner.path != PathMatch::Connect;
    }
    let takes_absolute = match &outer.path {
        PathMatch::Prefix(prefix) => prefix == "/",
        PathMatch::Regex(regex) => regex == "/.*",
        _ => false,
    };
    if takes_absolute {
        // `OPTIONS *` has a path that does not.
        return begin_of(&inner.path).is_some_and(|begin| begin.starts_with(b"/"));
    }
    // Of a condition whatever the case only an equal one is known to be covered by one by case.
    if outer.case_sensitive != inner.case_sensitive {
        return false;
    }
    let fold = |text: &[u8]| if outer.case_sensitive { text.to_vec() } else { text.to_ascii_lowercase() };
    match (&outer.path, &inner.path) {
        (PathMatch::Exact(outer), PathMatch::Exact(inner)) => {
            fold(outer.as_bytes()) == fold(inner.as_bytes())
        }
        (PathMatch::Prefix(outer), inner) => {
            begin_of(inner).is_some_and(|begin| fold(&begin).starts_with(&fold(outer.as_bytes())))
        }
        (
            PathMatch::PathSeparatedPrefix(outer),
            PathMatch::Exact(inner) | PathMatch::PathSeparatedPrefix(inner),
        ) => {
            let (outer, inner) = (fold(outer.as_bytes()), fold(inner.as_bytes()));
            below(&outer, &inner) || outer == inner
        }
        (PathMatch::PathSeparatedPrefix(outer), PathMatch::Prefix(inner)) => {
            below(&fold(outer.as_bytes()), &fold(inner.as_bytes()))
        }
        (PathMatch::Regex(outer), PathMatch::Regex(inner)) => outer == inner,
        // Regular expressions never ignore case, whatever the route says.
        (PathMatch::Regex(pattern), PathMatch::Exact(text)) if inner.case_sensitive => {
            Pattern::new(pattern).is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
        }
        (PathMatch::Connect, PathMatch::Connect) => true,
        _ => false,
    }
}

fn below(prefix: &[u8], text: &[u8]) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(b"/"))
}

/// What every path that matches begins with.
fn begin_of(path: &PathMatch) -> Option<Cow<'_, [u8]>> {
    match path {
        PathMatch::Exact(text) | PathMatch::Prefix(text) | PathMatch::PathSeparatedPrefix(text) => {
            Some(text.as_bytes().into())
        }
        PathMatch::Regex(regex) => Pattern::head_of(regex).map(|head| Vec::from(head).into()),
        PathMatch::Connect | PathMatch::Missing => None,
    }
}
