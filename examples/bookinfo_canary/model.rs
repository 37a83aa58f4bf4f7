//! The bookinfo application as a model.

use pointsman_api::app::{
    Application, CircuitBreaker, Component, ConnectionPool, ExternalAccess, ImageTag, Monitoring, Probe,
    ProbeTarget, RateLimit, Retries, ScaleDown, TrafficPolicy, UpgradeStrategy,
};
use pointsman_types::{IntOrString, Time, duration::TimeDelta};

const REGISTRY: &str = "docker.io/istio/examples-bookinfo";

/// Four components on port 9080; `reviews` has five pods, so that a share of 20 % is one pod.
pub(crate) fn bookinfo() -> Application {
    let component = |name: &str| {
        Component::http(name, 9080)
            .with_mesh_port(9080_u32)
            .with_version("v1", format!("{REGISTRY}-{name}:1.5.0"))
            .with_monitoring(Monitoring::new())
    };
    let mut reviews = component("reviews")
        .with_upgrade_strategy(
            UpgradeStrategy::new()
                .with_max_surge(IntOrString::Int(1))
                .with_max_unavailable(IntOrString::Int(0)),
        )
        .with_scale_down(
            ScaleDown::new().with_grace_period(TimeDelta::from_secs(30)).with_drain(TimeDelta::from_secs(10)),
        )
        .with_readiness_probe(
            Probe::new()
                .with_period(TimeDelta::from_secs(5))
                .with_target(ProbeTarget::Path("/health".into())),
        )
        .with_liveness_probe(Probe::new().with_target(ProbeTarget::Path("/health".into())))
        .with_traffic_policy(
            TrafficPolicy::new()
                .with_circuit_breaker(
                    CircuitBreaker::new()
                        .with_consecutive_errors(5_u32)
                        .with_interval(TimeDelta::from_secs(10)),
                )
                .with_connection_pool(
                    ConnectionPool::new().with_max_connections(100_u32).with_max_pending_requests(50_u32),
                )
                .with_retries(
                    Retries::new()
                        .with_attempts(2_u32)
                        .with_on(vec!["connect-failure".into(), "refused-stream".into()]),
                )
                .with_timeout(TimeDelta::from_secs(10)),
        );
    for version in &mut reviews.versions {
        version.replicas = Some(5);
        version.container.env = [("LOG_DIR".to_owned(), "/tmp/logs".to_owned())].into();
    }
    let productpage = component("productpage")
        .with_traffic_policy(TrafficPolicy::new().with_rate_limit(RateLimit::new().with_requests(500_u32)));
    Application::new()
        .with_name("bookinfo")
        .with_cluster("east")
        .with_namespace("default")
        .with_components(vec![productpage, component("details"), component("ratings"), reviews])
        .with_external_access(ExternalAccess::new().with_component("productpage").with_port(80_u32))
}

/// The tags that the registry has of `reviews`, with the times they were pushed.
pub(crate) fn reviews_tags() -> Vec<ImageTag> {
    let at = |name: &str, day: i64| ImageTag::pushed_at(name, Time::from_nanos(day * 86_400 * 1_000_000_000));
    vec![at("latest", 300), at("1.4.0", 100), at("1.5.0", 200), at("1.5.0-v2", 300), at("nightly-0107", 299)]
}
