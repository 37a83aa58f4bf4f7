//! `try_rollout` tells what a release does, draws it, and says what is wrong with what it is given.

use std::path::PathBuf;
use std::process::{Command, Output};

const ROLLOUT: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: 'shop:1'}]}}
  strategy:
    canary:
      maxSurge: 1
      maxUnavailable: 0
      steps:
      - setWeight: 25
      - pause: {duration: 1m}
      - setWeight: 50
      - analysis: {templates: [{templateName: errors}]}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors}
spec: {metrics: [{name: errors, provider: {prometheus: {query: up}}, successCondition: 'result[0] > 0'}]}
";

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn run(arguments: &[&str]) -> Output {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--example", "try_rollout", "--"]).args(arguments);
    command.output().expect("runs")
}

#[test]
fn a_release_is_told_and_drawn() {
    let folder = folder("try-rollout");
    let (file, svg) = (folder.join("rollout.yaml"), folder.join("out.svg"));
    std::fs::write(&file, ROLLOUT).expect("written");
    let output = run(&[&file.to_string_lossy(), "--fail-at", "40%", "--svg", &svg.to_string_lossy()]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    // Without a route, too, the share at which it fails is known.
    assert!(told.contains("given up: v1 serves"), "{told}");
    assert!(told.contains("v2 had at most 50"), "{told}");
    let picture = std::fs::read_to_string(&svg).expect("drawn");
    for words in [
        "Release of shop",
        "given up: v1 serves",
        "by the numbers of ready pods",
        "v2, is released",
        ">50</text>",
    ] {
        assert!(picture.contains(words), "{words}");
    }
    assert_eq!(picture.matches("<text").count(), picture.matches("</text>").count());
}

#[test]
fn what_cannot_be_tried_is_said() {
    let folder = folder("try-rollout-wrong");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    };
    let other = write("other.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n");
    let broken = write("broken.yaml", "a: [1,\n b: {");
    for (file, words) in [
        (other.as_str(), "holds Deployment: to try is a `Rollout`"),
        (broken.as_str(), "unclosed bracket"),
        ("nowhere.yaml", "nowhere.yaml: "),
    ] {
        is_refused(&[file], words);
    }
    is_refused(&[other.as_str(), "--fail-at", "400%"], "`400%` is no weight");
}

fn is_refused(arguments: &[&str], words: &str) {
    let output = run(arguments);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.starts_with("error: ") && told.contains(words), "{told}");
}
