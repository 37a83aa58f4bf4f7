//! What is expected of the answer.

use std::fmt;

use pointsman_api::Decoder;
use pointsman_manifest::{Map, Value};
use pointsman_types::duration::TimeDelta;
use pointsman_types::{FieldPath, Span};

use super::Share;
use super::problem::{MISSING, NOT_TOGETHER};
use super::read::{self, Absence, HeaderLines, bad, fields, get, is_none, needed, report, text};

/// What one field expects.
#[derive(Debug, Clone)]
pub(super) struct Expectation {
    pub(super) path: FieldPath,
    pub(super) span: Option<Span>,
    /// Whether it must not hold.
    pub(super) is_negative: bool,
    pub(super) expected: Expected,
}

#[derive(Debug, Clone)]
pub(super) enum Expected {
    Host(String),
    Subset(String),
    Port(u16),
    Cluster(String),
    Shares(Shares),
    Unreachable(bool),
    Endpoint(String),
    Route(String),
    Status(u16),
    Location(String),
    Body(String),
    Path(String),
    Authority(String),
    Headers(HeaderLines),
    ResponseHeaders(HeaderLines),
    Timeout(Option<TimeDelta>),
    Retries(Retries),
    Mirrors(Shares),
    Delay(Option<Delay>),
    Abort(Option<Abort>),
}

/// Shares by the names of destinations.
pub(super) type Shares = Vec<(String, Share)>;

/// Retries; what is not given is not looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Retries {
    pub(super) attempts: Option<u32>,
    pub(super) per_try_timeout: Option<TimeDelta>,
    pub(super) on: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delay {
    pub(super) time: TimeDelta,
    pub(super) share: Share,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Abort {
    pub(super) status: AbortWith,
    pub(super) share: Share,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AbortWith {
    Http(u16),
    Grpc(u32),
}

/// Everything that may be expected; the first seven of connections too.
const FIELDS: [&str; 20] = [
    "host",
    "subset",
    "port",
    "cluster",
    "shares",
    "unreachable",
    "endpoint",
    "route",
    "status",
    "location",
    "body",
    "path",
    "authority",
    "headers",
    "responseHeaders",
    "timeout",
    "retries",
    "mirrors",
    "delay",
    "abort",
];
const OF_CONNECTIONS: usize = 7;

/// Reads `then`, or `not`.
pub(super) fn read<'v>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    is_negative: bool,
    asks_connection: bool,
) -> Option<Vec<Expectation>> {
    let map = fields(value, decoder, &FIELDS)?;
    if map.iter().next().is_none() {
        report(decoder, MISSING, "nothing is expected", "write what shall come out, such as `subset: v2`");
    }
    let mut expectations = Vec::new();
    for (name, value) in map.iter() {
        let Some(position) = FIELDS.iter().position(|known| *known == name) else { continue };
        let expected = decoder.in_field(name, |decoder| {
            if asks_connection && position >= OF_CONNECTIONS {
                let help = format!("of a connection one can ask {}", FIELDS[..OF_CONNECTIONS].join(", "));
                report(decoder, NOT_TOGETHER, format!("a connection has no `{name}`"), &help);
            }
            let path = decoder.path();
            let expected = Expected::read(name, value, decoder)?;
            Some(Expectation { path, span: None, is_negative, expected })
        });
        expectations.extend(expected);
    }
    Some(expectations)
}

impl Expected {
    fn read<'v>(name: &str, value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let text = text;
        Some(match name {
            "host" => Self::Host(text(value, decoder)?),
            "subset" => Self::Subset(text(value, decoder)?),
            "port" => Self::Port(read::port(value, decoder)?),
            "cluster" => Self::Cluster(text(value, decoder)?),
            "shares" => Self::Shares(whole_shares(value, decoder)?),
            "unreachable" => Self::Unreachable(read::flag(value, decoder)?),
            "endpoint" => Self::Endpoint(text(value, decoder)?),
            "route" => Self::Route(text(value, decoder)?),
            "status" => Self::Status(status(value, decoder)?),
            "location" => Self::Location(text(value, decoder)?),
            "body" => Self::Body(text(value, decoder)?),
            "path" => Self::Path(text(value, decoder)?),
            "authority" => Self::Authority(text(value, decoder)?),
            "headers" => Self::Headers(read::headers(value, decoder, Absence::Allowed)?),
            "responseHeaders" => Self::ResponseHeaders(read::headers(value, decoder, Absence::Allowed)?),
            "timeout" if is_none(value) => Self::Timeout(None),
            "timeout" => Self::Timeout(Some(read::duration(value, decoder)?)),
            "retries" => Self::Retries(Retries::read(value, decoder)?),
            "mirrors" if is_none(value) => Self::Mirrors(Vec::new()),
            "mirrors" => Self::Mirrors(shares(value, decoder)?),
            "delay" if is_none(value) => Self::Delay(None),
            "delay" => Self::Delay(Some(Delay::read(value, decoder)?)),
            "abort" if is_none(value) => Self::Abort(None),
            _ => Self::Abort(Some(Abort::read(value, decoder)?)),
        })
    }
}

fn status(value: &Value, decoder: &mut Decoder<'_>) -> Option<u16> {
    let wanted = "a status from 100 to 599";
    let status = read::number::<u16>(value, decoder, wanted)?;
    if !(100..600).contains(&status) {
        bad(decoder, &status.to_string(), wanted);
    }
    Some(status)
}

fn share(value: &Value, decoder: &mut Decoder<'_>) -> Option<Share> {
    read::parsed(value, decoder, "a share such as `80%` or `4/5`", |text| text.parse().ok())
}

fn shares<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Shares> {
    let map: &'v Map = decoder.map(value)?;
    let one = |(name, value): (&'v str, &'v Value)| {
        decoder.in_field(name, |decoder| Some((name.to_owned(), share(value, decoder)?)))
    };
    Some(map.iter().filter_map(one).collect())
}

/// Shares that add up to all requests.
fn whole_shares<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Shares> {
    let shares = shares(value, decoder)?;
    let written = decoder.map(value)?.iter().count();
    let sum = shares.iter().try_fold(Share::NONE, |sum, (_, share)| sum.checked_add(*share));
    if shares.len() == written && sum != Some(Share::ALL) {
        let sum = sum.map_or_else(|| "more than 100%".to_owned(), |sum| sum.to_string());
        bad(decoder, &sum, "100%, the sum of all shares");
    }
    Some(shares)
}

impl Retries {
    fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let count = |value: &'v Value, decoder: &mut Decoder<'v>| {
            read::number::<u32>(value, decoder, "a number of attempts, or a map")
        };
        if value.as_map().is_none() {
            return Some(Self { attempts: Some(count(value, decoder)?), ..Self::default() });
        }
        let map = fields(value, decoder, &["attempts", "perTryTimeout", "retryOn"])?;
        let read = Self {
            attempts: get(map, "attempts", decoder, count),
            per_try_timeout: get(map, "perTryTimeout", decoder, |value, decoder| {
                read::duration(value, decoder)
            }),
            on: get(map, "retryOn", decoder, |value, decoder| text(value, decoder)),
        };
        Some(read)
    }
}

impl Delay {
    fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let map = fields(value, decoder, &["for", "share"])?;
        let time = needed(map, "for", decoder, |value, decoder| read::duration(value, decoder));
        let share = needed(map, "share", decoder, |value, decoder| share(value, decoder));
        Some(Self { time: time?, share: share? })
    }
}

impl Abort {
    fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        let map = fields(value, decoder, &["status", "grpcStatus", "share"])?;
        let http = get(map, "status", decoder, |value, decoder| status(value, decoder));
        let grpc = get(map, "grpcStatus", decoder, |value, decoder| {
            read::number::<u32>(value, decoder, "the number of a gRPC status")
        });
        let share = needed(map, "share", decoder, |value, decoder| share(value, decoder));
        let status = match (http, grpc) {
            (Some(status), None) => AbortWith::Http(status),
            (None, Some(status)) => AbortWith::Grpc(status),
            (None, None) => {
                report(decoder, MISSING, "`status` is missing", "write `status` or `grpcStatus`");
                return None;
            }
            _ => {
                report(decoder, NOT_TOGETHER, "`status` and `grpcStatus` exclude each other", "remove one");
                return None;
            }
        };
        Some(Self { status, share: share? })
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subset(text) if text.is_empty() => f.write_str("no subset"),
            Self::Host(text)
            | Self::Subset(text)
            | Self::Cluster(text)
            | Self::Endpoint(text)
            | Self::Route(text)
            | Self::Location(text)
            | Self::Body(text)
            | Self::Path(text)
            | Self::Authority(text) => write!(f, "`{text}`"),
            Self::Port(number) | Self::Status(number) => write!(f, "{number}"),
            Self::Unreachable(is_it) => f.write_str(in_words(*is_it)),
            Self::Shares(shares) | Self::Mirrors(shares) => write_shares(shares, f),
            Self::Headers(lines) | Self::ResponseHeaders(lines) => write_headers(lines, f),
            Self::Timeout(None) | Self::Delay(None) | Self::Abort(None) => f.write_str("none"),
            Self::Timeout(Some(time)) => write!(f, "{time}"),
            Self::Retries(retries) => retries.fmt(f),
            Self::Delay(Some(delay)) => delay.fmt(f),
            Self::Abort(Some(abort)) => abort.fmt(f),
        }
    }
}

pub(super) const fn in_words(is_unreachable: bool) -> &'static str {
    if is_unreachable { "unreachable" } else { "sent on" }
}

fn write_shares(shares: &Shares, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if shares.is_empty() {
        return f.write_str("none");
    }
    for (position, (name, share)) in shares.iter().enumerate() {
        let comma = if position == 0 { "" } else { ", " };
        write!(f, "{comma}`{name}` {share}")?;
    }
    Ok(())
}

fn write_headers(lines: &HeaderLines, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, (name, values)) in lines.iter().enumerate() {
        let comma = if position == 0 { "" } else { ", " };
        match values.as_slice() {
            [] => write!(f, "{comma}no `{name}`")?,
            values => write!(f, "{comma}`{name}: {}`", values.join("`, `"))?,
        }
    }
    Ok(())
}

impl fmt::Display for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = self.attempts.map(|attempts| format!("{attempts} attempts"));
        let each = self.per_try_timeout.map(|time| format!("{time} each"));
        let on = self.on.as_ref().map(|on| format!("on `{on}`"));
        let parts: Vec<_> = [attempts, each, on].into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.time, self.share)
    }
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            AbortWith::Http(status) => write!(f, "{status} for {}", self.share),
            AbortWith::Grpc(status) => write!(f, "gRPC status {status} for {}", self.share),
        }
    }
}
