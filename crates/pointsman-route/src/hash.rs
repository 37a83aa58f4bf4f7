//! The hash of a request, for consistent hashing.

use pointsman_policy::hash::{combine, xx_hash64, xx_hash64_chain};

use crate::ir::HashSource;
use crate::program::{HashProgram, View, parameter};

/// So many lines of one hashed header are sorted without allocating.
const FEW: usize = 16;

/// Hashes one request by hash policies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestHash<'v, 'a> {
    view: &'v View<'a>,
    make_cookies: bool,
}

impl<'v, 'a> RequestHash<'v, 'a> {
    pub(crate) const fn new(view: &'v View<'a>) -> Self {
        Self { view, make_cookies: true }
    }

    /// Missing cookies give no hash: Envoy makes none where the hash chooses among weighted destinations.
    pub(crate) const fn without_cookies(mut self) -> Self {
        self.make_cookies = false;
        self
    }

    /// The hash of all policies in order; `None` where none had a value.
    pub(crate) fn of(self, policies: &[HashProgram]) -> Option<u64> {
        let mut hash = None;
        for program in policies {
            if let Some(next) = self.of_one(program) {
                hash = Some(combine(hash, next));
            }
            if program.policy.terminal && hash.is_some() {
                break;
            }
        }
        hash
    }

    fn of_one(self, program: &HashProgram) -> Option<u64> {
        match &program.policy.source {
            HashSource::Header { name, .. } => self.of_header(name, program),
            HashSource::Cookie { name, ttl, .. } => match self.cookie(name) {
                Some(value) => Some(xx_hash64(value)),
                None if ttl.is_some() && self.make_cookies => self.made_cookie(),
                None => None,
            },
            HashSource::SourceIp => {
                let mut text = StackText::default();
                text.push(self.view.request.source()?.ip())?;
                Some(xx_hash64(text.bytes()))
            }
            HashSource::QueryParameter(name) => parameter(self.view.query, name.as_bytes()).map(xx_hash64),
        }
    }

    fn of_header(self, name: &str, program: &HashProgram) -> Option<u64> {
        if matches!(name, ":path" | ":method" | ":authority" | ":scheme") || name.eq_ignore_ascii_case("host")
        {
            let value = if name == ":path" { self.view.full_path } else { self.view.request.header(name)? };
            return Some(match program.rewrite.as_deref() {
                Some(rewrite) => xx_hash64(&rewrite.apply(value)),
                None => xx_hash64(value),
            });
        }
        let mut few: [&[u8]; FEW] = [b""; FEW];
        let mut lines = 0;
        self.view.request.headers().any(name, |value| {
            if let Some(slot) = few.get_mut(lines) {
                *slot = value;
            }
            lines += 1;
            false
        });
        if lines == 0 {
            return None;
        }
        if program.rewrite.is_some() || lines > FEW {
            return Some(self.of_many(name, program));
        }
        let values = few.get_mut(..lines)?;
        values.sort_unstable();
        Some(xx_hash64_chain(values.iter().copied()))
    }

    fn of_many(self, name: &str, program: &HashProgram) -> u64 {
        let mut values = Vec::new();
        self.view.request.headers().any(name, |value| {
            values.push(match program.rewrite.as_deref() {
                Some(rewrite) => rewrite.apply(value),
                None => value.into(),
            });
            false
        });
        values.sort_unstable();
        xx_hash64_chain(values.iter().map(|value| &**value))
    }

    /// The value of a cookie; an empty one counts as missing.
    fn cookie(self, name: &str) -> Option<&'a [u8]> {
        let mut found = None;
        self.view.request.headers().any("cookie", |line| {
            found = line.split(|byte| *byte == b';').find_map(|pair| {
                let value = pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
                let quoted = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
                Some(quoted.unwrap_or(value))
            });
            found.is_some()
        });
        found.filter(|value| !value.is_empty())
    }

    /// The hash of the cookie that Envoy makes from both addresses of the connection.
    fn made_cookie(self) -> Option<u64> {
        let mut addresses = StackText::default();
        addresses.push(self.view.request.source()?)?;
        addresses.push(self.view.request.destination()?)?;
        let mut value = StackText::default();
        value.push(format_args!("{:016x}", xx_hash64(addresses.bytes())))?;
        Some(xx_hash64(value.bytes()))
    }
}

/// A short text without allocation.
#[derive(Debug)]
struct StackText {
    bytes: [u8; 128],
    length: usize,
}

impl Default for StackText {
    fn default() -> Self {
        Self { bytes: [0; 128], length: 0 }
    }
}

impl StackText {
    fn push(&mut self, text: impl std::fmt::Display) -> Option<()> {
        use std::io::Write;
        let mut rest = self.bytes.get_mut(self.length..)?;
        let before = rest.len();
        write!(rest, "{text}").ok()?;
        self.length += before - rest.len();
        Some(())
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
