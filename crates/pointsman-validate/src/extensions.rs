//! Rules of `extensions.istio.io`.

use std::collections::BTreeMap;

use pointsman_api::istio::extensions::{
    EnvValueSource, EnvVar, FilterConfig, LuaConfig, TrafficExtension, TrafficSelector, VmConfig, WasmConfig,
    WasmPlugin,
};

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{self, quote, selector::Attachment};

/// How many environment variables a module takes, and how long a name may be.
const MOST_VARIABLES: usize = 256;
const LONGEST_NAME: usize = 256;
const LONGEST_SECRET: usize = 253;
const LONGEST_PROGRAM: usize = 65_536;

pub(crate) fn wasm_plugin(spec: &WasmPlugin, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    Attachment {
        selector: spec.selector.as_ref(),
        target_ref: spec.target_ref.as_ref(),
        target_refs: &spec.target_refs,
    }
    .check(at, out);
    Module {
        url: &spec.url,
        sha256: &spec.sha256,
        secret: &spec.image_pull_secret,
        name: &spec.plugin_name,
        machine: spec.vm_config.as_ref(),
    }
    .check(at, out);
    traffic(&spec.r#match, at, out);
}

pub(crate) fn traffic_extension(spec: &TrafficExtension, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    Attachment { selector: spec.selector.as_ref(), target_ref: None, target_refs: &spec.target_refs }
        .check(at, out);
    match &spec.filter_config {
        Some(FilterConfig::Wasm(module)) => wasm(module, &at.field("wasm"), out),
        Some(FilterConfig::Lua(program)) => lua(program, &at.field("lua"), out),
        _ => out.error(at, codes::EXTENSION_EMPTY, "the extension has neither `wasm` nor `lua`"),
    }
    traffic(&spec.r#match, at, out);
}

/// A module of WebAssembly.
fn wasm(module: &WasmConfig, at: &Place<'_>, out: &mut Report) {
    Module {
        url: &module.url,
        sha256: &module.sha256,
        secret: &module.image_pull_secret,
        name: &module.plugin_name,
        machine: module.vm_config.as_ref(),
    }
    .check(at, out);
}

fn lua(program: &LuaConfig, at: &Place<'_>, out: &mut Report) {
    let here = at.field("inlineCode");
    if program.inline_code.is_empty() {
        out.error(&here, codes::EXTENSION_EMPTY, "the program is empty");
    }
    at_most(&program.inline_code, LONGEST_PROGRAM, "inlineCode", at, out);
}

/// What both kinds say of a module.
struct Module<'a> {
    url: &'a str,
    sha256: &'a str,
    secret: &'a str,
    name: &'a str,
    machine: Option<&'a VmConfig>,
}

impl Module<'_> {
    fn check(&self, at: &Place<'_>, out: &mut Report) {
        if self.url.is_empty() {
            out.error(&at.field("url"), codes::MODULE_URL, "`url` is missing");
        } else if let Err(why) = check_address(self.url) {
            out.error(
                &at.field("url"),
                codes::MODULE_URL,
                format!("{} is not the address of a module: {why}", quote(self.url)),
            );
        }
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if !self.sha256.is_empty() && (self.sha256.len() != 64 || !self.sha256.bytes().all(hexadecimal)) {
            let message =
                format!("{} is not a SHA-256 of 64 lower-case hexadecimal letters", quote(self.sha256));
            out.error(&at.field("sha256"), codes::MODULE_SHA256, message);
        }
        at_most(self.secret, LONGEST_SECRET, "imagePullSecret", at, out);
        at_most(self.name, LONGEST_NAME - 1, "pluginName", at, out);
        if let Some(machine) = self.machine {
            variables(&machine.env, &at.field("vmConfig"), out);
        }
    }
}

fn at_most(text: &str, longest: usize, field: &str, at: &Place<'_>, out: &mut Report) {
    if text.len() > longest {
        let message = format!("`{field}` has {} letters, at most {longest} are taken", text.len());
        out.error(&at.field(field), codes::MODULE_TEXT, message);
    }
}

/// Whether a text is the address of a module.
pub(crate) fn is_module_address(text: &str) -> bool {
    check_address(text).is_ok()
}

/// Says what is wrong with an address; without a scheme it is that of an image.
fn check_address(text: &str) -> Result<(), String> {
    if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err("it has spaces or control characters".to_owned());
    }
    let unreadable = |error: url::ParseError| error.to_string().to_lowercase();
    let Some((scheme, _)) = text.split_once("://") else {
        return url::Url::parse(&format!("http://{text}")).map(|_| ()).map_err(unreadable);
    };
    if !["file", "http", "https", "oci"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(format!("the scheme `{scheme}` is not supported"));
    }
    url::Url::parse(text).map(|_| ()).map_err(unreadable)
}

fn variables(variables: &[EnvVar], at: &Place<'_>, out: &mut Report) {
    if variables.len() > MOST_VARIABLES {
        let message =
            format!("{} environment variables, at most {MOST_VARIABLES} are taken", variables.len());
        out.error(&at.field("env"), codes::VARIABLES, message);
    }
    let mut seen = BTreeMap::new();
    for (position, variable) in variables.iter().enumerate() {
        let here = at.item("env", position);
        if variable.name.is_empty() || variable.name.len() > LONGEST_NAME {
            out.error(&here.field("name"), codes::VARIABLE_NAME, "the name must have 1 to 256 letters");
        }
        if seen.insert(variable.name.as_str(), position).is_some() {
            let message = format!("the variable {} is there twice", quote(&variable.name));
            out.error(&here.field("name"), codes::VARIABLE_TWICE, message);
        }
        if variable.value_from == EnvValueSource::Host && !variable.value.is_empty() {
            let message =
                format!("{} comes from the proxy, so its `value` is of no use", quote(&variable.name));
            out.error(&here.field("value"), codes::VARIABLE_VALUE, message);
        }
    }
}

fn traffic(selectors: &[TrafficSelector], at: &Place<'_>, out: &mut Report) {
    for (position, selector) in selectors.iter().enumerate() {
        let here = at.item("match", position);
        for (position, port) in selector.ports.iter().enumerate() {
            words::port(port.number, &here.item("ports", position).field("number"), out);
        }
    }
}
