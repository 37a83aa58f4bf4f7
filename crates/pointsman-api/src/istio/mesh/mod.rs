//! What holds for a whole mesh: its configuration and its networks, as the ConfigMap `istio` of the control plane has them.
//!
//! Fields that have nothing to do with traffic are known and kept, as they are written.
//!
//! Source: istio/api at b8f8791d, `mesh/v1alpha1/*.proto`.

mod config;
mod networks;
mod provider;
mod proxy;
mod tracing;

use pointsman_manifest::{Manifest, Value};
use pointsman_types::Diagnostic;

pub use config::*;
pub use networks::*;
pub use provider::*;
pub use proxy::*;
pub use tracing::*;

use crate::decode::{Decoded, Decoder, NO_OBJECT};
use crate::field::Message;
use crate::object::object_ref_of;

impl MeshConfig {
    /// Reads the configuration out of the ConfigMap of a control plane (`istio`, `istio-canary`): the text at `data.mesh`.
    ///
    /// `None` where there is no such text. Paths of findings begin at the root of that text.
    #[must_use]
    pub fn from_config_map(config_map: &Value) -> Option<Decoded<Self>> {
        read_data(config_map, "mesh")
    }
}

impl MeshNetworks {
    /// Reads the networks out of the ConfigMap of a control plane: the text at `data.meshNetworks`.
    ///
    /// `None` where there is no such text. Paths of findings begin at the root of that text.
    #[must_use]
    pub fn from_config_map(config_map: &Value) -> Option<Decoded<Self>> {
        read_data(config_map, "meshNetworks")
    }
}

fn read_data<T: Message>(config_map: &Value, name: &str) -> Option<Decoded<T>> {
    let text = config_map.get("data")?.get(name)?.as_str()?;
    let named = object_ref_of(config_map);
    let manifest = match Manifest::parse(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            let mut decoder = Decoder::new(named);
            let message = format!("the text is no YAML: {error}");
            decoder.in_field("data", |decoder| {
                decoder.in_field(name, |decoder| decoder.report(Diagnostic::error(NO_OBJECT, message)));
            });
            return Some(Decoded { value: T::default(), findings: decoder.into_findings() });
        }
    };
    let document = manifest.into_documents().into_iter().next();
    let value = document.map_or_else(|| Value::Map(pointsman_manifest::Map::new()), |d| d.into_value());
    Some(Decoded::of_message(&value, named))
}

#[cfg(test)]
mod tests {
    use pointsman_types::duration::TimeDelta;

    use super::*;

    fn config_map(mesh: &str) -> Value {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata:\n  mesh: |-\n{}",
            mesh.lines().map(|line| format!("    {line}\n")).collect::<String>()
        );
        let manifest = Manifest::parse(&text).unwrap();
        manifest.documents()[0].value().clone()
    }

    #[test]
    fn the_configuration_is_read_out_of_its_config_map() {
        let read = MeshConfig::from_config_map(&config_map(
            "rootNamespace: mesh\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\ndefaultConfig:\n  proxyHeaders:\n    xForwardedHost: {enabled: true}\nmeshMTLS: {minProtocolVersion: TLSV1_3}\nconnectTimeout: 5s\nextensionProviders:\n- name: opa\n  envoyExtAuthzGrpc: {service: opa.default, port: 9191}\n- name: otel\n  opentelemetry: {service: otel.default, port: 4317}\n",
        ))
        .unwrap();
        assert_eq!(read.findings, []);
        let config = read.value;
        assert_eq!(config.root_namespace, "mesh");
        assert_eq!(config.outbound_traffic_policy.as_ref().unwrap().mode, MeshOutboundMode::RegistryOnly);
        assert_eq!(config.connect_timeout, Some(TimeDelta::from_secs(5)));
        let services: Vec<_> = config
            .extension_providers
            .iter()
            .filter_map(|provider| provider.provider.as_ref()?.service())
            .collect();
        assert_eq!(services, [("opa.default", 9191), ("otel.default", 4317)]);
        let full = config.with_defaults();
        assert_eq!((full.root_namespace.as_str(), full.trust_domain.as_str()), ("mesh", "cluster.local"));
        assert_eq!(full.outbound_traffic_policy.unwrap().mode, MeshOutboundMode::RegistryOnly);
        assert_eq!(full.default_service_export_to, ["*"]);
    }

    #[test]
    fn mistakes_are_findings() {
        let read = MeshConfig::from_config_map(&config_map(
            "outboundTrafficPolicy: {mode: ALLOW_ALL}\ntrustdomain: x",
        ))
        .unwrap();
        let findings: Vec<_> = read.findings.iter().map(|f| (f.path.to_string(), f.help.clone())).collect();
        assert_eq!(
            findings,
            [
                ("outboundTrafficPolicy.mode".to_owned(), "did you mean `ALLOW_ANY`?".to_owned()),
                ("trustdomain".to_owned(), "did you mean `trustDomain`?".to_owned())
            ]
        );
        let read = MeshConfig::from_config_map(&config_map("a: [")).unwrap();
        assert_eq!(read.findings[0].path.to_string(), "data.mesh");
        assert!(MeshNetworks::from_config_map(&config_map("{}")).is_none());
    }
}
