//! Somebody else's manifests, rendered for a sidecar and a gateway and judged as valid.

use std::path::Path;

use pointsman_manifest::Manifest;
use pointsman_route::{Mesh, Proxy};
use pointsman_types::Profile;

use super::run::Report;
use super::validate::Validation;

/// Adds what every sample file comes to; nothing where there are no samples.
///
/// # Errors
/// When Envoy cannot be started.
pub(super) fn validate(
    folder: &Path,
    validation: &mut Validation,
    report: &mut Report,
) -> Result<(), String> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let Ok(manifest) = Manifest::parse(&text) else { continue };
        let mut mesh = Mesh::new(Profile::MEASURED);
        for document in manifest.documents() {
            let mut object = document.value().clone();
            if let Some(pointsman_manifest::Value::Map(metadata)) = object.get_mut("metadata")
                && metadata.get("namespace").is_none()
            {
                metadata.insert("namespace", "default");
            }
            let _ = mesh.apply(&object);
        }
        let proxies = [
            Proxy::sidecar("default", [("app", "client")]),
            Proxy::gateway("istio-system", [("istio", "ingressgateway")]),
        ];
        for proxy in proxies {
            let table = mesh.compile(&proxy).table;
            validation.add_table(format!("# {} for {:?}", file.display(), proxy.role), table.config());
        }
        *report.validated.entry("sample files").or_insert(0) += 1;
    }
    validation.flush(report)
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}
