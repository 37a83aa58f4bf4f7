//! One route: its conditions, and what is prepared of its action.

use std::fmt;

use pointsman_types::HeaderMatching;

use crate::ir::{Fraction, RouteMatch, TlsContextMatch};

use super::header::{HeaderProgram, Name as HeaderName};
use super::metadata::MetadataProgram;
use super::query::QueryProgram;
use super::text::TextKey;
use super::{Build, PathProgram, View};

/// The conditions of one route: small, as it stands beside thousands of others.
#[derive(Debug, Clone)]
pub(crate) struct RouteProgram {
    pub(crate) path: PathProgram,
    beside: Option<Box<Beside>>,
}

/// Conditions beside the path.
#[derive(Debug, Clone)]
enum Beside {
    /// Most have one header and nothing else: it stands here, not behind one more pointer.
    Header(HeaderProgram),
    Several {
        headers: Box<[HeaderProgram]>,
        query: Box<[QueryProgram]>,
        rest: Option<Rest>,
    },
}

/// Conditions that few routes have.
#[derive(Debug, Clone)]
struct Rest {
    fraction: Option<Fraction>,
    grpc_only: bool,
    tls: Option<TlsContextMatch>,
    metadata: Box<[MetadataProgram]>,
}

/// One condition of a route, named by its place in [`ir::RouteMatch`](crate::ir::RouteMatch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The share of requests.
    Fraction,
    /// Only gRPC.
    Grpc,
    /// The header condition at that position.
    Header(usize),
    /// The query condition at that position.
    Query(usize),
    /// The client certificate.
    Tls,
    /// The metadata condition at that position.
    Metadata(usize),
    /// The path.
    Path,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fraction => f.write_str("fraction"),
            Self::Grpc => f.write_str("grpc"),
            Self::Header(position) => write!(f, "headers[{position}]"),
            Self::Query(position) => write!(f, "query[{position}]"),
            Self::Tls => f.write_str("tls"),
            Self::Metadata(position) => write!(f, "metadata[{position}]"),
            Self::Path => f.write_str("path"),
        }
    }
}

impl RouteProgram {
    pub(super) fn new(matches: &RouteMatch, matching: HeaderMatching, build: &mut Build) -> Self {
        Self { path: PathProgram::new(matches, build), beside: Beside::new(matches, matching, build) }
    }

    /// Whether the path alone does not decide.
    pub(crate) const fn has_conditions_beside_path(&self) -> bool {
        self.beside.is_some()
    }

    /// Headers with what their values must be, or begin with.
    pub(crate) fn header_keys(&self) -> impl Iterator<Item = (&HeaderName, TextKey<'_>)> {
        let headers = self.beside.as_deref().map_or(&[][..], Beside::headers);
        headers.iter().filter_map(HeaderProgram::key)
    }

    /// Whether the key of that header says all that there is beside the path.
    pub(crate) fn is_decided_by_header(&self, name: &HeaderName) -> bool {
        matches!(self.beside.as_deref(), Some(Beside::Header(header))
            if header.name == *name && header.is_decided_by_key())
    }

    /// Whether every condition holds.
    #[inline]
    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        self.path.matches(view) && self.matches_beside_path(view)
    }

    /// As [`Self::matches`] for a path by which the index found the route.
    #[inline]
    pub(crate) fn matches_after_key(&self, view: &View<'_>) -> bool {
        self.path.matches_after_key(view) && self.matches_beside_path(view)
    }

    #[inline]
    pub(crate) fn matches_beside_path(&self, view: &View<'_>) -> bool {
        self.beside.as_deref().is_none_or(|beside| beside.matches(view))
    }

    /// The first condition that does not hold, in the order in which Envoy looks.
    pub(crate) fn first_failure(&self, view: &View<'_>) -> Option<Condition> {
        let beside = self.beside.as_deref().and_then(|beside| beside.first_failure(view));
        beside.or_else(|| (!self.path.matches(view)).then_some(Condition::Path))
    }
}

impl Beside {
    /// `None` where there are none.
    fn new(matches: &RouteMatch, matching: HeaderMatching, build: &mut Build) -> Option<Box<Self>> {
        let headers = matches.headers.iter().map(|header| HeaderProgram::new(header, matching, build));
        let mut headers: Vec<HeaderProgram> = headers.collect();
        let query: Box<[QueryProgram]> =
            matches.query.iter().map(|query| QueryProgram::new(query, build)).collect();
        let plain = matches.fraction.is_none()
            && !matches.grpc_only
            && matches.tls.is_none()
            && matches.metadata.is_empty();
        let rest = (!plain).then(|| Rest {
            fraction: matches.fraction.as_ref().map(|fraction| fraction.default),
            grpc_only: matches.grpc_only,
            tls: matches.tls,
            metadata: matches.metadata.iter().map(|one| MetadataProgram::new(one, build)).collect(),
        });
        if query.is_empty() && rest.is_none() && headers.len() < 2 {
            return headers.pop().map(|header| Box::new(Self::Header(header)));
        }
        Some(Box::new(Self::Several { headers: headers.into(), query, rest }))
    }

    fn headers(&self) -> &[HeaderProgram] {
        match self {
            Self::Header(header) => std::slice::from_ref(header),
            Self::Several { headers, .. } => headers,
        }
    }

    fn matches(&self, view: &View<'_>) -> bool {
        match self {
            Self::Header(header) => header.matches(view),
            Self::Several { headers, query, rest } => {
                headers.iter().all(|header| header.matches(view))
                    && query.iter().all(|query| query.matches(view))
                    && rest.as_ref().is_none_or(|rest| rest.first_failure(view).is_none())
            }
        }
    }

    fn first_failure(&self, view: &View<'_>) -> Option<Condition> {
        let (query, rest) = match self {
            Self::Header(_) => (&[][..], None),
            Self::Several { query, rest, .. } => (&**query, rest.as_ref()),
        };
        let rest = rest.and_then(|rest| rest.first_failure(view));
        if matches!(rest, Some(Condition::Fraction | Condition::Grpc)) {
            return rest;
        }
        if let Some(position) = self.headers().iter().position(|header| !header.matches(view)) {
            return Some(Condition::Header(position));
        }
        if let Some(position) = query.iter().position(|query| !query.matches(view)) {
            return Some(Condition::Query(position));
        }
        rest
    }
}

impl Rest {
    fn first_failure(&self, view: &View<'_>) -> Option<Condition> {
        if self.fraction.is_some_and(|fraction| !fraction.holds(view.draws.route)) {
            return Some(Condition::Fraction);
        }
        if self.grpc_only && !is_grpc(view) {
            return Some(Condition::Grpc);
        }
        if self.tls.is_some_and(|wanted| !certificate_matches(wanted, view)) {
            return Some(Condition::Tls);
        }
        self.metadata.iter().position(|one| !one.matches(view)).map(Condition::Metadata)
    }
}

fn is_grpc(view: &View<'_>) -> bool {
    let content_type = view.request.headers().first("content-type").unwrap_or_default();
    let rest = content_type.strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+')))
}

fn certificate_matches(wanted: TlsContextMatch, view: &View<'_>) -> bool {
    let Some(tls) = view.request.client_certificate() else { return false };
    wanted.presented.is_none_or(|wanted| wanted == tls.presented)
        && wanted.validated.is_none_or(|wanted| wanted == tls.validated)
}
