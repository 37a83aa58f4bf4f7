//! Random meshes: manifests compiled for a sidecar or a gateway.

#![expect(clippy::indexing_slicing, reason = "a field of JSON that is not there answers null")]

mod objects;
mod policies;
mod requests;
mod routes;
mod rules;
mod words;

use super::interpreter::Client;
use super::{Case, CaseSource, Dice, Input, MeshInput};

/// Random meshes.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeshSource;

impl MeshSource {
    /// A fresh one.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl CaseSource for MeshSource {
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case {
        let client = client(dice);
        let documents = objects::documents(dice, &client);
        let input = Input::Mesh(MeshInput { documents, client });
        let (config, _) = input.compiled();
        let requests = (0..requests).map(|_| requests::request(dice, &config)).collect();
        Case { input, requests }
    }
}

fn client(dice: &mut Dice) -> Client {
    let is_gateway = dice.percent(40);
    let label = if is_gateway { ("istio", "ingress") } else { ("app", "client") };
    let mut labels = vec![(label.0.to_owned(), label.1.to_owned())];
    if dice.percent(50) {
        labels.push(("version".to_owned(), dice.text(&["v1", "v2"])));
    }
    Client {
        is_gateway,
        namespace: dice.text(&words::NAMESPACES),
        labels: labels.into_iter().collect(),
        port: *dice.one_of(&[80, 8080]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without an Envoy at hand: the compiled table against the interpreter.
    #[test]
    fn the_interpreter_agrees_with_the_compiled_table() {
        let (mut dice, mut source) = (Dice::new(7), MeshSource::new());
        let mut compared = 0;
        for _ in 0..300 {
            let case = source.case(&mut dice, 12);
            compared += super::super::interpreter::compare(&case);
        }
        assert!(compared > 2_000, "{compared}");
    }
}
