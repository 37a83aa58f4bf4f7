//! From the old model to `networking.istio.io`.

mod action;
mod egress;
mod host;
mod ingress;
mod policy;
mod quota;
mod route;
mod source;
mod target;

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef};

use self::host::Hosts;
pub use self::ingress::{Ingress, IngressBackend, IngressHttp, IngressPath, IngressRuleSpec, IngressTls};
use self::quota::Quotas;
use super::{DestinationPolicy, EgressRule, GROUP, MemQuota, Quota, RedisQuota, RouteRule, Rule};
use crate::Resource;
use crate::core::Service;
use crate::object::{Kind, Object, api_version, group_and_version, object_ref_of};

/// Something of the old model that has no successor.
pub const NO_SUCCESSOR: Code = Code::from_static("PA0201");
/// Something whose meaning is not quite the same now.
pub const MEANING_CHANGED: Code = Code::from_static("PA0202");
/// A rule that was left out, since without the part that has no successor it would touch more traffic than before.
pub const LEFT_OUT: Code = Code::from_static("PA0203");
/// A document that is not of the old model.
pub const NOT_OLD: Code = Code::from_static("PA0204");
/// A rule that was never reached.
pub const NEVER_REACHED: Code = Code::from_static("PA0205");

/// What old objects become.
///
/// Shape: the objects are of today's kinds, one VirtualService and one DestinationRule for each host, sorted by kind, namespace and
/// name; what the findings say is about the old objects.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Upgraded {
    /// The new objects.
    pub objects: Vec<Resource>,
    /// What has no successor, what changed in meaning, what was left out.
    pub findings: Vec<Diagnostic>,
}

/// How old objects are upgraded.
///
/// ```
/// use pointsman_api::{Resource, istio::legacy::Upgrade};
/// use pointsman_manifest::Value;
/// let rule = Value::from_json(r#"{"apiVersion": "config.istio.io/v1alpha2", "kind": "RouteRule",
///     "metadata": {"name": "canary"}, "spec": {"destination": {"name": "reviews"}, "route": [
///         {"labels": {"version": "v1"}, "weight": 80}, {"labels": {"version": "v2"}, "weight": 20}]}}"#)?;
/// let upgraded = Upgrade::new().run(&[rule]);
/// let Resource::VirtualService(service) = &upgraded.objects[1] else { panic!() };
/// let shares: Vec<_> = service.spec.http[0].route.iter().map(|share| {
///     (share.destination.as_ref().unwrap().subset.as_str(), share.weight)
/// }).collect();
/// assert_eq!(shares, [("version-v1", 80), ("version-v2", 20)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// *Source:* `istioctl experimental convert-networking-config` of 0.8, and the rules by which the proxies of the time were
/// configured. Where the two differ, the meaning counts: rules for certain callers keep their callers, services of one name in two
/// namespaces stay two, subsets have valid names and stand with the host that they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    namespace: String,
    domain: String,
}

impl Default for Upgrade {
    fn default() -> Self {
        Self { namespace: "default".to_owned(), domain: "cluster.local".to_owned() }
    }
}

impl Upgrade {
    /// For objects of the namespace `default` in a cluster of the domain `cluster.local`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The namespace of objects that say none.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The domain of the cluster.
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self
    }

    /// Upgrades all old objects of an environment together: RouteRules, DestinationPolicies, EgressRules, Ingresses, and the quotas
    /// in memory that a rule applies to all requests.
    ///
    /// Services among them are not upgraded; their selectors tell by which labels the callers of a rule are known. O(n log n).
    #[must_use]
    pub fn run(&self, documents: &[Value]) -> Upgraded {
        let mut run = Run::new(self);
        let mut old = Old::default();
        for document in documents {
            old.sort_in(document, &mut run);
        }
        run.services = old.services;
        let mut hosts = Hosts::default();
        policy::upgrade(old.policies, &mut hosts, &mut run);
        let routed = route::upgrade(old.rules, &mut hosts, &mut run);
        let mut objects = routed;
        objects.extend(egress::upgrade(old.egress_rules, &mut run));
        objects.extend(ingress::upgrade(old.ingresses, &mut run));
        objects.extend(quota::upgrade(&old.quotas, &mut run));
        objects.extend(hosts.into_rules(&mut run));
        objects.sort_by_cached_key(|object| {
            let named = object.object_ref();
            (named.kind, named.namespace, named.name)
        });
        let mut findings = run.findings;
        Diagnostic::sort(&mut findings);
        Upgraded { objects, findings }
    }
}

/// Upgrades one run of objects.
struct Run<'a> {
    settings: &'a Upgrade,
    services: BTreeMap<(String, String), BTreeMap<String, String>>,
    findings: Vec<Diagnostic>,
}

impl<'a> Run<'a> {
    const fn new(settings: &'a Upgrade) -> Self {
        Self { settings, services: BTreeMap::new(), findings: Vec::new() }
    }

    fn report(&mut self, object: &ObjectRef, path: &str, finding: Diagnostic) {
        let spec = FieldPath::root().field("spec");
        let path = path.parse().map_or_else(|_| spec.clone(), |path: FieldPath| spec.clone().join(&path));
        self.findings.push(finding.on(object.clone()).at(path));
    }

    fn lost(&mut self, object: &ObjectRef, path: &str, message: impl Into<String>, help: &str) {
        self.report(object, path, Diagnostic::warning(NO_SUCCESSOR, message).with_help(help));
    }

    fn changed(&mut self, object: &ObjectRef, path: &str, message: impl Into<String>, help: &str) {
        self.report(object, path, Diagnostic::info(MEANING_CHANGED, message).with_help(help));
    }

    fn left_out(&mut self, object: &ObjectRef, path: &str, message: impl Into<String>, help: &str) {
        self.report(object, path, Diagnostic::error(LEFT_OUT, message).with_help(help));
    }
}

/// The objects that are read, by kind, each with its namespace.
#[derive(Default)]
struct Old {
    rules: Vec<Object<RouteRule>>,
    policies: Vec<Object<DestinationPolicy>>,
    egress_rules: Vec<Object<EgressRule>>,
    ingresses: Vec<Object<Ingress>>,
    quotas: Quotas,
    services: BTreeMap<(String, String), BTreeMap<String, String>>,
}

impl Old {
    fn sort_in(&mut self, document: &Value, run: &mut Run<'_>) {
        let named = object_ref_of(document);
        let (group, _) = group_and_version(&named.api_version);
        let is_old = group == GROUP || named.api_version.is_empty();
        match named.kind.as_str() {
            RouteRule::KIND if is_old => self.rules.extend(read(document, run)),
            DestinationPolicy::KIND if is_old => self.policies.extend(read(document, run)),
            EgressRule::KIND if is_old => self.egress_rules.extend(read(document, run)),
            MemQuota::KIND if is_old => self.quotas.mem.extend(read(document, run)),
            RedisQuota::KIND if is_old => self.quotas.redis.extend(read(document, run)),
            Quota::KIND if is_old => self.quotas.instances.extend(read(document, run)),
            Rule::KIND if is_old => self.quotas.rules.extend(read(document, run)),
            Ingress::KIND if matches!(group, "extensions" | "networking.k8s.io") => {
                self.ingresses.extend(read(document, run));
            }
            Service::KIND if group.is_empty() => {
                if let Some(service) = read::<Service>(document, run) {
                    let key = (service.metadata.namespace, service.metadata.name);
                    self.services.insert(key, service.spec.selector);
                }
            }
            _ => {
                let message = format!("`{}` is not a kind that is upgraded here", named.kind);
                run.findings.push(Diagnostic::info(NOT_OLD, message).on(named));
            }
        }
    }
}

/// Reads an object of that kind, whatever version of its group it names; without a namespace it gets that of the settings.
fn read<T: Kind>(document: &Value, run: &mut Run<'_>) -> Option<Object<T>> {
    let mut document = document.clone();
    let named = object_ref_of(&document);
    if !Object::<T>::is_kind_of(&document) {
        document.as_map_mut()?.insert("apiVersion", api_version::<T>());
    }
    let read = Object::<T>::from_value(&document);
    run.findings.extend(read.findings.into_iter().map(|finding| finding.on(named.clone())));
    let mut object = read.value;
    if object.metadata.namespace.is_empty() {
        object.metadata.namespace.clone_from(&run.settings.namespace);
    }
    Some(object)
}
