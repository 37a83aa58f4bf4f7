//! Answers without a destination.

use pointsman_api::istio::networking::{
    DerivePort, HTTPBodySpecifier, HTTPDirectResponse, HTTPRedirect, RedirectPort,
};

use crate::ir::{DirectResponse, Redirect, RedirectPath};

/// A redirect of a route on that port; `None` for a status that no proxy sends.
#[must_use]
pub fn redirect(wanted: &HTTPRedirect, port: u16, is_tls: bool) -> Option<Redirect> {
    let status = match wanted.redirect_code {
        0 => 301,
        code @ (301 | 302 | 303 | 307 | 308) => u16::try_from(code).ok()?,
        _ => return None,
    };
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let number = match &wanted.redirect_port {
        Some(RedirectPort::Port(number)) => u16::try_from(*number).unwrap_or_default(),
        Some(RedirectPort::DerivePort(DerivePort::FromRequestPort)) => port,
        _ => 0,
    };
    let scheme = match wanted.scheme.as_str() {
        "" if is_tls => "https",
        "" => "http",
        scheme => scheme,
    };
    let is_default = matches!((scheme, number), (_, 0) | ("http", 80) | ("https", 443));
    Some(Redirect {
        status,
        scheme: some(&wanted.scheme),
        host: some(&wanted.authority),
        port: (!is_default).then_some(number),
        path: redirect_path(wanted),
        strip_query: false,
    })
}

fn redirect_path(wanted: &HTTPRedirect) -> RedirectPath {
    if !wanted.prefix_rewrite.is_empty() {
        return RedirectPath::Prefix(wanted.prefix_rewrite.clone());
    }
    if wanted.uri.is_empty() { RedirectPath::Keep } else { RedirectPath::Whole(wanted.uri.clone()) }
}

/// An answer of the proxy itself. A body whose base64 cannot be read is empty.
#[must_use]
pub fn direct_response(wanted: &HTTPDirectResponse) -> DirectResponse {
    let body = wanted.body.as_ref().and_then(|body| body.specifier.as_ref()).map(|body| match body {
        HTTPBodySpecifier::String(text) => text.clone().into_bytes(),
        HTTPBodySpecifier::Bytes(text) => from_base64(text).unwrap_or_default(),
        _ => Vec::new(),
    });
    DirectResponse { status: u16::try_from(wanted.status).unwrap_or(u16::MAX), body }
}

/// Standard or URL-safe base64, with or without padding, as the JSON form of protocol buffers has it.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_ports_are_left_out() {
        let port = |wanted: &HTTPRedirect, port, is_tls| {
            redirect(wanted, port, is_tls).expect("a status that exists").port
        };
        let derived =
            HTTPRedirect::new().with_redirect_port(RedirectPort::DerivePort(DerivePort::FromRequestPort));
        assert_eq!(port(&derived, 80, false), None);
        assert_eq!(port(&derived, 8080, false), Some(8080));
        assert_eq!(port(&derived, 443, true), None);
        assert_eq!(port(&derived.with_scheme("https"), 80, false), Some(80));
    }

    #[test]
    fn statuses_that_no_proxy_sends_are_refused() {
        let with = |code: u32| redirect(&HTTPRedirect::new().with_redirect_code(code), 80, false);
        assert!(with(304).is_none());
        assert_eq!(with(0).map(|redirect| redirect.status), Some(301));
    }

    #[test]
    fn bodies_may_be_base64() {
        assert_eq!(from_base64("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(from_base64("_-8"), Some(vec![0xff, 0xef]));
        assert_eq!(from_base64("a b"), None);
    }
}
