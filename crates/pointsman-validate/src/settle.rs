//! Making paths those of the document.

use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, FieldPath, Segment};

/// Makes each path lead to something in the document, or to the missing field of something there, in the document's spelling:
/// a field may be written `retry_on` where the API says `retryOn`.
pub(crate) fn settle(findings: &mut [Diagnostic], document: &Value) {
    for finding in findings {
        if document.at(&finding.path).is_none() {
            finding.path = settled(&finding.path, document);
        }
    }
}

fn settled(path: &FieldPath, document: &Value) -> FieldPath {
    let mut found = FieldPath::root();
    let mut here = document;
    for segment in path.segments() {
        let next = match (segment, here) {
            (Segment::Field(name), Value::Map(fields)) => fields
                .get(name)
                .map(|value| (name.clone(), value))
                .or_else(|| {
                    let spelled = fields.iter().find(|(other, _)| spells(other, name));
                    spelled.map(|(other, value)| (other.to_owned(), value))
                })
                .map(|(name, value)| (Segment::Field(name), value)),
            (Segment::Index(position), Value::List(items)) => {
                items.get(*position).map(|value| (segment.clone(), value))
            }
            _ => None,
        };
        let Some((segment, value)) = next else {
            // Only a map can miss a field.
            if matches!((segment, here), (Segment::Field(_), Value::Map(_))) {
                found.push(segment.clone());
            }
            break;
        };
        found.push(segment);
        here = value;
    }
    found
}

/// Whether `retry_on` is a spelling of `retryOn`.
fn spells(written: &str, name: &str) -> bool {
    written.contains('_') && written.len() > name.len() && {
        let mut letters = name.chars().flat_map(|letter| {
            let snake = letter.is_ascii_uppercase().then_some('_');
            snake.into_iter().chain([letter.to_ascii_lowercase()])
        });
        written.chars().all(|letter| letters.next() == Some(letter)) && letters.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_at_the_first_missing_field() {
        let document = Value::from_json(r#"{"spec": {"http": [{"retries": {"retry_on": "x"}}], "a": 1}}"#)
            .expect("JSON");
        let settled_text = |path: &str| settled(&path.parse().expect(path), &document).to_string();
        assert_eq!(settled_text("spec.http[0].retries.retryOn"), "spec.http[0].retries.retry_on");
        assert_eq!(settled_text("spec.tls[0].match"), "spec.tls");
        assert_eq!(settled_text("spec.http[1].match"), "spec.http");
        assert_eq!(settled_text("spec.a.b.c"), "spec.a");
        assert_eq!(settled_text("metadata.name"), "metadata");
    }
}
