//! Where requests go: the written manifests, compiled and asked once a request.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_render::ManifestSet;
use pointsman_route::ir::Health;
use pointsman_route::{Mesh, Proxy, Request, Scratch};
use pointsman_types::{Draws, FieldPath, Profile};

use crate::Failure;

pub(crate) const REQUESTS: u64 = 100_000;

/// How many requests each version got.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted {
    pub(crate) by_version: BTreeMap<String, u64>,
    /// Requests that no version got.
    pub(crate) lost: u64,
    /// What the compiler had to say about these manifests.
    pub(crate) findings: Vec<String>,
}

/// Sends requests from a sidecar of the namespace to the component, of which so many pods a version are ready.
pub(crate) fn count(
    set: &ManifestSet,
    (namespace, component): (&str, &str),
    ready: &BTreeMap<String, u32>,
    seed: u64,
) -> Result<Counted, Failure> {
    let objects = set.objects().map_err(|error| error.to_string())?;
    let mut mesh = Mesh::new(Profile::MEASURED);
    let mut versions = BTreeMap::new();
    let mut port = 80;
    for object in &objects {
        let mut value = object.value.clone();
        if let Some(metadata) =
            value.get_mut("metadata").filter(|metadata| metadata.get("namespace").is_none())
        {
            metadata.set("namespace", namespace);
        }
        mesh.apply(&value).map_err(|error| format!("{}: {error}", object.object_ref))?;
        let at = |path: &str| path.parse::<FieldPath>().ok().and_then(|path| value.at(&path).cloned());
        let is_own = object.object_ref.name == component;
        if object.object_ref.kind == "Service" && is_own {
            port = at("spec.ports[0].port").and_then(|port| port.as_u64()).unwrap_or(80);
        }
        if object.object_ref.kind == "Deployment" {
            let labels = at("spec.template.metadata.labels").unwrap_or_default();
            let label = |name: &str| labels.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(ready) = ready.get(&label("version")).filter(|_| label("app") == component) {
                mesh.set_ready(namespace, &object.object_ref.name, Some(*ready));
            }
        }
        if object.object_ref.kind == "DestinationRule" {
            let subsets = at("spec.subsets").unwrap_or_default();
            for subset in subsets.as_list().unwrap_or_default() {
                let name = subset.get("name").and_then(Value::as_str).unwrap_or_default();
                let version =
                    subset.get("labels").and_then(|labels| labels.get("version")).and_then(Value::as_str);
                versions.insert(name.to_owned(), version.unwrap_or(name).to_owned());
            }
        }
    }
    let compiled = mesh.compile(&Proxy::sidecar(namespace, [("app", "productpage"), ("version", "v1")]));
    let authority = format!("{component}.{namespace}.svc.cluster.local:{port}");
    let request = Request::get(&authority, "/");
    let mut scratch = Scratch::default();
    let findings = compiled.findings.iter().map(ToString::to_string).collect();
    let mut counted = Counted { findings, ..Counted::default() };
    for number in 0..REQUESTS {
        let draws = Draws::from_seed(seed.wrapping_add(number));
        let decision = compiled.table.select(&request, &draws, &mut scratch);
        let cluster = decision.cluster().and_then(|name| compiled.table.cluster(name));
        let serves =
            cluster.is_some_and(|cluster| cluster.endpoints.iter().any(|pod| pod.health == Health::Healthy));
        match versions.get(decision.subset()) {
            Some(version) if serves && decision.status().is_none() => {
                *counted.by_version.entry(version.clone()).or_default() += 1;
            }
            _ => counted.lost += 1,
        }
    }
    Ok(counted)
}
