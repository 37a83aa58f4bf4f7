//! A condition on a header.

use std::sync::Arc;

use pointsman_types::{Draws, HeaderMatching};

use crate::Request;
use crate::ir::{HeaderCondition, HeaderMatch};

use super::text::{TextKey, TextProgram};
use super::{Build, View};

#[derive(Debug, Clone)]
pub(crate) struct HeaderProgram {
    pub(crate) name: Name,
    pub(crate) condition: ConditionProgram,
    pub(crate) invert: bool,
    pub(crate) missing_as_empty: bool,
    lines: Lines,
}

/// How several lines of one header are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// Each on its own.
    Each,
    /// As one value with commas between.
    Joined,
    /// As one value with commas between those that are not empty: joined when the request was read.
    Inline,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Method,
    Authority,
    Scheme,
    Path,
    Plain(Arc<str>),
}

#[derive(Debug, Clone)]
pub(crate) enum ConditionProgram {
    Text(TextProgram),
    Range { start: i64, end: i64 },
    Present(bool),
}

impl HeaderProgram {
    pub(super) fn new(header: &HeaderMatch, matching: HeaderMatching, build: &mut Build) -> Self {
        let condition = match &header.condition {
            HeaderCondition::Text(text) => ConditionProgram::Text(TextProgram::new(text, build)),
            HeaderCondition::Range { start, end } => ConditionProgram::Range { start: *start, end: *end },
            HeaderCondition::Present(present) => ConditionProgram::Present(*present),
        };
        let name = Name::new(&header.name, build);
        let inline = matches!(&name, Name::Plain(name) if INLINE.binary_search(&&**name).is_ok());
        let lines = match matching {
            _ if inline => Lines::Inline,
            HeaderMatching::Joined => Lines::Joined,
            HeaderMatching::Individual => Lines::Each,
        };
        Self {
            name,
            condition,
            invert: header.invert,
            missing_as_empty: header.treat_missing_as_empty,
            lines,
        }
    }

    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        let (present, held) = self.look(view);
        match self.condition {
            ConditionProgram::Present(wanted) => {
                ((present || self.missing_as_empty) == wanted) != self.invert
            }
            _ if present => held != self.invert,
            _ => self.missing_as_empty && self.condition.holds(b"") != self.invert,
        }
    }

    /// Whether the header is there, and whether the condition holds of (one of) its values.
    fn look(&self, view: &View<'_>) -> (bool, bool) {
        let of_one = |value: &[u8]| (true, self.condition.holds(value));
        let name = match &self.name {
            Name::Method => return of_one(view.request.method()),
            Name::Scheme => return of_one(view.scheme()),
            Name::Authority if view.request.authority().is_empty() => return (false, false),
            Name::Authority => return of_one(view.request.authority()),
            Name::Path if !view.has_path() => return (false, false),
            Name::Path => return of_one(view.full_path),
            Name::Plain(name) => name,
        };
        let mut lines = 0_usize;
        let held = view.request.headers().any(name, |value| {
            lines += 1;
            self.condition.holds(value)
        });
        if self.lines != Lines::Each && (lines > 1 || held) {
            return self.look_joined(view, name).unwrap_or((true, held));
        }
        (lines > 0, held)
    }

    /// As [`Self::look`], of all lines joined by commas; `None` where there is one line alone.
    fn look_joined(&self, view: &View<'_>, name: &str) -> Option<(bool, bool)> {
        let mut lines = 0_usize;
        view.request.headers().any(name, |_| {
            lines += 1;
            false
        });
        if lines < 2 {
            return None;
        }
        let (mut all, mut first) = (Vec::new(), true);
        view.request.headers().any(name, |value| {
            let separated =
                if self.lines == Lines::Inline { !all.is_empty() && !value.is_empty() } else { !first };
            if separated {
                all.push(b',');
            }
            first = false;
            all.extend_from_slice(value);
            false
        });
        Some((true, self.condition.holds(&all)))
    }
}

/// Whether a condition that is not part of a compiled route holds of a request.
pub(crate) fn header_holds(header: &HeaderMatch, view: &View<'_>, matching: HeaderMatching) -> bool {
    HeaderProgram::new(header, matching, &mut Build::default()).matches(view)
}

impl HeaderMatch {
    /// Whether the condition holds of a request, as a real Envoy since 1.39 says. Compiles the condition: for a question
    /// or two, not for many requests.
    #[must_use]
    pub fn holds(&self, request: &Request<'_>) -> bool {
        let view = View::new(request, request.path(), Draws::default());
        header_holds(self, &view, HeaderMatching::Individual)
    }
}

impl HeaderProgram {
    /// Name and key where the condition is that some line is a text or begins so, and nothing turns that around.
    pub(crate) fn key(&self) -> Option<(&Name, TextKey<'_>)> {
        match &self.condition {
            ConditionProgram::Text(text)
                if !self.invert && !self.missing_as_empty && self.lines == Lines::Each =>
            {
                Some((&self.name, text.key()?))
            }
            _ => None,
        }
    }

    /// Whether the condition holds wherever a line has the key.
    pub(super) fn is_decided_by_key(&self) -> bool {
        // An authority or path may be missing, which is not the same as empty.
        let plain = matches!(self.name, Name::Plain(_));
        plain && matches!(&self.condition, ConditionProgram::Text(text) if text.is_decided_by_key())
    }
}

impl Name {
    /// Calls `each` with the values of the header until it says `true`.
    pub(crate) fn any_value<'a>(&self, view: &View<'a>, mut each: impl FnMut(&'a [u8]) -> bool) -> bool {
        match self {
            Self::Method => each(view.request.method()),
            Self::Authority => each(view.request.authority()),
            Self::Scheme => each(view.scheme()),
            Self::Path => each(view.full_path),
            Self::Plain(name) => view.request.headers().any(name, each),
        }
    }

    fn new(name: &str, build: &mut Build) -> Self {
        match name.to_ascii_lowercase().as_str() {
            ":method" => Self::Method,
            ":authority" | "host" => Self::Authority,
            ":scheme" => Self::Scheme,
            ":path" => Self::Path,
            other => Self::Plain(build.name(other)),
        }
    }
}

impl ConditionProgram {
    fn holds(&self, value: &[u8]) -> bool {
        match self {
            Self::Text(text) => text.matches(value),
            Self::Range { start, end } => {
                let number: Option<i64> =
                    std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
                number.is_some_and(|number| *start <= number && number < *end)
            }
            Self::Present(_) => true,
        }
    }
}

/// Headers whose lines Envoy joins when it reads the request, sorted. Measured on 1.40 with two lines each.
const INLINE: [&str; 36] = [
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-type",
    "expect",
    "grpc-accept-encoding",
    "grpc-timeout",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "origin",
    "pragma",
    "referer",
    "user-agent",
    "via",
    "x-client-trace-id",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node",
    "x-envoy-external-address",
    "x-envoy-is-timeout-retry",
    "x-envoy-original-host",
    "x-envoy-original-path",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-request-id",
];
