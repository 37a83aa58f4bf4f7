//! Tutorial 3: is the canary good enough, and can one know in time?
//!
//! `cargo run --example tutorial_3_judge` prints
//!
//! ```text
//! steps[0]: at 5 % of 20 requests a second this step cannot see a doubling of errors in a minute: it sees a 14.6-fold rise and worse
//!   stay for 42m22s or give the canary more traffic
//! ask: sum(increase(istio_requests_total{reporter="destination",destination_workload="reviews-v2",destination_workload_namespace="default",response_code=~"5.."}[60s])) or vector(0)
//! told: 50 requests, 3 of them failed
//! minute 1: undecided: about 2364 more requests
//! minute 2: undecided: about 1337 more requests
//! minute 3: undecided: about 367 more requests
//! minute 4: fail
//! such evidence or more comes from a good canary in at most 2.6 % of releases
//! by the counts alone it is worse with probability 0.9996, were this the only look
//! ```

use pointsman_judge::mesh_queries::IstioMetrics;
use pointsman_judge::power::{Target, Traffic};
use pointsman_judge::prometheus::{Totals, read_exposition};
use pointsman_judge::sequential::{Comparison, ComparisonState, Risk, belief};
use pointsman_judge::{Evidence, Judge, Tally, Verdict};
use pointsman_rollout::power::Study;
use pointsman_rollout::{Canary, Pause, PlanSpec, PlanStep, Strategy};
use pointsman_types::{Weight, duration::TimeDelta};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    before_it_starts()?;
    let canary = one_tick()?;
    while_it_runs(&canary)
}

/// What a plan can see is a matter of numbers that are known beforehand.
fn before_it_starts() -> Result<(), Box<dyn std::error::Error>> {
    let minute = TimeDelta::from_secs(60);
    let steps = [PlanStep::SetWeight(Weight::new(5)), PlanStep::Pause(Pause::of(minute))];
    let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).build()?;
    let doubling = Target::new(2.0, Risk::FIVE_PERCENT, 0.9)?;
    for finding in Study::new(Traffic::new(20.0, 0.01)?, doubling).review(&plan) {
        println!("{}: {}", finding.path, finding.message);
        println!("  {}", finding.help);
    }
    Ok(())
}

/// The library asks and is told: it fetches nothing.
fn one_tick() -> Result<Tally, Box<dyn std::error::Error>> {
    let metrics = IstioMetrics::of_workload("reviews-v2", "default", TimeDelta::from_secs(60));
    println!("ask: {}", metrics.errors().text);
    let totals = |good: u32, bad: u32| -> Result<Totals, Box<dyn std::error::Error>> {
        let text = format!(
            "istio_requests_total{{destination_workload=\"reviews-v2\",response_code=\"200\"}} {good}\n\
             istio_requests_total{{destination_workload=\"reviews-v2\",response_code=\"503\"}} {bad}\n"
        );
        Ok(Totals::of_istio(&read_exposition(&text)?, &[("destination_workload", "reviews-v2")]))
    };
    let tally = totals(1_047, 13)?.since(&totals(1_000, 10)?);
    println!("told: {} requests, {} of them failed", tally.requests, tally.errors);
    Ok(tally)
}

/// The same minute again and again, with a look at each: the judge stays right however often one looks.
fn while_it_runs(canary: &Tally) -> Result<(), Box<dyn std::error::Error>> {
    let judge = Comparison::new(Risk::FIVE_PERCENT);
    let tick = Evidence::new(canary.clone()).with_baseline(Tally::new(950, 19));
    let mut kept = serde_json::to_string(&ComparisonState::default())?;
    let mut minute = 0;
    let state = loop {
        let state: ComparisonState = serde_json::from_str(&kept)?;
        let (state, verdict) = judge.update(&state, &tick);
        minute += 1;
        println!("minute {minute}: {verdict}");
        kept = serde_json::to_string(&state)?;
        if verdict.is_decided() {
            assert_eq!(verdict, Verdict::Fail);
            break state;
        }
    };
    let report = judge.report(&state);
    println!(
        "such evidence or more comes from a good canary in at most {:.1} % of releases",
        100.0 * report.p_worse
    );
    let worse = belief(report.canary, report.baseline).worse;
    println!("by the counts alone it is worse with probability {worse:.4}, were this the only look");
    Ok(())
}
