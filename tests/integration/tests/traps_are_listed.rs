//! The list of traps names each thread's test, and each such test stands in it.

use std::collections::BTreeMap;
use std::path::Path;

use pointsman_integration::root;

const LIST: &str = "crates/pointsman-rollout/tests/traps/main.rs";

/// The threads of a text: `ar#695`.
fn threads(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '#');
    words.filter(|word| word.contains('#')).collect()
}

/// The tests of a file by name, with the threads that stand above them.
fn tests(file: &Path, into: &mut BTreeMap<String, Vec<String>>) {
    let text = std::fs::read_to_string(file).expect("a file of traps");
    let mut above = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            above.extend(threads(comment).into_iter().map(str::to_owned));
        } else if line == "#[test]" {
            is_test = true;
        } else if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
            if is_test {
                into.insert(name.to_owned(), above.clone());
            }
            (is_test, above) = (false, Vec::new());
        } else if !line.starts_with('#') {
            above.clear();
        }
    }
}

fn all_tests() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for name in ["analyses", "managed_routes", "replicas", "switching", "trying", "weights"] {
        tests(&root().join(format!("crates/pointsman-rollout/tests/traps/{name}.rs")), &mut found);
    }
    tests(&root().join("crates/pointsman-render/tests/traps/main.rs"), &mut found);
    tests(&root().join("crates/pointsman-import/tests/traps.rs"), &mut found);
    found
}

#[test]
fn each_thread_has_its_test_and_each_test_its_thread() {
    let list = std::fs::read_to_string(root().join(LIST)).expect("the list");
    let mut left = all_tests();
    left.retain(|_, threads| !threads.is_empty());
    let rows = list.lines().filter(|line| line.starts_with("//! | A"));
    let mut letters: Vec<&str> = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, letter, what, named, _] = cells.try_into().expect("a row has three cells");
        letters.push(letter);
        let mut tried: Vec<String> = Vec::new();
        for name in named.split('`').skip(1).step_by(2) {
            let name = name.rsplit("::").next().unwrap_or_default();
            let threads = left.remove(name);
            assert!(threads.is_some(), "`{name}` is no test of a thread, or listed twice");
            tried.extend(threads.into_iter().flatten());
        }
        for thread in threads(what) {
            assert!(tried.iter().any(|tried| tried == thread), "no test named in `{row}` is of {thread}");
        }
    }
    assert!(left.is_empty(), "not in the list: {left:?}");
    letters.dedup();
    assert_eq!(letters, ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]);
}
