//! What holds for the source of every library crate.

use pointsman_integration::{library_crates, library_sources, root};

/// What belongs to the caller: the clock, threads, files, sockets, the environment, the terminal.
const OF_THE_CALLER: &[&str] = &[
    "Instant",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "async fn",
    "eprintln!",
    "print!",
    "println!",
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::process",
    "std::thread",
    "thread_local!",
];

const LONGEST_LIB: usize = 150;

#[test]
fn no_library_crate_touches_what_belongs_to_the_caller() {
    let mut found = Vec::new();
    for source in library_sources() {
        let code = source.code();
        for word in OF_THE_CALLER.iter().filter(|word| holds_word(&code, word)) {
            found.push(format!("{}: {word}", source.path.display()));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_library_crate_forbids_unsafe_code_and_has_the_lints_of_the_workspace() {
    let mut wrong = Vec::new();
    for package in library_crates() {
        let lib = std::fs::read_to_string(package.folder.join("src/lib.rs")).unwrap_or_default();
        let manifest = std::fs::read_to_string(package.folder.join("Cargo.toml")).unwrap_or_default();
        if !lib.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!("{}: unsafe code is not forbidden", package.name));
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!("{}: the lints of the workspace are not on", package.name));
        }
        if lib.lines().count() > LONGEST_LIB {
            wrong.push(format!("{}: lib.rs has more than {LONGEST_LIB} lines", package.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_library_crate_carries_its_licences_and_a_readme() {
    let mut missing = Vec::new();
    for package in library_crates() {
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
            if !package.folder.join(file).exists() {
                missing.push(format!("{}: {file}", package.name));
            }
        }
    }
    assert!(missing.is_empty(), "missing under {}: {missing:#?}", root().display());
}

fn holds_word(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(start, _)| {
        let before = code.get(..start).and_then(|text| text.chars().next_back());
        let after = code.get(start + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn words_are_found_whole() {
    assert!(holds_word("let t = Instant::now();", "Instant"));
    assert!(!holds_word("let t = InstantaneousRate;", "Instant"));
    assert!(!holds_word("eprintln!()", "println!"));
}
