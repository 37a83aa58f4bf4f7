//! Compiling meshes: 10,000 routes of one VirtualService; 10,000 services with a VirtualService, a DestinationRule and two
//! endpoints each; and the second one again after one VirtualService was replaced. Beside each, what it takes only to turn
//! the same documents into typed values.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::{Duration, Instant};

use pointsman_api::Object;
use pointsman_api::ObjectMeta;
use pointsman_api::core::{Deployment, PodTemplate, Service, ServicePort};
use pointsman_api::istio::networking::{
    Destination, DestinationRule, HTTPMatchRequest, HTTPRoute, HTTPRouteDestination, StringMatch, Subset,
    VirtualService,
};
use pointsman_manifest::Value;
use pointsman_route::{Mesh, Proxy};
use pointsman_types::Profile;

const COUNT: usize = 10_000;

fn main() {
    many_routes();
    many_services();
}

fn many_routes() {
    let routes = (0..COUNT).map(|number| route(0, &format!("/path/{number}"), "v1")).collect::<Vec<_>>();
    let service = VirtualService::new().with_hosts(vec!["service-0".to_owned()]).with_http(routes);
    let object = Object::new("default", "routes", service);
    let document = object.to_value();
    let mut mesh = Mesh::new(Profile::MEASURED);
    mesh.apply_object(service_of(0));
    mesh.apply_object(object);
    let proxy = Proxy::sidecar("default", [("app", "client")]);
    let (taken, _) = timed(|| mesh.clone().compile(&proxy));
    let (reading, _) = timed(|| Object::<VirtualService>::from_value(&document));
    report("compile/10,000 routes", taken, reading);
}

fn many_services() {
    let mut mesh = Mesh::new(Profile::MEASURED);
    let mut documents: Vec<Value> = Vec::new();
    for number in 0..COUNT {
        let objects =
            (service_of(number), rule_of(number), virtual_service_of(number, "v1"), deployment_of(number));
        documents.extend([objects.1.to_value(), objects.2.to_value()]);
        mesh.apply_object(objects.0);
        mesh.apply_object(objects.1);
        mesh.apply_object(objects.2);
        mesh.apply_object(objects.3);
    }
    let proxy = Proxy::sidecar("default", [("app", "client")]);
    let (taken, compiled) = timed(|| mesh.clone().compile(&proxy));
    let clusters = &compiled.table.config().clusters;
    let whole = clusters.iter().filter(|cluster| cluster.name.subset().is_empty());
    let endpoints: usize = whole.map(|cluster| cluster.endpoints.len()).sum();
    let (reading, _) = timed(|| {
        let rules = documents.iter().filter(|document| Object::<DestinationRule>::is_kind_of(document));
        let rules =
            rules.map(|document| Object::<DestinationRule>::from_value(document).value).collect::<Vec<_>>();
        let services = documents.iter().filter(|document| Object::<VirtualService>::is_kind_of(document));
        (
            rules,
            services.map(|document| Object::<VirtualService>::from_value(document).value).collect::<Vec<_>>(),
        )
    });
    report(
        &format!("compile/{COUNT} services, VirtualServices and DestinationRules, {endpoints} endpoints"),
        taken,
        reading,
    );
    mesh.compile(&proxy);
    let mut number = 0;
    let (taken, _) = timed(|| {
        number += 1;
        mesh.apply_object(virtual_service_of(77, if number % 2 == 0 { "v1" } else { "v2" }));
        mesh.compile(&proxy)
    });
    report("compile/one of 10,000 VirtualServices replaced", taken, reading);
}

/// The shortest of a few runs.
fn timed<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut best = Duration::MAX;
    let mut answer = None;
    for _ in 0..7 {
        let start = Instant::now();
        let done = run();
        best = best.min(start.elapsed());
        answer = Some(done);
    }
    (best, answer.expect("there is a run"))
}

fn report(name: &str, taken: Duration, reading: Duration) {
    println!(
        "{name}: {:.3} ms, {:.2} of reading the documents ({:.3} ms)",
        taken.as_secs_f64() * 1e3,
        taken.as_secs_f64() / reading.as_secs_f64(),
        reading.as_secs_f64() * 1e3
    );
}

fn route(service: usize, path: &str, subset: &str) -> HTTPRoute {
    let to = Destination::new().with_host(format!("service-{service}")).with_subset(subset);
    HTTPRoute::new()
        .with_match(vec![HTTPMatchRequest::new().with_uri(StringMatch::prefix(path))])
        .with_route(vec![HTTPRouteDestination::new().with_destination(to)])
}

fn service_of(number: usize) -> Object<Service> {
    let name = format!("service-{number}");
    let port = ServicePort::new().with_name("http").with_port(8080);
    let spec = Service::new()
        .with_selector([("app".to_owned(), name.clone())])
        .with_ports(vec![port])
        .with_cluster_ip(format!("10.96.{}.{}", number / 256, number % 256));
    Object::new("default", name, spec)
}

fn rule_of(number: usize) -> Object<DestinationRule> {
    let subset =
        |name: &str| Subset::new().with_name(name).with_labels([("version".to_owned(), name.to_owned())]);
    let spec = DestinationRule::new()
        .with_host(format!("service-{number}"))
        .with_subsets(vec![subset("v1"), subset("v2")]);
    Object::new("default", format!("service-{number}"), spec)
}

fn virtual_service_of(number: usize, subset: &str) -> Object<VirtualService> {
    let spec = VirtualService::new()
        .with_hosts(vec![format!("service-{number}")])
        .with_http(vec![route(number, "/", subset)]);
    Object::new("default", format!("service-{number}"), spec)
}

fn deployment_of(number: usize) -> Object<Deployment> {
    let labels = [("app".to_owned(), format!("service-{number}")), ("version".to_owned(), "v1".to_owned())];
    let template = PodTemplate::new().with_metadata(ObjectMeta::new().with_labels(labels));
    let spec = Deployment::new().with_replicas(2).with_template(template);
    Object::new("default", format!("service-{number}-v1"), spec)
}
