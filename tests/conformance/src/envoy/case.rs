//! One configuration with the requests asked of it.

use pointsman_manifest::to_yaml_documents;
use pointsman_route::ir::{Cluster, RouteConfig, TableConfig};
use pointsman_route::{Headers, Mesh, Proxy, Request};
use pointsman_types::Profile;
use serde_json::Value;

use super::interpreter::{Client, Interpreter};
use super::{Answer, Dice};

/// A configuration and requests.
#[derive(Debug, Clone)]
pub struct Case {
    /// The configuration.
    pub input: Input,
    /// What is asked.
    pub requests: Vec<AskedRequest>,
}

/// Where a configuration comes from.
#[derive(Debug, Clone)]
pub enum Input {
    /// Manifests, as a client sees them.
    Mesh(MeshInput),
    /// The routing IR itself.
    Table(Box<RouteConfig>),
}

/// Manifests, and who looks at them.
#[derive(Debug, Clone)]
pub struct MeshInput {
    /// The objects.
    pub documents: Vec<Value>,
    /// Whose view is compiled.
    pub client: Client,
}

impl Input {
    /// The route configuration that is asked, with the clusters that it may send to; of the IR, none of its own.
    pub(super) fn compiled(&self) -> (RouteConfig, Vec<Cluster>) {
        match self {
            Self::Table(config) => ((**config).clone(), Vec::new()),
            Self::Mesh(mesh) => {
                let table = mesh.table();
                let found = table.routes.iter().find(|routes| {
                    routes.port.is_some_and(|port| port.value() == mesh.client.port)
                        && !routes.name.starts_with("https")
                });
                let config = found.map(|found| (**found).clone()).unwrap_or_default();
                (config, table.clusters.iter().map(|cluster| (**cluster).clone()).collect())
            }
        }
    }

    /// Somebody who answers from the manifests alone.
    pub(super) fn third(&self) -> Option<Interpreter> {
        match self {
            Self::Table(_) => None,
            Self::Mesh(mesh) => Some(Interpreter::new(mesh.documents.clone(), mesh.client.clone())),
        }
    }

    /// For readers: manifests, or Envoy's route configuration, as YAML.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Table(config) => pointsman_envoy::route_configuration(config).to_yaml(),
            Self::Mesh(mesh) => {
                let documents: Vec<_> = mesh.documents.iter().map(manifest).collect();
                format!("# {}\n{}", mesh.client, to_yaml_documents(&documents))
            }
        }
    }
}

/// The document as the library reads it.
pub(super) fn manifest(document: &Value) -> pointsman_manifest::Value {
    serde_json::from_value(document.clone()).unwrap_or_default()
}

impl MeshInput {
    /// What the client is told.
    pub(super) fn table(&self) -> TableConfig {
        let labels: pointsman_types::Labels =
            self.client.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let namespace = self.client.namespace.as_str();
        let proxy = match self.client.is_gateway {
            true => Proxy::gateway(namespace, labels),
            false => Proxy::sidecar(namespace, labels),
        };
        let mut mesh = Mesh::new(Profile::MEASURED);
        for document in &self.documents {
            if let Err(error) = mesh.apply(&manifest(document)) {
                eprintln!("{error}");
            }
        }
        mesh.compile(&proxy).table.config().clone()
    }
}

/// Somebody who answers requests without any of our code, such as an interpreter of the raw manifests.
pub trait ThirdParty {
    /// The answer; fields left empty are not compared.
    fn answer(&self, request: &AskedRequest) -> Answer;
}

/// Makes cases.
pub trait CaseSource {
    /// The next case, with about so many requests.
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case;
}

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedRequest {
    /// Method.
    pub method: String,
    /// Authority.
    pub authority: String,
    /// Path with query.
    pub path: Vec<u8>,
    /// Headers in order, names in any case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The random number of the weighted choice.
    pub random: u64,
    /// Which client asks, from an address of its own.
    pub source: u8,
    /// What the endpoint does.
    pub endpoint: Manner,
}

/// What an endpoint does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// It says what it received.
    #[default]
    Answers,
    /// The same, with this status, at each attempt.
    Fails(u16),
    /// It says nothing.
    IsSilent,
}

impl AskedRequest {
    /// As our side takes it; `headers` is a buffer for the borrowed headers.
    pub(super) fn view<'a>(&'a self, headers: &'a mut Vec<(&'a str, &'a [u8])>) -> Request<'a> {
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        Request::new(&self.method, &self.authority, &self.path).with_headers(Headers::Bytes(headers))
    }

    /// Whether the client wants to speak another protocol afterwards.
    pub(super) fn is_upgrade(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == "upgrade")
    }

    /// All values of a header, blanks around them cut.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim_ascii())
    }

    /// A command that asks the same of some proxy.
    #[must_use]
    pub fn curl(&self) -> String {
        let mut line = format!("curl -v --path-as-is -X {} -H 'host: {}'", self.method, self.authority);
        for (name, value) in &self.headers {
            line.push_str(&format!(" -H '{name}: {}'", value.escape_ascii()));
        }
        line.push_str(&format!(
            " 'http://127.0.0.1:PORT{}'  # random {} source {} endpoint {:?}",
            self.path.escape_ascii(),
            self.random,
            self.source,
            self.endpoint
        ));
        line
    }
}
