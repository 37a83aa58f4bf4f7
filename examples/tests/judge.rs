//! The example `judge` reads its own data and says what they hold.

use std::path::Path;
use std::process::Command;

#[test]
fn the_verdicts_on_the_sample_files_and_their_pictures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let svg = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "pointsman-examples", "--example", "judge", "--", "--svg"])
        .arg(svg)
        .args(["judge/data/counts.csv", "judge/data/latency.json"])
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("verdict     fail (since tick 40)"), "{text}");
    assert!(text.contains("verdict     fail: High"), "{text}");
    for name in ["counts.svg", "latency.svg"] {
        let picture = std::fs::read_to_string(svg.join(name)).expect("a picture");
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
        assert!(!picture.contains("NaN") && picture.matches("<path ").count() >= 2, "{picture}");
        assert_eq!(picture.contains("fail since tick 40"), name == "counts.svg");
    }
}
