//! The folder of corpora and what is wanted of it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::SuiteResult;

/// The folder of corpora, and which suites are wanted.
#[derive(Debug, Clone)]
pub struct Corpora {
    root: PathBuf,
    prefixes: Vec<String>,
}

/// Where the corpora stand when nobody says: `$POINTSMAN_CORPORA`, else beside the workspace.
#[must_use]
pub fn default_corpora_dir() -> PathBuf {
    std::env::var_os("POINTSMAN_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"), PathBuf::from)
}

impl Corpora {
    /// All suites of a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), prefixes: Vec::new() }
    }

    /// Only suites whose name begins with one of these; all when there are none.
    #[must_use]
    pub fn with_prefixes(mut self, prefixes: Vec<String>) -> Self {
        self.prefixes = prefixes;
        self
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the folder is there.
    #[must_use]
    pub fn exist(&self) -> bool {
        self.root.is_dir()
    }

    /// Whether this suite is wanted.
    #[must_use]
    pub fn wants(&self, suite: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| suite.starts_with(prefix.as_str()))
    }

    /// Whether some suite whose name begins so may be wanted.
    #[must_use]
    pub fn may_want(&self, beginning: &str) -> bool {
        self.wants(beginning) || self.prefixes.iter().any(|prefix| prefix.starts_with(beginning))
    }

    /// A path in the folder; it may not be there.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The text of a file; none when it is not there or not UTF-8.
    #[must_use]
    pub fn text(&self, relative: &str) -> Option<String> {
        std::fs::read_to_string(self.path(relative)).ok()
    }

    /// The suite of one JSON file: none when the file is not there, a failing one when it is not JSON.
    pub fn suite_of(
        &self,
        name: &str,
        relative: &str,
        run: impl FnOnce(&Value) -> SuiteResult,
    ) -> Option<SuiteResult> {
        if !self.may_want(name) {
            return None;
        }
        let text = self.text(relative)?;
        Some(match serde_json::from_str(&text) {
            Ok(value) => run(&value),
            Err(error) => SuiteResult::unreadable(name, error),
        })
    }

    /// A suite `PREFIX/<file stem>` for each JSON file of a folder but `index.json`, in the order of their names.
    ///
    /// `run` gets the name of the suite, the stem of the file and its content.
    pub fn suites_of(
        &self,
        prefix: &str,
        folder: &str,
        run: impl Fn(&str, &str, &Value) -> Option<SuiteResult>,
    ) -> Vec<SuiteResult> {
        let mut stems: Vec<String> = self
            .files(folder, &["json"])
            .into_iter()
            .filter(|file| !file.contains('/'))
            .filter_map(|file| Some(file.strip_suffix(".json")?.to_owned()))
            .filter(|stem| stem != "index")
            .collect();
        stems.sort();
        let mut results = Vec::new();
        for stem in stems {
            let name = format!("{prefix}/{stem}");
            let result = self.suite_of(&name, &format!("{folder}/{stem}.json"), |value| {
                run(&name, &stem, value)
                    .unwrap_or_else(|| SuiteResult { name: name.clone(), cases: Vec::new() })
            });
            results.extend(result.filter(|result| !result.cases.is_empty()));
        }
        results
    }

    /// The files below a folder with one of these extensions, as paths relative to it with `/`, sorted.
    #[must_use]
    pub fn files(&self, folder: &str, extensions: &[&str]) -> Vec<String> {
        let base = self.path(folder);
        let mut found = Vec::new();
        let mut pending = vec![base.clone()];
        while let Some(dir) = pending.pop() {
            let Ok(entries) = std::fs::read_dir(&dir) else { continue };
            for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
                if path.is_dir() {
                    pending.push(path);
                } else if path.extension().is_some_and(|end| extensions.iter().any(|known| end == *known))
                    && let Ok(relative) = path.strip_prefix(&base)
                {
                    found.push(relative.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_choose_suites_and_the_modules_that_hold_them() {
        let corpora = Corpora::new("nowhere").with_prefixes(vec!["istio-validation/TestName".into()]);
        assert!(corpora.wants("istio-validation/TestNameMatches"));
        assert!(!corpora.wants("istio-validation"));
        assert!(corpora.may_want("istio-validation"));
        assert!(!corpora.may_want("istio-routing"));
        assert!(corpora.files("x", &["json"]).is_empty());
    }
}
