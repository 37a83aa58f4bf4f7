//! `istio-legacy/convert`: objects of the old model against those that the converter of the time made of them.

use crate::{Corpora, SuiteResult};

pub(super) fn run(_: &Corpora) -> Option<SuiteResult> {
    None
}
