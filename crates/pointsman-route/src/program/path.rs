//! A condition on the path.

use crate::index::equal;
use crate::ir::{PathMatch, RouteMatch};
use crate::pattern::Pattern;

use super::text::{TextKey, starts_with_ignore_case};
use super::{Build, INCOMPLETE_ROUTE, View};

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
    pub(super) fn new(matches: &RouteMatch, build: &mut Build) -> Self {
        let bytes = |text: &String| Box::<[u8]>::from(text.as_bytes());
        let kind = match &matches.path {
            PathMatch::Exact(path) => PathKind::Exact(bytes(path)),
            PathMatch::Prefix(prefix) if prefix.is_empty() => PathKind::Any,
            PathMatch::Prefix(prefix) => PathKind::Prefix(bytes(prefix)),
            PathMatch::PathSeparatedPrefix(prefix) => PathKind::Separated(bytes(prefix)),
            PathMatch::Regex(regex) => return Self::of_regex(regex, build),
            PathMatch::Connect => PathKind::Connect,
            PathMatch::Missing => {
                build.error(INCOMPLETE_ROUTE, "a route has no condition on the path and never matches");
                PathKind::Never
            }
        };
        Self { kind, ignore_case: !matches.case_sensitive }
    }

    /// Expressions never look at whether case is ignored. One of plain text is compared as such.
    fn of_regex(regex: &str, build: &mut Build) -> Self {
        let kind = match build.pattern(regex) {
            Some(pattern) if pattern.is_plain_text() && !pattern.head().is_empty() => {
                PathKind::Exact(pattern.head().into())
            }
            Some(pattern) => PathKind::Regex(pattern),
            None => PathKind::Never,
        };
        Self { kind, ignore_case: false }
    }

    pub(crate) fn matches(&self, view: &View<'_>) -> bool {
        let path = view.path;
        match &self.kind {
            PathKind::Any => view.has_path(),
            PathKind::Exact(text) if self.ignore_case => path.eq_ignore_ascii_case(text),
            PathKind::Exact(text) => equal(text, path),
            PathKind::Prefix(text) => self.begins(path, text),
            PathKind::Separated(text) => {
                self.begins(path, text) && matches!(path.get(text.len()), None | Some(b'/'))
            }
            PathKind::Regex(pattern) => view.has_path() && pattern.is_match(path),
            PathKind::Connect => view.request.method() == b"CONNECT",
            PathKind::Never => false,
        }
    }

    /// As [`Self::matches`] of a path by which the index found the route: equal to [`Self::key`], or beginning with it.
    #[inline]
    pub(crate) fn matches_after_key(&self, view: &View<'_>) -> bool {
        match &self.kind {
            PathKind::Separated(text) => matches!(view.path.get(text.len()), None | Some(b'/')),
            PathKind::Regex(pattern) => pattern.is_match_after_head(view.path),
            _ => true,
        }
    }

    /// What a matching path is, or begins with: what the index finds the route by.
    pub(crate) fn key(&self) -> Option<TextKey<'_>> {
        match &self.kind {
            _ if self.ignore_case => None,
            PathKind::Exact(text) => Some(TextKey::Whole(text)),
            PathKind::Prefix(text) | PathKind::Separated(text) => Some(TextKey::Begin(text)),
            PathKind::Regex(pattern) => Some(TextKey::Begin(pattern.head())),
            _ => None,
        }
        .filter(|key| !key.text().is_empty())
    }

    /// Whether every path matches that the key takes.
    pub(crate) fn is_decided_by_key(&self) -> bool {
        match &self.kind {
            PathKind::Exact(_) | PathKind::Prefix(_) => true,
            // Paths with line breaks are refused before they are matched.
            PathKind::Regex(pattern) => pattern.is_plain_prefix(),
            _ => false,
        }
    }

    fn begins(&self, path: &[u8], prefix: &[u8]) -> bool {
        if self.ignore_case {
            return starts_with_ignore_case(path, prefix);
        }
        path.get(..prefix.len()).is_some_and(|begin| equal(begin, prefix))
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
