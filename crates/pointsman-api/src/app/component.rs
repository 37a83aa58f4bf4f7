//! Components and their versions.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::IntOrString;
use pointsman_types::duration::TimeDelta;

use super::{ImageRef, InvalidImage, TrafficPolicy};
use crate::macros::{message, one_of};

message! {
    /// A service of an application.
    Component {
        /// Name, a DNS label: the name of its Service and the value of its label `app`.
        name / with_name: String = "name",
        /// The port its containers listen on, 1 to 65535.
        container_port / with_container_port: u32 = "containerPort",
        /// The port it has in the mesh; 0 means the container port.
        mesh_port / with_mesh_port: u32 = "meshPort",
        /// The protocol, as the names of service ports say it: `http`, `http2`, `grpc`, `tcp`; empty means `http`.
        protocol / with_protocol: String = "protocol",
        /// Its versions; names are unique.
        versions / with_versions: Vec<Version> = "versions",
        /// How pods of one version are replaced.
        upgrade_strategy / with_upgrade_strategy: Option<UpgradeStrategy> = "upgradeStrategy",
        /// How pods go away.
        scale_down / with_scale_down: Option<ScaleDown> = "scaleDown",
        /// How it is found out whether a pod has started.
        startup_probe / with_startup_probe: Option<Probe> = "startupProbe",
        /// How it is found out whether a pod lives.
        liveness_probe / with_liveness_probe: Option<Probe> = "livenessProbe",
        /// How it is found out whether a pod may get requests.
        readiness_probe / with_readiness_probe: Option<Probe> = "readinessProbe",
        /// Where its metrics are.
        monitoring / with_monitoring: Option<Monitoring> = "monitoring",
        /// How clients treat it.
        traffic_policy / with_traffic_policy: Option<TrafficPolicy> = "trafficPolicy",
    }
}

message! {
    /// A version of a component.
    Version {
        /// Name, the value of the label `version`: `v1`.
        name / with_name: String = "name",
        /// How many pods; none: 1.
        replicas / with_replicas: Option<u32> = "replicas",
        /// What runs in its pods.
        container / with_container: Container = "container",
    }
}

message! {
    /// What runs in the pods of a version.
    Container {
        /// Image with tag or digest.
        image / with_image: String = "image",
        /// `Always`, `IfNotPresent`, `Never`; empty: Kubernetes chooses by the tag.
        image_pull_policy / with_image_pull_policy: String = "imagePullPolicy",
        /// Command; empty: the image's.
        command / with_command: Vec<String> = "command",
        /// Arguments; empty: the image's.
        args / with_args: Vec<String> = "args",
        /// Environment.
        env / with_env: BTreeMap<String, String> = "env",
        /// Requests and limits, as Kubernetes writes them.
        resources / with_resources: Value = "resources",
    }
}

message! {
    /// How pods of one version are replaced.
    UpgradeStrategy {
        /// Whether all pods go before new ones come.
        recreate / with_recreate: bool = "recreate",
        /// How many more there may be; none: 25 %.
        max_surge / with_max_surge: Option<IntOrString> = "maxSurge",
        /// How many may be missing; none: 25 %.
        max_unavailable / with_max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// How long a pod must be ready before it counts.
        min_ready / with_min_ready: Option<TimeDelta> = "minReady",
    }
}

message! {
    /// How pods go away.
    ScaleDown {
        /// How long a pod has to end; none: 30 s.
        grace_period / with_grace_period: Option<TimeDelta> = "gracePeriod",
        /// How long its proxy goes on serving; none: 5 s.
        drain / with_drain: Option<TimeDelta> = "drain",
    }
}

one_of! {
    /// What a probe does.
    ProbeTarget {
        /// Asks for this path.
        Path(String) = "path",
        /// Runs this command.
        Command(Vec<String>) = "command",
        /// Connects to the port.
        Connect(bool) = "connect",
    }
}

message! {
    /// How the health of a pod is found out.
    Probe {
        /// Port; 0 means the container port.
        port / with_port: u32 = "port",
        /// How long before the first look.
        initial_delay / with_initial_delay: Option<TimeDelta> = "initialDelay",
        /// Between looks; none: 10 s.
        period / with_period: Option<TimeDelta> = "period",
        /// How long an answer may take; none: 1 s.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// How many bad answers in a row; none: 3.
        failure_threshold / with_failure_threshold: Option<u32> = "failureThreshold",
        /// How many good answers in a row; none: 1.
        success_threshold / with_success_threshold: Option<u32> = "successThreshold",
        ; /// What it does.
        oneof target / with_target: ProbeTarget,
    }
}

message! {
    /// Where metrics are.
    Monitoring {
        /// Path; empty means `/metrics`.
        path / with_path: String = "path",
        /// Port; 0 means the container port.
        port / with_port: u32 = "port",
    }
}

impl Component {
    /// A component that speaks HTTP on that port, in the container and in the mesh.
    pub fn http(name: impl Into<String>, port: u16) -> Self {
        Self::new().with_name(name).with_container_port(port)
    }

    /// With one more version.
    #[must_use]
    pub fn with_version(mut self, name: impl Into<String>, image: impl Into<String>) -> Self {
        self.versions.push(Version::new().with_name(name).with_container(Container::new().with_image(image)));
        self
    }

    /// The version of that name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.name == name)
    }

    /// The port it has in the mesh.
    #[must_use]
    pub const fn service_port(&self) -> u32 {
        if self.mesh_port == 0 { self.container_port } else { self.mesh_port }
    }

    /// The protocol, `http` where none is said.
    #[must_use]
    pub fn protocol_or_default(&self) -> &str {
        if self.protocol.is_empty() { "http" } else { &self.protocol }
    }

    /// Adds a version that is like an existing one but for its name and image.
    ///
    /// # Errors
    ///
    /// There is no version to inherit from, there is one of that name already, or the image is none.
    pub fn add_version(
        &mut self,
        name: &str,
        inherits: &str,
        image: &str,
    ) -> Result<(), InvalidVersionAdded> {
        let stable =
            self.version(inherits).ok_or_else(|| InvalidVersionAdded::NoSuchVersion(inherits.to_owned()))?;
        if self.version(name).is_some() {
            return Err(InvalidVersionAdded::There(name.to_owned()));
        }
        ImageRef::parse(image)?;
        let mut added = stable.clone();
        name.clone_into(&mut added.name);
        image.clone_into(&mut added.container.image);
        self.versions.push(added);
        Ok(())
    }
}

/// Why a version cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersionAdded {
    /// There is no version to inherit from.
    #[error("there is no version `{0}` to inherit from")]
    NoSuchVersion(String),
    /// There is one of that name.
    #[error("there is a version `{0}` already")]
    There(String),
    /// The image is none.
    #[error(transparent)]
    Image(#[from] InvalidImage),
}
