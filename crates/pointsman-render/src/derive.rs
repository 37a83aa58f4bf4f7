//! A version made from another one.

use pointsman_manifest::Value;
use pointsman_types::FieldPath;

/// A Deployment for version `to`, made from the one of version `from`: only its name, the version label and the image of its container change.
///
/// What the server wrote (status, uid, resource version, managed fields) is dropped. The image goes to the container named
/// like the component, or to the first one that is no sidecar; init containers stay as they are. It begins without pods: a rollout scales it.
///
/// ```
/// use pointsman_manifest::Value;
/// use pointsman_render::derive_version;
/// let stable = Value::from_json(r#"{"kind": "Deployment", "metadata": {"name": "reviews-v1"}, "spec": {
///     "selector": {"matchLabels": {"app": "reviews", "version": "v1"}},
///     "template": {"metadata": {"labels": {"app": "reviews", "version": "v1"}},
///         "spec": {"containers": [{"name": "reviews", "image": "reviews:1.5.0", "env": []}]}}}}"#)?;
/// let canary = derive_version(&stable, "reviews", "version", "v1", "v2", "reviews:1.5.0-v2");
/// let at = |path: &str| canary.at(&path.parse().unwrap()).unwrap().clone();
/// assert_eq!(at("metadata.name"), "reviews-v2".into());
/// assert_eq!(at("spec.selector.matchLabels.version"), "v2".into());
/// assert_eq!(at("spec.template.spec.containers[0].image"), "reviews:1.5.0-v2".into());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn derive_version(
    stable: &Value,
    component: &str,
    version_label: &str,
    from: &str,
    to: &str,
    image: &str,
) -> Value {
    let mut derived = stable.clone();
    if let Some(map) = derived.as_map_mut() {
        map.remove("status");
    }
    clean_metadata(&mut derived);
    let name = stable.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str);
    let name = derived_name(name.unwrap_or(component), from, to);
    set(&mut derived, "metadata", "name", name.into());
    for place in ["metadata.labels", "spec.selector.matchLabels", "spec.template.metadata.labels"] {
        let path: FieldPath = place.parse().unwrap_or_default();
        let labels = derived.at_mut(&path).and_then(Value::as_map_mut);
        if let Some(labels) =
            labels.filter(|labels| labels.contains(version_label) || !place.starts_with("metadata"))
        {
            labels.insert(version_label, to);
        }
    }
    let containers: FieldPath = "spec.template.spec.containers".parse().unwrap_or_default();
    let containers = derived.at_mut(&containers).and_then(Value::as_list_mut);
    if let Some(container) = containers.and_then(|containers| main_container(containers, component)) {
        container.set("image", image);
    }
    set(&mut derived, "spec", "replicas", 0.into());
    derived
}

fn set(value: &mut Value, parent: &str, name: &str, field: Value) {
    if let Some(parent) = value.get_mut(parent) {
        parent.set(name, field);
    }
}

fn clean_metadata(value: &mut Value) {
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_map_mut) else { return };
    for name in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"] {
        metadata.remove(name);
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_map_mut) {
        annotations.remove("deployment.kubernetes.io/revision");
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}

/// `reviews-v1` → `reviews-v2`; `reviews` → `reviews-v2`.
fn derived_name(name: &str, from: &str, to: &str) -> String {
    let lower = |version: &str| version.to_ascii_lowercase().replace(['.', '_'], "-");
    match name.strip_suffix(&lower(from)) {
        Some(stem) if stem.ends_with('-') => format!("{stem}{}", lower(to)),
        _ => format!("{name}-{}", lower(to)),
    }
}

fn main_container<'v>(containers: &'v mut [Value], component: &str) -> Option<&'v mut Value> {
    let name = |container: &Value| container.get("name").and_then(Value::as_str).map(str::to_owned);
    let named = containers.iter().position(|container| name(container).as_deref() == Some(component));
    let other = || containers.iter().position(|container| name(container).as_deref() != Some("istio-proxy"));
    let position = named.or_else(other)?;
    containers.get_mut(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_the_place_of_the_version_or_a_new_one() {
        assert_eq!(derived_name("reviews-v1", "v1", "v2"), "reviews-v2");
        assert_eq!(derived_name("reviews", "v1", "v2"), "reviews-v2");
        assert_eq!(derived_name("reviews-1-5-0", "1.5.0", "1.6.0"), "reviews-1-6-0");
    }

    #[test]
    fn what_the_server_wrote_is_dropped_and_everything_else_stays() {
        let stable = Value::from_json(
            r#"{"metadata": {"name": "a-v1", "uid": "x", "annotations": {"deployment.kubernetes.io/revision": "3"}},
                "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "a", "version": "v1"}}, "spec": {"unknown": [1],
                "containers": [{"name": "istio-proxy", "image": "p"}, {"name": "main", "image": "a:1"}]}}}, "status": {"replicas": 3}}"#,
        )
        .expect("JSON");
        let derived = derive_version(&stable, "a", "version", "v1", "v2", "a:2");
        let expected = Value::from_json(
            r#"{"metadata": {"name": "a-v2"}, "spec": {"replicas": 0, "template": {"metadata": {"labels": {"app": "a", "version": "v2"}},
                "spec": {"unknown": [1], "containers": [{"name": "istio-proxy", "image": "p"}, {"name": "main", "image": "a:2"}]}}}}"#,
        )
        .expect("JSON");
        assert_eq!(derived, expected);
    }
}
