//! A request as conditions look at it.

use pointsman_types::Draws;

use crate::Request;
use crate::normalize::Cleaned;

/// The request with its path cleaned and taken apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) request: &'a Request<'a>,
    /// Path and query as matched and forwarded.
    pub(crate) full_path: &'a [u8],
    /// Without the query.
    pub(crate) path: &'a [u8],
    /// After the question mark.
    pub(crate) query: Option<&'a [u8]>,
    pub(crate) draws: Draws,
}

impl<'a> View<'a> {
    pub(crate) fn new(request: &'a Request<'a>, full: &'a [u8], draws: Draws) -> Self {
        let mark = full.iter().position(|byte| *byte == b'?');
        Self::cleaned(request, Cleaned { full, mark }, draws)
    }

    #[inline]
    pub(crate) fn cleaned(request: &'a Request<'a>, path: Cleaned<'a>, draws: Draws) -> Self {
        let full_path = path.full;
        let (path, query) = match path.mark.and_then(|mark| full_path.split_at_checked(mark)) {
            Some((path, rest)) => (path, rest.get(1..)),
            None => (full_path, None),
        };
        Self { request, full_path, path, query, draws }
    }

    /// The scheme as Envoy sees it: what a proxy before it forwarded, else that of the connection.
    pub(crate) fn scheme(&self) -> &'a [u8] {
        match self.request.headers().first("x-forwarded-proto") {
            Some(forwarded @ (b"http" | b"https")) => forwarded,
            _ => self.request.scheme(),
        }
    }

    pub(crate) const fn has_path(&self) -> bool {
        !self.full_path.is_empty()
    }
}
