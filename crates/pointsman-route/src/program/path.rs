//! A condition on the path.

use crate::ir::{PathMatch, RouteMatch};
use crate::pattern::Pattern;

use super::text::starts_with_ignore_case;
use super::{Findings, INCOMPLETE_ROUTE, View};

#[derive(Debug, Clone)]
pub(crate) struct PathProgram {
    pub(crate) kind: PathKind,
    ignore_case: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum PathKind {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Separated(Box<[u8]>),
    Regex(Pattern),
    Connect,
    Never,
}

impl PathProgram {
    pub(super) fn new(matches: &RouteMatch, findings: &mut Findings) -> Self {
        let bytes = |text: &String| Box::<[u8]>::from(text.as_bytes());
        let kind = match &matches.path {
            PathMatch::Exact(path) => PathKind::Exact(bytes(path)),
            PathMatch::Prefix(prefix) if prefix.is_empty() => PathKind::Any,
            PathMatch::Prefix(prefix) => PathKind::Prefix(bytes(prefix)),
            PathMatch::PathSeparatedPrefix(prefix) => PathKind::Separated(bytes(prefix)),
            PathMatch::Regex(regex) => {
                findings.keep(Pattern::new(regex)).map_or(PathKind::Never, PathKind::Regex)
            }
            PathMatch::Connect => PathKind::Connect,
            PathMatch::Missing => {
                findings.error(INCOMPLETE_ROUTE, "a route has no condition on the path and never matches");
                PathKind::Never
            }
        };
        Self { kind, ignore_case: !matches.case_sensitive }
    }

    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        let path = view.path;
        match &self.kind {
            PathKind::Any => view.has_path(),
            PathKind::Exact(text) if self.ignore_case => path.eq_ignore_ascii_case(text),
            PathKind::Exact(text) => **text == *path,
            PathKind::Prefix(text) => self.begins(path, text),
            PathKind::Separated(text) => {
                self.begins(path, text) && matches!(path.get(text.len()), None | Some(b'/'))
            }
            PathKind::Regex(pattern) => view.has_path() && pattern.is_match(path),
            PathKind::Connect => view.request.method() == b"CONNECT",
            PathKind::Never => false,
        }
    }

    fn begins(&self, path: &[u8], prefix: &[u8]) -> bool {
        if self.ignore_case { starts_with_ignore_case(path, prefix) } else { path.starts_with(prefix) }
    }

    /// How many bytes of a matching path a prefix rewrite replaces.
    pub(crate) fn matched_length(&self, path: &[u8]) -> usize {
        match &self.kind {
            PathKind::Prefix(text) | PathKind::Separated(text) => text.len().min(path.len()),
            PathKind::Any => 0,
            _ => path.len(),
        }
    }
}
