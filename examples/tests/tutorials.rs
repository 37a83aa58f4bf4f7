//! Each tutorial prints what its header says.

use std::path::Path;
use std::process::Command;

use pointsman_examples::stated_output;

#[test]
fn each_tutorial_prints_what_its_header_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of the examples") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if !name.starts_with("tutorial_") {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a tutorial");
        let stated = stated_output(&source).unwrap_or_else(|| panic!("{name} states no output"));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["run", "--quiet", "--package", "pointsman-examples", "--example", &name])
            .current_dir(folder)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), stated, "{name}");
        seen += 1;
    }
    assert!(seen > 0, "no tutorial under {}", folder.display());
}
