//! Objects of any shape for property tests: what the API can say, whether or not a control plane would take it.

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;

use pointsman_types::duration::TimeDelta;

use crate::istio::networking::{
    ConnectionPoolSettings, ConsistentHashLb, CorsPolicy, Destination, DestinationRule, FaultAbort,
    FaultAbortType, FaultDelay, FaultDelayType, HTTPFaultInjection, HTTPMatchRequest, HTTPRedirect,
    HTTPRetry, HTTPRewrite, HTTPRoute, HTTPRouteDestination, HTTPSettings, HashKey, HeaderOperations,
    Headers, LbPolicy, LoadBalancerSettings, OutlierDetection, Percentage, PortSelector, RouteDestination,
    SimpleLb, StringMatch, Subset, TCPRoute, TCPSettings, TLSMatchAttributes, TLSRoute, TrafficPolicy,
    VirtualService,
};
use crate::object::{Kind, Object, ObjectMeta};

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,5}"
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![name(), "[a-z]{1,4}\\.[a-z]{1,4}\\.svc\\.cluster\\.local", "\\*\\.[a-z]{1,4}\\.com"]
}

fn duration() -> impl Strategy<Value = TimeDelta> {
    (0..100_000i64).prop_map(TimeDelta::from_millis)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![name(), "[ -~]{0,8}", "\\PC{0,4}"]
}

/// Any condition on a text.
pub fn string_match() -> impl Strategy<Value = StringMatch> {
    prop_oneof![
        text().prop_map(StringMatch::exact),
        text().prop_map(StringMatch::prefix),
        text().prop_map(StringMatch::regex),
        Just(StringMatch::present()),
    ]
}

fn destination() -> impl Strategy<Value = Destination> {
    (host(), prop_oneof![Just(String::new()), name()], of(1..65536u32)).prop_map(|(host, subset, port)| {
        let mut to = Destination::new().with_host(host).with_subset(subset);
        to.port = port.map(|number| PortSelector::new().with_number(number));
        to
    })
}

fn headers() -> impl Strategy<Value = Headers> {
    let operations = (btree_map(name(), text(), 0..3), btree_map(name(), text(), 0..2), vec(name(), 0..2))
        .prop_map(|(set, add, remove)| {
            HeaderOperations::new().with_set(set).with_add(add).with_remove(remove)
        });
    operations.prop_map(|operations| Headers::new().with_request(operations))
}

fn http_match() -> impl Strategy<Value = HTTPMatchRequest> {
    (
        of(string_match()),
        of(string_match()),
        btree_map(name(), string_match(), 0..3),
        btree_map(name(), string_match(), 0..2),
        btree_map(name(), name(), 0..2),
        any::<bool>(),
        0..3u32,
    )
        .prop_map(|(uri, method, headers, query, labels, ignore_case, port)| {
            let mut condition = HTTPMatchRequest::new()
                .with_headers(headers)
                .with_query_params(query)
                .with_source_labels(labels)
                .with_ignore_uri_case(ignore_case)
                .with_port(port);
            condition.uri = uri;
            condition.method = method;
            condition
        })
}

fn fault() -> impl Strategy<Value = HTTPFaultInjection> {
    let percentage =
        || of((0..=1000i32).prop_map(|tenths| Percentage::new().with_value(f64::from(tenths) / 10.0)));
    let delay = (percentage(), duration()).prop_map(|(percentage, wait)| {
        let mut delay = FaultDelay::new().with_delay_type(FaultDelayType::FixedDelay(wait));
        delay.percentage = percentage;
        delay
    });
    let error = prop_oneof![
        (200..600i32).prop_map(FaultAbortType::HttpStatus),
        Just(FaultAbortType::GrpcStatus("UNAVAILABLE".to_owned())),
    ];
    let abort = (percentage(), error).prop_map(|(percentage, error)| {
        let mut abort = FaultAbort::new().with_error_type(error);
        abort.percentage = percentage;
        abort
    });
    (of(delay), of(abort)).prop_map(|(delay, abort)| {
        let mut fault = HTTPFaultInjection::new();
        fault.delay = delay;
        fault.abort = abort;
        fault
    })
}

fn retries() -> impl Strategy<Value = HTTPRetry> {
    (0..5i32, of(duration()), of(any::<bool>())).prop_map(|(attempts, timeout, remote)| {
        let mut retries = HTTPRetry::new().with_attempts(attempts).with_retry_on("5xx");
        retries.per_try_timeout = timeout;
        retries.retry_remote_localities = remote;
        retries
    })
}

/// Any route of HTTP.
pub fn http_route() -> impl Strategy<Value = HTTPRoute> {
    let share = (destination(), 0..100i32, of(headers())).prop_map(|(to, weight, headers)| {
        let mut share = HTTPRouteDestination::new().with_destination(to).with_weight(weight);
        share.headers = headers;
        share
    });
    let redirect = text().prop_map(|uri| HTTPRedirect::new().with_uri(uri));
    let rewrite = text().prop_map(|uri| HTTPRewrite::new().with_uri(uri));
    let cors = vec(string_match(), 0..2).prop_map(|origins| CorsPolicy::new().with_allow_origins(origins));
    let matches = vec(http_match(), 0..3);
    (
        (prop_oneof![Just(String::new()), name()], matches, vec(share, 0..3), of(redirect), of(rewrite)),
        (of(duration()), of(retries()), of(fault()), of(destination()), of(cors), of(headers())),
    )
        .prop_map(
            |(
                (name, matches, shares, redirect, rewrite),
                (timeout, retries, fault, mirror, cors, headers),
            )| {
                let mut route = HTTPRoute::new().with_name(name).with_match(matches).with_route(shares);
                route.redirect = redirect;
                route.rewrite = rewrite;
                route.timeout = timeout;
                route.retries = retries;
                route.fault = fault;
                route.mirror = mirror;
                route.cors_policy = cors;
                route.headers = headers;
                route
            },
        )
}

/// Any virtual service.
pub fn virtual_service() -> impl Strategy<Value = VirtualService> {
    let shares = || {
        let share = (destination(), 0..100i32);
        vec(
            share.prop_map(|(to, weight)| RouteDestination::new().with_destination(to).with_weight(weight)),
            0..3,
        )
    };
    let tls_match = vec(host(), 0..3).prop_map(|hosts| TLSMatchAttributes::new().with_sni_hosts(hosts));
    let tls = (vec(tls_match, 0..2), shares())
        .prop_map(|(matches, route)| TLSRoute::new().with_match(matches).with_route(route));
    let tcp = shares().prop_map(|route| TCPRoute::new().with_route(route));
    (vec(host(), 0..3), vec(name(), 0..2), vec(http_route(), 0..4), vec(tls, 0..2), vec(tcp, 0..2)).prop_map(
        |(hosts, gateways, http, tls, tcp)| {
            VirtualService::new()
                .with_hosts(hosts)
                .with_gateways(gateways)
                .with_http(http)
                .with_tls(tls)
                .with_tcp(tcp)
        },
    )
}

fn load_balancer() -> impl Strategy<Value = LoadBalancerSettings> {
    let simple = prop_oneof![Just(SimpleLb::RoundRobin), Just(SimpleLb::Random), Just(SimpleLb::Unspecified)];
    let key = prop_oneof![
        name().prop_map(HashKey::HttpHeaderName),
        any::<bool>().prop_map(HashKey::UseSourceIp),
        name().prop_map(HashKey::HttpQueryParameterName),
    ];
    let hash = key.prop_map(|key| ConsistentHashLb::new().with_hash_key(key));
    prop_oneof![simple.prop_map(LbPolicy::Simple), hash.prop_map(LbPolicy::ConsistentHash)]
        .prop_map(|policy| LoadBalancerSettings::new().with_lb_policy(policy))
}

/// Any traffic policy.
pub fn traffic_policy() -> impl Strategy<Value = TrafficPolicy> {
    let tcp = (0..10i32, of(duration())).prop_map(|(most, timeout)| {
        let mut tcp = TCPSettings::new().with_max_connections(most);
        tcp.connect_timeout = timeout;
        tcp
    });
    let http = (0..10i32, 0..10i32).prop_map(|(pending, retries)| {
        HTTPSettings::new().with_http1_max_pending_requests(pending).with_max_retries(retries)
    });
    let pool = (of(tcp), of(http)).prop_map(|(tcp, http)| {
        let mut pool = ConnectionPoolSettings::new();
        pool.tcp = tcp;
        pool.http = http;
        pool
    });
    let outliers = (of(0..9u32), of(duration()), 0..101i32).prop_map(|(errors, interval, percent)| {
        let mut outliers = OutlierDetection::new().with_max_ejection_percent(percent);
        outliers.consecutive_5xx_errors = errors;
        outliers.interval = interval;
        outliers
    });
    (of(load_balancer()), of(pool), of(outliers)).prop_map(|(balancer, pool, outliers)| {
        let mut policy = TrafficPolicy::new();
        policy.load_balancer = balancer;
        policy.connection_pool = pool;
        policy.outlier_detection = outliers;
        policy
    })
}

/// Any destination rule.
pub fn destination_rule() -> impl Strategy<Value = DestinationRule> {
    let subset =
        (name(), btree_map(name(), name(), 0..2), of(traffic_policy())).prop_map(|(name, labels, policy)| {
            let mut subset = Subset::new().with_name(name).with_labels(labels);
            subset.traffic_policy = policy;
            subset
        });
    (host(), of(traffic_policy()), vec(subset, 0..4)).prop_map(|(host, policy, subsets)| {
        let mut rule = DestinationRule::new().with_host(host).with_subsets(subsets);
        rule.traffic_policy = policy;
        rule
    })
}

/// An object that says this, with a name, a namespace and labels.
pub fn object<T: Kind + std::fmt::Debug>(spec: impl Strategy<Value = T>) -> impl Strategy<Value = Object<T>> {
    (name(), name(), btree_map(name(), name(), 0..2), spec).prop_map(|(namespace, name, labels, spec)| {
        let metadata = ObjectMeta::new().with_name(name).with_namespace(namespace).with_labels(labels);
        Object::new("", "", spec).with_metadata(metadata)
    })
}

#[cfg(test)]
mod tests {
    use pointsman_manifest::Value;
    use proptest::prelude::*;

    use super::*;

    fn reads_back<T: Kind + std::fmt::Debug>(object: &Object<T>) -> Result<(), TestCaseError> {
        let read = Object::<T>::from_value(&object.to_value());
        prop_assert_eq!(&read.findings, &[]);
        prop_assert_eq!(&read.value, object);
        Ok(())
    }

    /// Puts a field that nobody knows into every map of a list.
    fn with_unknown_fields(value: &mut Value, count: &mut i64) {
        match value {
            Value::List(items) => {
                for item in items {
                    if let Value::Map(fields) = item {
                        *count += 1;
                        fields.insert("x-note", *count);
                    }
                    with_unknown_fields(item, count);
                }
            }
            Value::Map(fields) => fields.iter_mut().for_each(|(_, value)| with_unknown_fields(value, count)),
            _ => {}
        }
    }

    fn unknown_fields(value: &Value) -> Vec<i64> {
        match value {
            Value::List(items) => items.iter().flat_map(unknown_fields).collect(),
            Value::Map(fields) => {
                let own = value.get("x-note").and_then(Value::as_i64);
                own.into_iter().chain(fields.values().flat_map(unknown_fields)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_applied<T: Kind + std::fmt::Debug>(from: &Object<T>, to: &Object<T>) -> Result<(), TestCaseError> {
        let mut document = from.to_value();
        with_unknown_fields(&mut document, &mut 0);
        let before = document.clone();
        prop_assert!(from.apply_to(&mut document).is_ok());
        prop_assert_eq!(&document, &before);
        prop_assert!(to.apply_to(&mut document).is_ok());
        prop_assert_eq!(&Object::<T>::from_value(&document).value, to);
        let kept = unknown_fields(&document);
        let known = unknown_fields(&before);
        prop_assert!(kept.iter().all(|note| known.contains(note)));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

        #[test]
        fn virtual_services_read_as_they_were_written(object in object(virtual_service())) {
            reads_back(&object)?;
        }

        #[test]
        fn destination_rules_read_as_they_were_written(object in object(destination_rule())) {
            reads_back(&object)?;
        }

        #[test]
        fn applied_changes_are_read_back(from in object(virtual_service()), to in object(virtual_service())) {
            is_applied(&from, &to)?;
        }

        #[test]
        fn applied_policies_are_read_back(from in object(destination_rule()), to in object(destination_rule())) {
            is_applied(&from, &to)?;
        }

        #[test]
        fn a_weight_touches_nothing_else(object in object(virtual_service()), weight in 1..100i32) {
            let mut document = object.to_value();
            with_unknown_fields(&mut document, &mut 0);
            let notes = unknown_fields(&document);
            let mut changed = object.clone();
            for share in changed.spec.http.iter_mut().flat_map(|route| &mut route.route) {
                share.weight = weight;
            }
            prop_assert!(changed.apply_to(&mut document).is_ok());
            prop_assert_eq!(unknown_fields(&document), notes);
            prop_assert_eq!(Object::<VirtualService>::from_value(&document).value, changed);
        }
    }
}
