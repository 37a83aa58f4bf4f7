//! The objects of a mesh by kind and name.

use std::collections::BTreeMap;
use std::sync::Arc;

use pointsman_api::core::{Deployment, EndpointSlice, Pod, Service};
use pointsman_api::istio::networking::{
    DestinationRule, Gateway, ServiceEntry, Sidecar, VirtualService, WorkloadEntry,
};
use pointsman_api::{Kind, Object};

use crate::service::MeshService;

/// Namespace and name.
pub(crate) type Key = (String, String);
/// The objects of one kind.
pub(crate) type Objects<T> = BTreeMap<Key, Arc<Object<T>>>;

/// The objects that decide where requests go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(crate) services: Objects<Service>,
    pub(crate) deployments: Objects<Deployment>,
    pub(crate) pods: Objects<Pod>,
    pub(crate) endpoint_slices: Objects<EndpointSlice>,
    pub(crate) virtual_services: Objects<VirtualService>,
    pub(crate) destination_rules: Objects<DestinationRule>,
    pub(crate) gateways: Objects<Gateway>,
    pub(crate) service_entries: Objects<ServiceEntry>,
    pub(crate) sidecars: Objects<Sidecar>,
    pub(crate) workload_entries: Objects<WorkloadEntry>,
    /// Services from elsewhere, by host and by namespace and name of their objects.
    pub(crate) registered: BTreeMap<(String, Key), MeshService>,
    /// How many copies of a Deployment are ready, where somebody said so.
    pub(crate) ready: BTreeMap<Key, u32>,
}

/// A kind that decides where requests go.
pub trait MeshKind: Kind + private::Stored {}

pub(crate) mod private {
    use super::{Objects, Store};

    /// Where objects of a kind are kept, and what has to be made again when one changes.
    pub trait Stored: Sized {
        /// Its place.
        #[doc(hidden)]
        fn place<'p>(access: &'p mut Place<'_>) -> &'p mut Objects<Self>;
        /// What depends on it.
        #[doc(hidden)]
        const AFFECTS: Affects;
    }

    /// What depends on an object.
    #[doc(hidden)]
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Affects {
        Registry,
        Routes,
        Rules,
        Gateways,
        Sidecars,
    }

    /// The store, for nobody else.
    #[doc(hidden)]
    #[derive(Debug)]
    pub struct Place<'a>(pub(crate) &'a mut Store);
}

macro_rules! stored {
    ($($kind:ident: $place:ident, $affects:ident;)*) => {$(
        impl MeshKind for $kind {}

        impl private::Stored for $kind {
            fn place<'p>(access: &'p mut private::Place<'_>) -> &'p mut Objects<Self> {
                &mut access.0.$place
            }

            const AFFECTS: private::Affects = private::Affects::$affects;
        }
    )*};
}

stored! {
    Service: services, Registry;
    Deployment: deployments, Registry;
    Pod: pods, Registry;
    EndpointSlice: endpoint_slices, Registry;
    ServiceEntry: service_entries, Registry;
    WorkloadEntry: workload_entries, Registry;
    VirtualService: virtual_services, Routes;
    DestinationRule: destination_rules, Rules;
    Gateway: gateways, Gateways;
    Sidecar: sidecars, Sidecars;
}
