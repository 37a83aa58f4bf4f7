//! The arrows between crates are law, and some crates never come in.

use pointsman_integration::{Arrows, library_crates, resolved_dependencies, root};

/// What no library crate builds with, at any depth, with default features.
///
/// Async runtimes, sockets, TLS and HTTP stacks; sources of randomness and time; YAML crates that are abandoned or whose
/// types would leak; what wraps a tool of another language.
const BANNED: &[&str] = &[
    "ahash",
    "async-std",
    "chrono",
    "fastrand",
    "getrandom",
    "go-parse-duration",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "rand",
    "rand_core",
    "rayon",
    "reqwest",
    "ring",
    "rustls",
    "serde_yaml",
    "serde_yaml_ng",
    "serde_yml",
    "smol",
    "socket2",
    "time",
    "tokio",
    "ureq",
    "yaml-rust",
    "yaml-rust2",
];

fn allowed_arrows() -> Arrows {
    let document = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    Arrows::parse(&document).expect("its table of crates")
}

#[test]
fn every_arrow_is_in_the_table() {
    let arrows = allowed_arrows();
    let mut wrong = Vec::new();
    for package in library_crates() {
        if !arrows.names(&package.name) {
            wrong.push(format!("{} has no row", package.name));
        }
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind != "dev") {
            let inside = dependency.name == "pointsman" || dependency.name.starts_with("pointsman-");
            if inside && !arrows.allow(&package.name, &dependency.name) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "not in ARCHITECTURE.md: {wrong:#?}");
}

#[test]
fn no_banned_crate_is_built() {
    let mut found = Vec::new();
    for package in library_crates() {
        for name in resolved_dependencies(&package.name) {
            if BANNED.contains(&name.as_str()) {
                found.push(format!("{} builds with {name}", package.name));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_testing_crate_is_a_dev_dependency_by_path_only() {
    let mut wrong = Vec::new();
    for package in library_crates() {
        for dependency in &package.dependencies {
            let by_path_for_tests = dependency.kind == "dev" && dependency.requirement == "*";
            if dependency.name == "pointsman-testing" && package.name != "pointsman" && !by_path_for_tests {
                wrong.push(format!("{}: {} {}", package.name, dependency.kind, dependency.requirement));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
