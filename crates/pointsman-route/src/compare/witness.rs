//! A request that shows something.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ClientCertificate, Draws, Request};

/// A request that shows something: one that takes a route, one that a change moves.
///
/// Shape: owned and serialisable; `Display` is a line such as `GET shop/cart end-user: jason`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Witness {
    /// Method.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Authority.
    pub authority: String,
    /// Path with query.
    pub path: String,
    /// Headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The route configuration that is asked.
    pub route_config: String,
    /// Whether there is a validated client certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certificate: bool,
    /// The number by which shares of routes are drawn.
    pub draw: u64,
}

impl Witness {
    /// A `GET` of a path from a host.
    pub(crate) fn new(route_config: &str, authority: &str, path: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            scheme: "http".to_owned(),
            authority: authority.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            route_config: route_config.to_owned(),
            certificate: false,
            draw: 0,
        }
    }

    /// As a request.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        let request = Request::new(&self.method, &self.authority, &self.path)
            .with_headers(&self.headers)
            .with_scheme(&self.scheme)
            .with_route_config(&self.route_config);
        if self.certificate {
            request.with_client_certificate(ClientCertificate { presented: true, validated: true })
        } else {
            request
        }
    }

    /// The numbers that go with it.
    #[must_use]
    pub fn draws(&self) -> Draws {
        Draws::default().with_route(self.draw)
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.authority, self.path)?;
        self.headers.iter().try_for_each(|(name, value)| write!(f, " {name}: {value}"))
    }
}
