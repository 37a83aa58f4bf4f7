//! Quota specs, rules of Mixer, and the adapters that counted and decided.

use super::names::invalid_label;
use super::{Check, Checker, INVALID_NAME, MISSING, NOT_SUPPORTED, OUT_OF_RANGE};
use crate::istio::legacy::{QuotaSpec, QuotaSpecBinding, Rule, SpecReference};
use crate::istio::networking::StringMatchKind;

impl Check for QuotaSpec {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty_list("rules", &self.rules);
        checker.items("rules", &self.rules, |checker, rule| {
            checker.items("match", &rule.r#match, |checker, condition| {
                checker.field("clause", |checker| {
                    for (attribute, value) in &condition.clause {
                        let text = match &value.kind {
                            Some(
                                StringMatchKind::Exact(text)
                                | StringMatchKind::Prefix(text)
                                | StringMatchKind::Regex(text),
                            ) => text,
                            None => continue,
                        };
                        if text.is_empty() {
                            checker.field(attribute, |checker| {
                                checker.error(MISSING, format!("the condition on `{attribute}` is empty"));
                            });
                        }
                    }
                });
            });
            checker.not_empty_list("quotas", &rule.quotas);
            checker.items("quotas", &rule.quotas, |checker, quota| {
                checker.not_empty("quota", &quota.quota);
                if quota.charge <= 0 {
                    checker.error(OUT_OF_RANGE, format!("the charge `{}` is not positive", quota.charge));
                }
            });
        });
    }
}

impl Check for QuotaSpecBinding {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty_list("services", &self.services);
        checker.items("services", &self.services, |checker, service| service.check(checker));
        checker.not_empty_list("quotaSpecs", &self.quota_specs);
        checker.items("quotaSpecs", &self.quota_specs, |checker, spec| spec.check(checker));
    }
}

impl Check for SpecReference {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty("name", &self.name);
        if !self.namespace.is_empty() {
            checker
                .field("namespace", |checker| checker.because(INVALID_NAME, invalid_label(&self.namespace)));
        }
    }
}

impl Check for Rule {
    fn check(&self, checker: &mut Checker) {
        if !self.selector.is_empty() && self.r#match.is_empty() {
            checker.field("selector", |checker| {
                checker.error(NOT_SUPPORTED, "`selector` is the old name of `match`");
            });
        }
    }
}
