//! Gateways.

use std::collections::BTreeMap;

use crate::macros::{message, wire_enum};

message! {
    /// Which hosts a gateway workload takes in, on which ports.
    Gateway {
        /// Listeners.
        servers / with_servers: Vec<Server> = "servers",
        /// Labels of the gateway workloads; none: all of them, in any namespace.
        selector / with_selector: BTreeMap<String, String> = "selector",
    }
}

message! {
    /// One listener.
    Server {
        /// Port and protocol.
        port / with_port: Option<ServerPort> = "port",
        /// Address or Unix socket; empty: all addresses.
        bind / with_bind: String = "bind",
        /// Hosts, `host` or `namespace/host`.
        hosts / with_hosts: Vec<String> = "hosts",
        /// TLS.
        tls / with_tls: Option<ServerTLSSettings> = "tls",
        /// Not used.
        default_endpoint / with_default_endpoint: String = "defaultEndpoint",
        /// Name, for people.
        name / with_name: String = "name",
    }
}

message! {
    /// Port and protocol of a listener.
    ServerPort {
        /// 1 to 65535.
        number / with_number: u32 = "number",
        /// `HTTP`, `HTTPS`, `GRPC`, `HTTP2`, `MONGO`, `TCP`, `TLS` and the like.
        protocol / with_protocol: String = "protocol",
        /// Name.
        name / with_name: String = "name",
        /// Deprecated.
        target_port / with_target_port: u32 = "targetPort",
    }
}

wire_enum! {
    /// What is done with TLS.
    ServerTLSMode {
        /// Passed through, routed by SNI.
        Passthrough = "PASSTHROUGH" = 0,
        /// Ended here.
        Simple = "SIMPLE" = 1,
        /// Ended here, the client shows a certificate.
        Mutual = "MUTUAL" = 2,
        /// Passed through to the service that SNI names.
        AutoPassthrough = "AUTO_PASSTHROUGH" = 3,
        /// Ended here with the mesh's certificates.
        IstioMutual = "ISTIO_MUTUAL" = 4,
        /// Ended here, the client may show a certificate.
        OptionalMutual = "OPTIONAL_MUTUAL" = 5,
    }
}

wire_enum! {
    /// A version of TLS.
    TLSProtocol {
        /// The default.
        TlsAuto = "TLS_AUTO" = 0,
        /// 1.0.
        TlsV1_0 = "TLSV1_0" = 1,
        /// 1.1.
        TlsV1_1 = "TLSV1_1" = 2,
        /// 1.2.
        TlsV1_2 = "TLSV1_2" = 3,
        /// 1.3.
        TlsV1_3 = "TLSV1_3" = 4,
    }
}

message! {
    /// TLS of a listener.
    ServerTLSSettings {
        /// Whether plain HTTP is redirected.
        https_redirect / with_https_redirect: bool = "httpsRedirect",
        /// What is done.
        mode / with_mode: ServerTLSMode = "mode",
        /// File of the certificate.
        server_certificate / with_server_certificate: String = "serverCertificate",
        /// File of its key.
        private_key / with_private_key: String = "privateKey",
        /// File of the authorities.
        ca_certificates / with_ca_certificates: String = "caCertificates",
        /// File of revoked certificates.
        ca_crl / with_ca_crl: String = "caCrl",
        /// Secret with certificate and key.
        credential_name / with_credential_name: String = "credentialName",
        /// Secrets, for several kinds of key.
        credential_names / with_credential_names: Vec<String> = "credentialNames",
        /// Secret with the authorities.
        ca_cert_credential_name / with_ca_cert_credential_name: String = "caCertCredentialName",
        /// Files, for several kinds of key.
        tls_certificates / with_tls_certificates: Vec<TLSCertificate> = "tlsCertificates",
        /// Names that a client may have.
        subject_alt_names / with_subject_alt_names: Vec<String> = "subjectAltNames",
        /// Hashes of keys that a client may have.
        verify_certificate_spki / with_verify_certificate_spki: Vec<String> = "verifyCertificateSpki",
        /// Hashes of certificates that a client may have.
        verify_certificate_hash / with_verify_certificate_hash: Vec<String> = "verifyCertificateHash",
        /// Oldest version.
        min_protocol_version / with_min_protocol_version: TLSProtocol = "minProtocolVersion",
        /// Newest version.
        max_protocol_version / with_max_protocol_version: TLSProtocol = "maxProtocolVersion",
        /// Ciphers of TLS 1.0 to 1.2.
        cipher_suites / with_cipher_suites: Vec<String> = "cipherSuites",
        /// Whether the client's certificate is taken unseen.
        insecure_skip_verify / with_insecure_skip_verify: Option<bool> = "insecureSkipVerify",
    }
}

message! {
    /// A certificate in files.
    TLSCertificate {
        /// File of the certificate.
        server_certificate / with_server_certificate: String = "serverCertificate",
        /// File of its key.
        private_key / with_private_key: String = "privateKey",
        /// File of the authorities.
        ca_certificates / with_ca_certificates: String = "caCertificates",
    }
}
