//! Tries someone's own release before it runs: an Argo `Rollout` or a Flagger `Canary` in a scripted or random world.
//!
//! ```text
//! cargo run --example try_rollout -- rollout.yaml [--fail-at 40%] [--seed 7] [--svg out.svg]
//! ```
//!
//! `--help` says what else there is.
//!
//! It prints the plan in words, what could not be carried over, and a table: time, what happened, weights, pods, and what
//! it waits for; and draws all of it over time.

mod options;
mod picture;
mod power;
mod svg;
mod table;
mod time_axis;

use std::error::Error;
use std::process::ExitCode;

use pointsman_import::{Imported, import};
use pointsman_manifest::{Manifest, Value};
use pointsman_rollout::rehearsal::{Rehearsal, rehearse};
use pointsman_rollout::{Plan, edit, explain};
use pointsman_types::Time;

use self::options::Options;

fn main() -> ExitCode {
    pointsman_examples::pipe::end_with_the_reader();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{}", options::HELP);
        return ExitCode::SUCCESS;
    }
    match tried(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn tried(arguments: Vec<String>) -> Result<(), Box<dyn Error>> {
    let options = Options::read(arguments)?;
    let imported = read(&options.file)?;
    let several = imported.len() > 1;
    for (index, one) in imported.iter().enumerate() {
        println!("# {}\n", one.object());
        for finding in one.findings() {
            println!("{finding}");
        }
        let Some(plan) = one.plan() else {
            println!("\nno plan: the errors above stand against it\n");
            continue;
        };
        println!("\n{}", explain(plan));
        if let Some(traffic) = options.traffic {
            power::tell(plan, traffic)?;
        }
        let rehearsal = rehearse(plan, &options.script);
        print!("{}", table::of(&rehearsal));
        println!("\n{}\n", ending(&rehearsal));
        if let Some((file, at)) = &options.edit {
            let mut script = options.script.clone();
            script.horizon = *at;
            tell_edit(plan, &rehearse(plan, &script), &read(file)?, Time::EPOCH.plus(*at))?;
        }
        let path = options.picture(several.then_some(index));
        let picture = picture::draw(plan, &rehearsal, &ending(&rehearsal));
        std::fs::write(&path, picture).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("drawn in {}\n", path.display());
    }
    Ok(())
}

fn read(file: &str) -> Result<Vec<Imported>, Box<dyn Error>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let manifest = Manifest::parse_named(file, &text)?;
    let objects: Vec<&Value> = manifest.objects().map(|object| object.value()).collect();
    let imported = import(objects);
    if imported.is_empty() {
        let mut kinds: Vec<String> = manifest.objects().map(|object| object.object_ref().kind).collect();
        kinds.retain(|kind| !kind.is_empty());
        let instead = if kinds.is_empty() { "no object at all".into() } else { kinds.join(", ") };
        return Err(format!(
            "{file} holds {instead}: to try is a `Rollout` of argoproj.io or a `Canary` of flagger.app"
        )
        .into());
    }
    Ok(imported)
}

fn ending(rehearsal: &Rehearsal) -> String {
    use pointsman_rollout::rehearsal::Ending;
    let how = match rehearsal.ending() {
        Ending::Promoted => "v2 serves",
        Ending::Aborted => "given up: v1 serves",
        Ending::Unchanged => "v1 serves as before",
        Ending::Waiting => "it waits for something that does not come",
        Ending::Unfinished => "it was still going on",
    };
    let lasted = table::rounded(rehearsal.lasted());
    match rehearsal.ending() {
        Ending::Promoted => format!("{how}, after {lasted}"),
        _ => format!("{how}, after {lasted}; v2 had at most {}", rehearsal.greatest_weight()),
    }
}

fn tell_edit(
    plan: &Plan,
    half_way: &Rehearsal,
    others: &[Imported],
    now: Time,
) -> Result<(), Box<dyn Error>> {
    let same =
        others.iter().find_map(|other| other.plan().filter(|p| p.spec().component == plan.spec().component));
    let Some(after) = same else {
        return Err(format!("the other manifest holds no plan for `{}`", plan.spec().component).into());
    };
    let edit = edit(plan, half_way.status(), after, now)?;
    println!("an edit after {}, in state {}:", now.since(Time::EPOCH), half_way.status().state().name());
    for difference in &edit.differences {
        println!("- {difference}");
    }
    match edit.begins_again {
        Some(index) => println!("- the update was at step {} and begins again at the first", index + 1),
        None => println!("- nothing is reset"),
    }
    // Without a route the shares are those of pods, which an edit moves later.
    if plan.bounds(1).is_none() && after.bounds(1).is_none() {
        println!("- v2 had {} and has {} right afterwards", edit.weight.0, edit.weight.1);
    }
    println!();
    Ok(())
}
