//! What is asked: a request or a connection.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::Uri;
use pointsman_api::Decoder;
use pointsman_manifest::{Map, Value};
use pointsman_route::{Connection, Headers, Metadata, MetadataValue, Request};

use super::problem::{BAD_VALUE, MISSING, NOT_TOGETHER};
use super::read::{self, Absence, HeaderLines, fields, get, needed, report, text};

/// A request or a connection, with the number that came up in choices.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) what: What,
    pub(super) draw: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Request(Box<AskedRequest>),
    Connection(AskedConnection),
}

#[derive(Debug, Clone, Default)]
pub(super) struct AskedRequest {
    method: String,
    scheme: String,
    authority: String,
    path: String,
    port: Option<u16>,
    /// A line each.
    headers: Vec<(String, String)>,
    /// What the service answers with.
    pub(super) response_headers: Vec<(String, String)>,
    source: Option<SocketAddr>,
    address: Option<SocketAddr>,
    claims: Option<Metadata>,
}

#[derive(Debug, Clone)]
pub(super) struct AskedConnection {
    port: u16,
    server_name: Option<String>,
    address: Option<IpAddr>,
    source: Option<IpAddr>,
}

const FIELDS: [&str; 13] = [
    "method",
    "url",
    "scheme",
    "host",
    "path",
    "port",
    "headers",
    "responseHeaders",
    "source",
    "address",
    "claims",
    "connection",
    "draw",
];

impl Asked {
    pub(super) fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let map = fields(value, decoder, &FIELDS)?;
        let draw = get(map, "draw", decoder, |value, decoder| {
            read::number::<u64>(value, decoder, "a whole number of 0 or more")
        });
        let connection = get(map, "connection", decoder, AskedConnection::read);
        if map.get("connection").is_none() {
            let request = AskedRequest::read(map, decoder)?;
            return Some(Self { what: What::Request(Box::new(request)), draw });
        }
        let others = map.iter().map(|(name, _)| name).find(|name| !["connection", "draw"].contains(name));
        if let Some(other) = others.filter(|other| FIELDS.contains(other)) {
            let message = format!("`connection` and `{other}` exclude each other");
            report(decoder, NOT_TOGETHER, message, "a connection has no request: remove one");
        }
        Some(Self { what: What::Connection(connection?), draw })
    }

    pub(super) const fn is_connection(&self) -> bool {
        matches!(self.what, What::Connection(_))
    }
}

impl AskedRequest {
    fn read<'v>(map: &'v Map, decoder: &mut Decoder<'v>) -> Option<Self> {
        let mut asked = Self {
            method: "GET".to_owned(),
            scheme: "http".to_owned(),
            path: "/".to_owned(),
            ..Self::default()
        };
        if let Some(method) = get(map, "method", decoder, |value, decoder| {
            read::parsed(value, decoder, "a method such as `GET`", |text| text.parse::<http::Method>().ok())
        }) {
            method.as_str().clone_into(&mut asked.method);
        }
        asked.read_target(map, decoder)?;
        asked.port = get(map, "port", decoder, read::port);
        let lines = |lines: Option<HeaderLines>| -> Vec<(String, String)> {
            let each = |(name, values): (String, Vec<String>)| {
                values.into_iter().map(move |value| (name.clone(), value)).collect::<Vec<_>>()
            };
            lines.unwrap_or_default().into_iter().flat_map(each).collect()
        };
        let headers =
            |value: &'v Value, decoder: &mut Decoder<'v>| read::headers(value, decoder, Absence::Refused);
        asked.headers = lines(get(map, "headers", decoder, headers));
        asked.response_headers = lines(get(map, "responseHeaders", decoder, headers));
        asked.source = get(map, "source", decoder, |value, decoder| read::socket_address(value, decoder, 0));
        let port = asked.request().port();
        asked.address =
            get(map, "address", decoder, |value, decoder| read::socket_address(value, decoder, port));
        asked.claims = get(map, "claims", decoder, |value, decoder| {
            decoder.map(value)?;
            let claims = MetadataValue::Fields([("payload".to_owned(), metadata(value))].into());
            Some(Metadata::new().with("envoy.filters.http.jwt_authn", claims))
        });
        Some(asked)
    }

    /// `url`, or `host` with `scheme` and `path`.
    fn read_target<'v>(&mut self, map: &'v Map, decoder: &mut Decoder<'v>) -> Option<()> {
        if map.get("url").is_none() {
            if map.get("host").is_none() {
                report(decoder, MISSING, "`url` is missing", "write `url`, `host` or `connection`");
                return None;
            }
            self.authority = get(map, "host", decoder, text)?;
            if let Some(scheme) = get(map, "scheme", decoder, |value, decoder| {
                let is_known = |text: &str| matches!(text, "http" | "https").then(|| text.to_owned());
                read::parsed(value, decoder, "`http` or `https`", is_known)
            }) {
                self.scheme = scheme;
            }
            if let Some(path) = get(map, "path", decoder, text) {
                self.path = path;
            }
            return Some(());
        }
        if let Some(other) = ["host", "scheme", "path"].into_iter().find(|name| map.get(name).is_some()) {
            let message = format!("`url` and `{other}` exclude each other");
            report(decoder, NOT_TOGETHER, message, "the URL says it already");
        }
        let (scheme, authority, path) = get(map, "url", decoder, |value, decoder| {
            let text = text(value, decoder)?;
            let parts = split_url(&text);
            if let Err(why) = &parts {
                report(decoder, BAD_VALUE, why.clone(), "");
            }
            parts.ok()
        })?;
        (self.scheme, self.authority, self.path) = (scheme, authority, path);
        Some(())
    }

    pub(super) fn request(&self) -> Request<'_> {
        let mut request = Request::new(&self.method, &self.authority, &self.path)
            .with_headers(Headers::Owned(&self.headers))
            .with_scheme(&self.scheme);
        if let Some(port) = self.port {
            request = request.with_port(port);
        }
        if let Some(source) = self.source {
            request = request.with_source(source);
        }
        if let Some(address) = self.address {
            request = request.with_destination(address);
        }
        if let Some(claims) = &self.claims {
            request = request.with_metadata(claims);
        }
        request
    }

    pub(super) fn header_bytes(lines: &[(String, String)]) -> Vec<(String, Vec<u8>)> {
        lines.iter().map(|(name, value)| (name.clone(), value.as_bytes().to_vec())).collect()
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// Scheme, authority and path with query of a URL, each as it is sent: nothing is cleaned, a fragment is cut.
///
/// ```
/// use pointsman_testing::route_test::split_url;
/// let (scheme, authority, path) = split_url("http://reviews:9080/a/../b?x#y").unwrap();
/// assert_eq!((&*scheme, &*authority, &*path), ("http", "reviews:9080", "/a/../b?x"));
/// assert_eq!(split_url("reviews/x").unwrap_err(), "`reviews/x` is not a URL such as `http://reviews:9080/x`");
/// ```
///
/// # Errors
///
/// What is wrong, in words: it is not `http` or `https`, has no host, a port that is none, or letters that no URL has.
pub fn split_url(text: &str) -> Result<(String, String, String), String> {
    let fail = |why: &str| Err(format!("`{text}` is not a URL such as `http://reviews:9080/x`{why}"));
    let uri: Uri = match text.parse() {
        Ok(uri) => uri,
        Err(error) if error.to_string().contains("character") => return fail(&format!(": {error}")),
        Err(_) => return fail(""),
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return fail("") };
    if !matches!(scheme, "http" | "https") {
        return fail(&format!(": the scheme `{scheme}` is neither `http` nor `https`"));
    }
    if authority.as_str().contains('@') {
        return fail(": no client sends the name of a user with the host");
    }
    if authority.host().is_empty() {
        return fail(": it has no host");
    }
    let has_port = authority.as_str().len() > authority.host().len();
    if has_port && authority.port_u16().is_none_or(|port| port == 0) {
        return fail(": the port is not a number from 1 to 65535");
    }
    let path = match uri.path_and_query().map(http::uri::PathAndQuery::as_str) {
        Some(path) if path.starts_with('/') => path.to_owned(),
        Some(query) => format!("/{query}"),
        None => "/".to_owned(),
    };
    Ok((scheme.to_owned(), authority.as_str().to_owned(), path))
}

fn metadata(value: &Value) -> MetadataValue {
    match value {
        Value::Null => MetadataValue::Null,
        Value::Bool(value) => MetadataValue::Bool(*value),
        Value::Number(number) => MetadataValue::Number(number.as_f64()),
        Value::String(text) => MetadataValue::Text(text.clone()),
        Value::List(items) => MetadataValue::List(items.iter().map(metadata).collect()),
        Value::Map(map) => {
            let fields = map.iter().map(|(name, value)| (name.to_owned(), metadata(value)));
            MetadataValue::Fields(fields.collect())
        }
    }
}

impl AskedConnection {
    fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let map = fields(value, decoder, &["port", "sni", "address", "source"])?;
        let server_name = get(map, "sni", decoder, text);
        let address = get(map, "address", decoder, read::address);
        let source = get(map, "source", decoder, read::address);
        let port = needed(map, "port", decoder, read::port)?;
        Some(Self { port, server_name, address, source })
    }

    pub(super) fn connection(&self) -> Connection<'_> {
        let mut connection = Connection::to_port(self.port);
        connection = match self.server_name.as_deref() {
            None => connection,
            Some("") => connection.with_tls(),
            Some(name) => connection.with_server_name(name),
        };
        if let Some(address) = self.address {
            connection = connection.with_destination(address);
        }
        if let Some(source) = self.source {
            connection = connection.with_source(source);
        }
        connection
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Request(request) => {
                let AskedRequest { method, scheme, authority, path, .. } = &**request;
                write!(f, "{method} {scheme}://{authority}{path}")?;
                request.headers.iter().try_for_each(|(name, value)| write!(f, ", {name}: {value}"))?;
            }
            What::Connection(connection) => {
                write!(f, "connection to port {}", connection.port)?;
                if let Some(address) = connection.address {
                    write!(f, " of {address}")?;
                }
                if let Some(name) = &connection.server_name {
                    write!(f, ", server name `{name}`")?;
                }
            }
        }
        self.draw.iter().try_for_each(|draw| write!(f, ", draw {draw}"))
    }
}
