//! Authentication and authorization of the old model: Policy, ServiceRole, ServiceRoleBinding.

use std::collections::BTreeMap;

use pointsman_manifest::Value;

use crate::macros::{message, one_of, wire_enum};

message! {
    /// How both sides show who they are, in the old model.
    Policy {
        /// Services of the namespace; empty: all.
        targets / with_targets: Vec<TargetSelector> = "targets",
        /// How the workload shows it.
        peers / with_peers: Vec<PeerMethod> = "peers",
        /// Whether it need not.
        peer_is_optional / with_peer_is_optional: bool = "peerIsOptional",
        /// How the user shows it.
        origins / with_origins: Vec<OriginMethod> = "origins",
        /// Whether they need not.
        origin_is_optional / with_origin_is_optional: bool = "originIsOptional",
        /// Which of both counts as the caller.
        principal_binding / with_principal_binding: PrincipalBinding = "principalBinding",
    }
}

message! {
    /// A service of the namespace.
    TargetSelector {
        /// Short name.
        name / with_name: String = "name",
        /// Subset.
        subset / with_subset: String = "subset",
        /// Ports; empty: all.
        ports / with_ports: Vec<TargetPort> = "ports",
    }
}

one_of! {
    /// A port.
    TargetPortKind {
        /// By number.
        Number(u32) = "number",
        /// By name.
        Name(String) = "name",
    }
}

message! {
    /// A port.
    TargetPort {
        ; /// Which.
        oneof port / with_port: TargetPortKind,
    }
}

one_of! {
    /// How a workload shows who it is.
    PeerMethodKind {
        /// By mutual TLS; `{}` or null.
        Mtls(Value) = "mtls",
        /// By a token.
        Jwt(Jwt) = "jwt",
    }
}

message! {
    /// How a workload shows who it is.
    PeerMethod {
        ; /// How.
        oneof params / with_params: PeerMethodKind,
    }
}

message! {
    /// How a user shows who they are.
    OriginMethod {
        /// By a token.
        jwt / with_jwt: Option<Jwt> = "jwt",
    }
}

wire_enum! {
    /// Who counts as the caller.
    PrincipalBinding {
        /// The workload.
        UsePeer = "USE_PEER" = 0,
        /// The user.
        UseOrigin = "USE_ORIGIN" = 1,
    }
}

message! {
    /// An issuer of tokens.
    Jwt {
        /// The issuer.
        issuer / with_issuer: String = "issuer",
        /// For whom a token may be.
        audiences / with_audiences: Vec<String> = "audiences",
        /// Where its keys are.
        jwks_uri / with_jwks_uri: String = "jwksUri",
        /// Headers with a token.
        jwt_headers / with_jwt_headers: Vec<String> = "jwtHeaders",
        /// Parameters with a token.
        jwt_params / with_jwt_params: Vec<String> = "jwtParams",
    }
}

message! {
    /// What may be done.
    ServiceRole {
        /// One of these.
        rules / with_rules: Vec<AccessRule> = "rules",
    }
}

message! {
    /// What may be done.
    AccessRule {
        /// With which services.
        services / with_services: Vec<String> = "services",
        /// On which paths.
        paths / with_paths: Vec<String> = "paths",
        /// By which methods.
        methods / with_methods: Vec<String> = "methods",
        /// Under which conditions.
        constraints / with_constraints: Vec<Constraint> = "constraints",
    }
}

message! {
    /// A condition.
    Constraint {
        /// The attribute.
        key / with_key: String = "key",
        /// One of these.
        values / with_values: Vec<String> = "values",
    }
}

wire_enum! {
    /// Whether it is only watched.
    EnforcementMode {
        /// It counts.
        Enforced = "ENFORCED" = 0,
        /// It is only watched.
        Permissive = "PERMISSIVE" = 1,
    }
}

message! {
    /// Who has a role.
    ServiceRoleBinding {
        /// They.
        subjects / with_subjects: Vec<Subject> = "subjects",
        /// The role.
        role_ref / with_role_ref: Option<RoleRef> = "roleRef",
        /// Whether it is only watched.
        mode / with_mode: EnforcementMode = "mode",
    }
}

message! {
    /// Somebody.
    Subject {
        /// The user.
        user / with_user: String = "user",
        /// The group.
        group / with_group: String = "group",
        /// Attributes that must be equal.
        properties / with_properties: BTreeMap<String, String> = "properties",
    }
}

message! {
    /// A role.
    RoleRef {
        /// `ServiceRole`.
        kind / with_kind: String = "kind",
        /// Name.
        name / with_name: String = "name",
    }
}
