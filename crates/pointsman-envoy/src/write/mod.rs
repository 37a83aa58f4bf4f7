//! From the routing IR to Envoy configuration.

mod action;
mod cluster;
mod headers;
mod listener;
mod matcher;
mod policy;
mod route_config;

use pointsman_manifest::{Map, Value};

pub use cluster::{cluster, cluster_with_endpoints, load_assignment};
pub use listener::{listener, listeners};
pub use matcher::string_matcher;
pub use route_config::route_configuration;

/// A message being written: what is at its default is not.
#[derive(Debug, Default)]
struct Message(Map);

impl Message {
    fn new() -> Self {
        Self::default()
    }

    /// A message inside `Any`.
    fn of_type(name: &str) -> Self {
        Self::new().with("@type", format!("type.googleapis.com/{name}"))
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name, value);
        self
    }

    fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn text(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.with(name, value) }
    }

    fn texts(self, name: &str, values: &[String]) -> Self {
        self.list(name, values, |text| Value::from(text.as_str()))
    }

    fn flag(self, name: &str, value: Option<()>) -> Self {
        self.maybe(name, value.map(|()| true))
    }

    fn list<T>(self, name: &str, items: &[T], write: impl Fn(&T) -> Value) -> Self {
        if items.is_empty() { self } else { self.with(name, items.iter().map(write).collect::<Value>()) }
    }

    fn done(self) -> Value {
        Value::Map(self.0)
    }
}

/// The given thing where the condition holds.
fn when(condition: bool) -> Option<()> {
    condition.then_some(())
}

/// A message with one field.
fn only(name: &str, value: impl Into<Value>) -> Value {
    Message::new().with(name, value).done()
}
