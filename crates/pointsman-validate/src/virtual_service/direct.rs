//! Redirects, direct responses, rewrites.

use pointsman_api::istio::networking::{
    HTTPBodySpecifier, HTTPDirectResponse, HTTPMatchRequest, HTTPRedirect, HTTPRewrite, RedirectPort,
    RegexRewrite, StringMatchKind,
};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{http_status, quote, re2};

/// Bodies above this are refused.
const LARGEST_BODY: usize = 1_048_576;
/// Bodies above this slow every proxy down.
const LARGE_BODY: usize = 102_400;

pub(crate) fn redirect(
    redirect: &HTTPRedirect,
    matches: &[HTTPMatchRequest],
    at: &Place<'_>,
    out: &mut Report,
) {
    if !redirect.uri.is_empty() && !redirect.prefix_rewrite.is_empty() {
        out.error(at, codes::REDIRECT_URI_AND_PREFIX, "both `uri` and `prefixRewrite` are set");
    }
    let kinds = matches.iter().filter_map(|m| m.uri.as_ref());
    let mut kinds = kinds.filter(|uri| !matches!(uri.kind, Some(StringMatchKind::Prefix(_))));
    if !redirect.prefix_rewrite.is_empty() && kinds.next().is_some() {
        let message = "`prefixRewrite` is set, but a condition on the path is no prefix";
        out.error(&at.field("prefixRewrite"), codes::REDIRECT_PREFIX, message);
    }
    let texts = [&redirect.uri, &redirect.authority, &redirect.scheme, &redirect.prefix_rewrite];
    if texts.iter().all(|text| text.is_empty()) && redirect.redirect_port.is_none() {
        out.error(at, codes::REDIRECT_EMPTY, "the redirect changes nothing");
    }
    if redirect.redirect_code != 0 && !(300..=399).contains(&redirect.redirect_code) {
        let message = format!("`{}` is not a redirect status from 300 to 399", redirect.redirect_code);
        out.error(&at.field("redirectCode"), codes::REDIRECT_CODE, message);
    }
    if !["", "http", "https"].contains(&redirect.scheme.as_str()) {
        let message = format!("the scheme {} is neither `http` nor `https`", quote(&redirect.scheme));
        out.error(&at.field("scheme"), codes::REDIRECT_SCHEME, message);
    }
    if let Some(RedirectPort::Port(port)) = redirect.redirect_port
        && port > 65_535
    {
        out.error(&at.field("port"), codes::INVALID_PORT, format!("port `{port}` is above 65535"));
    }
}

pub(crate) fn direct_response(response: &HTTPDirectResponse, at: &Place<'_>, out: &mut Report) {
    let length = match response.body.as_ref().and_then(|body| body.specifier.as_ref()) {
        Some(HTTPBodySpecifier::String(text)) => text.len(),
        Some(HTTPBodySpecifier::Bytes(base64)) => decoded_length(base64),
        _ => 0,
    };
    if length > LARGEST_BODY {
        let message = format!("the body has {length} bytes, more than {LARGEST_BODY}");
        out.error(&at.field("body"), codes::BODY_TOO_LARGE, message);
    } else if length > LARGE_BODY {
        let message = format!("the body has {length} bytes, which every proxy keeps in memory");
        out.warn(&at.field("body"), codes::BODY_LARGE, message);
    }
    http_status(i64::from(response.status), &at.field("status"), out);
}

/// How many bytes a text in base64 stands for.
fn decoded_length(base64: &str) -> usize {
    let letters = base64.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').count();
    letters / 4 * 3 + (letters % 4).saturating_sub(1)
}

pub(crate) fn rewrite(rewrite: &HTTPRewrite, at: &Place<'_>, out: &mut Report) {
    if !rewrite.uri.is_empty() && rewrite.uri_regex_rewrite.is_some() {
        out.error(at, codes::REWRITE_TWICE, "both `uri` and `uriRegexRewrite` are set");
    }
    if rewrite.uri.is_empty() && rewrite.authority.is_empty() && rewrite.uri_regex_rewrite.is_none() {
        out.error(at, codes::REWRITE_EMPTY, "the rewrite changes nothing");
    }
    if let Some(regex) = &rewrite.uri_regex_rewrite {
        regex_rewrite(regex, &at.field("uriRegexRewrite"), out);
    }
}

pub(crate) fn regex_rewrite(rewrite: &RegexRewrite, at: &Place<'_>, out: &mut Report) {
    if rewrite.r#match.is_empty() || rewrite.rewrite.is_empty() {
        let name = if rewrite.r#match.is_empty() { "match" } else { "rewrite" };
        out.error(&at.field(name), codes::REGEX_REWRITE_EMPTY, format!("`{name}` of the rewrite is empty"));
    } else {
        crate::words::text::regex(&rewrite.r#match, &at.field("match"), out);
        groups(rewrite, at, out);
    }
}

/// A number behind a backslash means a group: Envoy refuses one that does not exist, after the control plane took it.
fn groups(rewrite: &RegexRewrite, at: &Place<'_>, out: &mut Report) {
    let Some(count) = re2::groups(&rewrite.r#match) else { return };
    let mut rest = rewrite.rewrite.chars();
    while let Some(letter) = rest.next() {
        let Some(next) = (letter == '\\').then(|| rest.next()).flatten() else { continue };
        if next.to_digit(10).is_some_and(|group| group > count) {
            let message = format!("`\\{next}` stands for a group that the expression does not have");
            out.info(&at.field("rewrite"), codes::REGEX_REWRITE_GROUP, message);
        }
    }
}
