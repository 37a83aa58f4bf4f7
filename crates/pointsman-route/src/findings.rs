//! What compiling finds out about the configuration.

use pointsman_types::{Code, Diagnostic, ObjectRef};

use crate::store::Key;
use crate::virtual_service::RouteOrigin;

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
/// A route stands behind one that takes every request.
pub const SHADOWED_ROUTE: Code = Code::from_static("PC0301");
/// A host belongs to an earlier VirtualService.
pub const SHADOWED_HOST: Code = Code::from_static("PC0302");
/// A host of a VirtualService is no service, so that hardly a request gets there.
pub const UNREACHED_HOST: Code = Code::from_static("PC0303");
/// A server of a Gateway gives way to another one on its port.
pub const SKIPPED_SERVER: Code = Code::from_static("PC0401");
/// A VirtualService has no host in common with the servers of its gateway.
pub const NO_COMMON_HOST: Code = Code::from_static("PC0402");
/// A redirect with a status that no proxy sends.
pub const BAD_REDIRECT: Code = Code::from_static("PC0501");

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
