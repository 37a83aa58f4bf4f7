//! Workloads by the names that people call them.

use pointsman_api::Object;
use pointsman_api::core::Deployment;
use pointsman_types::Labels;

use crate::Mesh;

impl Mesh {
    /// The labels of a workload that is called so: of the pods of a Deployment of that name, of a Deployment whose pods have
    /// that `app` label, of what a Service of that name selects, or of a Pod with that `app` label. O(objects of the
    /// namespace).
    ///
    /// ```
    /// # use pointsman_manifest::Value;
    /// # use pointsman_route::Mesh;
    /// # let mut mesh = Mesh::new(pointsman_types::Profile::MEASURED);
    /// mesh.apply(&Value::from_json(r#"{"apiVersion": "v1", "kind": "Service",
    ///     "metadata": {"name": "shop", "namespace": "default"}, "spec": {"selector": {"app": "shop"}}}"#)?)?;
    /// assert_eq!(mesh.workload_labels("default", "shop").and_then(|labels| Some(labels.value("app")? == "shop")), Some(true));
    /// assert_eq!(mesh.workload_labels("default", "cart"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn workload_labels(&self, namespace: &str, name: &str) -> Option<Labels> {
        let key = (namespace.to_owned(), name.to_owned());
        let is_called = |labels: &Labels| labels.value("app") == Some(name);
        let here = |key: &(String, String)| key.0 == namespace;
        let mut of_deployments = self.store.deployments.iter().filter(|(key, _)| here(key));
        let mut of_pods = self.store.pods.iter().filter(|(key, _)| here(key));
        let selected = || {
            let service = self.store.services.get(&key)?;
            Some(Labels::from_iter(service.spec.selector.clone())).filter(|labels| !labels.is_empty())
        };
        self.store
            .deployments
            .get(&key)
            .and_then(|deployment| pod_labels(deployment))
            .or_else(|| of_deployments.find_map(|(_, one)| pod_labels(one).filter(is_called)))
            .or_else(selected)
            .or_else(|| {
                let labels = |(_, pod): (_, &std::sync::Arc<Object<_>>)| {
                    Labels::from_iter(pod.metadata.labels.clone())
                };
                of_pods.by_ref().map(labels).find(is_called)
            })
    }

    /// Namespaces in which [`workload_labels`](Self::workload_labels) finds a workload that is called so.
    #[must_use]
    pub fn namespaces_of_workload(&self, name: &str) -> Vec<&str> {
        let keys =
            self.store.deployments.keys().chain(self.store.services.keys()).chain(self.store.pods.keys());
        let mut namespaces: Vec<&str> = keys.map(|(namespace, _)| namespace.as_str()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        namespaces.retain(|namespace| self.workload_labels(namespace, name).is_some());
        namespaces
    }
}

fn pod_labels(deployment: &Object<Deployment>) -> Option<Labels> {
    let metadata = deployment.spec.template.as_ref()?.metadata.as_ref()?;
    Some(Labels::from_iter(metadata.labels.clone()))
}
