//! Which tokens a workload knows.

use std::collections::BTreeMap;

use pointsman_api::istio::security::{ClaimToHeader, JWTRule, RequestAuthentication};

use super::jwks;
use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words;
use crate::words::selector::Attachment;

pub(crate) fn request_authentication(
    spec: &RequestAuthentication,
    _: &Context<'_>,
    at: &Place<'_>,
    out: &mut Report,
) {
    Attachment {
        selector: spec.selector.as_ref(),
        target_ref: spec.target_ref.as_ref(),
        target_refs: &spec.target_refs,
    }
    .check(at, out);
    let mut seen = BTreeMap::new();
    for (position, rule) in spec.jwt_rules.iter().enumerate() {
        let here = at.item("jwtRules", position);
        jwt_rule(rule, &here, out);
        if rule.issuer.is_empty() {
            continue;
        }
        if let Some(earlier) = seen.insert(rule.issuer.as_str(), position) {
            let message = format!("the issuer `{}` has a rule already: `jwtRules[{earlier}]`", rule.issuer);
            out.info(&here.field("issuer"), codes::JWT_ISSUER_TWICE, message);
        }
    }
}

/// One issuer of tokens.
pub(crate) fn jwt_rule(rule: &JWTRule, at: &Place<'_>, out: &mut Report) {
    for (field, texts) in [
        ("audiences", &rule.audiences),
        ("fromParams", &rule.from_params),
        ("fromCookies", &rule.from_cookies),
        ("spaceDelimitedClaims", &rule.space_delimited_claims),
    ] {
        for position in (0..texts.len()).filter(|position| texts.get(*position).is_some_and(String::is_empty))
        {
            out.error(&at.item(field, position), codes::EMPTY_TEXT, format!("an item of `{field}` is empty"));
        }
    }
    if rule.issuer.is_empty() && rule.jwks_uri.is_empty() {
        out.error(
            &at.field("issuer"),
            codes::JWT_ISSUER,
            "the rule names neither an issuer nor where its keys are",
        );
    }
    jwks_uri(&rule.jwks_uri, &at.field("jwksUri"), out);
    jwks::check(&rule.jwks, &at.field("jwks"), out);
    for (position, header) in rule.from_headers.iter().enumerate() {
        if header.name.is_empty() {
            let place = at.item("fromHeaders", position);
            out.error(&place.field("name"), codes::JWT_HEADER, "the header has no name");
        }
    }
    for (position, claim) in rule.output_claim_to_headers.iter().enumerate() {
        claim_to_header(claim, &at.item("outputClaimToHeaders", position), out);
    }
    if let Some(timeout) = rule.timeout {
        words::duration(timeout, &at.field("timeout"), out);
    }
}

fn jwks_uri(text: &str, at: &Place<'_>, out: &mut Report) {
    if text.is_empty() {
        return;
    }
    let address = url::Url::parse(text).ok().filter(|address| matches!(address.scheme(), "http" | "https"));
    if address.is_none() {
        out.error(at, codes::JWKS_URI, format!("`{text}` is not an address of `http` or `https`"));
    }
}

fn claim_to_header(claim: &ClaimToHeader, at: &Place<'_>, out: &mut Report) {
    if claim.claim.is_empty() {
        out.error(&at.field("claim"), codes::CLAIM_NAME, "the claim has no name");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if claim.header.is_empty() || !claim.header.bytes().all(allowed) {
        let message = format!("`{}` is not a header that can take a claim", claim.header);
        out.error(&at.field("header"), codes::CLAIM_HEADER, message);
    }
}
