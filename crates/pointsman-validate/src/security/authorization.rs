//! Which requests a workload answers.

use pointsman_api::istio::security::{
    AuthorizationAction, AuthorizationPolicy, Operation, Rule, RuleFrom, Source,
};

use super::{condition, path_template, source};
use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::selector::Attachment;

pub(crate) fn authorization_policy(
    spec: &AuthorizationPolicy,
    context: &Context<'_>,
    at: &Place<'_>,
    out: &mut Report,
) {
    let tried = matches!(spec.action, AuthorizationAction::Allow | AuthorizationAction::Deny);
    if context.is_dry_run() && !tried {
        let message = format!(
            "a policy can be tried only where it allows or denies, but the action is `{}`",
            spec.action
        );
        out.error(&at.field("action"), codes::DRY_RUN, message);
        return;
    }
    Attachment {
        selector: spec.selector.as_ref(),
        target_ref: spec.target_ref.as_ref(),
        target_refs: &spec.target_refs,
    }
    .check(at, out);
    action(spec, at, out);
    for (position, rule) in spec.rules.iter().enumerate() {
        let here = at.item("rules", position);
        check_rule(rule, &here, out);
        if spec.action == AuthorizationAction::Custom {
            no_identity(rule, &here, out);
        }
        if spec.action == AuthorizationAction::Deny && is_http_only(rule) {
            let message = "the rule looks at nothing but HTTP: every plain TCP connection is refused";
            out.warn(&here, codes::DENY_HTTP, message);
        }
    }
}

fn action(spec: &AuthorizationPolicy, at: &Place<'_>, out: &mut Report) {
    let provider = spec.provider.as_ref();
    if spec.action != AuthorizationAction::Custom {
        if provider.is_some() {
            let message = format!("`provider` is for `CUSTOM` only, but the action is `{}`", spec.action);
            out.error(&at.field("provider"), codes::PROVIDER_ACTION, message);
        }
        if spec.action == AuthorizationAction::Deny && spec.rules.is_empty() {
            out.error(at, codes::DENY_RULES, "a `DENY` without `rules` refuses nothing");
        }
    } else if spec.rules.is_empty() {
        out.error(at, codes::CUSTOM_RULES, "a `CUSTOM` without `rules` asks nobody");
    } else if provider.is_none_or(|provider| provider.name.is_empty()) {
        let place = at.field("provider");
        let place = if provider.is_some() { place.field("name") } else { place };
        out.error(&place, codes::CUSTOM_PROVIDER, "a `CUSTOM` needs the name of a provider");
    }
}

fn check_rule(rule: &Rule, at: &Place<'_>, out: &mut Report) {
    for (position, from) in rule.from.iter().enumerate() {
        let here = at.item("from", position);
        match &from.source {
            Some(source) if lists_of_source(source).iter().any(|(_, texts)| !texts.is_empty()) => {
                check_source(source, &here.field("source"), out);
            }
            _ => out.error(
                &here.field("source"),
                codes::EMPTY_CONDITION,
                "the source says nothing about clients",
            ),
        }
    }
    for (position, to) in rule.to.iter().enumerate() {
        let here = at.item("to", position);
        match &to.operation {
            Some(operation) if lists_of_operation(operation).iter().any(|(_, texts)| !texts.is_empty()) => {
                check_operation(operation, &here.field("operation"), out);
            }
            _ => out.error(
                &here.field("operation"),
                codes::EMPTY_CONDITION,
                "the operation says nothing about requests",
            ),
        }
    }
    for (position, when) in rule.when.iter().enumerate() {
        condition::check(when, &at.item("when", position), out);
    }
}

fn lists_of_source(source: &Source) -> [(&'static str, &[String]); 14] {
    [
        ("principals", &source.principals),
        ("notPrincipals", &source.not_principals),
        ("requestPrincipals", &source.request_principals),
        ("notRequestPrincipals", &source.not_request_principals),
        ("namespaces", &source.namespaces),
        ("notNamespaces", &source.not_namespaces),
        ("ipBlocks", &source.ip_blocks),
        ("notIpBlocks", &source.not_ip_blocks),
        ("remoteIpBlocks", &source.remote_ip_blocks),
        ("notRemoteIpBlocks", &source.not_remote_ip_blocks),
        ("serviceAccounts", &source.service_accounts),
        ("notServiceAccounts", &source.not_service_accounts),
        ("trustDomains", &source.trust_domains),
        ("notTrustDomains", &source.not_trust_domains),
    ]
}

fn lists_of_operation(operation: &Operation) -> [(&'static str, &[String]); 8] {
    [
        ("hosts", &operation.hosts),
        ("notHosts", &operation.not_hosts),
        ("ports", &operation.ports),
        ("notPorts", &operation.not_ports),
        ("methods", &operation.methods),
        ("notMethods", &operation.not_methods),
        ("paths", &operation.paths),
        ("notPaths", &operation.not_paths),
    ]
}

fn check_source(source: &Source, at: &Place<'_>, out: &mut Report) {
    for (field, texts) in lists_of_source(source) {
        source::no_empty_text(field, texts, at, out);
        match field {
            "ipBlocks" | "notIpBlocks" | "remoteIpBlocks" | "notRemoteIpBlocks" => {
                source::addresses(field, texts, at, out);
            }
            "serviceAccounts" | "notServiceAccounts" => source::service_accounts(field, texts, at, out),
            "trustDomains" | "notTrustDomains" => source::trust_domains(field, texts, at, out),
            _ => {}
        }
    }
    let accounts = !source.service_accounts.is_empty() || !source.not_service_accounts.is_empty();
    let others = [&source.principals, &source.not_principals, &source.namespaces, &source.not_namespaces];
    if accounts && others.iter().any(|texts| !texts.is_empty()) {
        let message =
            "service accounts cannot stand beside principals or namespaces, which they already name";
        out.error(at, codes::SERVICE_ACCOUNT_BESIDE, message);
    }
}

fn check_operation(operation: &Operation, at: &Place<'_>, out: &mut Report) {
    for (field, texts) in lists_of_operation(operation) {
        source::no_empty_text(field, texts, at, out);
        match field {
            "ports" | "notPorts" => source::ports(field, texts, at, out),
            "paths" | "notPaths" => source::each(field, texts, at, out, |text| {
                let why = path_template::check(text).err()?;
                Some((codes::PATH_TEMPLATE, format!("`{text}` is not a path to compare with: {why}")))
            }),
            _ => {}
        }
    }
}

/// An external authorizer is asked before the client is known.
fn no_identity(rule: &Rule, at: &Place<'_>, out: &mut Report) {
    for (position, from) in rule.from.iter().enumerate() {
        let Some(source) = &from.source else { continue };
        let here = at.item("from", position);
        for (field, texts) in lists_of_source(source) {
            if !texts.is_empty() && !field.ends_with("pBlocks") {
                let message = format!("`{field}` cannot be asked of a `CUSTOM` provider");
                out.error(&here.field("source").field(field), codes::CUSTOM_IDENTITY, message);
            }
        }
    }
    for (position, when) in rule.when.iter().enumerate() {
        if condition::needs_identity(&when.key) {
            let message = format!("`{}` cannot be asked of a `CUSTOM` provider", when.key);
            out.error(&at.item("when", position).field("key"), codes::CUSTOM_IDENTITY, message);
        }
    }
}

/// Whether a rule looks only at what a TCP connection does not have, so that it fits all of them when it refuses.
fn is_http_only(rule: &Rule) -> bool {
    let sources = rule.from.iter().all(|from| !looks_at_connection(from));
    let operations = rule.to.iter().all(|to| {
        to.operation
            .as_ref()
            .is_none_or(|operation| operation.ports.is_empty() && operation.not_ports.is_empty())
    });
    match (rule.from.is_empty(), rule.to.is_empty()) {
        (true, true) => false,
        (false, true) => sources,
        (_, false) => operations,
    }
}

fn looks_at_connection(from: &RuleFrom) -> bool {
    let Some(source) = &from.source else { return false };
    let http = ["requestPrincipals", "notRequestPrincipals", "trustDomains", "notTrustDomains"];
    lists_of_source(source).iter().any(|(field, texts)| !texts.is_empty() && !http.contains(field))
}
