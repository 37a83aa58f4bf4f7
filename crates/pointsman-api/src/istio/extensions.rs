//! `extensions.istio.io`: code of one's own in the proxy.
//!
//! Source: istio/api at b8f8791d, `extensions/v1alpha1/*.proto`.

use pointsman_manifest::Value;

use super::networking::PortSelector;
use super::{PolicyTargetReference, WorkloadSelector};
use crate::macros::{kinds, message, one_of, wire_enum};

pub(crate) const GROUP: &str = "extensions.istio.io";

kinds! {
    GROUP;
    WasmPlugin: &["v1alpha1"],
    TrafficExtension: &["v1alpha1"],
}

message! {
    /// A WebAssembly filter of the proxy.
    ///
    /// Shape: at most one of `selector`, `target_ref` and `target_refs`.
    WasmPlugin {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// The object it is attached to.
        target_ref / with_target_ref: Option<PolicyTargetReference> = "targetRef",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// The module: `oci://`, `http://`, `https://` or `file://`; without a scheme an OCI image.
        url / with_url: String = "url",
        /// SHA-256 of the module, in hexadecimal letters.
        sha256 / with_sha256: String = "sha256",
        /// When the module is fetched.
        image_pull_policy / with_image_pull_policy: PullPolicy = "imagePullPolicy",
        /// Secret for fetching it.
        image_pull_secret / with_image_pull_secret: String = "imagePullSecret",
        /// Key that its signature is checked with.
        verification_key / with_verification_key: String = "verificationKey",
        /// What the module is told; anything.
        plugin_config / with_plugin_config: Value = "pluginConfig",
        /// Name of the plugin in the module.
        plugin_name / with_plugin_name: String = "pluginName",
        /// Where it stands among the filters.
        phase / with_phase: PluginPhase = "phase",
        /// Order within the phase, highest first; none: 0.
        priority / with_priority: Option<i32> = "priority",
        /// What happens when it cannot run.
        fail_strategy / with_fail_strategy: FailStrategy = "failStrategy",
        /// The machine it runs on.
        vm_config / with_vm_config: Option<VmConfig> = "vmConfig",
        /// Which traffic, one of them; empty: all.
        r#match / with_match: Vec<TrafficSelector> = "match",
        /// Whether it looks at requests or at connections.
        r#type / with_type: PluginType = "type",
    }
}

message! {
    /// A filter of the proxy, in Lua or WebAssembly.
    ///
    /// Shape: one of `lua` and `wasm`; at most one of `selector` and `target_refs`.
    TrafficExtension {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// Where it stands among the filters.
        phase / with_phase: ExecutionPhase = "phase",
        /// Order within the phase, highest first; none: 0.
        priority / with_priority: Option<i32> = "priority",
        /// Which traffic, one of them; empty: all.
        r#match / with_match: Vec<TrafficSelector> = "match",
        ; /// The code.
        oneof filter_config / with_filter_config: FilterConfig,
    }
}

one_of! {
    /// The code of an extension.
    FilterConfig {
        /// WebAssembly.
        Wasm(Box<WasmConfig>) = "wasm",
        /// Lua.
        Lua(LuaConfig) = "lua",
    }
}

message! {
    /// A WebAssembly module.
    WasmConfig {
        /// The module: `oci://`, `http://`, `https://` or `file://`; without a scheme an OCI image.
        url / with_url: String = "url",
        /// SHA-256 of the module, in hexadecimal letters.
        sha256 / with_sha256: String = "sha256",
        /// When the module is fetched.
        image_pull_policy / with_image_pull_policy: PullPolicy = "imagePullPolicy",
        /// Secret for fetching it.
        image_pull_secret / with_image_pull_secret: String = "imagePullSecret",
        /// Key that its signature is checked with.
        verification_key / with_verification_key: String = "verificationKey",
        /// What the module is told; anything.
        plugin_config / with_plugin_config: Value = "pluginConfig",
        /// Name of the plugin in the module.
        plugin_name / with_plugin_name: String = "pluginName",
        /// What happens when it cannot run.
        fail_strategy / with_fail_strategy: FailStrategy = "failStrategy",
        /// The machine it runs on.
        vm_config / with_vm_config: Option<VmConfig> = "vmConfig",
        /// Whether it looks at requests or at connections.
        r#type / with_type: PluginType = "type",
    }
}

message! {
    /// A program in Lua.
    LuaConfig {
        /// The program.
        inline_code / with_inline_code: String = "inlineCode",
    }
}

wire_enum! {
    /// Whether a plugin looks at requests or at connections.
    PluginType {
        /// As `HTTP`.
        Unspecified = "UNSPECIFIED_PLUGIN_TYPE" = 0,
        /// At requests.
        Http = "HTTP" = 1,
        /// At connections.
        Network = "NETWORK" = 2,
    }
}

wire_enum! {
    /// Where a plugin stands among the filters.
    PluginPhase {
        /// Near the end, before the router.
        Unspecified = "UNSPECIFIED_PHASE" = 0,
        /// Before authentication.
        Authn = "AUTHN" = 1,
        /// Before authorization, after authentication.
        Authz = "AUTHZ" = 2,
        /// Before statistics, after authorization.
        Stats = "STATS" = 3,
    }
}

wire_enum! {
    /// Where an extension stands among the filters.
    ExecutionPhase {
        /// Near the end, before the router.
        Unspecified = "UNSPECIFIED" = 0,
        /// Before authentication.
        Authn = "AUTHN" = 1,
        /// Before authorization, after authentication.
        Authz = "AUTHZ" = 2,
        /// Before statistics, after authorization.
        Stats = "STATS" = 3,
    }
}

wire_enum! {
    /// When a module is fetched.
    PullPolicy {
        /// As `Always` for the tag `latest`, else as `IfNotPresent`.
        Unspecified = "UNSPECIFIED_POLICY" = 0,
        /// When it is not there.
        IfNotPresent = "IfNotPresent" = 1,
        /// Each time.
        Always = "Always" = 2,
    }
}

wire_enum! {
    /// What happens when a plugin cannot run.
    FailStrategy {
        /// Requests are refused.
        FailClose = "FAIL_CLOSE" = 0,
        /// Requests go by it.
        FailOpen = "FAIL_OPEN" = 1,
        /// It is loaded again.
        FailReload = "FAIL_RELOAD" = 2,
    }
}

message! {
    /// The machine a module runs on.
    VmConfig {
        /// Environment variables, by unique names.
        env / with_env: Vec<EnvVar> = "env",
    }
}

message! {
    /// An environment variable.
    EnvVar {
        /// Name.
        name / with_name: String = "name",
        /// Where its value comes from.
        value_from / with_value_from: EnvValueSource = "valueFrom",
        /// Its value, with `INLINE` only.
        value / with_value: String = "value",
    }
}

wire_enum! {
    /// Where the value of an environment variable comes from.
    EnvValueSource {
        /// It stands here.
        Inline = "INLINE" = 0,
        /// The proxy's own variable of that name.
        Host = "HOST" = 1,
    }
}

wire_enum! {
    /// Which side of a request.
    WorkloadMode {
        /// As `CLIENT_AND_SERVER`.
        Undefined = "UNDEFINED" = 0,
        /// Requests that the workload sends.
        Client = "CLIENT" = 1,
        /// Requests that it gets.
        Server = "SERVER" = 2,
        /// Both.
        ClientAndServer = "CLIENT_AND_SERVER" = 3,
    }
}

message! {
    /// Which traffic.
    TrafficSelector {
        /// Which side.
        mode / with_mode: WorkloadMode = "mode",
        /// To one of these ports; empty: to any.
        ports / with_ports: Vec<PortSelector> = "ports",
    }
}
