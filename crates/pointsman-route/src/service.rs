//! Services as clients know them.

use std::collections::BTreeMap;

use pointsman_api::Object;
use pointsman_api::core::{Service, ServicePort, TargetPort};
use pointsman_api::istio::networking::{Location, Resolution, ServiceEntry};
use pointsman_types::ObjectRef;

use crate::visibility::Visibility;

/// A service that clients may call: a Kubernetes Service, or one host of a ServiceEntry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MeshService {
    /// Full host name, lower case; may be a wildcard.
    pub host: String,
    /// Namespace of the object.
    pub namespace: String,
    /// The object that declares it.
    pub origin: ObjectRef,
    /// Ports.
    pub ports: Vec<MeshPort>,
    /// Virtual addresses, without those that are unspecified.
    pub addresses: Vec<String>,
    /// How endpoints are found.
    pub endpoints_by: EndpointsBy,
    /// The name it stands for, of a Service of type `ExternalName`.
    pub alias_of: Option<String>,
    /// The hosts of those that stand for it, in a row of several too.
    pub aliases: Vec<String>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is outside the mesh.
    pub is_external: bool,
    /// When the object was made, as written.
    pub created: String,
    /// Labels of the object.
    pub labels: BTreeMap<String, String>,
    /// Labels of the workloads behind it, where it names some.
    pub selector: BTreeMap<String, String>,
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MeshPort {
    /// The number that clients call.
    pub number: u16,
    /// Name, may be empty.
    pub name: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// The port of the endpoints.
    pub target: Target,
}

/// The port of the endpoints.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// This number.
    Number(u16),
    /// The container port of that name.
    Name(String),
}

/// How the endpoints of a service are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointsBy {
    /// They are known.
    Registry,
    /// The client's own address is used: headless services, ServiceEntries without resolution.
    Client,
    /// By DNS.
    Dns,
    /// By DNS, one of the addresses at a time.
    DnsRoundRobin,
    /// There are none: the service is another name of something else.
    Alias,
}

impl EndpointsBy {
    /// Whether names are looked up.
    #[must_use]
    pub const fn is_dns(self) -> bool {
        matches!(self, Self::Dns | Self::DnsRoundRobin)
    }
}

/// What is spoken on a port.
///
/// Source: `pkg/config/protocol` of Istio at 86c9f01f.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/1.1 towards a forward proxy.
    HttpProxy,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
    /// gRPC-Web.
    GrpcWeb,
    /// TLS with HTTP inside, not opened.
    Https,
    /// TLS, not opened.
    Tls,
    /// TCP, the protocols of databases included.
    Tcp,
    /// UDP, which is not routed.
    Udp,
    /// Not said: found out by looking at the first bytes. Taken as HTTP here.
    Auto,
}

impl Protocol {
    /// The protocol of that name, in any case; what is not known is [`Protocol::Auto`].
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "http" => Self::Http,
            "http_proxy" => Self::HttpProxy,
            "http2" | "kubernetes.io/h2c" => Self::Http2,
            "grpc" => Self::Grpc,
            "grpc-web" => Self::GrpcWeb,
            "https" => Self::Https,
            "tls" => Self::Tls,
            "tcp" | "mongo" | "redis" | "mysql" => Self::Tcp,
            "udp" => Self::Udp,
            _ => Self::Auto,
        }
    }

    /// Whether requests are routed one by one.
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::HttpProxy | Self::Http2 | Self::Grpc | Self::GrpcWeb | Self::Auto)
    }

    /// Whether requests are routed one by one because the port says so.
    pub(crate) const fn is_plain_http(self) -> bool {
        self.is_http() && !matches!(self, Self::Auto)
    }

    /// Whether connections are TLS that the proxy does not open.
    #[must_use]
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Tls)
    }

    fn of_service_port(port: &ServicePort) -> Self {
        match port.protocol.as_str() {
            "UDP" => return Self::Udp,
            "SCTP" => return Self::Tcp,
            _ => {}
        }
        if !port.app_protocol.is_empty() {
            let stated = match port.app_protocol.to_ascii_lowercase().as_str() {
                "kubernetes.io/ws" => Self::Http,
                "kubernetes.io/wss" => Self::Https,
                other => Self::of_name(other),
            };
            return stated;
        }
        let name = port.name.to_ascii_lowercase();
        if name == "grpc-web" || name.starts_with("grpc-web-") {
            return Self::GrpcWeb;
        }
        Self::of_name(name.split('-').next().unwrap_or_default())
    }
}

impl MeshService {
    /// A service of a registry of one's own, public and without endpoints.
    pub fn new(host: impl Into<String>, origin: ObjectRef) -> Self {
        Self {
            host: host.into().to_ascii_lowercase(),
            namespace: origin.namespace.clone(),
            origin,
            ports: Vec::new(),
            addresses: Vec::new(),
            endpoints_by: EndpointsBy::Registry,
            alias_of: None,
            aliases: Vec::new(),
            visibility: Visibility::Public,
            is_external: false,
            created: String::new(),
            labels: BTreeMap::new(),
            selector: BTreeMap::new(),
        }
    }

    /// With these ports.
    #[must_use]
    pub fn with_ports(mut self, ports: impl IntoIterator<Item = MeshPort>) -> Self {
        self.ports = ports.into_iter().collect();
        self
    }

    /// Seen by these.
    #[must_use]
    pub fn with_visibility(mut self, visibility: Visibility) -> Self {
        self.visibility = visibility;
        self
    }

    /// With endpoints found that way.
    #[must_use]
    pub const fn with_endpoints_by(mut self, endpoints_by: EndpointsBy) -> Self {
        self.endpoints_by = endpoints_by;
        self
    }

    /// What a Kubernetes Service is to clients.
    #[must_use]
    pub fn of_service(object: &Object<Service>, domain: &str, default_export_to: &[String]) -> Self {
        let spec = &object.spec;
        let meta = &object.metadata;
        let is_alias = spec.r#type == "ExternalName" && !spec.external_name.is_empty();
        let is_headless = spec.cluster_ip.eq_ignore_ascii_case("none");
        let mut addresses = if spec.cluster_ips.is_empty() {
            vec![spec.cluster_ip.clone()]
        } else {
            spec.cluster_ips.clone()
        };
        addresses.retain(|address| address.parse::<std::net::IpAddr>().is_ok_and(|ip| !ip.is_unspecified()));
        let export_to: Vec<String> =
            meta.annotations.get("networking.istio.io/exportTo").map_or_else(Vec::new, |text| {
                text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
            });
        Self {
            host: format!("{}.{}.svc.{domain}", meta.name, meta.namespace).to_ascii_lowercase(),
            namespace: meta.namespace.clone(),
            origin: object.object_ref(),
            ports: spec.ports.iter().filter_map(MeshPort::of_service_port).collect(),
            addresses,
            endpoints_by: match () {
                () if is_alias => EndpointsBy::Alias,
                () if is_headless => EndpointsBy::Client,
                () => EndpointsBy::Registry,
            },
            alias_of: is_alias.then(|| spec.external_name.to_ascii_lowercase()),
            aliases: Vec::new(),
            visibility: Visibility::of(&export_to, default_export_to),
            is_external: false,
            created: meta.creation_timestamp.clone(),
            labels: meta.labels.clone(),
            selector: spec.selector.clone(),
        }
    }

    /// What a ServiceEntry is to clients: one service a host.
    #[must_use]
    pub fn of_service_entry(object: &Object<ServiceEntry>, default_export_to: &[String]) -> Vec<Self> {
        let spec = &object.spec;
        let ports: Vec<_> = spec.ports.iter().filter_map(MeshPort::of_entry_port).collect();
        let endpoints_by = match spec.resolution {
            Resolution::Static => EndpointsBy::Registry,
            Resolution::Dns => EndpointsBy::Dns,
            Resolution::DnsRoundRobin => EndpointsBy::DnsRoundRobin,
            _ => EndpointsBy::Client,
        };
        let service = |host: &String| Self {
            host: host.to_ascii_lowercase(),
            namespace: object.metadata.namespace.clone(),
            origin: object.object_ref(),
            ports: ports.clone(),
            addresses: spec.addresses.clone(),
            endpoints_by,
            alias_of: None,
            aliases: Vec::new(),
            visibility: Visibility::of(&spec.export_to, default_export_to),
            is_external: spec.location == Location::MeshExternal,
            created: object.metadata.creation_timestamp.clone(),
            labels: object.metadata.labels.clone(),
            selector: spec.workload_selector.as_ref().map(|one| one.labels.clone()).unwrap_or_default(),
        };
        spec.hosts.iter().map(service).collect()
    }

    /// The port of that number.
    #[must_use]
    pub fn port(&self, number: u16) -> Option<&MeshPort> {
        self.ports.iter().find(|port| port.number == number)
    }

    /// Whether it comes from Kubernetes rather than from a ServiceEntry.
    #[must_use]
    pub fn is_kubernetes(&self) -> bool {
        self.origin.kind == "Service"
    }
}

/// A number that a port can have.
pub(crate) fn number_of(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|number| *number != 0)
}

impl MeshPort {
    /// A port whose endpoints have the same number.
    pub fn new(number: u16, name: impl Into<String>, protocol: Protocol) -> Self {
        Self { number, name: name.into(), protocol, target: Target::Number(number) }
    }

    fn of_service_port(port: &ServicePort) -> Option<Self> {
        let number = number_of(port.port.into())?;
        let target = match &port.target_port {
            Some(TargetPort::Number(target)) => {
                number_of((*target).into()).map_or(Target::Number(number), Target::Number)
            }
            Some(TargetPort::Name(name)) => Target::Name(name.clone()),
            None => Target::Number(number),
        };
        Some(Self { number, name: port.name.clone(), protocol: Protocol::of_service_port(port), target })
    }

    fn of_entry_port(port: &pointsman_api::istio::networking::ServicePort) -> Option<Self> {
        let number = number_of(port.number.into())?;
        let target = number_of(port.target_port.into()).unwrap_or(number);
        Some(Self {
            number,
            name: port.name.clone(),
            protocol: Protocol::of_name(&port.protocol),
            target: Target::Number(target),
        })
    }
}
