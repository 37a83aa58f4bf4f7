//! A configuration with one request, as a tree from which parts can be taken.

use pointsman_envoy::{read_route_configuration, route_configuration};
use serde_json::{Value, json};

use super::case::manifest;
use super::{AskedRequest, Input, MeshInput};

/// A configuration with the one request that shows something.
#[derive(Debug, Clone)]
pub(super) struct Specimen {
    pub(super) input: Input,
    pub(super) request: AskedRequest,
}

/// A place in a tree, from the outside in.
pub(super) type Place = Vec<Key>;

/// One step into a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Item(usize),
    Field(String),
}

/// Fields without which an object is none, or is another one.
const KEPT: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "namespace"];
/// Fields without which a request is none.
const KEPT_OF_REQUEST: [&str; 4] = ["method", "authority", "path", "random"];

impl Specimen {
    /// As a tree: the configuration, and the request with its query taken apart.
    pub(super) fn tree(&self) -> Value {
        let configuration = match &self.input {
            Input::Mesh(mesh) => Value::Array(mesh.documents.clone()),
            // As Envoy's configuration, where what is at its default is not written.
            Input::Table(config) => serde_json::to_value(route_configuration(config)).unwrap_or_default(),
        };
        let request = &self.request;
        let path = latin(&request.path);
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path.to_owned(), query.split('&').map(Value::from).collect()),
            None => (path, Vec::new()),
        };
        let headers: Vec<Value> =
            request.headers.iter().map(|(name, value)| json!([name, latin(value)])).collect();
        json!({"configuration": configuration, "request": {
            "method": request.method, "authority": request.authority, "path": path, "query": query,
            "headers": headers, "random": request.random, "source": request.source}})
    }

    /// The same kind of specimen from another tree; `None` where the tree is none.
    pub(super) fn with_tree(&self, tree: &Value) -> Option<Self> {
        let input = match &self.input {
            Input::Mesh(mesh) => Input::Mesh(MeshInput {
                documents: tree["configuration"].as_array()?.clone(),
                client: mesh.client.clone(),
            }),
            Input::Table(_) => {
                let (config, findings) = read_route_configuration(&manifest(&tree["configuration"]));
                findings.is_empty().then(|| Input::Table(Box::new(config)))?
            }
        };
        let request = &tree["request"];
        let text = |name: &str| Some(request[name].as_str()?.to_owned());
        let mut path = text("path")?;
        let query = request["query"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !query.is_empty() {
            let parts: Vec<_> = query.iter().filter_map(Value::as_str).collect();
            path = format!("{path}?{}", parts.join("&"));
        }
        let headers = request["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pair = |header: &Value| Some((header[0].as_str()?.to_owned(), bytes(header[1].as_str()?)));
        Some(Self {
            input,
            request: AskedRequest {
                method: text("method")?,
                authority: text("authority")?,
                path: bytes(&path),
                headers: headers.iter().map(pair).collect::<Option<_>>()?,
                random: request["random"].as_u64()?,
                source: u8::try_from(request["source"].as_u64().unwrap_or(0)).ok()?,
                endpoint: self.request.endpoint,
            },
        })
    }
}

/// Bytes as characters of the same numbers.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

/// Every place that can be taken out of a tree, the large ones first.
pub(super) fn places(tree: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    let mut level: Vec<(Place, &Value)> = vec![(Vec::new(), tree)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (place, value) in level {
            let inner = |key: Key| place.iter().cloned().chain([key]).collect::<Place>();
            match value {
                Value::Array(items) => {
                    for (position, item) in items.iter().enumerate() {
                        found.push(inner(Key::Item(position)));
                        next.push((inner(Key::Item(position)), item));
                    }
                }
                Value::Object(fields) => {
                    for (name, field) in fields {
                        // A name and a value belong together.
                        let kept: &[&str] = if place == [Key::Field("request".to_owned())] {
                            &KEPT_OF_REQUEST
                        } else {
                            &KEPT
                        };
                        if place.len() > 1 && !kept.contains(&name.as_str()) {
                            found.push(inner(Key::Field(name.clone())));
                        }
                        next.push((inner(Key::Field(name.clone())), field));
                    }
                }
                _ => {}
            }
        }
        level = next;
    }
    found
}

/// The tree without these places.
pub(super) fn without(tree: &Value, places: &[Place]) -> Value {
    let mut tree = tree.clone();
    let mut places: Vec<&Place> = places.iter().collect();
    // From behind, so that positions stay what they are; what lies inside something taken out is gone already.
    places.sort();
    for place in places.into_iter().rev() {
        take(&mut tree, place);
    }
    tree
}

fn take(tree: &mut Value, place: &[Key]) {
    match (tree, place) {
        (Value::Array(items), [Key::Item(position)]) if *position < items.len() => {
            items.remove(*position);
        }
        (Value::Object(fields), [Key::Field(name)]) => drop(fields.remove(name)),
        (Value::Array(items), [Key::Item(position), rest @ ..]) => {
            if let Some(item) = items.get_mut(*position) {
                take(item, rest);
            }
        }
        (Value::Object(fields), [Key::Field(name), rest @ ..]) => {
            if let Some(field) = fields.get_mut(name) {
                take(field, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::ir_source::IrSource;
    use super::super::{CaseSource, Dice};
    use super::*;

    #[test]
    fn most_parts_of_a_table_can_be_taken_out() {
        let (mut dice, mut source) = (Dice::new(3), IrSource::new());
        let (mut tried, mut made) = (0, 0);
        for _ in 0..8 {
            let case = source.case(&mut dice, 1);
            let request = case.requests.into_iter().next().expect("one");
            let specimen = Specimen { input: case.input, request };
            let tree = specimen.tree();
            let again = specimen.with_tree(&tree).expect("the same");
            assert_eq!(again.tree(), tree);
            for place in places(&tree) {
                tried += 1;
                made += usize::from(specimen.with_tree(&without(&tree, &[place])).is_some());
            }
        }
        assert!(made * 3 > tried * 2, "{made} of {tried}");
    }
}
