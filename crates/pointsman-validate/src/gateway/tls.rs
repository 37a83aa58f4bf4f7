//! TLS of listeners.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{ServerTLSMode, ServerTLSSettings, TLSProtocol};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{missing, quote};

const CIPHERS: [&str; 15] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

pub(crate) fn check(settings: &ServerTLSSettings, at: &Place<'_>, out: &mut Report) {
    versions_and_ciphers(settings, at, out);
    let mode = settings.mode;
    if mode == ServerTLSMode::IstioMutual {
        for name in certificate_fields(settings) {
            let message = format!("`{name}` is set, but the mode is `ISTIO_MUTUAL`");
            out.error(&at.field(name), codes::TLS_ISTIO_MUTUAL, message);
        }
        return;
    }
    if matches!(mode, ServerTLSMode::Passthrough | ServerTLSMode::AutoPassthrough) {
        for name in certificate_fields(settings).chain((!settings.ca_crl.is_empty()).then_some("caCrl")) {
            let message = format!("`{name}` is set, but TLS is passed through");
            out.warn(&at.field(name), codes::TLS_PASSTHROUGH, message);
        }
    }
    sources(settings, at, out);
    let ends = matches!(mode, ServerTLSMode::Simple | ServerTLSMode::Mutual | ServerTLSMode::OptionalMutual);
    if ends && (!settings.credential_name.is_empty() || !settings.credential_names.is_empty()) {
        return;
    }
    let asks_client = matches!(mode, ServerTLSMode::Mutual | ServerTLSMode::OptionalMutual);
    if asks_client && settings.ca_certificates.is_empty() {
        missing("caCertificates", at, out);
    }
    if settings.tls_certificates.len() > 2 {
        let message = "more than two certificates are set, of which two are used";
        out.warn(&at.field("tlsCertificates"), codes::TLS_CERTIFICATES, message);
    }
    if ends {
        certificates(settings, at, out);
    }
    revocations(settings, at, out);
}

fn versions_and_ciphers(settings: &ServerTLSSettings, at: &Place<'_>, out: &mut Report) {
    let old = matches!(settings.min_protocol_version, TLSProtocol::TlsV1_0 | TLSProtocol::TlsV1_1);
    if old && settings.cipher_suites.is_empty() {
        let message = "the oldest TLS version is below 1.2, but no cipher of those is set";
        out.warn(&at.field("minProtocolVersion"), codes::TLS_OLD_VERSION, message);
    }
    let mut seen = BTreeSet::new();
    for (position, cipher) in settings.cipher_suites.iter().enumerate() {
        let here = at.item("cipherSuites", position);
        if !is_cipher(cipher) {
            let message = format!("the cipher {} is not known and is left out", quote(cipher));
            out.warn(&here, codes::TLS_CIPHER, message);
        }
        if !seen.insert(cipher) {
            out.warn(&here, codes::TLS_CIPHER_TWICE, format!("the cipher {} is there twice", quote(cipher)));
        }
    }
}

fn is_cipher(cipher: &str) -> bool {
    cipher == "ALL"
        || !cipher.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        || CIPHERS.contains(&cipher)
}

/// The fields that say certificates.
fn certificate_fields(settings: &ServerTLSSettings) -> impl Iterator<Item = &'static str> {
    let fields = [
        ("serverCertificate", !settings.server_certificate.is_empty()),
        ("privateKey", !settings.private_key.is_empty()),
        ("caCertificates", !settings.ca_certificates.is_empty()),
        ("tlsCertificates", !settings.tls_certificates.is_empty()),
        ("credentialName", !settings.credential_name.is_empty()),
        ("credentialNames", !settings.credential_names.is_empty()),
    ];
    fields.into_iter().filter(|(_, set)| *set).map(|(name, _)| name)
}

/// Certificates come from one source.
fn sources(settings: &ServerTLSSettings, at: &Place<'_>, out: &mut Report) {
    let pair = !settings.server_certificate.is_empty() && !settings.private_key.is_empty();
    let sources = [
        pair,
        !settings.credential_name.is_empty(),
        !settings.credential_names.is_empty(),
        !settings.tls_certificates.is_empty(),
    ];
    if sources.into_iter().filter(|set| *set).count() > 1 {
        let message = "certificates come from more than one of `serverCertificate`, `credentialName`, `credentialNames` and `tlsCertificates`";
        out.error(at, codes::TLS_SOURCES, message);
    }
}

fn certificates(settings: &ServerTLSSettings, at: &Place<'_>, out: &mut Report) {
    if settings.tls_certificates.is_empty() {
        pair(&settings.server_certificate, &settings.private_key, at, out);
    }
    for (position, certificate) in settings.tls_certificates.iter().enumerate() {
        let here = at.item("tlsCertificates", position);
        pair(&certificate.server_certificate, &certificate.private_key, &here, out);
    }
}

fn pair(certificate: &str, key: &str, at: &Place<'_>, out: &mut Report) {
    if certificate.is_empty() {
        missing("serverCertificate", at, out);
    }
    if key.is_empty() {
        missing("privateKey", at, out);
    }
}

fn revocations(settings: &ServerTLSSettings, at: &Place<'_>, out: &mut Report) {
    if settings.ca_crl.is_empty() {
        return;
    }
    if !settings.credential_name.is_empty() {
        let message = "`caCrl` is set together with `credentialName`";
        out.error(&at.field("caCrl"), codes::TLS_CRL, message);
    }
    if settings.mode == ServerTLSMode::Simple {
        let message = "`caCrl` is set, but clients show no certificates";
        out.error(&at.field("caCrl"), codes::TLS_CRL, message);
    }
}
