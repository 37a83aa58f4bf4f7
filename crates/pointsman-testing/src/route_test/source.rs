//! Who asks.

use pointsman_api::Decoder;
use pointsman_manifest::Value;
use pointsman_route::{Mesh, Proxy, Role};
use pointsman_types::{Code, Diagnostic, FieldPath, Labels, Span};

use super::problem::{NO_WORKLOAD, NOT_TOGETHER};
use super::read::{fields, get, report, text};

/// Who asks: a workload with a sidecar, or a gateway.
#[derive(Debug, Clone)]
pub(super) struct Source {
    role: Role,
    name: String,
    namespace: Option<String>,
    labels: Option<Labels>,
    path: FieldPath,
    pub(super) span: Option<Span>,
}

impl Source {
    /// `NAME`, `NAME.NAMESPACE`, or a map with `sidecar` or `gateway`, `namespace`, `labels`.
    pub(super) fn read<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self> {
        if let Some(name) = value.as_str() {
            return Some(Self::named(Role::Sidecar, name, None, None, decoder));
        }
        let map = fields(value, decoder, &["sidecar", "gateway", "namespace", "labels"])?;
        let sidecar = get(map, "sidecar", decoder, text);
        let gateway = get(map, "gateway", decoder, text);
        let namespace = get(map, "namespace", decoder, text);
        let labels = get(map, "labels", decoder, |value, decoder| {
            let map = decoder.map(value)?;
            let label = |(name, value): (&'v str, &'v Value)| {
                decoder.in_field(name, |decoder| Some((name.to_owned(), text(value, decoder)?)))
            };
            Some(Labels::from_iter(map.iter().filter_map(label).collect::<Vec<_>>()))
        });
        let (role, name) = match (sidecar, gateway) {
            (Some(_), Some(_)) => {
                report(decoder, NOT_TOGETHER, "`sidecar` and `gateway` exclude each other", "remove one");
                return None;
            }
            (None, Some(name)) => (Role::Gateway, name),
            (Some(name), None) => (Role::Sidecar, name),
            (None, None) if labels.is_some() => (Role::Sidecar, String::new()),
            (None, None) => {
                let help = "write `sidecar: NAME` or `gateway: NAME`";
                report(decoder, super::problem::MISSING, "nothing says who asks", help);
                return None;
            }
        };
        Some(Self::named(role, &name, namespace, labels, decoder))
    }

    fn named(
        role: Role,
        name: &str,
        namespace: Option<String>,
        labels: Option<Labels>,
        decoder: &Decoder<'_>,
    ) -> Self {
        let (name, own) = match name.split_once('.') {
            // The rest of a full host name says nothing new.
            Some((name, rest)) => (name, rest.split('.').next().map(str::to_owned)),
            None => (name, None),
        };
        let namespace = namespace.or(own);
        Self { role, name: name.to_owned(), namespace, labels, path: decoder.path(), span: None }
    }

    pub(super) const fn path(&self) -> &FieldPath {
        &self.path
    }

    pub(super) fn namespace<'a>(&'a self, default: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(default)
    }

    /// Its proxy. Without labels of its own they are those of the workload of that name.
    pub(super) fn proxy(&self, mesh: &Mesh, default_namespace: &str) -> Result<Proxy, Box<Diagnostic>> {
        let namespace = self.namespace(default_namespace);
        let labels = match &self.labels {
            Some(labels) => labels.clone(),
            None => mesh
                .workload_labels(namespace, &self.name)
                .ok_or_else(|| Box::new(self.unknown(mesh, namespace)))?,
        };
        Ok(match self.role {
            Role::Gateway => Proxy::gateway(namespace, labels),
            _ => Proxy::sidecar(namespace, labels),
        })
    }

    fn unknown(&self, mesh: &Mesh, namespace: &str) -> Diagnostic {
        let mut finding = unknown_workload(NO_WORKLOAD, mesh, namespace, &self.name).at(self.path.clone());
        finding.span = self.span;
        finding
    }
}

/// That no workload is called so, with the namespaces where one is.
pub(super) fn unknown_workload(code: Code, mesh: &Mesh, namespace: &str, name: &str) -> Diagnostic {
    let message = format!(
        "no Deployment, Service or Pod of the manifests is called `{name}` in the namespace `{namespace}`"
    );
    let elsewhere = mesh.namespaces_of_workload(name);
    let help = match elsewhere.first() {
        Some(_) => format!("there is one in {}", elsewhere.join(", ")),
        None => "add it to the manifests, or write its `labels`".to_owned(),
    };
    Diagnostic::error(code, message).with_help(help)
}
