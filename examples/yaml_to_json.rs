//! All manifests of a folder as one JSON object: the documents of each file by its path.
//!
//! ```text
//! cargo run --example yaml_to_json -- FOLDER
//! ```

use std::path::Path;
use std::process::ExitCode;

use pointsman_manifest::{Manifest, Map, Value};

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: yaml_to_json FOLDER");
        return ExitCode::from(2);
    };
    let mut files = Map::new();
    match read(Path::new(&folder), Path::new(&folder), &mut files) {
        Ok(()) => {
            println!("{}", Value::Map(files).to_json());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn read(root: &Path, folder: &Path, files: &mut Map) -> Result<(), Box<dyn std::error::Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.strip_prefix(root)?.display().to_string();
            let manifest = Manifest::parse_named(&name, &std::fs::read_to_string(&path)?)?;
            let documents: Value =
                manifest.documents().iter().map(|document| document.value().clone()).collect();
            files.insert(name, documents);
        }
    }
    Ok(())
}
