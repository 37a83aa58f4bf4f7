//! The objects of a manifest, and what is found among them.

use pointsman_manifest::Value;
use pointsman_types::ObjectRef;

use crate::field::{Field, Notes};
use crate::{Imported, argo, flagger};

/// Imports every `Rollout` of Argo Rollouts and every `Canary` of Flagger among these objects, in their order. Templates and
/// workloads that they name are looked for among the same objects.
///
/// ```
/// use pointsman_import::import;
/// use pointsman_manifest::Value;
/// let service = Value::from_json(r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "reviews"}}"#)?;
/// assert!(import([&service]).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// O(fields + releases × objects).
pub fn import<'v>(objects: impl IntoIterator<Item = &'v Value>) -> Vec<Imported> {
    let objects = Objects { all: objects.into_iter().map(|value| (value.object_ref(), value)).collect() };
    let imported =
        objects.all.iter().filter_map(|(object, value)| match (object.group(), object.kind.as_str()) {
            ("argoproj.io", "Rollout") => Some(argo::import(object, value, &objects)),
            ("flagger.app", "Canary") => Some(flagger::import(object, value, &objects)),
            _ => None,
        });
    imported.collect()
}

/// Objects by kind and name.
pub(crate) struct Objects<'v> {
    all: Vec<(ObjectRef, &'v Value)>,
}

impl<'v> Objects<'v> {
    /// The object of that kind and name: in the namespace, else in none; anywhere if it is not said where.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&'v Value> {
        let named = || self.all.iter().filter(|(object, _)| object.kind == kind && object.name == name);
        let in_namespace = |wanted: &str| named().find(|(object, _)| object.namespace == wanted);
        let anywhere = || named().next().filter(|_| namespace.is_empty());
        in_namespace(namespace).or_else(|| in_namespace("")).or_else(anywhere).map(|(_, value)| *value)
    }

    /// The replicas of the workload that a reference names.
    pub(crate) fn replicas_of(&self, reference: &Field<'_>, namespace: &str) -> Option<u32> {
        // The kind says which it is; the version of its form does not matter.
        reference.get("apiVersion").take();
        let kind = reference.get("kind").as_str()?;
        let workload = self.find(kind, namespace, reference.get("name").as_str()?)?;
        let replicas = Field::root(workload).at(&["spec", "replicas"]);
        Notes::on(ObjectRef::default()).count(&replicas).or(Some(1))
    }
}
