//! The two stories: one that ends well, one that is aborted.

use pointsman_api::Object;
use pointsman_api::app::{Application, ImageRef, newest_tag};
use pointsman_examples::files::{read_manifests, read_text};
use pointsman_judge::{Evidence, Histogram, Tally};
use pointsman_manifest::{Manifest, Value};
use pointsman_render::{Adoption, ManifestSet, Release, application};
use pointsman_rollout::{
    Analysis, Canary, CanaryScale, Command, Event, Pause, Plan, PlanSpec, PlanStep, Propagation, Strategy,
    Version,
};
use pointsman_types::{Diagnostic, Weight, duration::TimeDelta};

use crate::folder::RunFolder;
use crate::options::Options;
use crate::story::Story;
use crate::{Failure, model, report};

/// Everything that is told: both stories, and what was found in the input.
pub(crate) struct Releases {
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) main: Story,
    pub(crate) abort: Story,
    pub(crate) picture: String,
    pub(crate) stable: Version,
    pub(crate) canary: Version,
    weight: u32,
    adopted: bool,
}

/// Reads and checks the input. Nothing is written.
pub(crate) fn prepare(options: &Options) -> Result<Releases, Failure> {
    let version = |given: &Option<String>, default: &str| {
        let text = given.as_deref().unwrap_or(default);
        Version::new(text).map_err(|error| error.to_string())
    };
    let (stable, canary) = (version(&options.stable, "v1")?, version(&options.canary, "v2")?);
    let (release, findings, adopted) = match &options.manifests {
        Some(path) => {
            let (release, findings) = adopt(options, read_manifests(path)?, &stable, &canary)?;
            (release, findings, true)
        }
        None => (from_model(options, &stable, &canary)?, Vec::new(), false),
    };
    let replicas = replicas_of(&release, &stable)?;
    let plan = plan(release.component(), replicas, options.weight)?;
    Ok(Releases {
        findings,
        main: Story::new("", plan.clone(), release.clone()),
        abort: Story::new("abort", plan, release),
        picture: String::new(),
        stable,
        canary,
        weight: options.weight,
        adopted,
    })
}

fn adopt(
    options: &Options,
    manifests: ManifestSet,
    stable: &Version,
    canary: &Version,
) -> Result<(Release, Vec<Diagnostic>), Failure> {
    let component = options.component.clone().unwrap_or_default();
    let mut adoption = Adoption::new(component, stable.clone(), canary.clone());
    if let Some(namespace) = &options.namespace {
        adoption = adoption.with_namespace(namespace.as_str());
    }
    if let Some(image) = &options.image {
        adoption = adoption.with_image(image.as_str());
    }
    Release::adopt(manifests, &adoption).map_err(|error| report::error(&error))
}

fn from_model(options: &Options, stable: &Version, canary: &Version) -> Result<Release, Failure> {
    let model = match &options.application {
        Some(path) => read_application(path)?,
        None => model::bookinfo(),
    };
    let name = options.component.as_deref().unwrap_or("reviews");
    let manifests = application(&model).map_err(|findings| report::findings(&findings))?;
    let Some(component) = model.component(name) else {
        let names: Vec<_> = model.components.iter().map(|component| component.name.as_str()).collect();
        return Err(format!(
            "application `{}` has no component `{name}`; it has: {}",
            model.name,
            names.join(", ")
        ));
    };
    let running = component.version(stable.as_str()).ok_or_else(|| {
        format!("component `{name}` of application `{}` has no version `{stable}`", model.name)
    })?;
    let image = match &options.image {
        Some(image) => image.clone(),
        // The newest tag is the default choice.
        None => {
            let now = ImageRef::parse(&running.container.image).map_err(|error| error.to_string())?;
            let tags = model::reviews_tags();
            let newest = newest_tag(&tags).ok_or("the registry has no tags")?;
            now.with_tag(&newest.name).to_string()
        }
    };
    let adoption = Adoption::new(name, stable.clone(), canary.clone())
        .with_namespace(model.namespace_or_default())
        .with_image(image);
    let (release, _) = Release::adopt(manifests, &adoption).map_err(|error| report::error(&error))?;
    Ok(release)
}

fn read_application(path: &std::path::Path) -> Result<Application, Failure> {
    let text = read_text(path)?;
    let name = path.display().to_string();
    let manifest = Manifest::parse_named(&name, &text).map_err(|error| error.to_string())?;
    let document = manifest.documents().first().ok_or_else(|| format!("{name}: the file has no document"))?;
    let decoded = Object::<Application>::from_value(document.value());
    let object = decoded.ok().map_err(|findings| report::findings(&findings))?;
    let mut application = object.spec;
    if application.name.is_empty() {
        application.name = object.metadata.name;
    }
    if application.namespace.is_empty() {
        application.namespace = object.metadata.namespace;
    }
    Ok(application)
}

/// How many pods the stable version has: the release keeps as many.
fn replicas_of(release: &Release, stable: &Version) -> Result<u32, Failure> {
    let objects = release.manifests().objects().map_err(|error| error.to_string())?;
    let labels = "spec.template.metadata.labels.version".parse().unwrap_or_default();
    let replicas = "spec.replicas".parse().unwrap_or_default();
    let is_stable = |value: &Value| value.at(&labels).and_then(Value::as_str) == Some(stable.as_str());
    let app = "spec.template.metadata.labels.app".parse().unwrap_or_default();
    let of_component = |value: &Value| value.at(&app).and_then(Value::as_str) == Some(release.component());
    let found = objects.iter().find(|object| {
        object.object_ref.kind == "Deployment" && is_stable(&object.value) && of_component(&object.value)
    });
    let count = found.and_then(|object| object.value.at(&replicas)).map_or(Some(1), Value::as_u64);
    Ok(count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1).max(1))
}

/// One pod to begin with, a person, then each share with a person and an analysis.
fn plan(component: &str, replicas: u32, weight: u32) -> Result<Plan, Failure> {
    let person = PlanStep::Pause(Pause::FOR_A_PERSON);
    let mut steps = vec![PlanStep::SetCanaryScale(CanaryScale::Replicas(1)), person.clone()];
    steps.push(PlanStep::SetCanaryScale(CanaryScale::MatchTraffic));
    for share in shares(weight) {
        let analysis = Analysis::of(["success-rate", "latency"]);
        steps.extend([PlanStep::SetWeight(Weight::new(share)), PlanStep::Analysis(analysis), person.clone()]);
    }
    PlanSpec::new(component, Strategy::Canary(Canary::new(steps)))
        .with_replicas(replicas)
        .with_propagation(Propagation::Hold(TimeDelta::from_secs(5)))
        .build()
        .map_err(|invalid| invalid.to_string())
}

fn shares(first: u32) -> Vec<u32> {
    let mut shares = vec![first];
    shares.extend([50, 80].into_iter().filter(|share| *share > first));
    shares
}

impl Releases {
    /// Tells both stories, each stage into its folder.
    pub(crate) fn tell(&mut self, folder: &mut RunFolder) -> Result<(), Failure> {
        self.release_well(folder)?;
        self.release_badly(folder)?;
        self.picture = folder.root().join("traffic.svg").display().to_string();
        folder.write("traffic.svg", &report::picture(&self.main, &self.stable, &self.canary))?;
        folder.write("abort/traffic.svg", &report::picture(&self.abort, &self.stable, &self.canary))
    }

    fn release_well(&mut self, folder: &mut RunFolder) -> Result<(), Failure> {
        let (stable, canary) = (self.stable.clone(), self.canary.clone());
        let shares = shares(self.weight);
        let story = &mut self.main;
        begin(story, folder, &stable, &canary, self.adopted)?;
        for (position, share) in shares.iter().enumerate() {
            story.say("a person: promote");
            story.tell(&Event::Commanded(Command::Promote))?;
            story.settle()?;
            story.measure(&good_numbers(*share)?)?;
            story.settle()?;
            let title = match position {
                0 => format!("{canary} takes {share} % of the traffic"),
                _ => format!("the share of {canary} is raised to {share} %"),
            };
            story.end_stage(folder, &format!("{share}-percent"), &title)?;
        }
        story.refused(&Event::Commanded(Command::TakeOver { confirmed: None }))?;
        story.say(format!("a person: take over, and I do mean {canary}"));
        story.tell(&Event::Commanded(Command::TakeOver { confirmed: Some(canary.clone()) }))?;
        story.settle()?;
        story.end_stage(folder, "take-over", &format!("{canary} takes over all traffic"))?;
        story.say(format!("a person: remove {stable}"));
        story.tell(&Event::Commanded(Command::Retire { version: stable.clone() }))?;
        story.settle()?;
        story.end_stage(folder, &format!("remove-{stable}"), &format!("{stable} is removed"))
    }

    fn release_badly(&mut self, folder: &mut RunFolder) -> Result<(), Failure> {
        let (stable, canary) = (self.stable.clone(), self.canary.clone());
        let shares = shares(self.weight);
        let (first, later) = (self.weight, shares.get(1).copied());
        let story = &mut self.abort;
        begin(story, folder, &stable, &canary, self.adopted)?;
        for share in [Some(first), later].into_iter().flatten() {
            story.say("a person: promote");
            story.tell(&Event::Commanded(Command::Promote))?;
            story.settle()?;
            let title = format!("{canary} takes {share} % of the traffic and is measured");
            story.end_stage(folder, &format!("{share}-percent"), &title)?;
            let is_last = Some(share) == later || later.is_none();
            story.measure(&if is_last { bad_numbers(share)? } else { good_numbers(share)? })?;
            story.settle()?;
        }
        story.end_stage(folder, "abort", &format!("the analysis fails: all traffic is back on {stable}"))?;
        story.pass_time()?;
        story.settle()?;
        story.end_stage(folder, "scale-down", &format!("only now {canary} is scaled down"))
    }
}

fn begin(
    story: &mut Story,
    folder: &mut RunFolder,
    stable: &Version,
    canary: &Version,
    adopted: bool,
) -> Result<(), Failure> {
    story.tell(&Event::RevisionAdded { version: stable.clone() })?;
    story.settle()?;
    let (name, title) = if adopted {
        (format!("pin-{stable}"), format!("adopted: {stable} is pinned to all traffic"))
    } else {
        (format!("deploy-{stable}"), format!("deployed: all traffic goes to {stable}"))
    };
    story.end_stage(folder, &name, &title)?;
    story.tell(&Event::RevisionAdded { version: canary.clone() })?;
    story.pods_become(canary, 0)?;
    story.end_stage(folder, &format!("add-{canary}"), &format!("{canary} is added and not ready yet"))?;
    story.pods_become(canary, 1)?;
    story.settle()?;
    story.end_stage(folder, &format!("{canary}-ready"), &format!("{canary} is ready and has no traffic yet"))
}

/// What was measured of a canary that does well, at that share of a thousand requests a second over half a minute.
fn good_numbers(share: u32) -> Result<Evidence, Failure> {
    numbers(u64::from(share) * 300, 2, [80, 17, 3, 0, 0])
}

/// What was measured of a canary that is slow and fails.
fn bad_numbers(share: u32) -> Result<Evidence, Failure> {
    numbers(u64::from(share) * 300, 60, [30, 30, 20, 15, 5])
}

/// Errors per thousand requests; percent of requests up to 50, 100, 250, 1000 ms, and slower.
fn numbers(requests: u64, errors_per_thousand: u64, latency_percent: [u64; 5]) -> Result<Evidence, Failure> {
    let counts = latency_percent.map(|percent| requests * percent / 100).to_vec();
    let latency =
        Histogram::new(vec![50.0, 100.0, 250.0, 1000.0], counts).map_err(|invalid| invalid.to_string())?;
    let tally = Tally::new(requests, requests * errors_per_thousand / 1_000).with_latency(latency);
    Ok(Evidence::new(tally))
}
