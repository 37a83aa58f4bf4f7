//! Ports of services that are no port numbers.

use pointsman_api::Object;
use pointsman_api::core::{Service, TargetPort};
use pointsman_api::istio::networking::ServiceEntry;
use pointsman_types::{Diagnostic, FieldPath};

use crate::findings::BAD_SERVICE_PORT;
use crate::service::number_of;

const LEFT_OUT: &str = "the service is taken to be without this port: write the number that clients call";
const NOT_COUNTED: &str = "requests are taken to go to the endpoints' port of the number that clients call: write another one, or none";

/// The ports of a Service that it does not have because of their numbers, and those of its endpoints.
pub(crate) fn of_service(object: &Object<Service>) -> Vec<Diagnostic> {
    let mut checks = Checks { found: Vec::new(), object };
    for (position, port) in object.spec.ports.iter().enumerate() {
        checks.port("port", position, port.port.into());
        if let Some(TargetPort::Number(target)) = port.target_port {
            checks.target(position, target.into());
        }
    }
    checks.found
}

/// As [`of_service`], of a ServiceEntry.
pub(crate) fn of_service_entry(object: &Object<ServiceEntry>) -> Vec<Diagnostic> {
    let mut checks = Checks { found: Vec::new(), object };
    for (position, port) in object.spec.ports.iter().enumerate() {
        checks.port("number", position, port.number.into());
        checks.target(position, port.target_port.into());
    }
    checks.found
}

struct Checks<'a, T> {
    found: Vec<Diagnostic>,
    object: &'a Object<T>,
}

impl<T: pointsman_api::Kind> Checks<'_, T> {
    fn port(&mut self, field: &str, position: usize, number: i64) {
        self.check(field, position, number, LEFT_OUT);
    }

    /// 0 is that of the clients, as where none is written.
    fn target(&mut self, position: usize, number: i64) {
        if number != 0 {
            self.check("targetPort", position, number, NOT_COUNTED);
        }
    }

    fn check(&mut self, field: &str, position: usize, number: i64, help: &str) {
        if number_of(number).is_some() {
            return;
        }
        let path = FieldPath::root().field("spec").field("ports").index(position).field(field);
        let message = format!("port `{number}` is not between 1 and 65535");
        let finding = Diagnostic::error(BAD_SERVICE_PORT, message).on(self.object.object_ref()).at(path);
        self.found.push(finding.with_help(help));
    }
}
