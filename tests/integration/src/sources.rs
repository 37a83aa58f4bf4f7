//! The source files of the library crates.

use std::path::{Path, PathBuf};

use crate::{library_crates, root};

/// One source file of a library crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The text above the unit tests, which stand at the bottom, without comments.
    #[must_use]
    pub fn code(&self) -> String {
        let end = self.text.find("\n#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        without_comments(self.text.get(..end).unwrap_or_default())
    }
}

/// Every `.rs` file under `crates/*/src`, sorted by path.
#[must_use]
pub fn library_sources() -> Vec<Source> {
    let root = root();
    let mut pending: Vec<PathBuf> =
        library_crates().iter().map(|package| package.folder.join("src")).collect();
    let mut found = Vec::new();
    while let Some(folder) = pending.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                found.push(Source { path: path.strip_prefix(&root).unwrap_or(&path).to_path_buf(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The lines of a text, but for those that hold a comment only.
#[must_use]
pub fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).map(|entry| entry.path()).collect()
}
