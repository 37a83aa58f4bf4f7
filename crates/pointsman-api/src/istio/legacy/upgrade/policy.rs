//! Destination policies to traffic policies.

use pointsman_types::ObjectRef;

use super::Run;
use super::host::Hosts;
use super::target::Target;
use crate::istio::legacy::{
    CircuitBreakerPolicy, DestinationPolicy, LoadBalancingPolicy, SimpleCircuitBreakerPolicy, SimpleLBPolicy,
};
use crate::istio::networking::{
    ConnectionPoolSettings, HTTPSettings, LbPolicy, LoadBalancerSettings, OutlierDetection, SimpleLb,
    TCPSettings, TrafficPolicy,
};
use crate::object::Object;

/// Gives hosts and subsets their policies; of several for one the first by namespace and name counts, as it did.
pub(super) fn upgrade(mut policies: Vec<Object<DestinationPolicy>>, hosts: &mut Hosts, run: &mut Run<'_>) {
    policies.sort_by_cached_key(|policy| (policy.metadata.namespace.clone(), policy.metadata.name.clone()));
    for policy in policies {
        let object = policy.object_ref();
        let Some(destination) = &policy.spec.destination else {
            run.left_out(&object, "", "the policy has no `destination`", "name its service");
            continue;
        };
        if policy.spec.source.is_some() {
            run.left_out(
                &object,
                "source",
                "a policy for certain callers has no successor; without them it would count for all",
                "write a DestinationRule with a `workloadSelector` in the namespace of these callers",
            );
            continue;
        }
        let target = Target::new(destination, &policy.metadata.namespace, run);
        let Some(new) = traffic_policy(&policy.spec, &object, run) else { continue };
        if !hosts.set_policy(&target, &destination.labels, new, object.clone()) {
            run.left_out(
                &object,
                "destination",
                format!(
                    "another policy for `{}` with these labels comes first by name and counted alone",
                    target.full
                ),
                "remove one of them",
            );
        }
    }
}

fn traffic_policy(old: &DestinationPolicy, object: &ObjectRef, run: &mut Run<'_>) -> Option<TrafficPolicy> {
    let mut new = TrafficPolicy::new();
    let mut custom = |path: &str| {
        run.lost(object, path, "custom policies have no successor", "write an EnvoyFilter");
    };
    if !old.custom.is_null() {
        custom("custom");
    }
    match old.load_balancing.as_ref().and_then(|balancing| balancing.lb_policy.as_ref()) {
        Some(LoadBalancingPolicy::Name(name)) => new.load_balancer = Some(load_balancer(*name)),
        Some(LoadBalancingPolicy::Custom(_)) => custom("loadBalancing.custom"),
        None => {}
    }
    match old.circuit_breaker.as_ref().and_then(|breaker| breaker.cb_policy.as_ref()) {
        Some(CircuitBreakerPolicy::SimpleCb(simple)) => {
            new.connection_pool = connection_pool(simple);
            new.outlier_detection = outlier_detection(simple);
            said_by_default(simple, object, run);
        }
        Some(CircuitBreakerPolicy::Custom(_)) => custom("circuitBreaker.custom"),
        None => {}
    }
    (new != TrafficPolicy::new()).then_some(new)
}

fn load_balancer(old: SimpleLBPolicy) -> LoadBalancerSettings {
    let simple = match old {
        SimpleLBPolicy::LeastConn => SimpleLb::LeastRequest,
        SimpleLBPolicy::Random => SimpleLb::Random,
        SimpleLBPolicy::RoundRobin | SimpleLBPolicy::Other(_) => SimpleLb::RoundRobin,
    };
    LoadBalancerSettings::new().with_lb_policy(LbPolicy::Simple(simple))
}

fn connection_pool(old: &SimpleCircuitBreakerPolicy) -> Option<ConnectionPoolSettings> {
    let tcp = TCPSettings::new().with_max_connections(old.max_connections);
    let http = HTTPSettings::new()
        .with_http1_max_pending_requests(old.http_max_pending_requests)
        .with_http2_max_requests(old.http_max_requests)
        .with_max_requests_per_connection(old.http_max_requests_per_connection)
        .with_max_retries(old.http_max_retries);
    let mut new = ConnectionPoolSettings::new();
    new.tcp = (tcp != TCPSettings::new()).then_some(tcp);
    new.http = (http != HTTPSettings::new()).then_some(http);
    (new != ConnectionPoolSettings::new()).then_some(new)
}

fn outlier_detection(old: &SimpleCircuitBreakerPolicy) -> Option<OutlierDetection> {
    let mut new = OutlierDetection::new().with_max_ejection_percent(old.http_max_ejection_percent);
    new.interval = old.http_detection_interval;
    new.base_ejection_time = old.sleep_window;
    new.consecutive_5xx_errors = u32::try_from(old.http_consecutive_errors).ok().filter(|errors| *errors > 0);
    (new != OutlierDetection::new()).then_some(new)
}

fn said_by_default(old: &SimpleCircuitBreakerPolicy, object: &ObjectRef, run: &mut Run<'_>) {
    let defaults = [
        ("httpMaxPendingRequests", old.http_max_pending_requests, 1024, "http1MaxPendingRequests"),
        ("httpMaxRequests", old.http_max_requests, 1024, "http2MaxRequests"),
        ("httpMaxRetries", old.http_max_retries, 3, "maxRetries"),
    ];
    for (field, value, default, now) in defaults {
        if value == 0 {
            run.changed(
                object,
                "circuitBreaker.simpleCb",
                format!("without `{field}` the limit was {default}; now there is none"),
                &format!("write `{now}: {default}` to keep it"),
            );
        }
    }
}
