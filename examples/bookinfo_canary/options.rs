//! The command line.

use std::path::PathBuf;

use pointsman_examples::arguments::read_arguments;

use crate::Failure;

pub(crate) const USAGE: &str = "\
A canary release, from an application model or from somebody's own manifests.

bookinfo_canary [--application FILE] [--component NAME] [--image IMAGE]
bookinfo_canary --manifests PATH --component NAME --stable VERSION --canary VERSION [--image IMAGE] [--namespace NS]

    --application FILE   an application model (kind: Application) instead of bookinfo
    --manifests PATH     a manifest file, or a folder of them
    --component NAME     which component is released (default with a model: reviews)
    --stable VERSION     the version that has the traffic (default with a model: v1)
    --canary VERSION     the version that shall have it (default with a model: v2)
    --image IMAGE        the image of a canary that does not exist yet
    --namespace NS       the namespace of objects that name none (default: default)
    --weight N           the first share of the canary, 1 to 99 percent (default: 20)
    --out DIR            where stages are written (default: target/bookinfo-canary)
    --json               the whole trace as JSON";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) application: Option<PathBuf>,
    pub(crate) manifests: Option<PathBuf>,
    pub(crate) component: Option<String>,
    pub(crate) stable: Option<String>,
    pub(crate) canary: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) weight: u32,
    pub(crate) out: PathBuf,
    pub(crate) json: bool,
    pub(crate) help: bool,
}

impl Options {
    pub(crate) fn read(arguments: Vec<String>) -> Result<Self, Failure> {
        let mut options = Self {
            application: None,
            manifests: None,
            component: None,
            stable: None,
            canary: None,
            image: None,
            namespace: None,
            weight: 20,
            out: "target/bookinfo-canary".into(),
            json: false,
            help: false,
        };
        read_arguments(arguments, USAGE, |name, value| {
            match name {
                "--application" => options.application = Some(value()?.into()),
                "--manifests" => options.manifests = Some(value()?.into()),
                "--component" => options.component = Some(value()?),
                "--stable" => options.stable = Some(value()?),
                "--canary" => options.canary = Some(value()?),
                "--image" => options.image = Some(value()?),
                "--namespace" => options.namespace = Some(value()?),
                "--weight" => options.weight = weight(&value()?)?,
                "--out" => options.out = value()?.into(),
                "--json" => options.json = true,
                "--help" | "-h" => options.help = true,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if options.manifests.is_some() && options.application.is_some() {
            return Err("`--manifests` and `--application` exclude each other".into());
        }
        if options.manifests.is_some() {
            for (name, value) in [
                ("--component", &options.component),
                ("--stable", &options.stable),
                ("--canary", &options.canary),
            ] {
                if value.is_none() {
                    return Err(format!("`--manifests` needs `{name}`"));
                }
            }
        }
        Ok(options)
    }
}

fn weight(text: &str) -> Result<u32, Failure> {
    let weight: u32 =
        text.parse().map_err(|_| format!("`--weight {text}`: `{text}` is not a whole number"))?;
    match weight {
        0 => Err("`--weight 0`: a canary without traffic shows nothing; give it 1 to 99 percent".into()),
        1..=99 => Ok(weight),
        100 => Err("`--weight 100`: that is no canary but a take-over; give it 1 to 99 percent".into()),
        _ => Err(format!(
            "`--weight {weight}`: a weight of `{weight}` is more than the total of 100; give it 1 to 99 percent"
        )),
    }
}
