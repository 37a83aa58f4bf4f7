//! TLS towards a destination.

use pointsman_api::istio::networking::{ClientTLSMode, ClientTLSSettings};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{missing, quote};

const CONFIG_MAP: &str = "configmap://";

/// `namespace`: where the settings stand; certificates of other namespaces are not read.
pub(crate) fn check(settings: &ClientTLSSettings, namespace: &str, at: &Place<'_>, out: &mut Report) {
    if let Some(rest) = settings.credential_name.strip_prefix(CONFIG_MAP) {
        config_map(rest, namespace, &at.field("credentialName"), out);
    }
    if settings.insecure_skip_verify == Some(true) {
        skips_verify(settings, at, out);
    }
    let verifies = matches!(settings.mode, ClientTLSMode::Simple | ClientTLSMode::Mutual);
    if verifies && !settings.credential_name.is_empty() {
        let files = [
            ("clientCertificate", &settings.client_certificate),
            ("caCertificates", &settings.ca_certificates),
            ("privateKey", &settings.private_key),
            ("caCrl", &settings.ca_crl),
        ];
        for (name, _) in files.iter().filter(|(_, file)| !file.is_empty()) {
            let message = format!("`{name}` is set together with `credentialName`");
            out.error(&at.field(name), codes::TLS_CREDENTIAL_AND_FILE, message);
        }
        return;
    }
    if settings.mode == ClientTLSMode::Mutual {
        if settings.client_certificate.is_empty() {
            missing("clientCertificate", at, out);
        }
        if settings.private_key.is_empty() {
            missing("privateKey", at, out);
        }
    }
}

fn config_map(rest: &str, namespace: &str, at: &Place<'_>, out: &mut Report) {
    let written = format!("{CONFIG_MAP}{rest}");
    match rest.split_once('/') {
        Some((ns, name)) if !ns.is_empty() && !name.is_empty() && !name.contains('/') => {
            if ns != namespace {
                let message = format!("{} stands in another namespace", quote(&written));
                out.error(at, codes::TLS_CONFIG_MAP, message);
            }
        }
        _ => {
            let message = format!("{} is not of the form `configmap://NAMESPACE/NAME`", quote(&written));
            out.error(at, codes::TLS_CONFIG_MAP, message);
        }
    }
}

/// What says how to verify cannot stand beside the wish not to.
fn skips_verify(settings: &ClientTLSSettings, at: &Place<'_>, out: &mut Report) {
    let credential = settings.mode == ClientTLSMode::Simple && !settings.credential_name.is_empty();
    let fields = [
        ("caCertificates", !settings.ca_certificates.is_empty()),
        ("credentialName", credential),
        ("subjectAltNames", !settings.subject_alt_names.is_empty()),
    ];
    if !matches!(settings.mode, ClientTLSMode::Simple | ClientTLSMode::Mutual) {
        return;
    }
    for (name, _) in fields.iter().filter(|(_, set)| *set) {
        let message = format!("`{name}` is set, but `insecureSkipVerify` says that nothing is verified");
        out.error(&at.field(name), codes::TLS_SKIP_VERIFY, message);
    }
}
