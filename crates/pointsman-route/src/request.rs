//! A request as routing sees it: borrowed, whatever it is kept in.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// A request to be routed, borrowed from wherever its parts are kept.
///
/// Shape: header names are compared without case; values are bytes. The path is what the request line says, with its
/// query. The port is the one the client connected to: given by [`Request::with_port`], else the authority's, else 80 or
/// 443 by scheme.
///
/// ```
/// use pointsman_route::Request;
/// let headers = [("end-user", "jason")];
/// let request = Request::get("reviews:9080", "/reviews/0?x=1").with_headers(&headers);
/// assert_eq!(request.port(), 9080);
///
/// let (parts, ()) = http::Request::get("http://reviews:9080/reviews/0").body(()).expect("valid").into_parts();
/// assert_eq!(Request::from_parts(&parts).port(), 9080);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    method: &'a [u8],
    scheme: &'a [u8],
    authority: &'a [u8],
    path: &'a [u8],
    headers: Headers<'a>,
    port: Option<u16>,
    route_config: Option<&'a str>,
    source: Option<SocketAddr>,
    destination: Option<SocketAddr>,
    tls: Option<ClientCertificate>,
    metadata: Option<&'a Metadata>,
}

/// The headers of a request, wherever they are kept.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Headers<'a> {
    /// Names and values as text.
    Text(&'a [(&'a str, &'a str)]),
    /// Names and values as owned text.
    Owned(&'a [(String, String)]),
    /// Owned names, and values of any bytes.
    OwnedBytes(&'a [(String, Vec<u8>)]),
    /// Names, and values of any bytes.
    Bytes(&'a [(&'a str, &'a [u8])]),
    /// The map of the `http` crate.
    Map(&'a HeaderMap),
}

impl<'a, const N: usize> From<&'a [(&'a str, &'a str); N]> for Headers<'a> {
    fn from(headers: &'a [(&'a str, &'a str); N]) -> Self {
        Self::Text(headers)
    }
}

impl<'a> From<&'a [(&'a str, &'a str)]> for Headers<'a> {
    fn from(headers: &'a [(&'a str, &'a str)]) -> Self {
        Self::Text(headers)
    }
}

impl<'a> From<&'a Vec<(&'a str, &'a str)>> for Headers<'a> {
    fn from(headers: &'a Vec<(&'a str, &'a str)>) -> Self {
        Self::Text(headers)
    }
}

impl<'a> From<&'a Vec<(String, String)>> for Headers<'a> {
    fn from(headers: &'a Vec<(String, String)>) -> Self {
        Self::Owned(headers)
    }
}

impl<'a> From<&'a [(String, String)]> for Headers<'a> {
    fn from(headers: &'a [(String, String)]) -> Self {
        Self::Owned(headers)
    }
}

impl<'a> From<&'a [(&'a str, &'a [u8])]> for Headers<'a> {
    fn from(headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self::Bytes(headers)
    }
}

impl<'a> From<&'a HeaderMap> for Headers<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        Self::Map(headers)
    }
}

impl<'a> From<&'a Vec<(String, Vec<u8>)>> for Headers<'a> {
    fn from(headers: &'a Vec<(String, Vec<u8>)>) -> Self {
        Self::OwnedBytes(headers)
    }
}

impl<'a> Headers<'a> {
    /// All of them as owned names and values.
    pub(crate) fn to_owned_bytes(self) -> Vec<(String, Vec<u8>)> {
        let pair = |name: &str, value: &[u8]| (name.to_owned(), value.trim_ascii().to_vec());
        match self {
            Self::Text(list) => list.iter().map(|(n, v)| pair(n, v.as_bytes())).collect(),
            Self::Owned(list) => list.iter().map(|(n, v)| pair(n, v.as_bytes())).collect(),
            Self::OwnedBytes(list) => list.iter().map(|(n, v)| pair(n, v)).collect(),
            Self::Bytes(list) => list.iter().map(|(n, v)| pair(n, v)).collect(),
            Self::Map(map) => map.iter().map(|(n, v)| pair(n.as_str(), v.as_bytes())).collect(),
        }
    }

    /// Calls `each` with every value of a header in order, surrounding blanks cut, until it says `true`; whether it did.
    pub(crate) fn any(self, name: &str, mut each: impl FnMut(&'a [u8]) -> bool) -> bool {
        match self {
            Self::Text(list) => {
                list.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && each(v.as_bytes().trim_ascii()))
            }
            Self::Owned(list) => {
                list.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && each(v.as_bytes().trim_ascii()))
            }
            Self::OwnedBytes(list) => {
                list.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && each(v.trim_ascii()))
            }
            Self::Bytes(list) => {
                list.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && each(v.trim_ascii()))
            }
            Self::Map(map) => map.get_all(name).iter().any(|value| each(value.as_bytes().trim_ascii())),
        }
    }

    /// The first value of a header.
    pub(crate) fn first(self, name: &str) -> Option<&'a [u8]> {
        let mut found = None;
        self.any(name, |value| {
            found = Some(value);
            true
        });
        found
    }
}

/// What the client's certificate on this connection was.
///
/// Shape: both false for a TLS connection without a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// One was presented.
    pub presented: bool,
    /// It was validated.
    pub validated: bool,
}

/// What filters found out about a request, such as the claims of a verified token.
///
/// Shape: values by the name of the filter that wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata {
    filters: BTreeMap<String, MetadataValue>,
}

/// A value of metadata.
///
/// Shape: numbers are equal where their bits are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MetadataValue {
    /// Null.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<MetadataValue>),
    /// Named values.
    Fields(BTreeMap<String, MetadataValue>),
}

impl PartialEq for MetadataValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(own), Self::Bool(other)) => own == other,
            (Self::Number(own), Self::Number(other)) => own.to_bits() == other.to_bits(),
            (Self::Text(own), Self::Text(other)) => own == other,
            (Self::List(own), Self::List(other)) => own == other,
            (Self::Fields(own), Self::Fields(other)) => own == other,
            _ => false,
        }
    }
}

impl Eq for MetadataValue {}

impl std::hash::Hash for MetadataValue {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(own) => own.hash(state),
            Self::Number(own) => own.to_bits().hash(state),
            Self::Text(own) => own.hash(state),
            Self::List(own) => own.hash(state),
            Self::Fields(own) => own.hash(state),
        }
    }
}

impl Metadata {
    /// Nothing found out.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The values by filter.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MetadataValue)> {
        self.filters.iter().map(|(filter, value)| (filter.as_str(), value))
    }

    /// With what that filter wrote.
    #[must_use]
    pub fn with(mut self, filter: impl Into<String>, value: MetadataValue) -> Self {
        self.filters.insert(filter.into(), value);
        self
    }

    /// The value at a path of keys below a filter's own.
    #[must_use]
    pub fn at(&self, filter: &str, path: &[String]) -> Option<&MetadataValue> {
        path.iter().try_fold(self.filters.get(filter)?, |value, key| match value {
            MetadataValue::Fields(fields) => fields.get(key),
            _ => None,
        })
    }
}

impl<'a> Request<'a> {
    /// A request by method, authority (`host` or `host:port`) and path with query; scheme `http`, no headers.
    #[must_use]
    pub fn new<B: AsRef<[u8]> + ?Sized, C: AsRef<[u8]> + ?Sized>(
        method: &'a str,
        authority: &'a B,
        path: &'a C,
    ) -> Self {
        Self {
            method: method.as_bytes(),
            scheme: b"http",
            authority: authority.as_ref(),
            path: path.as_ref(),
            headers: Headers::Text(&[]),
            port: None,
            route_config: None,
            source: None,
            destination: None,
            tls: None,
            metadata: None,
        }
    }

    /// A `GET` request.
    #[must_use]
    pub fn get<B: AsRef<[u8]> + ?Sized, C: AsRef<[u8]> + ?Sized>(authority: &'a B, path: &'a C) -> Self {
        Self::new("GET", authority, path)
    }

    /// The parts of an `http` request: authority from the URI, else from the `host` header. A `CONNECT` has no path.
    #[must_use]
    pub fn from_parts(parts: &'a http::request::Parts) -> Self {
        let authority = parts.uri.authority().map_or("", http::uri::Authority::as_str);
        let no_path = if parts.method == http::Method::CONNECT { "" } else { "/" };
        let path = parts.uri.path_and_query().map_or(no_path, http::uri::PathAndQuery::as_str);
        let request = Self::new(parts.method.as_str(), authority, path);
        let request = request.with_headers(&parts.headers);
        match parts.uri.scheme_str() {
            Some(scheme) => request.with_scheme(scheme),
            None => request,
        }
    }

    /// With these headers instead of those before. Where there is no authority yet, `host` is it.
    #[must_use]
    pub fn with_headers(mut self, headers: impl Into<Headers<'a>>) -> Self {
        self.headers = headers.into();
        if self.authority.is_empty() {
            self.authority = self.headers.first("host").unwrap_or_default();
        }
        self
    }

    /// With another scheme: `http` or `https`.
    #[must_use]
    pub const fn with_scheme(mut self, scheme: &'a str) -> Self {
        self.scheme = scheme.as_bytes();
        self
    }

    /// Connected to that port, whatever the authority says.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Asked of the route configuration of that name, whatever the port.
    #[must_use]
    pub const fn with_route_config(mut self, name: &'a str) -> Self {
        self.route_config = Some(name);
        self
    }

    /// From that client: for hashes of the source address and for generated cookies.
    #[must_use]
    pub const fn with_source(mut self, address: SocketAddr) -> Self {
        self.source = Some(address);
        self
    }

    /// Connected to that address: for generated cookies.
    #[must_use]
    pub const fn with_destination(mut self, address: SocketAddr) -> Self {
        self.destination = Some(address);
        self
    }

    /// Over TLS, with that client certificate.
    #[must_use]
    pub const fn with_client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.tls = Some(certificate);
        self
    }

    /// With what filters found out.
    #[must_use]
    pub const fn with_metadata(mut self, metadata: &'a Metadata) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// With what routing changed.
    pub(crate) fn edited<'b>(&'b self, authority: &'b [u8], headers: &'b [(String, Vec<u8>)]) -> Request<'b> {
        Request { authority, headers: Headers::OwnedBytes(headers), ..*self }
    }

    /// Method.
    #[must_use]
    pub const fn method(&self) -> &'a [u8] {
        self.method
    }

    /// Scheme.
    #[must_use]
    pub const fn scheme(&self) -> &'a [u8] {
        self.scheme
    }

    /// Authority as sent, with its port if it has one.
    #[must_use]
    pub const fn authority(&self) -> &'a [u8] {
        self.authority
    }

    /// Path as sent, with query.
    #[must_use]
    pub const fn path(&self) -> &'a [u8] {
        self.path
    }

    /// Headers.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// The first value of a header; pseudo-headers and `host` too.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        match name {
            ":method" => Some(self.method),
            ":scheme" => Some(self.scheme),
            ":path" => Some(self.path),
            ":authority" => Some(self.authority),
            _ if name.eq_ignore_ascii_case("host") => Some(self.authority),
            _ => self.headers.first(name),
        }
    }

    /// The port the client connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        let of_authority = || {
            let start = port_start(self.authority)?;
            std::str::from_utf8(self.authority.get(start + 1..)?).ok()?.parse().ok()
        };
        let of_scheme = if self.scheme == b"https" { 443 } else { 80 };
        self.port.or_else(of_authority).unwrap_or(of_scheme)
    }

    /// The route configuration asked by name.
    #[must_use]
    pub const fn route_config(&self) -> Option<&'a str> {
        self.route_config
    }

    /// The address of the client.
    #[must_use]
    pub const fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// The address the client connected to.
    #[must_use]
    pub const fn destination(&self) -> Option<SocketAddr> {
        self.destination
    }

    /// The client certificate of a TLS connection.
    #[must_use]
    pub const fn client_certificate(&self) -> Option<ClientCertificate> {
        self.tls
    }

    /// What filters found out.
    #[must_use]
    pub const fn metadata(&self) -> Option<&'a Metadata> {
        self.metadata
    }
}

/// Where `:port` begins in an authority, outside the brackets of an IPv6 address.
pub(crate) fn port_start(authority: &[u8]) -> Option<usize> {
    let last = authority.iter().rposition(|byte| matches!(byte, b':' | b']'))?;
    (authority.get(last) == Some(&b':')).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_outside_brackets() {
        let table: [(&str, Option<usize>); 6] = [
            ("a", None),
            ("a:80", Some(1)),
            ("[::1]", None),
            ("[::1]:80", Some(5)),
            ("a:", Some(1)),
            ("", None),
        ];
        for (authority, expected) in table {
            assert_eq!(port_start(authority.as_bytes()), expected, "{authority}");
        }
        assert_eq!(Request::get("a", "/").with_scheme("https").port(), 443);
        assert_eq!(Request::get("a:99", "/").with_port(7).port(), 7);
    }

    #[test]
    fn an_authority_may_be_a_header_and_a_connect_has_no_path() {
        let headers = [("Host", "a:99")];
        assert_eq!(Request::get("", "/").with_headers(&headers).port(), 99);
        assert_eq!(Request::get("b", "/").with_headers(&headers).authority(), b"b");
        let parts = |builder: http::request::Builder| builder.body(()).expect("valid").into_parts().0;
        let relative = parts(http::Request::get("/x").header("host", "c"));
        assert_eq!(Request::from_parts(&relative).authority(), b"c");
        let connect = parts(http::Request::builder().method("CONNECT").uri("d:443"));
        let connect = Request::from_parts(&connect);
        assert_eq!((connect.authority(), connect.path()), (b"d:443".as_slice(), b"".as_slice()));
        assert_eq!(Request::from_parts(&parts(http::Request::get("http://e"))).path(), b"/");
    }

    #[test]
    fn headers_are_found_without_case_in_every_container() {
        let mut map = HeaderMap::new();
        map.append("x-a", http::HeaderValue::from_static("1"));
        map.append("x-a", http::HeaderValue::from_static("2 "));
        let text = [("X-a", "1"), ("y", "3"), ("x-A", "2 ")];
        for headers in [Headers::from(&map), Headers::from(&text)] {
            let mut seen = Vec::new();
            assert!(!headers.any("x-a", |value| {
                seen.push(value.to_vec());
                false
            }));
            assert_eq!(seen, [b"1".to_vec(), b"2".to_vec()]);
            assert_eq!(headers.first("x-b"), None);
        }
    }
}
