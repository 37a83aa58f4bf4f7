//! Destination policies.

use super::names::invalid_duration;
use super::{Check, Checker, MISSING, OUT_OF_RANGE};
use crate::istio::legacy::{CircuitBreakerPolicy, DestinationPolicy, SimpleCircuitBreakerPolicy};

impl Check for DestinationPolicy {
    fn check(&self, checker: &mut Checker) {
        if self.destination.is_none() {
            checker.error(MISSING, "the policy has no `destination`");
        }
        checker.message("destination", self.destination.as_ref());
        checker.message("source", self.source.as_ref());
        if self.load_balancing.as_ref().is_some_and(|balancing| balancing.lb_policy.is_none()) {
            checker.field("loadBalancing", |checker| {
                checker.error(MISSING, "neither `name` nor `custom` is given");
            });
        }
        let breaker = self.circuit_breaker.as_ref().and_then(|breaker| breaker.cb_policy.as_ref());
        if let Some(CircuitBreakerPolicy::SimpleCb(simple)) = breaker {
            checker.field("circuitBreaker", |checker| checker.message("simpleCb", Some(simple)));
        }
    }
}

impl Check for SimpleCircuitBreakerPolicy {
    fn check(&self, checker: &mut Checker) {
        let counts = [
            ("maxConnections", self.max_connections),
            ("httpMaxPendingRequests", self.http_max_pending_requests),
            ("httpMaxRequests", self.http_max_requests),
            ("httpConsecutiveErrors", self.http_consecutive_errors),
            ("httpMaxRequestsPerConnection", self.http_max_requests_per_connection),
        ];
        for (name, count) in counts {
            checker.not_negative(name, count.into());
        }
        checker.percent("httpMaxEjectionPercent", self.http_max_ejection_percent.into());
        for (name, duration) in
            [("sleepWindow", self.sleep_window), ("httpDetectionInterval", self.http_detection_interval)]
        {
            match duration {
                None => checker.error(MISSING, format!("`{name}` is missing")),
                some => checker.field(name, |checker| checker.because(OUT_OF_RANGE, invalid_duration(some))),
            }
        }
    }
}
