//! Random meshes: manifests compiled for a sidecar or a gateway, with an interpreter of the manifests beside them.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there answers null")]

mod objects;
mod requests;
mod routes;
mod words;

use std::collections::BTreeSet;

use pointsman_route::{Mesh, Proxy};
use pointsman_types::Profile;
use serde_json::Value;

use super::interpreter::{Client, Interpreter};
use super::{Case, CaseSource, Dice};

/// Random meshes, compiled.
#[derive(Debug, Default)]
pub struct MeshSource {
    made: usize,
}

impl MeshSource {
    /// A fresh one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// What a random mesh exercises.
#[derive(Debug, Default)]
struct Features(BTreeSet<&'static str>);

impl Features {
    fn add(&mut self, name: &'static str) {
        self.0.insert(name);
    }
}

impl CaseSource for MeshSource {
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case {
        self.made += 1;
        let mut features = Features::default();
        let client = client(dice);
        let documents = objects::documents(dice, &client, &mut features);
        let labels = client.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let labels: pointsman_types::Labels = labels.collect();
        let proxy = if client.is_gateway {
            Proxy::gateway(client.namespace.as_str(), labels)
        } else {
            Proxy::sidecar(client.namespace.as_str(), labels)
        };
        let mut mesh = Mesh::new(Profile::MEASURED);
        for document in &documents {
            let document = serde_json::from_value(document.clone()).unwrap_or_default();
            if let Err(error) = mesh.apply(&document) {
                eprintln!("{error}");
            }
        }
        let table = mesh.compile(&proxy).table;
        let found = table.config().routes.iter().find(|routes| {
            routes.port.is_some_and(|port| port.value() == client.port) && !routes.name.starts_with("https")
        });
        let mut config = found.map(|found| (**found).clone()).unwrap_or_default();
        config.name = format!("mesh-{}", self.made);
        features.add(if client.is_gateway { "gateways" } else { "sidecars" });
        let requests = (0..requests).map(|_| requests::request(dice, &config)).collect();
        Case {
            text: text(&documents, &client),
            config,
            requests,
            features: features.0.into_iter().collect(),
            third: Some(Box::new(Interpreter::new(documents, client))),
        }
    }

    fn clusters(&self) -> Vec<String> {
        let services = words::SERVICES
            .iter()
            .map(|(name, namespace, ports)| (format!("{name}.{namespace}.svc.cluster.local"), *ports));
        let entries = words::ENTRIES.iter().map(|(host, ports)| ((*host).to_owned(), *ports));
        let mut clusters = vec!["PassthroughCluster".to_owned()];
        for (host, ports) in services.chain(entries) {
            for port in ports {
                for subset in words::SUBSETS.iter().chain(&[""]) {
                    clusters.push(format!("outbound|{port}|{subset}|{host}"));
                }
            }
        }
        clusters
    }
}

fn client(dice: &mut Dice) -> Client {
    let is_gateway = dice.percent(40);
    let label = if is_gateway { ("istio", "ingress") } else { ("app", "client") };
    let mut labels = vec![(label.0.to_owned(), label.1.to_owned())];
    if dice.percent(50) {
        labels.push(("version".to_owned(), dice.text(&["v1", "v2"])));
    }
    Client {
        is_gateway,
        namespace: dice.text(&words::NAMESPACES),
        labels: labels.into_iter().collect(),
        port: *dice.one_of(&[80, 8080]),
    }
}

fn text(documents: &[Value], client: &Client) -> String {
    let documents: Vec<_> = documents
        .iter()
        .map(|document| {
            serde_json::from_value::<pointsman_manifest::Value>(document.clone()).unwrap_or_default()
        })
        .map(|document| document.to_json())
        .collect();
    format!("{client:?}\n{}", documents.join("\n---\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without an Envoy at hand: the compiled table against the interpreter.
    #[test]
    fn the_interpreter_agrees_with_the_compiled_table() {
        let (mut dice, mut source) = (Dice::new(7), MeshSource::new());
        let mut compared = 0;
        for _ in 0..300 {
            let case = source.case(&mut dice, 12);
            compared += super::super::interpreter::compare(&case, &source.clusters());
        }
        assert!(compared > 2_000, "{compared}");
    }
}
