//! Which crate may depend on which, as ARCHITECTURE.md says.

use std::collections::{BTreeMap, BTreeSet};

const HEADING: &str = "## Crates and arrows";

/// The arrows that a table allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrows(BTreeMap<String, BTreeSet<String>>);

/// The document has no such heading, or no table beneath it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingTable;

impl std::fmt::Display for MissingTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no table of crates beneath `{HEADING}`")
    }
}

impl std::error::Error for MissingTable {}

impl Arrows {
    /// Reads the table beneath the heading: the crate stands in the first column, what it depends on in the last.
    ///
    /// Crates are named in full or without `pointsman-`; `all above` are the crates of the rows above.
    ///
    /// # Errors
    /// When there is no such table.
    pub fn parse(document: &str) -> Result<Self, MissingTable> {
        let (_, section) = document.split_once(HEADING).ok_or(MissingTable)?;
        let section = section.split("\n## ").next().unwrap_or_default();
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in section.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (Some(first), Some(last)) = (cells.first(), cells.last()) else { continue };
            let above = arrows.keys().cloned().collect();
            let allowed = if *last == "all above" { above } else { last.split(',').map(full_name).collect() };
            arrows.insert(full_name(first), allowed);
        }
        if arrows.is_empty() { Err(MissingTable) } else { Ok(Self(arrows)) }
    }

    /// Whether a row is there for this crate.
    #[must_use]
    pub fn names(&self, from: &str) -> bool {
        self.0.contains_key(from)
    }

    /// Whether the table has this arrow.
    #[must_use]
    pub fn allow(&self, from: &str, to: &str) -> bool {
        self.0.get(from).is_some_and(|allowed| allowed.contains(to))
    }
}

fn full_name(cell: &str) -> String {
    let name = cell.trim().trim_matches('`');
    if name.starts_with("pointsman") { name.to_owned() } else { format!("pointsman-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_table_says_is_allowed() {
        let document = "# A\n\n## Crates and arrows\n\n| crate | depends on |\n|---|---|\n| `pointsman-a` | – |\n\
                        | `pointsman-b` | a |\n| `pointsman` | all above |\n\n## Else\n| `pointsman-c` | b |\n";
        let arrows = Arrows::parse(document).expect("a table");
        assert!(arrows.allow("pointsman-b", "pointsman-a"));
        assert!(arrows.allow("pointsman", "pointsman-b"));
        assert!(!arrows.allow("pointsman-a", "pointsman-b"));
        assert!(!arrows.names("pointsman-c"));
        assert_eq!(Arrows::parse("# A\n"), Err(MissingTable));
    }
}
