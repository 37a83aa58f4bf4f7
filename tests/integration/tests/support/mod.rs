//! A component with its files, and what the mesh makes of them.

use pointsman_render::{ManifestSet, Release};
use pointsman_rollout::Version;
use pointsman_route::{Mesh, Proxy, RoutingTable};
use pointsman_types::Profile;

/// A service on port 9080.
pub(crate) fn service(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: default}}\n\
         spec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 9080}}]}}\n---\n"
    )
}

/// A version of the reviews.
pub(crate) fn reviews(version: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: reviews-{version}, namespace: default}}\nspec:\n  \
         selector: {{matchLabels: {{app: reviews, version: {version}}}}}\n  template: {{metadata: {{labels: {{app: \
         reviews, version: {version}}}}}, spec: {{containers: [{{name: reviews, image: 'reviews:{version}'}}]}}}}\n---\n"
    )
}

/// The release of the reviews in these files; v2 and v3 can be made.
pub(crate) fn release<'f>(files: impl IntoIterator<Item = (&'f str, String)>) -> Release {
    let mut set = ManifestSet::new();
    for (path, text) in files {
        set.insert(path, text);
    }
    let release = Release::new(set, "default", "reviews");
    ["v2", "v3"].into_iter().fold(release, |release, version| {
        release.with_image(Version::from_static(version), format!("reviews:{version}"))
    })
}

/// What the product page's sidecar makes of the files of a release.
pub(crate) fn table(release: &Release) -> RoutingTable {
    let mut mesh = Mesh::new(Profile::MEASURED);
    for object in release.manifests().objects().expect("can be read") {
        mesh.apply(&object.value).expect("can be applied");
    }
    mesh.compile(&Proxy::sidecar("default", [("app", "productpage")])).table
}
