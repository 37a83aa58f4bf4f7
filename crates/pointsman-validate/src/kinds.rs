//! The kinds that there are rules for.

use pointsman_api::istio::{extensions as ext, networking as net, security as sec, telemetry as tel};
use pointsman_api::{Kind, Object};
use pointsman_manifest::Value;
use pointsman_types::Diagnostic;

use crate::metadata::{self, Context};
use crate::report::{Place, Report};
use crate::validator::{is, judge};

mod sealed {
    pub trait Sealed {}
}

/// A kind of object that there are rules for.
pub trait Judged: Kind + sealed::Sealed {
    /// What the rules of this kind say about an object, sorted by place; whether its fields could be read is not asked.
    fn findings(object: &Object<Self>) -> Vec<Diagnostic>;
}

type Judge = fn(&Value) -> Vec<Diagnostic>;

macro_rules! kinds {
    ($( $type:ty: $check:path, $function:ident, $dry_run:literal; )*) => {
        $(
            impl sealed::Sealed for $type {}

            impl Judged for $type {
                fn findings(object: &Object<Self>) -> Vec<Diagnostic> {
                    of_object(object, $dry_run, $check)
                }
            }

            #[doc = concat!("What the rules say about a [`", stringify!($type), "`], sorted by place.")]
            #[must_use]
            pub fn $function(object: &Object<$type>) -> Vec<Diagnostic> {
                <$type as Judged>::findings(object)
            }
        )*

        /// What judges objects of that group and kind.
        pub(crate) fn judge_of(group: &str, kind: &str) -> Option<Judge> {
            $( if is::<$type>(group, kind) { return Some(judge::<$type>); } )*
            None
        }
    };
}

fn of_object<T: Kind>(
    object: &Object<T>,
    can_dry_run: bool,
    check: fn(&T, &Context<'_>, &Place<'_>, &mut Report),
) -> Vec<Diagnostic> {
    let context = Context::of(&object.metadata);
    let mut report = Report::default();
    if metadata::check(&context, can_dry_run, &mut report) {
        let spec = Place::ROOT.field("spec");
        check(&object.spec, &context, if T::IN_SPEC { &spec } else { &Place::ROOT }, &mut report);
    }
    let mut findings = report.into_findings();
    if !findings.is_empty() {
        let name = object.object_ref();
        findings.iter_mut().for_each(|finding| finding.object = name.clone());
        Diagnostic::sort(&mut findings);
    }
    findings
}

kinds! {
    net::VirtualService: crate::virtual_service::check, virtual_service, false;
    net::DestinationRule: crate::destination_rule::check, destination_rule, false;
    net::Gateway: crate::gateway::check, gateway, false;
    sec::PeerAuthentication: crate::security::peer_authentication, peer_authentication, false;
    sec::RequestAuthentication: crate::security::request_authentication, request_authentication, false;
    sec::AuthorizationPolicy: crate::security::authorization_policy, authorization_policy, true;
    tel::Telemetry: crate::telemetry::telemetry, telemetry, false;
    ext::WasmPlugin: crate::extensions::wasm_plugin, wasm_plugin, false;
    ext::TrafficExtension: crate::extensions::traffic_extension, traffic_extension, false;
    net::ServiceEntry: crate::service_entry::check, service_entry, false;
    net::Sidecar: crate::sidecar::check, sidecar, false;
    net::WorkloadEntry: crate::workload::entry, workload_entry, false;
    net::WorkloadGroup: crate::workload::group, workload_group, false;
    net::ProxyConfig: crate::workload::proxy_config, proxy_config, false;
    net::EnvoyFilter: crate::envoy_filter::check, envoy_filter, false;
}
