//! Services and conditions.

use super::names::{
    check_label_map, invalid_domain, invalid_egress_service, invalid_header, invalid_label, invalid_subnet,
};
use super::{Check, Checker, EXCLUSIVE, INVALID_NAME, MISSING, NEVER_WORKED};
use crate::istio::legacy::{IstioService, L4MatchAttributes, MatchCondition};
use crate::istio::networking::{StringMatch, StringMatchKind};

impl Check for IstioService {
    fn check(&self, checker: &mut Checker) {
        match (self.name.is_empty(), self.service.is_empty()) {
            (true, true) => checker.error(MISSING, "a service needs `name` or `service`"),
            (false, false) => checker.error(EXCLUSIVE, "`name` and `service` exclude each other"),
            (true, false) => self.check_service(checker),
            (false, true) => {
                checker.field("name", |checker| checker.because(INVALID_NAME, invalid_label(&self.name)));
            }
        }
        if !self.namespace.is_empty() {
            checker
                .field("namespace", |checker| checker.because(INVALID_NAME, invalid_label(&self.namespace)));
        }
        if !self.domain.is_empty() {
            checker.field("domain", |checker| checker.because(INVALID_NAME, invalid_domain(&self.domain)));
        }
        checker.field("labels", |checker| check_label_map(&self.labels, checker));
    }
}

impl IstioService {
    fn check_service(&self, checker: &mut Checker) {
        checker
            .field("service", |checker| checker.because(INVALID_NAME, invalid_egress_service(&self.service)));
        for (name, value) in [("namespace", &self.namespace), ("domain", &self.domain)] {
            if !value.is_empty() {
                checker.field(name, |checker| {
                    checker.error(EXCLUSIVE, format!("`{name}` and `service` exclude each other"));
                });
            }
        }
    }
}

impl Check for MatchCondition {
    fn check(&self, checker: &mut Checker) {
        checker.message("source", self.source.as_ref());
        checker.message("tcp", self.tcp.as_ref());
        checker.message("udp", self.udp.as_ref());
        if self.udp.is_some() {
            checker.field("udp", |checker| checker.error(NEVER_WORKED, "UDP cannot be routed"));
        }
        let Some(request) = &self.request else { return };
        checker.field("request", |checker| {
            checker.field("headers", |checker| {
                for (name, value) in &request.headers {
                    checker.field(name, |checker| check_header(name, value, checker));
                }
            });
        });
    }
}

fn check_header(name: &str, value: &StringMatch, checker: &mut Checker) {
    checker.because(INVALID_NAME, invalid_header(name));
    let text = match &value.kind {
        None => return checker.error(MISSING, "a condition needs `exact`, `prefix` or `regex`"),
        Some(StringMatchKind::Exact(text) | StringMatchKind::Prefix(text) | StringMatchKind::Regex(text)) => {
            text
        }
    };
    if name == "uri" && text.is_empty() {
        checker.error(MISSING, "the condition on `uri` is empty");
    }
}

impl Check for L4MatchAttributes {
    fn check(&self, checker: &mut Checker) {
        for (name, subnets) in
            [("sourceSubnet", &self.source_subnet), ("destinationSubnet", &self.destination_subnet)]
        {
            checker.items(name, subnets, |checker, subnet| {
                checker.because(INVALID_NAME, invalid_subnet(subnet));
            });
        }
    }
}
