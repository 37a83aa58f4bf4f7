//! Envoy filters: patches of the generated configuration, here as a typed envelope.

use std::collections::BTreeMap;

use pointsman_manifest::Value;

use super::LabelSelector;
use crate::istio::PolicyTargetReference;
use crate::macros::{message, one_of, wire_enum};

message! {
    /// Patches of the Envoy configuration that the control plane makes.
    EnvoyFilter {
        /// The workloads for which it counts; none: all of the namespace.
        workload_selector / with_workload_selector: Option<LabelSelector> = "workloadSelector",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// The patches, in order.
        config_patches / with_config_patches: Vec<EnvoyConfigObjectPatch> = "configPatches",
        /// Order among several filters, lowest first.
        priority / with_priority: i32 = "priority",
    }
}

wire_enum! {
    /// What a patch applies to.
    ApplyTo {
        /// Not said.
        Invalid = "INVALID" = 0,
        /// A listener.
        Listener = "LISTENER" = 1,
        /// A chain of filters of a listener.
        FilterChain = "FILTER_CHAIN" = 2,
        /// A network filter.
        NetworkFilter = "NETWORK_FILTER" = 3,
        /// An HTTP filter.
        HttpFilter = "HTTP_FILTER" = 4,
        /// A route configuration.
        RouteConfiguration = "ROUTE_CONFIGURATION" = 5,
        /// A virtual host.
        VirtualHost = "VIRTUAL_HOST" = 6,
        /// A route.
        HttpRoute = "HTTP_ROUTE" = 7,
        /// A cluster.
        Cluster = "CLUSTER" = 8,
        /// An extension configuration.
        ExtensionConfig = "EXTENSION_CONFIG" = 9,
        /// The bootstrap.
        Bootstrap = "BOOTSTRAP" = 10,
        /// A listener filter.
        ListenerFilter = "LISTENER_FILTER" = 11,
    }
}

wire_enum! {
    /// Which side of which proxy.
    PatchContext {
        /// All.
        Any = "ANY" = 0,
        /// Towards the workload.
        SidecarInbound = "SIDECAR_INBOUND" = 1,
        /// From the workload.
        SidecarOutbound = "SIDECAR_OUTBOUND" = 2,
        /// A gateway.
        Gateway = "GATEWAY" = 3,
        /// A waypoint.
        Waypoint = "WAYPOINT" = 4,
    }
}

wire_enum! {
    /// What a patch does.
    PatchOperation {
        /// Not said.
        Invalid = "INVALID" = 0,
        /// Merges.
        Merge = "MERGE" = 1,
        /// Adds.
        Add = "ADD" = 2,
        /// Removes.
        Remove = "REMOVE" = 3,
        /// Inserts before what matched.
        InsertBefore = "INSERT_BEFORE" = 4,
        /// Inserts after what matched.
        InsertAfter = "INSERT_AFTER" = 5,
        /// Inserts at the beginning.
        InsertFirst = "INSERT_FIRST" = 6,
        /// Replaces.
        Replace = "REPLACE" = 7,
        /// Merges, but lists are replaced.
        MergeAndReplaceList = "MERGE_AND_REPLACE_LIST" = 8,
    }
}

wire_enum! {
    /// Where an added filter stands.
    FilterClass {
        /// Not said.
        Unspecified = "UNSPECIFIED" = 0,
        /// With authentication.
        Authn = "AUTHN" = 1,
        /// With authorization.
        Authz = "AUTHZ" = 2,
        /// With statistics.
        Stats = "STATS" = 3,
    }
}

message! {
    /// One patch.
    EnvoyConfigObjectPatch {
        /// What it applies to.
        apply_to / with_apply_to: ApplyTo = "applyTo",
        /// Which of these.
        r#match / with_match: Option<EnvoyConfigObjectMatch> = "match",
        /// What is done.
        patch / with_patch: Option<Patch> = "patch",
    }
}

message! {
    /// What is done.
    Patch {
        /// The operation.
        operation / with_operation: PatchOperation = "operation",
        /// Envoy configuration, as it is.
        value / with_value: Value = "value",
        /// Where an added filter stands.
        filter_class / with_filter_class: FilterClass = "filterClass",
    }
}

one_of! {
    /// Conditions on the object.
    EnvoyObjectTypes {
        /// On a listener.
        Listener(ListenerMatch) = "listener",
        /// On a route configuration.
        RouteConfiguration(RouteConfigurationMatch) = "routeConfiguration",
        /// On a cluster.
        Cluster(ClusterMatch) = "cluster",
        /// On a waypoint.
        Waypoint(WaypointMatch) = "waypoint",
    }
}

message! {
    /// Which objects are patched.
    EnvoyConfigObjectMatch {
        /// Which side of which proxy.
        context / with_context: PatchContext = "context",
        /// Which proxies.
        proxy / with_proxy: Option<ProxyMatch> = "proxy",
        ; /// Conditions on the object.
        oneof object_types / with_object_types: EnvoyObjectTypes,
    }
}

message! {
    /// Which proxies.
    ProxyMatch {
        /// RE2 expression for the version.
        proxy_version / with_proxy_version: String = "proxyVersion",
        /// Metadata that they have.
        metadata / with_metadata: BTreeMap<String, String> = "metadata",
    }
}

message! {
    /// Conditions on a listener.
    ListenerMatch {
        /// Port.
        port_number / with_port_number: u32 = "portNumber",
        /// Not used.
        port_name / with_port_name: String = "portName",
        /// Chain of filters.
        filter_chain / with_filter_chain: Option<FilterChainMatch> = "filterChain",
        /// Listener filter.
        listener_filter / with_listener_filter: String = "listenerFilter",
        /// Name.
        name / with_name: String = "name",
    }
}

message! {
    /// Conditions on a chain of filters.
    FilterChainMatch {
        /// Name.
        name / with_name: String = "name",
        /// Server name.
        sni / with_sni: String = "sni",
        /// Transport protocol.
        transport_protocol / with_transport_protocol: String = "transportProtocol",
        /// Application protocols, separated by commas.
        application_protocols / with_application_protocols: String = "applicationProtocols",
        /// Network filter.
        filter / with_filter: Option<FilterMatch> = "filter",
        /// Destination port.
        destination_port / with_destination_port: u32 = "destinationPort",
    }
}

message! {
    /// Conditions on a filter.
    FilterMatch {
        /// Name.
        name / with_name: String = "name",
        /// HTTP filter inside.
        sub_filter / with_sub_filter: Option<SubFilterMatch> = "subFilter",
    }
}

message! {
    /// Conditions on an HTTP filter.
    SubFilterMatch {
        /// Name.
        name / with_name: String = "name",
    }
}

message! {
    /// Conditions on a route configuration.
    RouteConfigurationMatch {
        /// Port.
        port_number / with_port_number: u32 = "portNumber",
        /// Name of the gateway's port.
        port_name / with_port_name: String = "portName",
        /// Gateway, `namespace/name`.
        gateway / with_gateway: String = "gateway",
        /// Virtual host.
        vhost / with_vhost: Option<VirtualHostMatch> = "vhost",
        /// Name.
        name / with_name: String = "name",
    }
}

message! {
    /// Conditions on a virtual host.
    VirtualHostMatch {
        /// Name, `host:port`.
        name / with_name: String = "name",
        /// Route.
        route / with_route: Option<RouteMatch> = "route",
        /// Domain.
        domain_name / with_domain_name: String = "domainName",
    }
}

wire_enum! {
    /// What a route does.
    RouteMatchAction {
        /// Anything.
        Any = "ANY" = 0,
        /// Forwards.
        Route = "ROUTE" = 1,
        /// Redirects.
        Redirect = "REDIRECT" = 2,
        /// Answers.
        DirectResponse = "DIRECT_RESPONSE" = 3,
    }
}

message! {
    /// Conditions on a route.
    RouteMatch {
        /// Name.
        name / with_name: String = "name",
        /// What it does.
        action / with_action: RouteMatchAction = "action",
    }
}

message! {
    /// Conditions on a cluster.
    ClusterMatch {
        /// Port.
        port_number / with_port_number: u32 = "portNumber",
        /// Host.
        service / with_service: String = "service",
        /// Subset.
        subset / with_subset: String = "subset",
        /// Name.
        name / with_name: String = "name",
    }
}

message! {
    /// Conditions on a waypoint.
    WaypointMatch {
        /// Port.
        port_number / with_port_number: u32 = "portNumber",
        /// Network filter.
        filter / with_filter: Option<FilterMatch> = "filter",
        /// Route.
        route / with_route: Option<RouteMatch> = "route",
    }
}
