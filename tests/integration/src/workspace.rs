//! The workspace as cargo sees it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// One package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// `pointsman-types`
    pub name: String,
    /// The folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// What it declares, of any kind and for any feature.
    pub dependencies: Vec<Dependency>,
}

/// One declared dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// `normal`, `build` or `dev`.
    pub kind: String,
    /// The version requirement; `*` for one that has a path only.
    pub requirement: String,
}

/// The folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// The packages under `crates/`, sorted by name.
///
/// # Panics
/// When `cargo metadata` does not answer.
#[must_use]
pub fn library_crates() -> Vec<Package> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_str(&text).unwrap_or_default();
    let crates = root().join("crates");
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten().map(package);
    let mut found: Vec<Package> = packages.filter(|package| package.folder.starts_with(&crates)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "cargo names no package under `{}`", crates.display());
    found
}

/// The names of all packages that a package builds with by default, itself included: normal and build edges, any depth.
#[must_use]
pub fn resolved_dependencies(package: &str) -> Vec<String> {
    let tree =
        ["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--package"];
    let text = cargo(&[&tree[..], &[package]].concat());
    let mut names: Vec<String> =
        text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn package(value: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = PathBuf::from(text(&value["manifest_path"]));
    let dependencies = value["dependencies"].as_array().into_iter().flatten().map(|dependency| Dependency {
        name: text(&dependency["name"]),
        kind: dependency["kind"].as_str().unwrap_or("normal").to_owned(),
        requirement: text(&dependency["req"]),
    });
    Package {
        name: text(&value["name"]),
        folder: manifest.parent().map(Path::to_path_buf).unwrap_or_default(),
        dependencies: dependencies.collect(),
    }
}

#[expect(clippy::panic, reason = "a test has nothing to say when cargo does not answer")]
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(arguments).current_dir(root()).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => panic!("cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("cargo {arguments:?}: {error}"),
    }
}
