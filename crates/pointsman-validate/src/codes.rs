//! The codes of findings. Meaning and help of each stand in `codes.md`, beside this crate's manifest.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use pointsman_types::Code;

const TABLE: &str = include_str!("../codes.md");

/// What stands in the catalogue about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The code, such as `PV0001`.
    pub code: &'static str,
    /// Its name in this crate.
    pub name: &'static str,
    /// What is found, as a sentence.
    pub meaning: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

/// Every code that this crate gives to a finding, in order.
pub fn catalogue() -> impl Iterator<Item = Entry> {
    TABLE.lines().skip(2).filter_map(|line| {
        let cells: Vec<&'static str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        match cells.as_slice() {
            [code, name, meaning, help] => Some(Entry { code, name, meaning, help }),
            _ => None,
        }
    })
}

/// What to write instead, where a code is found.
pub(crate) fn help(code: &Code) -> &'static str {
    static HELP: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    let help = HELP.get_or_init(|| catalogue().map(|entry| (entry.code, entry.help)).collect());
    help.get(code.as_str()).copied().unwrap_or_default()
}

macro_rules! codes {
    ($($name:ident $code:literal)*) => {
        $( pub(crate) const $name: Code = Code::from_static($code); )*

        /// Every constant with its name.
        #[cfg(test)]
        const CONSTANTS: &[(&str, &str)] = &[$((stringify!($name), $code)),*];
    };
}

codes! {
    INVALID_HOST "PV0001"
    INVALID_FQDN "PV0002"
    INVALID_ADDRESS "PV0003"
    INVALID_PORT "PV0004"
    INVALID_DURATION "PV0005"
    INVALID_LABEL "PV0006"
    INVALID_NAME "PV0007"
    PROTOCOL "PV0008"
    INVALID_SOCKET "PV0009"
    INVALID_PERCENT "PV0010"
    INVALID_STATUS "PV0011"
    NEGATIVE "PV0012"
    MISSING "PV0013"
    DEPRECATED "PV0014"
    NOT_SUPPORTED "PV0015"
    REGEX "PV0020"
    REGEX_EMPTY "PV0021"
    REGEX_LONG "PV0022"
    EMPTY_PREFIX "PV0023"
    HEADER_NAME "PV0024"
    HEADER_CHANGE "PV0025"
    HEADER_VALUE "PV0026"
    EXPORT_TO "PV0030"
    EXPORT_TO_TWICE "PV0031"
    EXPORT_TO_ALL "PV0032"
    EXPORT_TO_SELECTOR "PV0033"
    SELECTOR "PV0034"
    EMPTY_SELECTOR "PV0035"
    SELECTOR_AND_TARGET "PV0036"
    TARGET_NAMESPACE "PV0037"
    TARGET_KIND "PV0038"
    GATEWAY_NAME "PV0039"
    OLD_GATEWAY_NAME "PV0040"
    INTERNAL_ANNOTATION "PV0041"
    DRY_RUN "PV0042"
    NULL_ENTRY "PV0043"
    NO_ROUTES "PV0101"
    DELEGATE_FIELD "PV0102"
    DELEGATE_CHAIN "PV0103"
    CLAIM_IN_MESH "PV0104"
    WILDCARD_IN_MESH "PV0105"
    GENERATED_SNI "PV0106"
    HOSTS_OVERLAP "PV0107"
    NO_ACTION "PV0108"
    ACTION_CONFLICT "PV0109"
    DESTINATION_WILDCARD "PV0110"
    WEIGHT_NEGATIVE "PV0111"
    WEIGHTS_ZERO "PV0112"
    AUTHORITY_TWICE "PV0113"
    REDIRECT_URI_AND_PREFIX "PV0114"
    REDIRECT_PREFIX "PV0115"
    REDIRECT_EMPTY "PV0116"
    REDIRECT_CODE "PV0117"
    REDIRECT_SCHEME "PV0118"
    BODY_TOO_LARGE "PV0119"
    BODY_LARGE "PV0120"
    REWRITE_TWICE "PV0121"
    REWRITE_EMPTY "PV0122"
    REGEX_REWRITE_EMPTY "PV0123"
    REGEX_REWRITE_GROUP "PV0124"
    FAULT_EMPTY "PV0125"
    ABORT_EMPTY "PV0126"
    GRPC_STATUS "PV0127"
    CORS_METHOD "PV0128"
    CORS_MAX_AGE "PV0129"
    CORS_ORIGIN "PV0130"
    MIRROR_TWICE "PV0131"
    RETRY_OFF "PV0132"
    RETRY_ON "PV0133"
    SNI_ADDRESS "PV0134"
    SNI_NOT_HOST "PV0135"
    UNREACHABLE_RULE "PV0136"
    INEFFECTIVE_MATCH "PV0137"
    SUBSET_TWICE "PV0201"
    POLICY_EMPTY "PV0202"
    TUNNEL_AND_PROXY "PV0203"
    PROXY_VERSION "PV0204"
    TUNNEL_PROTOCOL "PV0205"
    OUTLIER_SPLIT "PV0206"
    POOL_EMPTY "PV0207"
    UPGRADE_AND_CLIENT "PV0208"
    LOCALITY_AND_ZONE "PV0209"
    RING_SIZE_TWICE "PV0210"
    MAGLEV_SIZE "PV0211"
    COOKIE_ATTRIBUTE_TWICE "PV0212"
    WARMUP_AGGRESSION "PV0213"
    LOCALITY_BOTH "PV0214"
    LOCALITY_TOPOLOGY "PV0215"
    LOCALITY_WEIGHT "PV0216"
    LOCALITY_SUM "PV0217"
    LOCALITY "PV0218"
    LOCALITY_OVERLAP "PV0219"
    FAILOVER_UNWATCHED "PV0220"
    FAILOVER_SAME "PV0221"
    FAILOVER_REGION "PV0222"
    TLS_CREDENTIAL_AND_FILE "PV0223"
    TLS_CONFIG_MAP "PV0224"
    TLS_SKIP_VERIFY "PV0225"
    PORT_NAME_TWICE "PV0301"
    HTTPS_REDIRECT "PV0302"
    TLS_MISSING "PV0303"
    TLS_WITHOUT_PROTOCOL "PV0304"
    PORT_OF_SOCKET "PV0305"
    TARGET_PORT "PV0306"
    NAMESPACED_HOST "PV0307"
    SHORT_HOST "PV0308"
    PARTIAL_WILDCARD "PV0309"
    TLS_ISTIO_MUTUAL "PV0310"
    TLS_PASSTHROUGH "PV0311"
    TLS_CERTIFICATES "PV0312"
    TLS_OLD_VERSION "PV0313"
    TLS_CIPHER "PV0314"
    TLS_CIPHER_TWICE "PV0315"
    TLS_SOURCES "PV0316"
    TLS_CRL "PV0317"
    ENDPOINTS_AND_SELECTOR "PV0401"
    HOST_ALL "PV0402"
    BLOCK_RESOLUTION "PV0403"
    PORT_TWICE "PV0404"
    PORT_WITHOUT_ADDRESS "PV0405"
    RESOLUTION "PV0406"
    ENDPOINTS_UNUSED "PV0407"
    SELECTOR_UNUSED "PV0408"
    ROUND_ROBIN_ENDPOINTS "PV0409"
    HOSTS_SHARE_ADDRESSES "PV0410"
    DYNAMIC_HOST "PV0411"
    DYNAMIC_PROTOCOL "PV0412"
    DYNAMIC_LOCATION "PV0413"
    HOSTS_SHARE_PORT "PV0414"
    SIDECAR_EMPTY "PV0501"
    OUTBOUND_MODE "PV0502"
    EGRESS_PROXY_MODE "PV0503"
    HTTP_POOL_UNUSED "PV0504"
    DEFAULT_ENDPOINT "PV0505"
    EGRESS_NO_PORT "PV0506"
    EGRESS_SOCKET "PV0507"
    EGRESS_HOST_TWICE "PV0508"
    ADDRESS_MISSING "PV0601"
    SOCKET_PORTS "PV0602"
    ENDPOINT_PORT "PV0603"
    PROBE_EMPTY "PV0604"
    PROBE_SCHEME "PV0605"
    REGEX_IGNORED "PV0701"
    PATCH_MATCH "PV0702"
    PATCH_FILTER_UNUSED "PV0703"
    PATCH_SUB_FILTER "PV0704"
    OLD_FILTER_NAME "PV0705"
    PATCH_VALUE "PV0706"
    FILTER_WITHOUT_TYPE "PV0707"
    PORT_MODE_SELECTOR "PV0801"
    PORT_MODE_EMPTY "PV0802"
    PORT_MODE_PORT "PV0803"
    EMPTY_TEXT "PV0804"
    JWT_ISSUER "PV0805"
    JWT_ISSUER_TWICE "PV0806"
    JWKS_URI "PV0807"
    JWKS "PV0808"
    JWKS_SECRET "PV0809"
    JWT_HEADER "PV0810"
    CLAIM_NAME "PV0811"
    CLAIM_HEADER "PV0812"
    CUSTOM_RULES "PV0813"
    CUSTOM_PROVIDER "PV0814"
    CUSTOM_IDENTITY "PV0815"
    PROVIDER_ACTION "PV0816"
    DENY_RULES "PV0817"
    EMPTY_CONDITION "PV0818"
    SERVICE_ACCOUNT_BESIDE "PV0819"
    PATH_TEMPLATE "PV0820"
    DENY_HTTP "PV0821"
    CONDITION_KEY "PV0822"
    CONDITION_VALUES "PV0823"
    ATTRIBUTE "PV0824"
    ATTRIBUTE_GONE "PV0825"
    ATTRIBUTE_NAME "PV0826"
    PORT_TEXT "PV0827"
    SERVICE_ACCOUNT "PV0828"
    SERVICE_ACCOUNTS "PV0829"
    TRUST_DOMAIN "PV0830"
    TRACINGS "PV0901"
    TRACING_PROVIDERS "PV0902"
    PROVIDER_NAME "PV0903"
    TAG_NAME "PV0904"
    TAG_SOURCE "PV0905"
    TAG_UPSERT "PV0906"
    TAG_REMOVE "PV0907"
    METRIC_NAME "PV0908"
    LOG_FILTER "PV0909"
    MODULE_URL "PV0920"
    MODULE_SHA256 "PV0921"
    MODULE_TEXT "PV0922"
    VARIABLES "PV0923"
    VARIABLE_NAME "PV0924"
    VARIABLE_TWICE "PV0925"
    VARIABLE_VALUE "PV0926"
    EXTENSION_EMPTY "PV0927"
    SCHEMA_SPEC "PV1001"
    SCHEMA_NULL "PV1002"
    SCHEMA_REQUIRED "PV1003"
    SCHEMA_COUNT "PV1004"
    SCHEMA_LENGTH "PV1005"
    SCHEMA_RANGE "PV1006"
    SCHEMA_TEXT "PV1007"
    SCHEMA_DURATION "PV1008"
    SCHEMA_TWICE "PV1009"
    SCHEMA_TOGETHER "PV1010"
    SCHEMA_NAME "PV1011"
    SCHEMA_NUMBER "PV1012"
    SCHEMA_ENUM "PV1013"
    SCHEMA_SOCKET "PV1014"
    SCHEMA_ADDRESS "PV1015"
    SCHEMA_BLOCK "PV1016"
    SCHEMA_ENDPOINTS "PV1017"
    SCHEMA_ROUND_ROBIN "PV1018"
    SCHEMA_WAYPOINT "PV1019"
    INBOUND_RETRY "PV1101"
    MESH_TRUST_DOMAIN "PV1102"
    DURATION_RANGE "PV1103"
    PROVIDER_SERVICE "PV1104"
    CONTROL_PLANE_AUTH "PV1105"
    HOST_PORT "PV1106"
    CONNECTION_SETTING "PV1107"
    PROVIDER_TWICE "PV1108"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the code of this crate stands, for the test that each code is used.
    const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

    fn sources(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).expect("the sources are there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.file_name().is_some_and(|name| name != "codes.rs") {
                text.push_str(&std::fs::read_to_string(&path).expect("a source is text"));
            }
        }
    }

    #[test]
    fn table_and_constants_say_the_same() {
        let table: Vec<_> = catalogue().map(|entry| (entry.name, entry.code)).collect();
        assert_eq!(table, CONSTANTS);
        assert_eq!(table.len(), TABLE.lines().count() - 2, "each line of the table is an entry");
        assert!(table.windows(2).all(|pair| pair[0].1 < pair[1].1), "codes ascend, so none is there twice");
        assert!(catalogue().all(|entry| !entry.help.is_empty() && entry.meaning.ends_with('.')));
    }

    #[test]
    fn each_code_is_used() {
        let mut text = String::new();
        sources(std::path::Path::new(SOURCES), &mut text);
        for entry in catalogue() {
            let used = text.match_indices(&format!("codes::{}", entry.name)).any(|(at, found)| {
                !text[at + found.len()..].starts_with(|next: char| next.is_ascii_uppercase() || next == '_')
            });
            assert!(used, "{} is listed but not used", entry.name);
        }
    }
}
