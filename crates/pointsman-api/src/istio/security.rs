//! `security.istio.io`: who may talk to whom, and how both sides show who they are.
//!
//! The versions `v1` and `v1beta1` of a kind have the same fields and are one type.
//!
//! Source: istio/api at b8f8791d, `security/v1beta1/*.proto`.

use std::collections::BTreeMap;

use pointsman_types::duration::TimeDelta;

use super::{PolicyTargetReference, WorkloadSelector};
use crate::macros::{kinds, message, wire_enum};

pub(crate) const GROUP: &str = "security.istio.io";
const VERSIONS: &[&str] = &["v1", "v1beta1"];

kinds! {
    GROUP;
    PeerAuthentication: VERSIONS,
    RequestAuthentication: VERSIONS,
    AuthorizationPolicy: VERSIONS,
}

message! {
    /// Which connections a workload takes: plain, mutual TLS, or both.
    ///
    /// Shape: without a selector it counts for the namespace, in the root namespace for the mesh. The narrowest one counts.
    PeerAuthentication {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// For all ports; none: as the next wider policy says.
        mtls / with_mtls: Option<MutualTLS> = "mtls",
        /// For single ports of the workload, by number. Needs a selector; must not be there without an entry.
        port_level_mtls / with_port_level_mtls: Option<BTreeMap<String, MutualTLS>> = "portLevelMtls",
    }
}

message! {
    /// Whether mutual TLS is asked for.
    MutualTLS {
        /// Whether.
        mode / with_mode: MutualTLSMode = "mode",
    }
}

wire_enum! {
    /// Whether mutual TLS is asked for.
    MutualTLSMode {
        /// As the next wider policy says; where none says it, `PERMISSIVE`.
        Unset = "UNSET" = 0,
        /// Only plain connections.
        Disable = "DISABLE" = 1,
        /// Both.
        Permissive = "PERMISSIVE" = 2,
        /// Only mutual TLS.
        Strict = "STRICT" = 3,
    }
}

message! {
    /// Which tokens (JWT) a workload knows. A bad token is refused; none at all is let through.
    ///
    /// Shape: at most one of `selector`, `target_ref` and `target_refs`.
    RequestAuthentication {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// The object it is attached to.
        target_ref / with_target_ref: Option<PolicyTargetReference> = "targetRef",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// Who issues tokens. One rule per issuer.
        jwt_rules / with_jwt_rules: Vec<JWTRule> = "jwtRules",
    }
}

message! {
    /// An issuer of tokens.
    JWTRule {
        /// The issuer, as it stands in the claim `iss`.
        issuer / with_issuer: String = "issuer",
        /// For whom a token may be; empty: the service itself.
        audiences / with_audiences: Vec<String> = "audiences",
        /// Where the issuer's keys are; an `http` or `https` address.
        jwks_uri / with_jwks_uri: String = "jwksUri",
        /// The issuer's keys as a JSON Web Key Set; not beside `jwksUri`.
        jwks / with_jwks: String = "jwks",
        /// Headers with a token; where no place is named: `Authorization: Bearer` and the parameter `access_token`.
        from_headers / with_from_headers: Vec<JWTHeader> = "fromHeaders",
        /// Parameters of the query with a token.
        from_params / with_from_params: Vec<String> = "fromParams",
        /// The header that gets the claims, in base64url.
        output_payload_to_header / with_output_payload_to_header: String = "outputPayloadToHeader",
        /// Cookies with a token.
        from_cookies / with_from_cookies: Vec<String> = "fromCookies",
        /// Whether the token is passed on.
        forward_original_token / with_forward_original_token: bool = "forwardOriginalToken",
        /// Claims that become headers.
        output_claim_to_headers / with_output_claim_to_headers: Vec<ClaimToHeader> = "outputClaimToHeaders",
        /// How long fetching the keys may take; none: 5 s.
        timeout / with_timeout: Option<TimeDelta> = "timeout",
        /// Claims that are lists of words, separated by spaces; at most 64.
        space_delimited_claims / with_space_delimited_claims: Vec<String> = "spaceDelimitedClaims",
    }
}

message! {
    /// A header with a token.
    JWTHeader {
        /// Its name.
        name / with_name: String = "name",
        /// What stands before the token, with its space: `Bearer `.
        prefix / with_prefix: String = "prefix",
    }
}

message! {
    /// A claim that becomes a header.
    ClaimToHeader {
        /// The header.
        header / with_header: String = "header",
        /// The claim; parts of a path are separated by `.`.
        claim / with_claim: String = "claim",
    }
}

message! {
    /// Which requests a workload answers.
    ///
    /// Shape: `CUSTOM` is asked first, then `DENY`, then `ALLOW`; where an `ALLOW` policy exists and none fits, the request is
    /// refused. At most one of `selector`, `target_ref` and `target_refs`. Without rules it fits nothing.
    AuthorizationPolicy {
        /// The workloads; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// The object it is attached to.
        target_ref / with_target_ref: Option<PolicyTargetReference> = "targetRef",
        /// The objects it is attached to.
        target_refs / with_target_refs: Vec<PolicyTargetReference> = "targetRefs",
        /// One of them has to fit; at most 512.
        rules / with_rules: Vec<Rule> = "rules",
        /// What becomes of requests that fit.
        action / with_action: AuthorizationAction = "action",
        /// Who decides, with `CUSTOM`.
        provider / with_provider: Option<ExtensionProvider> = "provider",
    }
}

wire_enum! {
    /// What becomes of requests that fit.
    AuthorizationAction {
        /// They are let through.
        Allow = "ALLOW" = 0,
        /// They are refused.
        Deny = "DENY" = 1,
        /// They are written down.
        Audit = "AUDIT" = 2,
        /// Somebody else decides.
        Custom = "CUSTOM" = 3,
    }
}

message! {
    /// Somebody else who decides.
    ExtensionProvider {
        /// Name in the mesh's configuration.
        name / with_name: String = "name",
    }
}

message! {
    /// Fits when one of `from`, one of `to` and all of `when` fit; what is empty fits always.
    Rule {
        /// Who sends the request.
        from / with_from: Vec<RuleFrom> = "from",
        /// What it asks for.
        to / with_to: Vec<RuleTo> = "to",
        /// More conditions.
        when / with_when: Vec<Condition> = "when",
    }
}

message! {
    /// Who sends the request.
    RuleFrom {
        /// Who.
        source / with_source: Option<Source> = "source",
    }
}

message! {
    /// What the request asks for.
    RuleTo {
        /// What.
        operation / with_operation: Option<Operation> = "operation",
    }
}

message! {
    /// Who sends the request: all fields that are set must fit, each by one of its entries; a `not` field by none.
    Source {
        /// Identity of the workload's certificate: `cluster.local/ns/default/sa/productpage`.
        principals / with_principals: Vec<String> = "principals",
        /// All but these.
        not_principals / with_not_principals: Vec<String> = "notPrincipals",
        /// Identity of the token: `issuer/subject`.
        request_principals / with_request_principals: Vec<String> = "requestPrincipals",
        /// All but these.
        not_request_principals / with_not_request_principals: Vec<String> = "notRequestPrincipals",
        /// Namespaces.
        namespaces / with_namespaces: Vec<String> = "namespaces",
        /// All but these.
        not_namespaces / with_not_namespaces: Vec<String> = "notNamespaces",
        /// Addresses of the connection: `10.0.0.1`, `10.0.0.0/8`.
        ip_blocks / with_ip_blocks: Vec<String> = "ipBlocks",
        /// All but these.
        not_ip_blocks / with_not_ip_blocks: Vec<String> = "notIpBlocks",
        /// Addresses of the client, behind proxies that are trusted.
        remote_ip_blocks / with_remote_ip_blocks: Vec<String> = "remoteIpBlocks",
        /// All but these.
        not_remote_ip_blocks / with_not_remote_ip_blocks: Vec<String> = "notRemoteIpBlocks",
        /// Service accounts: `account` of the policy's namespace, or `namespace/account`.
        service_accounts / with_service_accounts: Vec<String> = "serviceAccounts",
        /// All but these.
        not_service_accounts / with_not_service_accounts: Vec<String> = "notServiceAccounts",
        /// Trust domains; one `*` at an end.
        trust_domains / with_trust_domains: Vec<String> = "trustDomains",
        /// All but these.
        not_trust_domains / with_not_trust_domains: Vec<String> = "notTrustDomains",
    }
}

message! {
    /// What the request asks for: all fields that are set must fit, each by one of its entries; a `not` field by none.
    Operation {
        /// Hosts, in any case; a `*` at an end.
        hosts / with_hosts: Vec<String> = "hosts",
        /// All but these.
        not_hosts / with_not_hosts: Vec<String> = "notHosts",
        /// Ports.
        ports / with_ports: Vec<String> = "ports",
        /// All but these.
        not_ports / with_not_ports: Vec<String> = "notPorts",
        /// Methods.
        methods / with_methods: Vec<String> = "methods",
        /// All but these.
        not_methods / with_not_methods: Vec<String> = "notMethods",
        /// Paths without the query; a `*` at an end, or the templates `{*}` and `{**}`.
        paths / with_paths: Vec<String> = "paths",
        /// All but these.
        not_paths / with_not_paths: Vec<String> = "notPaths",
    }
}

message! {
    /// A condition on an attribute of the request.
    Condition {
        /// The attribute: `request.headers[x-user]`, `source.ip`, `request.auth.claims[group]`, …
        key / with_key: String = "key",
        /// One of these; a `*` at an end.
        values / with_values: Vec<String> = "values",
        /// None of these.
        not_values / with_not_values: Vec<String> = "notValues",
    }
}
