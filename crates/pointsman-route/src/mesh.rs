//! The store of configuration that tables are compiled from.

use std::sync::Arc;

use pointsman_api::core::{Deployment, EndpointSlice, Pod, Service};
use pointsman_api::istio::networking::{
    DestinationRule, Gateway, ServiceEntry, Sidecar, VirtualService, WorkloadEntry,
};
use pointsman_api::{Object, ObjectMeta, object_ref_of};
use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, ObjectRef, Profile};

use crate::compile::{Cache, Compiled, World};
use crate::destination_rule::DestinationRules;
use crate::ir::TableConfig;
use crate::proxy::Proxy;
use crate::registry::Registry;
use crate::scope::Scope;
use crate::service::MeshService;
use crate::settings::{MeshSettings, OutboundPolicy};
use crate::store::private::{Affects, Place};
use crate::store::{Key, MeshKind, Store};
use crate::table::RoutingTable;
use crate::virtual_service::{ResolvedVirtualService, VirtualServices};

/// A snapshot of a mesh: services, workloads and the rules that route between them.
///
/// Objects are kept by kind, namespace and name; applying one again replaces it. Compiling answers what one proxy would be
/// told.
///
/// ```
/// use pointsman_manifest::Value;
/// use pointsman_route::{Draws, Mesh, Proxy, Request, Scratch};
/// use pointsman_types::Profile;
///
/// let mut mesh = Mesh::new(Profile::MEASURED);
/// for document in [
///     r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "reviews", "namespace": "default"},
///         "spec": {"selector": {"app": "reviews"}, "ports": [{"name": "http", "port": 9080}]}}"#,
///     r#"{"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
///         "metadata": {"name": "reviews", "namespace": "default"},
///         "spec": {"host": "reviews", "subsets": [{"name": "v1", "labels": {"version": "v1"}},
///                                                 {"name": "v2", "labels": {"version": "v2"}}]}}"#,
///     r#"{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
///         "metadata": {"name": "reviews", "namespace": "default"},
///         "spec": {"hosts": ["reviews"], "http": [{"route": [
///             {"destination": {"host": "reviews", "subset": "v1"}, "weight": 80},
///             {"destination": {"host": "reviews", "subset": "v2"}, "weight": 20}]}]}}"#,
/// ] {
///     mesh.apply(&Value::from_json(document)?)?;
/// }
/// let table = mesh.compile(&Proxy::sidecar("default", [("app", "productpage")])).table;
///
/// let mut scratch = Scratch::new();
/// let request = Request::get("reviews:9080", "/reviews/0");
/// let decision = table.select(&request, &Draws::default().with_route(85), &mut scratch);
/// assert_eq!((decision.host(), decision.subset()), ("reviews.default.svc.cluster.local", "v2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mesh {
    profile: Profile,
    settings: Arc<MeshSettings>,
    pub(crate) store: Store,
    world: Option<World>,
    stale: Stale,
    cache: Cache,
}

/// What has to be derived again.
#[derive(Debug, Clone, Copy, Default)]
struct Stale {
    registry: bool,
    rules: bool,
}

/// What applying a document did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Applied {
    /// The object.
    pub object: ObjectRef,
    /// What changed.
    pub change: Change,
    /// Warnings from reading the document.
    pub findings: Vec<Diagnostic>,
}

/// What an object changed in the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// It was not there before.
    Added,
    /// It replaced an older state of itself.
    Replaced,
    /// It was there already, the same.
    Unchanged,
    /// It is of a kind that does not decide where requests go.
    Ignored,
}

/// A document that could not be read as the kind it says it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{object}: {}", findings.iter().find(|finding| finding.is_error()).map_or("cannot be read", |finding| &finding.message))]
#[non_exhaustive]
pub struct NotApplied {
    /// The object.
    pub object: ObjectRef,
    /// Everything that is wrong, one of it an error.
    pub findings: Vec<Diagnostic>,
}

impl Mesh {
    /// An empty mesh with Istio's default settings.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            settings: Arc::default(),
            store: Store::default(),
            world: None,
            stale: Stale::default(),
            cache: Cache::default(),
        }
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: MeshSettings) -> Self {
        self.settings = Arc::new(settings);
        self.world = None;
        self.cache.forget();
        self
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &MeshSettings {
        &self.settings
    }

    /// Adds an object, or replaces its older state. A document of a kind that does not matter for routing is ignored.
    ///
    /// Cost: O(log objects + size of the document), and the allocations of the typed object; nothing is compiled yet.
    ///
    /// # Errors
    ///
    /// A document that cannot be read as the kind that it says it is; the mesh stays as it was.
    pub fn apply(&mut self, document: &Value) -> Result<Applied, NotApplied> {
        macro_rules! read {
            ($($kind:ident),*) => {$(
                if Object::<$kind>::is_kind_of(document) {
                    return self.read::<$kind>(document);
                }
            )*};
        }
        read!(VirtualService, DestinationRule, Service, Deployment, Pod, EndpointSlice);
        read!(Gateway, ServiceEntry, Sidecar, WorkloadEntry);
        Ok(Applied { object: object_ref_of(document), change: Change::Ignored, findings: Vec::new() })
    }

    fn read<T: MeshKind>(&mut self, document: &Value) -> Result<Applied, NotApplied> {
        let read = Object::<T>::from_value(document);
        if read.findings.iter().any(Diagnostic::is_error) {
            return Err(NotApplied { object: object_ref_of(document), findings: read.findings });
        }
        let object = read.value.object_ref();
        let change = self.apply_object(read.value);
        Ok(Applied { object, change, findings: read.findings })
    }

    /// Adds a typed object, or replaces its older state. O(log objects) and an allocation or two; nothing is compiled yet.
    pub fn apply_object<T: MeshKind>(&mut self, object: Object<T>) -> Change {
        let key = (object.metadata.namespace.clone(), object.metadata.name.clone());
        let mut place = Place(&mut self.store);
        let objects = T::place(&mut place);
        let change = match objects.get(&key) {
            Some(old) if **old == object => {
                return Change::Unchanged;
            }
            Some(_) => Change::Replaced,
            None => Change::Added,
        };
        objects.insert(key.clone(), Arc::new(object));
        self.touch(T::AFFECTS, &key);
        change
    }

    /// Takes an object out; answers whether it was there.
    pub fn remove(&mut self, object: &ObjectRef) -> bool {
        macro_rules! remove {
            ($($kind:ident),*) => {$(
                if is_kind::<$kind>(object) {
                    return self.take_out::<$kind>(object);
                }
            )*};
        }
        remove!(VirtualService, DestinationRule, Service, Deployment, Pod, EndpointSlice);
        remove!(Gateway, ServiceEntry, Sidecar, WorkloadEntry);
        false
    }

    fn take_out<T: MeshKind>(&mut self, object: &ObjectRef) -> bool {
        let key = (object.namespace.clone(), object.name.clone());
        let mut place = Place(&mut self.store);
        let was_there = T::place(&mut place).remove(&key).is_some();
        if was_there {
            self.touch(T::AFFECTS, &key);
        }
        was_there
    }

    /// Says how many copies of a Deployment are ready, whatever its status says; `None` goes back to the status.
    ///
    /// Without a status all replicas count as ready. Copies have made-up addresses; where pods of the Deployment are in the
    /// mesh, those count instead.
    pub fn set_ready(&mut self, namespace: &str, deployment: &str, ready: Option<u32>) {
        let key = (namespace.to_owned(), deployment.to_owned());
        match ready {
            Some(ready) => self.store.ready.insert(key, ready),
            None => self.store.ready.remove(&key),
        };
        self.stale.registry = true;
    }

    /// Adds a service from elsewhere than Kubernetes or a ServiceEntry, or replaces its older state: the one with the same
    /// host and origin.
    pub fn register(&mut self, service: MeshService) {
        let origin = (service.origin.namespace.clone(), service.origin.name.clone());
        self.store.registered.insert((service.host.clone(), origin), service);
        self.stale.registry = true;
    }

    /// The services that a proxy knows, those that only its routes send requests to included.
    pub fn known_services(&mut self, proxy: &Proxy) -> Vec<MeshService> {
        let scope = Scope::of(self.world(), proxy);
        scope.services.list.iter().map(|registered| registered.service.clone()).collect()
    }

    /// What happens to connections of a proxy to hosts and ports that nobody knows, as its Sidecar or the mesh says.
    pub fn outbound(&mut self, proxy: &Proxy) -> OutboundPolicy {
        Scope::of(self.world(), proxy).outbound.policy()
    }

    /// The VirtualServices that a sidecar knows, in order of precedence.
    pub fn known_virtual_services(&mut self, proxy: &Proxy) -> Vec<ObjectRef> {
        let mut known: Vec<ObjectRef> = Vec::new();
        for listener in Scope::of(self.world(), proxy).listeners {
            for resolved in listener.virtual_services {
                if !known.contains(&resolved.object) {
                    known.push(resolved.object.clone());
                }
            }
        }
        known
    }

    /// The VirtualServices that are bound to a gateway (`namespace/name`, or `mesh`) and seen from a namespace, names
    /// written out and delegates put in, in order of precedence.
    pub fn virtual_services(&mut self, namespace: &str, gateway: &str) -> Vec<Object<VirtualService>> {
        let seen = self.world().virtual_services.seen(namespace, gateway);
        seen.iter().map(|resolved| self.in_force(resolved)).collect()
    }

    /// All VirtualServices but delegates, names written out and delegates put in, by age, name and namespace.
    pub fn merged_virtual_services(&mut self) -> Vec<Object<VirtualService>> {
        let all = Arc::clone(&self.world().virtual_services);
        all.list.iter().map(|resolved| self.in_force(resolved)).collect()
    }

    fn in_force(&self, resolved: &ResolvedVirtualService) -> Object<VirtualService> {
        let object = Object::new(resolved.namespace(), &resolved.object.name, resolved.spec.clone());
        match self.store.virtual_services.get(&resolved.key()) {
            Some(written) => object.with_metadata(written.metadata.clone()),
            None => object,
        }
    }

    /// The DestinationRules, folded together and ready to be looked up.
    pub fn destination_rules(&mut self) -> Arc<DestinationRules> {
        Arc::clone(&self.world().rules)
    }

    /// What a proxy is told about where requests go.
    ///
    /// Tables are kept: compiling again after a change makes again only what depends on the change. Where only routes of
    /// VirtualServices changed, that is their virtual hosts.
    ///
    /// Cost: O(objects · log objects) at first, tens of microseconds for a service with its VirtualService and
    /// DestinationRule; after a change of one VirtualService O(hosts) copies of pointers and its own routes. Allocates.
    pub fn compile(&mut self, proxy: &Proxy) -> Compiled {
        self.world();
        match &self.world {
            Some(world) => self.cache.compile(world, proxy),
            None => Compiled { table: RoutingTable::build(TableConfig::default()).0, findings: Vec::new() },
        }
    }

    /// Makes again what is derived from objects of a kind.
    fn touch(&mut self, affects: Affects, key: &Key) {
        let (store, settings) = (&self.store, &self.settings);
        let Some(world) = &mut self.world else { return };
        match affects {
            // Many objects may come one after the other: what they make is made when it is asked for.
            Affects::Registry => self.stale.registry = true,
            Affects::Rules => self.stale.rules = true,
            Affects::Gateways => world.gateways = Arc::new(by_age(&store.gateways)),
            Affects::Sidecars => world.sidecars = Arc::new(by_age(&store.sidecars)),
            Affects::Routes => {
                let changed =
                    Arc::make_mut(&mut world.virtual_services).update(key, &store.virtual_services, settings);
                self.cache.note(changed);
            }
        }
    }

    pub(crate) fn world(&mut self) -> &World {
        let (store, settings) = (&self.store, &self.settings);
        let profile = self.profile;
        let stale = std::mem::take(&mut self.stale);
        if let Some(world) = &mut self.world {
            if stale.registry {
                world.registry = Arc::new(Registry::of(store, settings));
            }
            if stale.rules {
                world.rules = Arc::new(fold(store, settings));
            }
        }
        self.world.get_or_insert_with(|| World {
            profile,
            settings: Arc::clone(settings),
            registry: Arc::new(Registry::of(store, settings)),
            virtual_services: Arc::new(VirtualServices::of(&store.virtual_services, settings)),
            rules: Arc::new(DestinationRules::fold(
                store.destination_rules.values().map(AsRef::as_ref),
                settings,
            )),
            gateways: Arc::new(by_age(&store.gateways)),
            sidecars: Arc::new(by_age(&store.sidecars)),
        })
    }
}

fn fold(store: &Store, settings: &MeshSettings) -> DestinationRules {
    DestinationRules::fold(store.destination_rules.values().map(AsRef::as_ref), settings)
}

fn by_age<T: Clone>(objects: &crate::store::Objects<T>) -> Vec<Arc<Object<T>>> {
    let mut list: Vec<_> = objects.values().cloned().collect();
    list.sort_by(|a, b| age(&a.metadata).cmp(&age(&b.metadata)));
    list
}

/// By what objects are ordered: time of creation, then name, then namespace.
fn age(meta: &ObjectMeta) -> (&str, &str, &str) {
    (&meta.creation_timestamp, &meta.name, &meta.namespace)
}

fn is_kind<T: MeshKind>(object: &ObjectRef) -> bool {
    object.group() == T::GROUP && object.kind == T::KIND
}
