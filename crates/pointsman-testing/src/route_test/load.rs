//! Manifests into a mesh.

use std::collections::BTreeMap;

use pointsman_manifest::{Manifest, Value};
use pointsman_render::ManifestSet;
use pointsman_route::{Change, Mesh, MeshSettings};
use pointsman_types::{Diagnostic, Labels, ObjectRef, Profile, Span};

use super::problem::{NO_NAME, NO_WORKLOAD, NOT_READ, OBJECT_TWICE, Problem};
use super::source::unknown_workload;

/// Puts manifests into a [`Mesh`], and says what is wrong with them: files that cannot be read, fields and kinds that nobody
/// knows, objects without a name, and objects that are there twice, of which the later one counts.
///
/// ```
/// use pointsman_render::ManifestSet;
/// use pointsman_testing::route_test::MeshLoader;
///
/// let mut set = ManifestSet::new();
/// set.insert("a.yaml", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 80}]}}");
/// set.insert("b.yaml", "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{port: 81}]}}");
/// let mut loader = MeshLoader::new("default", Default::default());
/// loader.add_files(&set);
/// assert_eq!(
///     loader.notes()[0].to_string(),
///     "b.yaml:1:1: Service default/shop is there 2 times: this one counts, not a.yaml:1",
/// );
/// assert!(loader.errors().is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct MeshLoader {
    mesh: Mesh,
    namespace: String,
    /// Where each object stands; the last counts.
    places: BTreeMap<ObjectRef, Vec<(String, Option<Span>)>>,
    errors: Vec<Problem>,
    notes: Vec<Problem>,
}

impl MeshLoader {
    /// An empty mesh; objects that name no namespace are in the given one.
    pub fn new(namespace: impl Into<String>, settings: MeshSettings) -> Self {
        Self {
            mesh: Mesh::new(Profile::MEASURED).with_settings(settings),
            namespace: namespace.into(),
            places: BTreeMap::new(),
            errors: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds all objects of all files. Kinds that do not decide where requests go are passed over; of those that may, but are
    /// not read, there is a note.
    pub fn add_files(&mut self, files: &ManifestSet) {
        for (file, text) in files.iter() {
            let manifest = match Manifest::parse_named(file, text) {
                Ok(manifest) => manifest,
                Err(error) => {
                    self.errors.push(Problem::unreadable(file, &error));
                    continue;
                }
            };
            for object in manifest.objects() {
                let found = self.add(file, object.value(), object.span(&pointsman_types::FieldPath::root()));
                for mut problem in found {
                    if problem.finding.span.is_none() {
                        object.locate(std::slice::from_mut(&mut problem.finding));
                    }
                    self.keep(problem);
                }
            }
        }
    }

    /// Adds one object that stands at a place of a file.
    pub fn add_object(&mut self, file: &str, object: &Value, span: Option<Span>) {
        for mut problem in self.add(file, object, span) {
            problem.finding.span = problem.finding.span.or(span);
            self.keep(problem);
        }
    }

    fn keep(&mut self, problem: Problem) {
        if problem.finding.is_error() { self.errors.push(problem) } else { self.notes.push(problem) }
    }

    fn add(&mut self, file: &str, object: &Value, span: Option<Span>) -> Vec<Problem> {
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata")
            && metadata.get("namespace").is_none()
        {
            metadata.set("namespace", self.namespace.as_str());
        }
        let problem = |finding: Diagnostic| Problem::new(file, finding);
        let applied = match self.mesh.apply(&object) {
            Ok(applied) => applied,
            Err(refused) => return refused.findings.into_iter().map(problem).collect(),
        };
        let mut findings = applied.findings;
        if applied.change == Change::Ignored {
            findings.extend(not_read(&applied.object));
        } else if applied.object.name.is_empty() {
            let message = format!("this {} has no `metadata.name`", applied.object.kind);
            findings.push(Diagnostic::error(NO_NAME, message));
        } else {
            // Versions of an API are views of one object.
            let group = applied.object.group().to_owned();
            let object = ObjectRef { api_version: group, ..applied.object };
            self.places.entry(object).or_default().push((file.to_owned(), span));
        }
        findings.into_iter().map(problem).collect()
    }

    /// What cannot be read: without it the mesh is not what was meant.
    #[must_use]
    pub fn errors(&self) -> &[Problem] {
        &self.errors
    }

    /// What is odd: fields that nobody knows, objects that are not read though they may decide where requests go, and objects
    /// that are there more than once, of which the last counts.
    #[must_use]
    pub fn notes(&self) -> Vec<Problem> {
        let again = self.places.iter().filter_map(|(object, places)| {
            let ((file, span), before) = places.split_last().filter(|(_, before)| !before.is_empty())?;
            let line = |(file, span): &(String, Option<Span>)| match span {
                Some(span) => format!("{file}:{}", span.line),
                None => file.clone(),
            };
            let before: Vec<_> = before.iter().map(line).collect();
            let message = format!(
                "{object} is there {} times: this one counts, not {}",
                places.len(),
                before.join(", ")
            );
            let mut finding = Diagnostic::warning(OBJECT_TWICE, message);
            finding.span = *span;
            Some(Problem::new(file.as_str(), finding))
        });
        self.notes.iter().cloned().chain(again).collect()
    }

    /// The mesh as far as it could be read.
    pub const fn mesh(&mut self) -> &mut Mesh {
        &mut self.mesh
    }

    /// The labels of a workload that is called so: see [`Mesh::workload_labels`].
    ///
    /// # Errors
    ///
    /// Where there is none, with the namespaces that have one.
    pub fn labels_of(&self, namespace: &str, name: &str) -> Result<Labels, Box<Problem>> {
        let unknown =
            || Box::new(Problem::new("", unknown_workload(NO_WORKLOAD, &self.mesh, namespace, name)));
        self.mesh.workload_labels(namespace, name).ok_or_else(unknown)
    }
}

/// Kinds of the mesh that leave alone where requests go.
const HARMLESS: [&str; 6] =
    ["PeerAuthentication", "Telemetry", "WorkloadGroup", "ProxyConfig", "GatewayClass", "ReferenceGrant"];

/// What there is to say of an object that the mesh passes over.
fn not_read(object: &ObjectRef) -> Option<Diagnostic> {
    let (version, kind, group) = (&object.api_version, &object.kind, object.group());
    if version.is_empty() || kind.is_empty() {
        let message = "it is not read: an object says what it is in `apiVersion` and `kind`";
        return Some(Diagnostic::warning(NOT_READ, message));
    }
    let is_of_mesh = group.ends_with("istio.io") || group == "gateway.networking.k8s.io" || kind == "Ingress";
    (is_of_mesh && !HARMLESS.contains(&kind.as_str())).then(|| {
        let message =
            format!("{object} of `{version}` is not read: what it does to requests is not told here");
        Diagnostic::warning(NOT_READ, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_told() {
        let mut set = ManifestSet::new();
        set.insert(
            "a.yaml",
            "{apiVersion: networking.istio.io/v1, kind: VirtualServce, metadata: {name: a}}\n---\n\
             {apiVersion: networking.istio.io/v2, kind: VirtualService, metadata: {name: a}}\n---\n\
             {apiVersion: v1, Kind: Service, metadata: {name: a}}\n---\n\
             {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n\
             {apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a}}\n---\n\
             {apiVersion: networking.istio.io/v1, kind: VirtualService, spec: {hosts: [a]}}\n",
        );
        let mut loader = MeshLoader::new("default", MeshSettings::new());
        loader.add_files(&set);
        let words = |problems: &[Problem]| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            words(&loader.notes()),
            [
                "a.yaml:1:1: VirtualServce default/a of `networking.istio.io/v1` is not read: what it does to requests is not told here",
                "a.yaml:3:1: VirtualService default/a of `networking.istio.io/v2` is not read: what it does to requests is not told here",
                "a.yaml:5:1: it is not read: an object says what it is in `apiVersion` and `kind`",
            ]
        );
        assert_eq!(words(loader.errors()), ["a.yaml:11:1: this VirtualService has no `metadata.name`"]);
    }
}
