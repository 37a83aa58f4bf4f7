//! Objects that passed.

use pointsman_api::Object;
use pointsman_manifest::Value;
use pointsman_types::Diagnostic;

use crate::kinds::Judged;

/// An object about which no rule finds an error.
///
/// Shape: there is no way to make one but through the rules, and none to change it: take the object out, change it, and judge it
/// again. Warnings travel with it.
///
/// ```
/// use pointsman_api::{Object, istio::networking::*};
/// use pointsman_validate::Validated;
///
/// let route = HTTPRouteDestination::new().with_destination(Destination::new().with_host("reviews"));
/// let service = VirtualService::new()
///     .with_hosts(vec!["reviews".to_owned()])
///     .with_http(vec![HTTPRoute::new().with_route(vec![route])]);
/// let valid = Validated::new(Object::new("default", "reviews", service))?;
/// assert!(valid.warnings().is_empty());
/// assert_eq!(valid.object().spec.hosts, ["reviews"]);
/// # Ok::<(), Vec<pointsman_types::Diagnostic>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Validated<T> {
    object: Object<T>,
    warnings: Vec<Diagnostic>,
}

impl<T: Judged> Validated<T> {
    /// Judges an object.
    ///
    /// # Errors
    /// All findings, where one is an error.
    pub fn new(object: Object<T>) -> Result<Self, Vec<Diagnostic>> {
        let findings = T::findings(&object);
        Self::of(object, findings)
    }

    /// Reads and judges a document.
    ///
    /// # Errors
    /// All findings, where one is an error.
    pub fn from_value(document: &Value) -> Result<Self, Vec<Diagnostic>> {
        let (object, mut findings) = crate::validator::read_and_judge::<T>(document);
        crate::settle::settle(&mut findings, document);
        Diagnostic::sort(&mut findings);
        Self::of(object, findings)
    }

    fn of(object: Object<T>, findings: Vec<Diagnostic>) -> Result<Self, Vec<Diagnostic>> {
        if findings.iter().any(Diagnostic::is_error) {
            return Err(findings);
        }
        Ok(Self { object, warnings: findings })
    }

    /// The object.
    #[must_use]
    pub const fn object(&self) -> &Object<T> {
        &self.object
    }

    /// Warnings and remarks about it.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The object, to be changed.
    #[must_use]
    pub fn into_object(self) -> Object<T> {
        self.object
    }
}
