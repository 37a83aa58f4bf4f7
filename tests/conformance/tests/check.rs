//! Every suite of the corpora beside the repository against the lists of expected failures.

use std::io::Write;

use pointsman_conformance::{Corpora, check, default_corpora_dir, expected_failures_dir, failure_lines, run};

#[test]
fn the_corpora_agree_but_for_the_lists() {
    let corpora = Corpora::new(default_corpora_dir());
    if !corpora.exist() {
        // Written past the capture of the test harness, which would swallow it.
        let _ = writeln!(
            std::io::stderr(),
            "conformance: not run, there are no corpora at `{}`",
            corpora.root().display()
        );
        return;
    }
    let results = run(&corpora);
    let surprises: Vec<String> =
        check(&results, &expected_failures_dir()).iter().map(ToString::to_string).collect();
    assert!(surprises.is_empty(), "{}\n\n{}", surprises.join("\n"), failure_lines(&results));
}
