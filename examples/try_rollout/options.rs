//! What is asked for on the command line.

use std::path::PathBuf;

use pointsman_examples::arguments::read_arguments;
use pointsman_judge::power::Traffic;
use pointsman_rollout::rehearsal::Script;
use pointsman_rollout::{Command, Event};
use pointsman_types::{
    Weight,
    duration::{TimeDelta, go},
};

use crate::power;

pub(crate) const HELP: &str = "\
Tries a release before it runs: an Argo Rollout or a Flagger Canary in a scripted or random world.

usage: try_rollout FILE [options]

  --fail-at WEIGHT        analyses fail while the canary has at least this share
  --abort-at TIME         a person aborts then
  --person TIME           a person goes on so long after being waited for (default 5m); `never`: nobody comes
  --ready TIME            pods are ready so long after they are asked for (default 10s)
  --seed N                delays vary and pods are lost at random, the same for the same number
  --edit FILE --at TIME   what putting another manifest in place then would reset
  --traffic 20/s          what each step can see of doubled errors at so many requests a second (`20/s,2%`: with
                          2 % errors as it is, default 1 %)
  --svg FILE              where to draw (default `try_rollout.svg` in the folder for temporary files)

WEIGHT is `40%` or `40`, TIME is `90s` or `1h30m`.";

pub(crate) struct Options {
    pub(crate) file: String,
    pub(crate) script: Script,
    /// Another manifest, and when it is put in place.
    pub(crate) edit: Option<(String, TimeDelta)>,
    /// What the power of the steps is looked at with.
    pub(crate) traffic: Option<Traffic>,
    svg: Option<PathBuf>,
}

impl Options {
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { file: String::new(), script: Script::new(), edit: None, traffic: None, svg: None };
        let (mut edit, mut at) = (None, None);
        read_arguments(arguments, HELP, |name, value| {
            match name {
                "--fail-at" => options.script.failure_from = Some(weight(&value()?)?),
                "--abort-at" => {
                    options.script.events.push((length(&value()?)?, Event::Commanded(Command::Abort)));
                }
                "--person" => {
                    let text = value()?;
                    options.script.person_after = if text == "never" { None } else { Some(length(&text)?) };
                }
                "--ready" => options.script.pods_ready_after = length(&value()?)?,
                "--seed" => {
                    let text = value()?;
                    let seed = text.parse().map_err(|_| format!("`{text}` is no number"))?;
                    options.script.seed = Some(seed);
                }
                "--edit" => edit = Some(value()?),
                "--at" => at = Some(length(&value()?)?),
                "--traffic" => options.traffic = Some(power::traffic(&value()?)?),
                "--svg" => options.svg = Some(value()?.into()),
                file if options.file.is_empty() && !file.starts_with("--") => options.file = file.to_owned(),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if options.file.is_empty() {
            return Err("name a file with a Rollout or a Canary; `--help` says more".into());
        }
        options.edit = match (edit, at) {
            (Some(edit), Some(at)) => Some((edit, at)),
            (None, None) => None,
            _ => return Err("`--edit FILE` and `--at TIME` belong together".into()),
        };
        Ok(options)
    }

    /// Where to draw; several releases of one file are numbered.
    pub(crate) fn picture(&self, number: Option<usize>) -> PathBuf {
        let path = self.svg.clone().unwrap_or_else(|| std::env::temp_dir().join("try_rollout.svg"));
        match number {
            Some(number) => path.with_extension(format!("{}.svg", number + 1)),
            None => path,
        }
    }
}

fn length(text: &str) -> Result<TimeDelta, String> {
    go::parse(text).map_err(|error| error.to_string())
}

fn weight(text: &str) -> Result<Weight, String> {
    let of_hundred = text.strip_suffix('%');
    let number = of_hundred.unwrap_or(text).parse().ok();
    let number = number.filter(|number| of_hundred.is_none() || *number <= 100);
    number.map(Weight::new).ok_or_else(|| format!("`{text}` is no weight such as `40%`"))
}
