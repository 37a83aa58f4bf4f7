//! What is wrong with an application.

use std::collections::BTreeSet;

use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, host};

use super::{Application, Component, ImageRef, InvalidImage, Probe, TrafficPolicy};
use crate::object::api_version;

/// A name that is not a DNS label.
pub const BAD_NAME: Code = Code::from_static("PA0001");
/// Two components or versions of one name.
pub const NAME_TWICE: Code = Code::from_static("PA0002");
/// A port outside 1 to 65535.
pub const BAD_PORT: Code = Code::from_static("PA0003");
/// An image that is empty or none.
pub const EMPTY_IMAGE: Code = Code::from_static("PA0004");
/// External access to a component that does not exist.
pub const UNKNOWN_COMPONENT: Code = Code::from_static("PA0005");
/// A list that needs an entry.
pub const NOTHING_THERE: Code = Code::from_static("PA0006");
/// A number or duration outside its range.
pub const BAD_NUMBER: Code = Code::from_static("PA0007");

struct Check {
    object: ObjectRef,
    findings: Vec<Diagnostic>,
}

impl Application {
    /// Everything that is wrong with it; empty where it can be rendered.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        let object = ObjectRef::new(api_version::<Self>(), "Application", &self.namespace, &self.name);
        let mut check = Check { object, findings: Vec::new() };
        let root = FieldPath::root().field("spec");
        check.label(&self.name, root.clone().field("name"), "the name of the application");
        if !self.namespace.is_empty() {
            check.label(&self.namespace, root.clone().field("namespace"), "the namespace");
        }
        if self.components.is_empty() {
            let finding = Diagnostic::error(NOTHING_THERE, "the application has no components");
            check.add(root.clone().field("components"), finding.with_help("add at least one component"));
        }
        let mut seen = BTreeSet::new();
        for (position, component) in self.components.iter().enumerate() {
            let path = root.clone().field("components").index(position);
            if !seen.insert(component.name.as_str()) {
                let message = format!("there are two components of the name `{}`", component.name);
                let finding =
                    Diagnostic::error(NAME_TWICE, message).with_help("give one of them another name");
                check.add(path.clone().field("name"), finding);
            }
            check.component(component, &path);
        }
        self.check_access(&mut check, &root.field("externalAccess"));
        check.findings
    }

    fn check_access(&self, check: &mut Check, path: &FieldPath) {
        let Some(access) = &self.external_access else { return };
        if self.component(&access.component).is_none() {
            let message =
                format!("external access goes to `{}`, and there is no such component", access.component);
            let names: Vec<_> = self.components.iter().map(|component| component.name.as_str()).collect();
            let help = format!("name one of: {}", names.join(", "));
            check.add(
                path.clone().field("component"),
                Diagnostic::error(UNKNOWN_COMPONENT, message).with_help(help),
            );
        }
        if access.port > 65_535 {
            check.port(access.port, path.clone().field("port"));
        }
        for (position, text) in access.hosts.iter().enumerate() {
            if text != "*" && host::check_wildcard_host(text).is_err() {
                let finding = Diagnostic::error(BAD_NAME, format!("`{text}` is not a host name"));
                check.add(path.clone().field("hosts").index(position), finding);
            }
        }
    }
}

impl Check {
    fn add(&mut self, path: FieldPath, finding: Diagnostic) {
        self.findings.push(finding.on(self.object.clone()).at(path));
    }

    fn label(&mut self, name: &str, path: FieldPath, what: &str) {
        let lower =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !lower || !host::is_dns_label(name) {
            let finding = Diagnostic::error(BAD_NAME, format!("{what} `{name}` is not a DNS label"));
            self.add(
                path,
                finding.with_help(
                    "use 1 to 63 lower-case letters, digits and `-`, with a letter or digit at both ends",
                ),
            );
        }
    }

    fn port(&mut self, port: u32, path: FieldPath) {
        if !(1..=65_535).contains(&port) {
            let finding = Diagnostic::error(BAD_PORT, format!("`{port}` is not a port"));
            self.add(path, finding.with_help("use a number from 1 to 65535"));
        }
    }

    fn component(&mut self, component: &Component, path: &FieldPath) {
        self.label(&component.name, path.clone().field("name"), "the name of the component");
        self.port(component.container_port, path.clone().field("containerPort"));
        if component.mesh_port != 0 {
            self.port(component.mesh_port, path.clone().field("meshPort"));
        }
        if component.versions.is_empty() {
            let finding =
                Diagnostic::error(NOTHING_THERE, format!("component `{}` has no version", component.name));
            self.add(path.clone().field("versions"), finding.with_help("add a version with its image"));
        }
        let mut seen = BTreeSet::new();
        for (position, version) in component.versions.iter().enumerate() {
            let path = path.clone().field("versions").index(position);
            self.label(&version.name, path.clone().field("name"), "the name of the version");
            if !seen.insert(version.name.as_str()) {
                let message =
                    format!("component `{}` has two versions of the name `{}`", component.name, version.name);
                self.add(path.clone().field("name"), Diagnostic::error(NAME_TWICE, message));
            }
            if let Err(error) = ImageRef::parse(&version.container.image) {
                let message = match error {
                    InvalidImage::Empty => format!(
                        "version `{}` of component `{}` has an empty image",
                        version.name, component.name
                    ),
                    malformed => malformed.to_string(),
                };
                let finding = Diagnostic::error(EMPTY_IMAGE, message)
                    .with_help("write an image with its tag, such as `example/reviews:1.5.0`");
                self.add(path.field("container").field("image"), finding);
            }
        }
        let probes = [
            ("startupProbe", &component.startup_probe),
            ("livenessProbe", &component.liveness_probe),
            ("readinessProbe", &component.readiness_probe),
        ];
        for (name, probe) in probes {
            if let Some(probe) = probe {
                self.probe(probe, &path.clone().field(name));
            }
        }
        if let Some(policy) = &component.traffic_policy {
            self.policy(policy, &path.clone().field("trafficPolicy"));
        }
    }

    fn probe(&mut self, probe: &Probe, path: &FieldPath) {
        if probe.target.is_none() {
            let finding = Diagnostic::error(NOTHING_THERE, "the probe does nothing");
            self.add(path.clone(), finding.with_help("set `path`, `command` or `connect`"));
        }
        if probe.port > 65_535 {
            self.port(probe.port, path.clone().field("port"));
        }
    }

    fn policy(&mut self, policy: &TrafficPolicy, path: &FieldPath) {
        let percent = policy.circuit_breaker.as_ref().and_then(|breaker| breaker.max_ejection_percent);
        if let Some(percent) = percent.filter(|percent| *percent > 100) {
            let finding = Diagnostic::error(BAD_NUMBER, format!("`{percent}` percent is more than all"));
            self.add(path.clone().field("circuitBreaker").field("maxEjectionPercent"), finding);
        }
        if let Some(limit) = &policy.rate_limit {
            if limit.requests == 0 {
                let finding =
                    Diagnostic::error(BAD_NUMBER, "a rate limit of `0` requests lets nothing through");
                self.add(path.clone().field("rateLimit").field("requests"), finding);
            }
            if limit.per.is_some_and(|per| per.millis() < 50) {
                let finding = Diagnostic::error(BAD_NUMBER, "the time of a rate limit is shorter than 50 ms");
                self.add(path.clone().field("rateLimit").field("per"), finding);
            }
        }
        let affinity = policy.affinity.as_ref();
        if affinity.is_some_and(|affinity| affinity.key.is_none()) {
            let finding =
                Diagnostic::error(NOTHING_THERE, "the affinity says by nothing what requests are told apart");
            self.add(
                path.clone().field("affinity"),
                finding.with_help("set `header`, `cookie`, `queryParameter` or `sourceIp`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ExternalAccess;

    fn codes(application: &Application) -> Vec<String> {
        let text = |finding: &Diagnostic| format!("{} {}", finding.code, finding.path);
        application.check().iter().map(text).collect()
    }

    #[test]
    fn each_mistake_is_found_at_its_place() {
        let component = Component::http("reviews", 9080).with_version("v1", "");
        let twice = vec![component.clone(), component.with_container_port(0_u32)];
        let access = ExternalAccess::new().with_component("productpage");
        let application =
            Application::new().with_name("Book Info").with_components(twice).with_external_access(access);
        assert_eq!(
            codes(&application),
            [
                "PA0001 spec.name",
                "PA0004 spec.components[0].versions[0].container.image",
                "PA0002 spec.components[1].name",
                "PA0003 spec.components[1].containerPort",
                "PA0004 spec.components[1].versions[0].container.image",
                "PA0005 spec.externalAccess.component",
            ]
        );
    }
}
