//! Route rules.

use super::{Check, Checker, EXCLUSIVE, MISSING, NEVER_WORKED, OUT_OF_RANGE};
use crate::istio::legacy::{DestinationWeight, IngressRule, IstioService, RouteRule};

impl Check for RouteRule {
    fn check(&self, checker: &mut Checker) {
        check_unlabelled(self.destination.as_ref(), checker);
        checker.message("match", self.r#match.as_ref());
        self.check_redirect(checker);
        checker.message("rewrite", self.rewrite.as_ref());
        checker.items("route", &self.route, |checker, share| share.check(checker));
        check_weights(&self.route, checker);
        checker.message("mirror", self.mirror.as_ref());
        self.check_appended_headers(checker);
        checker.message("corsPolicy", self.cors_policy.as_ref());
        checker.message("httpReqTimeout", self.http_req_timeout.as_ref());
        checker.message("httpReqRetries", self.http_req_retries.as_ref());
        checker.message("httpFault", self.http_fault.as_ref());
        if self.l4_fault.is_some() {
            checker.field("l4Fault", |checker| {
                checker.error(NEVER_WORKED, "faults below HTTP are not made");
            });
        }
    }
}

/// The destination of a rule is a whole service.
pub(super) fn check_unlabelled(destination: Option<&IstioService>, checker: &mut Checker) {
    let Some(service) = destination else {
        return checker.error(MISSING, "the rule has no `destination`");
    };
    checker.message("destination", Some(service));
    if !service.labels.is_empty() {
        checker.field("destination", |checker| {
            checker.field("labels", |checker| {
                checker.error(EXCLUSIVE, "the destination of a rule is a whole service, without labels");
            });
        });
    }
}

impl RouteRule {
    fn check_redirect(&self, checker: &mut Checker) {
        checker.message("redirect", self.redirect.as_ref());
        if self.redirect.is_none() {
            return;
        }
        let beside = [
            ("route", !self.route.is_empty()),
            ("httpFault", self.http_fault.is_some()),
            ("rewrite", self.rewrite.is_some()),
            ("websocketUpgrade", self.websocket_upgrade),
        ];
        for (name, is_set) in beside {
            if is_set {
                checker.field(name, |checker| {
                    checker.error(EXCLUSIVE, format!("`redirect` and `{name}` exclude each other"));
                });
            }
        }
    }

    fn check_appended_headers(&self, checker: &mut Checker) {
        checker.field("appendHeaders", |checker| {
            for (name, value) in &self.append_headers {
                checker.field(name, |checker| {
                    checker.because(super::INVALID_NAME, super::names::invalid_header(name));
                    if value.is_empty() {
                        checker.error(MISSING, "the value of an added header is empty");
                    }
                });
            }
        });
    }
}

impl Check for DestinationWeight {
    fn check(&self, checker: &mut Checker) {
        checker.field("labels", |checker| super::names::check_label_map(&self.labels, checker));
        checker.percent("weight", self.weight.into());
    }
}

fn check_weights(route: &[DestinationWeight], checker: &mut Checker) {
    let sum: i64 = route.iter().map(|share| i64::from(share.weight)).sum();
    if route.is_empty() || sum == 100 || (route.len() == 1 && sum == 0) {
        return;
    }
    checker.field("route", |checker| {
        checker.error(OUT_OF_RANGE, format!("the weights sum to `{sum}`, not to 100"));
    });
}

impl Check for IngressRule {
    fn check(&self, checker: &mut Checker) {
        check_unlabelled(self.destination.as_ref(), checker);
    }
}
