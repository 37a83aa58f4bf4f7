//! What the steps can see of doubled errors, at somebody's traffic.

use std::error::Error;

use pointsman_judge::power::{Target, Traffic};
use pointsman_judge::sequential::Risk;
use pointsman_rollout::Plan;
use pointsman_rollout::power::Study;

/// `20/s`, or `20/s,2%` with the share of errors that there are anyway.
pub(crate) fn traffic(text: &str) -> Result<Traffic, String> {
    let wrong = || format!("`{text}` is no traffic such as `20/s` or `20/s,2%`");
    let (rate, errors) = text.split_once(',').unwrap_or((text, "1%"));
    let number =
        |text: &str, unit| text.strip_suffix(unit).and_then(|number| number.trim().parse::<f64>().ok());
    let (rate, percent) = number(rate, "/s").zip(number(errors, "%")).ok_or_else(wrong)?;
    Traffic::new(rate, percent / 100.0).map_err(|error| error.to_string())
}

pub(crate) fn tell(plan: &Plan, traffic: Traffic) -> Result<(), Box<dyn Error>> {
    let study = Study::new(traffic, Target::new(2.0, Risk::FIVE_PERCENT, 0.9)?);
    let findings = study.review(plan);
    for finding in &findings {
        println!("{finding}");
    }
    match study.shortest(plan) {
        Ok(_) if findings.is_empty() => println!("every timed step sees a doubling of errors"),
        Ok(spec) => {
            let steps: Vec<String> = spec.build()?.steps().iter().map(ToString::to_string).collect();
            println!("the shortest plan that does: {}", steps.join("; "));
        }
        Err(error) => println!("no plan of these shares sees it: {error}"),
    }
    println!();
    Ok(())
}
