//! What compiling finds out about the configuration.

use pointsman_api::istio::networking::Destination;
use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, suggest};

use crate::service::MeshService;
use crate::store::Key;
use crate::virtual_service::{ResolvedVirtualService, RouteOrigin};

/// A route delegates to a VirtualService that is not there.
pub const NO_DELEGATE: Code = Code::from_static("PC0101");
/// A route delegates to a VirtualService that its namespace does not see.
pub const UNSEEN_DELEGATE: Code = Code::from_static("PC0102");
/// A route of a delegate excludes everything that its root lets through.
pub const INCOMPATIBLE_DELEGATE: Code = Code::from_static("PC0103");
/// A destination is no service that the proxy knows.
pub const UNKNOWN_HOST: Code = Code::from_static("PC0201");
/// A destination names a port that its service does not have.
pub const UNKNOWN_PORT: Code = Code::from_static("PC0202");
/// A destination names a subset that no DestinationRule declares.
pub const UNKNOWN_SUBSET: Code = Code::from_static("PC0203");
/// A subset selects no endpoint.
pub const EMPTY_SUBSET: Code = Code::from_static("PC0204");
/// The weight of a single destination does nothing.
pub const LONE_WEIGHT: Code = Code::from_static("PC0205");
/// All of several weights are 0.
pub const NO_WEIGHT: Code = Code::from_static("PC0206");
/// Weights add up to more than the proxy can count.
pub const TOO_MUCH_WEIGHT: Code = Code::from_static("PC0207");
/// A route stands behind one that takes every request.
pub const SHADOWED_ROUTE: Code = Code::from_static("PC0301");
/// A host belongs to an earlier VirtualService.
pub const SHADOWED_HOST: Code = Code::from_static("PC0302");
/// A host of a VirtualService is no service, so that hardly a request gets there.
pub const UNREACHED_HOST: Code = Code::from_static("PC0303");
/// A server of a Gateway gives way to another one on its port.
pub const SKIPPED_SERVER: Code = Code::from_static("PC0401");
/// A port of a service is no port number, so that the service does not have it, or its endpoints another one.
pub const BAD_SERVICE_PORT: Code = Code::from_static("PC0501");

fn at(code: Code, message: String, origin: &RouteOrigin) -> Diagnostic {
    Diagnostic::warning(code, message).on((*origin.object).clone()).at(origin.path())
}

fn name_of((namespace, name): &Key) -> String {
    if namespace.is_empty() { name.clone() } else { format!("{namespace}/{name}") }
}

pub(crate) fn no_delegate(origin: &RouteOrigin, key: &Key, has_hosts: bool) -> Diagnostic {
    let name = name_of(key);
    let (message, help) = if has_hosts {
        (format!("`{name}` has hosts of its own, so it is no delegate"), "remove its hosts")
    } else {
        (
            format!("there is no VirtualService `{name}` to delegate to"),
            "the route is dropped until there is one",
        )
    };
    let mut finding = at(NO_DELEGATE, message, origin).with_help(help);
    finding.path = finding.path.field("delegate");
    finding
}

pub(crate) fn unseen_delegate(origin: &RouteOrigin, key: &Key) -> Diagnostic {
    let message = format!("the delegate `{}` is not exported to this namespace", name_of(key));
    let mut finding = at(UNSEEN_DELEGATE, message, origin)
        .with_help("add the namespace to its `exportTo`; the route is dropped");
    finding.path = finding.path.field("delegate");
    finding
}

pub(crate) fn incompatible_delegate(origin: &RouteOrigin, delegate: &ObjectRef, index: usize) -> Diagnostic {
    let message =
        format!("the route at position {index} of {delegate} excludes what this route lets through");
    let mut finding = at(INCOMPATIBLE_DELEGATE, message, origin)
        .with_help("each of its conditions must be a part of one here; regular expressions never are");
    finding.path = finding.path.field("delegate");
    finding
}

fn at_path(code: Code, message: String, origin: &RouteOrigin, path: FieldPath) -> Diagnostic {
    Diagnostic::warning(code, message).on((*origin.object).clone()).at(path)
}

fn host_path(position: usize) -> FieldPath {
    FieldPath::root().field("spec").field("hosts").index(position)
}

pub(crate) fn shadowed(origin: &RouteOrigin, earlier: &RouteOrigin) -> Diagnostic {
    let message = "no request gets here: an earlier route takes every request".to_owned();
    at(SHADOWED_ROUTE, message, origin)
        .with_help("put the route without conditions last")
        .with_related((*earlier.object).clone(), earlier.path(), "this route takes every request")
        .seen_as(Code::from_static("IST0130"))
}

pub(crate) fn lone_weight(origin: &RouteOrigin, weight: i32) -> Diagnostic {
    let message =
        format!("the weight `{weight}` of the only destination does nothing: it gets every request");
    let path = origin.path().field("route").index(0).field("weight");
    at_path(LONE_WEIGHT, message, origin, path)
        .with_help("remove the weight, or name the other destinations too")
}

pub(crate) fn no_weight(origin: &RouteOrigin) -> Diagnostic {
    let message = "all weights are 0, so that requests go nowhere".to_owned();
    let mut finding = at_path(NO_WEIGHT, message, origin, origin.path().field("route"));
    finding.severity = pointsman_types::Severity::Error;
    finding.with_help("give at least one destination a weight")
}

pub(crate) fn too_much_weight(origin: &RouteOrigin, sum: u64) -> Diagnostic {
    let message = format!("the weights add up to `{sum}`, and the proxy counts to `{}`", u32::MAX);
    let mut finding = at_path(TOO_MUCH_WEIGHT, message, origin, origin.path().field("route"));
    finding.severity = pointsman_types::Severity::Error;
    finding.with_help("the proxy refuses all routes of that port: divide the weights by a number")
}

pub(crate) fn unknown_host<'k>(
    origin: &RouteOrigin,
    path: FieldPath,
    destination: &Destination,
    known: impl Iterator<Item = &'k str>,
) -> Diagnostic {
    let message = format!("there is no service `{}` here", destination.host);
    let help = match suggest::nearest(&destination.host, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "requests are answered 503 until there is one".to_owned(),
    };
    at_path(UNKNOWN_HOST, message, origin, path.field("host"))
        .with_help(help)
        .seen_as(Code::from_static("IST0101"))
}

pub(crate) fn unknown_port(
    origin: &RouteOrigin,
    path: FieldPath,
    port: u32,
    service: &MeshService,
) -> Diagnostic {
    let known: Vec<_> = service.ports.iter().map(|port| port.number.to_string()).collect();
    let message = format!("the service `{}` has no port `{port}`", service.host);
    at_path(UNKNOWN_PORT, message, origin, path.field("port").field("number"))
        .with_help(format!("its ports: {}", known.join(", ")))
}

pub(crate) fn unknown_subset<'k>(
    origin: &RouteOrigin,
    path: FieldPath,
    destination: &Destination,
    known: impl Iterator<Item = &'k str>,
) -> Diagnostic {
    let message =
        format!("no DestinationRule declares the subset `{}` of `{}`", destination.subset, destination.host);
    let help = match suggest::nearest(&destination.subset, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "requests are answered 503 until one does".to_owned(),
    };
    at_path(UNKNOWN_SUBSET, message, origin, path.field("subset"))
        .with_help(help)
        .seen_as(Code::from_static("IST0101"))
        .seen_as(Code::from_static("KIA1107"))
}

pub(crate) fn empty_subset(origin: &RouteOrigin, path: FieldPath, destination: &Destination) -> Diagnostic {
    let message = format!(
        "no workload has the labels of the subset `{}` of `{}`",
        destination.subset, destination.host
    );
    at_path(EMPTY_SUBSET, message, origin, path.field("subset"))
        .with_help("requests are answered 503 until there is one")
}

pub(crate) fn unreached_host(resolved: &ResolvedVirtualService, position: usize, host: &str) -> Diagnostic {
    let message = format!("`{host}` is no service here, so that sidecars look it up at most on port 80");
    Diagnostic::info(UNREACHED_HOST, message)
        .on(resolved.object.clone())
        .at(host_path(position))
        .with_help("declare it by a ServiceEntry")
}

pub(crate) fn shadowed_host(
    resolved: &ResolvedVirtualService,
    position: usize,
    host: &str,
    earlier: &ResolvedVirtualService,
) -> Diagnostic {
    let message = format!(
        "`{host}` belongs to an earlier VirtualService: sidecars do not put routes of several together"
    );
    Diagnostic::warning(SHADOWED_HOST, message)
        .on(resolved.object.clone())
        .at(host_path(position))
        .with_help("put the routes into one of them")
        .with_related(
            earlier.object.clone(),
            FieldPath::root().field("spec").field("hosts"),
            "it is claimed here",
        )
        .seen_as(Code::from_static("IST0109"))
        .seen_as(Code::from_static("KIA1106"))
}
