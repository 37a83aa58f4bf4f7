//! Tests carried out.

use pointsman_render::ManifestSet;
use pointsman_route::{Compiled, Mesh, OutboundPolicy, Proxy, Trace};
use pointsman_types::{Diagnostic, Draws};

use super::asked::{Asked, What};
use super::check::{Names, mismatch};
use super::facts::World;
use super::file::{Given, GivenKind, RouteTests, Test};
use super::load::MeshLoader;
use super::problem::{NO_MANIFESTS, Problem};
use super::report::{Failure, FileReport, Mismatch, TestReport};

impl RouteTests {
    /// Carries the tests out. `read` gives the manifests of a path as it stands in the file, relative to it: those of one
    /// file, or of all files of a folder.
    ///
    /// O(tests · destinations) decisions, and one compilation for each workload that asks.
    pub fn run(&self, mut read: impl FnMut(&str) -> Result<ManifestSet, String>) -> FileReport {
        let mut loader = MeshLoader::new(self.namespace.as_str(), self.settings.clone());
        let mut report = FileReport::new(&self.file);
        for given in &self.given {
            report.problems.extend(self.load(given, &mut loader, &mut read));
        }
        report.problems.extend(loader.errors().iter().cloned());
        report.notes = loader.notes();
        let proxies: Vec<_> =
            self.tests.iter().map(|test| test.source.proxy(loader.mesh(), &self.namespace)).collect();
        for (test, proxy) in self.tests.iter().zip(&proxies) {
            let Err(finding) = proxy else { continue };
            // A workload that asks in many tests is missed once.
            if !report.problems.iter().any(|known| known.finding == **finding) {
                let is_own = test.path.is_prefix_of(&finding.path);
                let name = if is_own { test.name.clone() } else { String::new() };
                let problem = Problem::new(self.file.as_str(), (**finding).clone());
                report.problems.push(Problem { test: name, ..problem });
            }
        }
        if !report.problems.is_empty() {
            return report;
        }
        let mut findings: Vec<Diagnostic> = Vec::new();
        for (test, proxy) in self.tests.iter().zip(proxies) {
            let Ok(proxy) = proxy else { continue };
            let compiled = loader.mesh().compile(&proxy);
            let done = self.test(test, loader.mesh(), &proxy, &compiled);
            if !done.failures.is_empty() {
                findings.extend(compiled.findings);
            }
            report.tests.push(done);
        }
        Diagnostic::sort(&mut findings);
        findings.dedup();
        report.findings = findings;
        report
    }

    /// Adds manifests to the mesh; answers why there are none.
    fn load(
        &self,
        given: &Given,
        loader: &mut MeshLoader,
        read: &mut impl FnMut(&str) -> Result<ManifestSet, String>,
    ) -> Option<Problem> {
        let path = match &given.what {
            GivenKind::Object(object) => {
                loader.add_object(&self.file, object, given.span);
                return None;
            }
            GivenKind::Path(path) => path,
        };
        match read(path) {
            Ok(files) => {
                loader.add_files(&files);
                None
            }
            Err(why) => {
                let mut finding = Diagnostic::error(NO_MANIFESTS, why).at(given.path.clone());
                finding.span = given.span;
                Some(Problem::new(self.file.as_str(), finding))
            }
        }
    }

    fn test(&self, test: &Test, mesh: &mut Mesh, proxy: &Proxy, compiled: &Compiled) -> TestReport {
        // A gateway listens only where its servers do.
        let unknown_ports =
            if proxy.is_gateway() { OutboundPolicy::RegistryOnly } else { mesh.outbound(proxy) };
        let world = World { table: &compiled.table, unknown_ports };
        let names =
            Names { namespace: test.source.namespace(&self.namespace), domain: &self.settings.domain };
        let mut failures = Vec::new();
        for asked in &test.asked {
            let facts = world.facts(asked);
            let mut wrong_draw = None;
            let mut mismatches = Vec::new();
            for expectation in &test.expectations {
                let Some((found, draw)) = mismatch(expectation, &facts, names) else { continue };
                wrong_draw = wrong_draw.or(Some(draw));
                let not = if expectation.is_negative { "not " } else { "" };
                mismatches.push(Mismatch {
                    field: expectation.path.clone(),
                    line: expectation.span.map(|span| span.line),
                    expected: format!("{not}{}", expectation.expected),
                    found,
                });
            }
            if let Some(draw) = wrong_draw {
                let why = explanation(mesh, proxy, compiled, asked, draw);
                failures.push(Failure { asked: asked.to_string(), mismatches, why });
            }
        }
        TestReport { name: test.name.clone(), line: test.span.map(|span| span.line), failures }
    }
}

/// Why it comes out so, in lines.
fn explanation(mesh: &mut Mesh, proxy: &Proxy, compiled: &Compiled, asked: &Asked, draw: u64) -> Vec<String> {
    let draws = Draws::all(draw);
    let text = match &asked.what {
        What::Request(asked) => without_others(mesh.explain(proxy, &asked.request(), &draws)).to_string(),
        What::Connection(asked) => compiled.table.explain_connection(&asked.connection(), &draws).to_string(),
    };
    text.lines().map(str::to_owned).collect()
}

/// Without the virtual hosts that have nothing to do with the request.
fn without_others(mut trace: Trace) -> Trace {
    trace.hosts.retain(|host| host.domain.is_some());
    trace
}
