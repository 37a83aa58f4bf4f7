//! What becomes of path and authority, and where a redirect points.

use std::borrow::Cow;

use crate::Decision;
use crate::decision::Outcome;
use crate::ir::{HostRewrite, PathRewrite, Redirect, RedirectPath};
use crate::pattern::Replacement;
use crate::program::{ActionProgram, View};
use crate::request::port_start;

impl<'a> Decision<'a> {
    /// The path with query as it is sent on; for other outcomes as it was matched.
    #[must_use]
    pub fn path(&self) -> Cow<'a, [u8]> {
        let unchanged = Cow::Borrowed(self.view.full_path);
        let Outcome::Forward(forward) = self.outcome() else { return unchanged };
        let prepared = || self.action()?.forward()?.path.as_deref();
        match (&forward.path_rewrite, self.conditions()) {
            (PathRewrite::Prefix(to), Some(route)) => {
                replace_start(&self.view, route.path.matched_length(self.view.path), to)
            }
            (PathRewrite::Regex(_), _) => {
                prepared().map_or(unchanged, |replacement| replace_regex(&self.view, replacement))
            }
            _ => unchanged,
        }
    }

    /// The authority as it is sent on; for other outcomes as it came.
    #[must_use]
    pub fn authority(&self) -> Cow<'a, [u8]> {
        match self.outcome() {
            Outcome::Forward(forward) if forward.host_rewrite == HostRewrite::Auto => match self.endpoint() {
                Some(endpoint) if !endpoint.hostname.is_empty() => {
                    Cow::Borrowed(endpoint.hostname.as_bytes())
                }
                _ => self.authority_before_endpoint(),
            },
            _ => self.authority_before_endpoint(),
        }
    }

    /// Whether the authority is set anew, even to what it was.
    pub(crate) fn rewrites_authority(&self) -> bool {
        let Outcome::Forward(forward) = self.outcome() else { return false };
        let by_destination = self.destination().is_some_and(|one| one.host_rewrite.is_some());
        by_destination
            || match &forward.host_rewrite {
                HostRewrite::None => false,
                HostRewrite::Literal(_) | HostRewrite::PathRegex(_) => true,
                HostRewrite::Header(name) => {
                    self.view.request.header(name).is_some_and(|value| !value.is_empty())
                }
                HostRewrite::Auto => self.endpoint().is_some_and(|endpoint| !endpoint.hostname.is_empty()),
            }
    }

    /// As [`Self::authority`], as long as no endpoint is chosen.
    pub(crate) fn authority_before_endpoint(&self) -> Cow<'a, [u8]> {
        let unchanged = Cow::Borrowed(self.view.request.authority());
        let Outcome::Forward(forward) = self.outcome() else { return unchanged };
        let of_destination = self.destination().and_then(|one| one.host_rewrite.as_deref());
        let unchanged = of_destination.map_or(unchanged, |host| Cow::Borrowed(host.as_bytes()));
        match &forward.host_rewrite {
            HostRewrite::None => unchanged,
            HostRewrite::Literal(host) => Cow::Borrowed(host.as_bytes()),
            HostRewrite::Header(name) => {
                let value = self.view.request.header(name).filter(|value| !value.is_empty());
                value.map_or(unchanged, Cow::Borrowed)
            }
            HostRewrite::Auto => unchanged,
            HostRewrite::PathRegex(_) => self.host_of_path().unwrap_or(unchanged),
        }
    }

    fn host_of_path(&self) -> Option<Cow<'a, [u8]>> {
        let replacement = self.action()?.forward()?.host.as_deref()?;
        Some(replacement.apply(self.view.path))
    }

    /// Where a redirect points: a whole URL.
    #[must_use]
    pub fn location(&self) -> Option<Vec<u8>> {
        match self.outcome() {
            Outcome::Redirect(redirect) => Some(self.location_of(redirect)),
            Outcome::TlsRedirect => {
                let parts = [b"https://", self.view.request.authority(), self.view.full_path];
                Some(parts.concat())
            }
            _ => None,
        }
    }

    fn location_of(&self, redirect: &Redirect) -> Vec<u8> {
        let asked = self.view.scheme();
        let scheme = redirect.scheme.as_deref().map_or(asked, str::as_bytes);
        let mut url = scheme.to_vec();
        url.extend_from_slice(b"://");
        match redirect.host.as_deref().filter(|host| !host.is_empty()) {
            Some(host) => url.extend_from_slice(host.as_bytes()),
            None => {
                let authority = self.view.request.authority();
                url.extend_from_slice(host_kept(authority, asked, scheme, redirect.port.is_some()));
            }
        }
        if let Some(port) = redirect.port {
            url.extend_from_slice(format!(":{port}").as_bytes());
        }
        let path = self.redirect_path(redirect);
        if !path.starts_with(b"/") {
            url.push(b'/');
        }
        // A query that the redirect's own path has is never stripped.
        let own_query = matches!(&redirect.path, RedirectPath::Whole(path) if path.contains('?'));
        let mark = path.iter().position(|byte| *byte == b'?').filter(|_| redirect.strip_query && !own_query);
        url.extend_from_slice(path.get(..mark.unwrap_or(path.len())).unwrap_or_default());
        url
    }

    /// The path with query that the header operations of the answer see.
    pub(crate) fn path_of_answer(&self) -> Cow<'_, [u8]> {
        match self.outcome() {
            Outcome::Redirect(redirect)
                if matches!(redirect.path, RedirectPath::Prefix(_) | RedirectPath::Regex(_)) =>
            {
                self.redirect_path(redirect)
            }
            _ => self.path(),
        }
    }

    fn redirect_path(&self, redirect: &Redirect) -> Cow<'_, [u8]> {
        let view = &self.view;
        match (&redirect.path, self.conditions()) {
            (RedirectPath::Whole(path), _) if path.contains('?') => Cow::Owned(path.as_bytes().to_vec()),
            (RedirectPath::Whole(path), _) if !path.is_empty() => with_query(path.as_bytes(), view.query),
            (RedirectPath::Prefix(to), Some(route)) => {
                replace_start(view, route.path.matched_length(view.path), to)
            }
            (RedirectPath::Regex(_), _) => match self.action() {
                Some(ActionProgram::Redirect(replacement)) => replace_regex(view, replacement),
                _ => Cow::Borrowed(view.full_path),
            },
            _ => Cow::Borrowed(view.full_path),
        }
    }
}

/// The request's host for a redirect: without the port where another is given or where it was the old scheme's default.
fn host_kept<'r>(authority: &'r [u8], asked: &[u8], scheme: &[u8], other_port: bool) -> &'r [u8] {
    let Some(start) = port_start(authority) else { return authority };
    let (host, port) = authority.split_at(start);
    let default = (asked == b"http" && port == b":80") || (asked == b"https" && port == b":443");
    if other_port || (asked != scheme && default) { host } else { authority }
}

fn replace_start<'a>(view: &View<'a>, length: usize, to: &str) -> Cow<'a, [u8]> {
    let mut path = to.as_bytes().to_vec();
    path.extend_from_slice(view.full_path.get(length..).unwrap_or_default());
    Cow::Owned(path)
}

/// An empty result leaves the path as it is.
fn replace_regex<'a>(view: &View<'a>, replacement: &Replacement) -> Cow<'a, [u8]> {
    match replacement.apply(view.path) {
        path if path.is_empty() => Cow::Borrowed(view.full_path),
        path => with_query(&path, view.query),
    }
}

fn with_query<'a>(path: &[u8], query: Option<&[u8]>) -> Cow<'a, [u8]> {
    let mut path = path.to_vec();
    if let Some(query) = query {
        path.push(b'?');
        path.extend_from_slice(query);
    }
    Cow::Owned(path)
}
