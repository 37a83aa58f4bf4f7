//! Authentication and authorization.

use std::collections::BTreeSet;

use url::Url;

use super::names::invalid_label;
use super::{Check, Checker, INVALID_NAME, MISSING, NOT_SUPPORTED, OUT_OF_RANGE, TWICE};
use crate::istio::legacy::{
    Jwt, PeerMethodKind, Policy, ServiceRole, ServiceRoleBinding, TargetPortKind, TargetSelector,
};

impl Check for Policy {
    fn check(&self, checker: &mut Checker) {
        checker.items("targets", &self.targets, |checker, target| target.check(checker));
        let mut issuers = BTreeSet::new();
        let mut once = |jwt: &Jwt, checker: &mut Checker| {
            jwt.check(checker);
            if !issuers.insert(jwt.issuer.clone()) {
                checker.error(TWICE, format!("the issuer `{}` is there twice", jwt.issuer));
            }
        };
        checker.items("peers", &self.peers, |checker, method| {
            if let Some(PeerMethodKind::Jwt(jwt)) = &method.params {
                checker.field("jwt", |checker| once(jwt, checker));
            }
        });
        checker.items("origins", &self.origins, |checker, method| {
            if let Some(jwt) = &method.jwt {
                checker.field("jwt", |checker| once(jwt, checker));
            }
        });
    }
}

impl Check for TargetSelector {
    fn check(&self, checker: &mut Checker) {
        checker.field("name", |checker| checker.because(INVALID_NAME, invalid_label(&self.name)));
        if !self.subset.is_empty() {
            checker.field("subset", |checker| checker.because(INVALID_NAME, invalid_label(&self.subset)));
        }
        checker.items("ports", &self.ports, |checker, port| match &port.port {
            None => checker.error(MISSING, "a port needs `number` or `name`"),
            Some(TargetPortKind::Name(name)) => checker.because(INVALID_NAME, invalid_label(name)),
            Some(TargetPortKind::Number(number)) if !(1..=65535).contains(number) => {
                checker.error(OUT_OF_RANGE, format!("`{number}` is not a port from 1 to 65535"));
            }
            Some(TargetPortKind::Number(_)) => {}
        });
    }
}

impl Check for Jwt {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty("issuer", &self.issuer);
        for (name, texts) in [
            ("audiences", &self.audiences),
            ("jwtHeaders", &self.jwt_headers),
            ("jwtParams", &self.jwt_params),
        ] {
            checker.items(name, texts, |checker, text| checker.not_empty(name, text));
        }
        let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if !self.jwks_uri.is_empty() && !Url::parse(&self.jwks_uri).is_ok_and(is_web) {
            checker.field("jwksUri", |checker| {
                checker.error(INVALID_NAME, format!("`{}` is not a web address", self.jwks_uri));
            });
        }
    }
}

impl Check for ServiceRole {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty_list("rules", &self.rules);
        checker.items("rules", &self.rules, |checker, rule| {
            checker.not_empty_list("services", &rule.services);
            checker.not_empty_list("methods", &rule.methods);
            checker.items("constraints", &rule.constraints, |checker, constraint| {
                checker.not_empty("key", &constraint.key);
                checker.not_empty_list("values", &constraint.values);
            });
        });
    }
}

impl Check for ServiceRoleBinding {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty_list("subjects", &self.subjects);
        checker.items("subjects", &self.subjects, |checker, subject| {
            if subject.user.is_empty() && subject.group.is_empty() && subject.properties.is_empty() {
                checker.error(MISSING, "a subject needs `user`, `group` or `properties`");
            }
        });
        let Some(role) = &self.role_ref else {
            return checker.error(MISSING, "`roleRef` is missing");
        };
        checker.field("roleRef", |checker| {
            if role.kind != "ServiceRole" {
                checker.error(NOT_SUPPORTED, format!("the kind `{}` is not `ServiceRole`", role.kind));
            }
            checker.not_empty("name", &role.name);
        });
    }
}
