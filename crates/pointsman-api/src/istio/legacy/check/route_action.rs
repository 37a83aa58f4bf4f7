//! What a route rule does with requests.

use pointsman_types::duration::TimeDelta;

use super::names::{invalid_duration, invalid_header};
use super::{Check, Checker, INVALID_NAME, MISSING, NEVER_WORKED, NOT_SUPPORTED, OUT_OF_RANGE};
use crate::istio::legacy::{
    AbortType, CorsPolicy, DelayType, FaultAbort, FaultDelay, HTTPFaultInjection, HTTPRedirect, HTTPRetry,
    HTTPRewrite, HTTPTimeout, RetryPolicy, TimeoutPolicy,
};

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

impl Check for HTTPRedirect {
    fn check(&self, checker: &mut Checker) {
        check_uri_or_authority(&self.uri, &self.authority, checker);
    }
}

impl Check for HTTPRewrite {
    fn check(&self, checker: &mut Checker) {
        check_uri_or_authority(&self.uri, &self.authority, checker);
    }
}

fn check_uri_or_authority(uri: &str, authority: &str, checker: &mut Checker) {
    if uri.is_empty() && authority.is_empty() {
        checker.error(MISSING, "neither `uri` nor `authority` is given");
    }
}

fn check_duration(name: &str, duration: Option<TimeDelta>, checker: &mut Checker) {
    match duration {
        None => checker.error(MISSING, format!("`{name}` is missing")),
        some => checker.field(name, |checker| checker.because(OUT_OF_RANGE, invalid_duration(some))),
    }
}

impl Check for HTTPTimeout {
    fn check(&self, checker: &mut Checker) {
        if let Some(TimeoutPolicy::SimpleTimeout(simple)) = &self.timeout_policy {
            checker.field("simpleTimeout", |checker| check_duration("timeout", simple.timeout, checker));
        }
    }
}

impl Check for HTTPRetry {
    fn check(&self, checker: &mut Checker) {
        if let Some(RetryPolicy::SimpleRetry(simple)) = &self.retry_policy {
            checker.field("simpleRetry", |checker| {
                checker.not_negative("attempts", simple.attempts.into());
                check_duration("perTryTimeout", simple.per_try_timeout, checker);
            });
        }
    }
}

impl Check for HTTPFaultInjection {
    fn check(&self, checker: &mut Checker) {
        checker.message("delay", self.delay.as_ref());
        checker.message("abort", self.abort.as_ref());
    }
}

impl Check for FaultDelay {
    fn check(&self, checker: &mut Checker) {
        checker.percent("percent", self.percent);
        match self.http_delay_type {
            Some(DelayType::FixedDelay(delay)) => check_duration("fixedDelay", Some(delay), checker),
            Some(DelayType::ExponentialDelay(_)) => checker.field("exponentialDelay", |checker| {
                checker.error(NEVER_WORKED, "exponential delays are not made");
            }),
            None => checker.error(MISSING, "`fixedDelay` is missing"),
        }
    }
}

impl Check for FaultAbort {
    fn check(&self, checker: &mut Checker) {
        checker.percent("percent", self.percent);
        match self.error_type {
            Some(AbortType::GrpcStatus(_)) => checker.field("grpcStatus", |checker| {
                checker.error(NEVER_WORKED, "errors of gRPC are not made");
            }),
            Some(AbortType::HttpStatus(status)) if !(0..=600).contains(&status) => {
                checker.field("httpStatus", |checker| {
                    checker.error(OUT_OF_RANGE, format!("`{status}` is not a status from 0 to 600"));
                });
            }
            _ => {}
        }
    }
}

impl Check for CorsPolicy {
    fn check(&self, checker: &mut Checker) {
        if let Some(age) = self.max_age {
            checker.field("maxAge", |checker| {
                checker.because(OUT_OF_RANGE, invalid_duration(Some(age)));
                if age.nanos() % 1_000_000_000 != 0 {
                    checker.error(OUT_OF_RANGE, format!("`{age}` is not whole seconds"));
                }
            });
        }
        for (name, headers) in
            [("allowHeaders", &self.allow_headers), ("exposeHeaders", &self.expose_headers)]
        {
            checker.items(name, headers, |checker, header| {
                checker.because(INVALID_NAME, invalid_header(header));
            });
        }
        checker.items("allowMethods", &self.allow_methods, |checker, method| {
            if !METHODS.contains(&method.as_str()) {
                checker.error(NOT_SUPPORTED, format!("`{method}` is not a method such as `GET`"));
            }
        });
    }
}
