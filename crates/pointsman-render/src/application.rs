//! A whole application as manifests.

use pointsman_api::app::Application;
use pointsman_types::Diagnostic;

use crate::{ManifestSet, traffic, workloads};

/// The manifests of an application, in files by component.
///
/// Each component has a ServiceAccount, a Service over all its versions, a Deployment a version, a DestinationRule with a
/// subset a version, and a VirtualService that sends everything to the *first* version: a further version gets no traffic
/// before a rollout gives it some. With external access there is a Gateway and a VirtualService bound to it; with a rate
/// limit an EnvoyFilter. Names of files say the order in which people look for them, not the order of applying: for that see
/// [`stages_of`](crate::stages_of).
///
/// # Errors
///
/// All findings of [`Application::check`], where one is an error.
pub fn application(application: &Application) -> Result<ManifestSet, Vec<Diagnostic>> {
    let findings = application.check();
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings);
    }
    let mut set = ManifestSet::new();
    for component in &application.components {
        let file = |name: &str| format!("{}/{name}.yaml", component.name);
        set.insert_object(file("service-account"), &workloads::service_account(application, component));
        set.insert_object(file("service"), &workloads::service(application, component));
        for version in &component.versions {
            let deployment = workloads::deployment(application, component, version);
            set.insert_object(file(&format!("deployment-{}", version.name)), &deployment);
        }
        set.insert_object(file("destination-rule"), &traffic::destination_rule(application, component));
        set.insert_object(file("virtual-service"), &traffic::virtual_service(application, component));
        let limit = component.traffic_policy.as_ref().and_then(|policy| policy.rate_limit.as_ref());
        if let Some(limit) = limit {
            set.insert_object(file("rate-limit"), &traffic::rate_limit(application, component, limit));
        }
    }
    let access = application.external_access.as_ref();
    let exposed = access.and_then(|access| Some((access, application.component(&access.component)?)));
    if let Some((access, component)) = exposed {
        set.insert_object("gateway.yaml".into(), &traffic::gateway(application, access));
        let service = traffic::access_service(application, access, component);
        set.insert_object("external-access.yaml".into(), &service);
    }
    Ok(set)
}
