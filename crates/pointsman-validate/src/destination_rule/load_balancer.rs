//! How an endpoint is chosen.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{
    ConsistentHashLb, HTTPCookie, HashAlgorithm, HashKey, LbPolicy, LoadBalancerSettings, WarmupConfiguration,
};

use super::locality;
use crate::codes;
use crate::report::{Place, Report};
use crate::words::{duration, missing, quote};

/// The largest Maglev table that Envoy takes.
const LARGEST_TABLE: u64 = 5_000_011;

/// `watched`: whether the same policy has outlier detection.
pub(crate) fn check(settings: &LoadBalancerSettings, watched: bool, at: &Place<'_>, out: &mut Report) {
    if let Some(LbPolicy::ConsistentHash(hash)) = &settings.lb_policy {
        consistent_hash(hash, &at.field("consistentHash"), out);
    }
    if settings.locality_lb_setting.is_some() && settings.zone_aware_lb_setting.is_some() {
        let message = "both `localityLbSetting` and `zoneAwareLbSetting` are set";
        out.error(&at.field("zoneAwareLbSetting"), codes::LOCALITY_AND_ZONE, message);
    }
    if let Some(setting) = &settings.locality_lb_setting {
        locality::check(setting, watched, &at.field("localityLbSetting"), out);
    }
    if let Some(setting) = &settings.zone_aware_lb_setting {
        locality::zone_aware(setting, watched, &at.field("zoneAwareLbSetting"), out);
    }
    if let Some(settings) = &settings.warmup {
        warmup(settings, &at.field("warmup"), out);
    }
}

fn consistent_hash(hash: &ConsistentHashLb, at: &Place<'_>, out: &mut Report) {
    if let Some(HashKey::HttpCookie(cookie)) = &hash.hash_key {
        check_cookie(cookie, &at.field("httpCookie"), out);
    }
    if hash.minimum_ring_size != 0 {
        let here = at.field("minimumRingSize");
        out.warn(&here, codes::DEPRECATED, "`minimumRingSize` is deprecated here");
        if hash.hash_algorithm.is_some() {
            let message = "`minimumRingSize` is set together with `ringHash` or `maglev`";
            out.error(&here, codes::RING_SIZE_TWICE, message);
        }
    }
    if let Some(HashAlgorithm::Maglev(maglev)) = &hash.hash_algorithm
        && let Some(size) = maglev.table_size
        && (size >= LARGEST_TABLE || !is_prime(size))
    {
        let message = format!("the table size `{size}` is not a prime number below {LARGEST_TABLE}");
        out.error(&at.field("maglev").field("tableSize"), codes::MAGLEV_SIZE, message);
    }
}

fn check_cookie(cookie: &HTTPCookie, at: &Place<'_>, out: &mut Report) {
    if cookie.name.is_empty() {
        missing("name", at, out);
    }
    let mut names = BTreeSet::new();
    for (position, attribute) in cookie.attributes.iter().enumerate() {
        let here = at.item("attributes", position);
        if attribute.name.is_empty() {
            missing("name", &here, out);
        } else if !names.insert(attribute.name.as_str()) {
            let message = format!("the attribute {} is there twice", quote(&attribute.name));
            out.error(&here.field("name"), codes::COOKIE_ATTRIBUTE_TWICE, message);
        }
    }
}

fn is_prime(number: u64) -> bool {
    number >= 2
        && (2..)
            .take_while(|divisor| divisor * divisor <= number)
            .all(|divisor| !number.is_multiple_of(divisor))
}

fn warmup(settings: &WarmupConfiguration, at: &Place<'_>, out: &mut Report) {
    match settings.duration {
        None => missing("duration", at, out),
        Some(time) => duration(time, &at.field("duration"), out),
    }
    if let Some(percent) = settings.minimum_percent.filter(|percent| *percent > 100.0) {
        let message = format!("`{percent}` is above 100 percent");
        out.error(&at.field("minimumPercent"), codes::INVALID_PERCENT, message);
    }
    if let Some(aggression) = settings.aggression.filter(|aggression| *aggression <= 0.0) {
        let message = format!("the aggression `{aggression}` is not above 0");
        out.error(&at.field("aggression"), codes::WARMUP_AGGRESSION, message);
    }
}
