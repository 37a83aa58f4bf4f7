//! What HTTP services offer.

use super::{Check, Checker, MISSING, OUT_OF_RANGE};
use crate::istio::legacy::{
    APIKeyPlace, AttributeValueKind, Attributes, HTTPAPIPattern, HTTPAPISpec, HTTPAPISpecBinding,
};

impl Check for HTTPAPISpec {
    fn check(&self, checker: &mut Checker) {
        checker.message("attributes", self.attributes.as_ref());
        checker.not_empty_list("patterns", &self.patterns);
        if !self.patterns.is_empty() && self.attributes.is_none() {
            checker.error(MISSING, "`attributes` is missing");
        }
        checker.items("patterns", &self.patterns, |checker, pattern| {
            checker.not_empty("httpMethod", &pattern.http_method);
            match &pattern.pattern {
                Some(HTTPAPIPattern::UriTemplate(text)) => checker.not_empty("uriTemplate", text),
                Some(HTTPAPIPattern::Regex(text)) => checker.not_empty("regex", text),
                None => {}
            }
        });
        checker.items("apiKeys", &self.api_keys, |checker, key| match &key.key {
            Some(APIKeyPlace::Query(text)) => checker.not_empty("query", text),
            Some(APIKeyPlace::Header(text)) => checker.not_empty("header", text),
            Some(APIKeyPlace::Cookie(text)) => checker.not_empty("cookie", text),
            None => {}
        });
    }
}

impl Check for Attributes {
    fn check(&self, checker: &mut Checker) {
        if self.attributes.is_empty() {
            checker.error(MISSING, "`attributes` has no entry");
        }
        checker.field("attributes", |checker| {
            for (name, value) in &self.attributes {
                checker.field(name, |checker| match &value.value {
                    Some(AttributeValueKind::StringValue(text)) => checker.not_empty("stringValue", text),
                    Some(AttributeValueKind::BytesValue(text)) => checker.not_empty("bytesValue", text),
                    Some(AttributeValueKind::StringMapValue(map)) if map.entries.is_empty() => {
                        checker.error(MISSING, "`entries` has no entry");
                    }
                    Some(AttributeValueKind::DurationValue(duration)) if duration.nanos() < 0 => {
                        checker.error(OUT_OF_RANGE, format!("`{duration}` is negative"));
                    }
                    _ => {}
                });
            }
        });
    }
}

impl Check for HTTPAPISpecBinding {
    fn check(&self, checker: &mut Checker) {
        checker.not_empty_list("services", &self.services);
        checker.items("services", &self.services, |checker, service| service.check(checker));
        checker.not_empty_list("apiSpecs", &self.api_specs);
        checker.items("apiSpecs", &self.api_specs, |checker, spec| spec.check(checker));
    }
}
