//! The policy part of Mixer: rules, handlers and instances for rate limits, denials, lists and metrics.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;

use super::IstioService;
use crate::istio::networking::StringMatch;
use crate::macros::{message, one_of, wire_enum};

message! {
    /// Which handlers get which instances, and when.
    Rule {
        /// When, in the expression language; empty: always.
        r#match / with_match: String = "match",
        /// What then.
        actions / with_actions: Vec<Action> = "actions",
        /// An older name of `match`; refused.
        selector / with_selector: String = "selector",
    }
}

message! {
    /// A handler gets instances.
    Action {
        /// The handler: `name.kind` or `name.kind.namespace`.
        handler / with_handler: String = "handler",
        /// The instances, named likewise.
        instances / with_instances: Vec<String> = "instances",
    }
}

message! {
    /// A handler of any adapter.
    Handler {
        /// Name.
        name / with_name: String = "name",
        /// An adapter that is part of Mixer.
        compiled_adapter / with_compiled_adapter: String = "compiledAdapter",
        /// Another adapter.
        adapter / with_adapter: String = "adapter",
        /// What it is told.
        params / with_params: Value = "params",
        /// Where it is.
        connection / with_connection: Option<Connection> = "connection",
    }
}

message! {
    /// Where an adapter is.
    Connection {
        /// Address.
        address / with_address: String = "address",
    }
}

message! {
    /// An instance of any template.
    Instance {
        /// Name.
        name / with_name: String = "name",
        /// A template that is part of Mixer.
        compiled_template / with_compiled_template: String = "compiledTemplate",
        /// Another template.
        template / with_template: String = "template",
        /// Its fields, as expressions.
        params / with_params: Value = "params",
    }
}

message! {
    /// Counts requests in the memory of Mixer.
    MemQuota {
        /// The limits.
        quotas / with_quotas: Vec<MemQuotaLimit> = "quotas",
        /// How long repeated requests are known; none: 1 s.
        min_deduplication_duration / with_min_deduplication_duration: Option<TimeDelta> = "minDeduplicationDuration",
    }
}

message! {
    /// A limit.
    MemQuotaLimit {
        /// The instance: `name.quota.namespace`.
        name / with_name: String = "name",
        /// How many.
        max_amount / with_max_amount: i64 = "maxAmount",
        /// In which time; none or 0: until they are given back.
        valid_duration / with_valid_duration: Option<TimeDelta> = "validDuration",
        /// Other limits for certain dimensions; the first that fits counts.
        overrides / with_overrides: Vec<MemQuotaOverride> = "overrides",
    }
}

message! {
    /// Another limit for certain dimensions.
    MemQuotaOverride {
        /// All of these must be equal.
        dimensions / with_dimensions: BTreeMap<String, String> = "dimensions",
        /// How many.
        max_amount / with_max_amount: i64 = "maxAmount",
        /// In which time.
        valid_duration / with_valid_duration: Option<TimeDelta> = "validDuration",
    }
}

message! {
    /// Counts requests in Redis.
    RedisQuota {
        /// The limits.
        quotas / with_quotas: Vec<RedisQuotaLimit> = "quotas",
        /// Where Redis is.
        redis_server_url / with_redis_server_url: String = "redisServerUrl",
        /// Most connections to it; 0: ten for each core.
        connection_pool_size / with_connection_pool_size: i64 = "connectionPoolSize",
    }
}

wire_enum! {
    /// How time is cut.
    QuotaAlgorithm {
        /// Into windows; at an edge twice as many may pass.
        FixedWindow = "FIXED_WINDOW" = 0,
        /// Not; the last window counts.
        RollingWindow = "ROLLING_WINDOW" = 1,
    }
}

message! {
    /// A limit.
    RedisQuotaLimit {
        /// The instance: `name.quota.namespace`.
        name / with_name: String = "name",
        /// How many.
        max_amount / with_max_amount: i64 = "maxAmount",
        /// In which time.
        valid_duration / with_valid_duration: Option<TimeDelta> = "validDuration",
        /// How finely a rolling window is cut.
        bucket_duration / with_bucket_duration: Option<TimeDelta> = "bucketDuration",
        /// How time is cut.
        rate_limit_algorithm / with_rate_limit_algorithm: QuotaAlgorithm = "rateLimitAlgorithm",
        /// Other limits for certain dimensions.
        overrides / with_overrides: Vec<RedisQuotaOverride> = "overrides",
    }
}

message! {
    /// Another limit for certain dimensions.
    RedisQuotaOverride {
        /// All of these must be equal.
        dimensions / with_dimensions: BTreeMap<String, String> = "dimensions",
        /// How many.
        max_amount / with_max_amount: i64 = "maxAmount",
    }
}

message! {
    /// What is counted apart.
    Quota {
        /// Expressions by name.
        dimensions / with_dimensions: BTreeMap<String, String> = "dimensions",
    }
}

message! {
    /// Denies everything.
    Denier {
        /// With which status.
        status / with_status: Option<RpcStatus> = "status",
        /// How long the answer counts; none: 5 s.
        valid_duration / with_valid_duration: Option<TimeDelta> = "validDuration",
        /// For how many requests; 0 means 1000.
        valid_use_count / with_valid_use_count: i32 = "validUseCount",
    }
}

message! {
    /// A status of gRPC.
    RpcStatus {
        /// 0 to 16.
        code / with_code: i32 = "code",
        /// What it says.
        message / with_message: String = "message",
        /// More.
        details / with_details: Vec<Value> = "details",
    }
}

message! {
    /// Has no fields.
    CheckNothing {}
}

message! {
    /// What is looked up in a list.
    ListEntry {
        /// An expression for a text.
        value / with_value: String = "value",
    }
}

wire_enum! {
    /// What a list holds.
    ListEntryType {
        /// Texts.
        Strings = "STRINGS" = 0,
        /// Texts in any case.
        CaseInsensitiveStrings = "CASE_INSENSITIVE_STRINGS" = 1,
        /// Addresses and ranges.
        IpAddresses = "IP_ADDRESSES" = 2,
        /// Regular expressions.
        Regex = "REGEX" = 3,
    }
}

message! {
    /// Allows or denies what is in a list.
    ListChecker {
        /// Where the list is.
        provider_url / with_provider_url: String = "providerUrl",
        /// How often it is fetched; none: 60 s.
        refresh_interval / with_refresh_interval: Option<TimeDelta> = "refreshInterval",
        /// How long it counts when it cannot be fetched; none: 300 s.
        ttl / with_ttl: Option<TimeDelta> = "ttl",
        /// How long the answer counts; none: 300 s.
        caching_interval / with_caching_interval: Option<TimeDelta> = "cachingInterval",
        /// For how many requests; 0 means 10000.
        caching_use_count / with_caching_use_count: i32 = "cachingUseCount",
        /// More entries.
        overrides / with_overrides: Vec<String> = "overrides",
        /// What it holds.
        entry_type / with_entry_type: ListEntryType = "entryType",
        /// Whether what is in it is denied (or what is not).
        blacklist / with_blacklist: bool = "blacklist",
    }
}

wire_enum! {
    /// What a metric of Prometheus is.
    PrometheusKind {
        /// Not said.
        Unspecified = "UNSPECIFIED" = 0,
        /// Goes up and down.
        Gauge = "GAUGE" = 1,
        /// Goes up.
        Counter = "COUNTER" = 2,
        /// In buckets.
        Distribution = "DISTRIBUTION" = 3,
    }
}

message! {
    /// Shows metrics to Prometheus.
    Prometheus {
        /// The metrics.
        metrics / with_metrics: Vec<PrometheusMetric> = "metrics",
    }
}

message! {
    /// A metric.
    PrometheusMetric {
        /// What stands before its name.
        namespace / with_namespace: String = "namespace",
        /// Its name.
        name / with_name: String = "name",
        /// The instance: `name.metric.namespace`.
        instance_name / with_instance_name: String = "instanceName",
        /// What it says.
        description / with_description: String = "description",
        /// What it is.
        kind / with_kind: PrometheusKind = "kind",
        /// Its buckets.
        buckets / with_buckets: Value = "buckets",
        /// Its labels.
        label_names / with_label_names: Vec<String> = "labelNames",
    }
}

message! {
    /// Attributes that somebody makes.
    AttributeManifest {
        /// Revision.
        revision / with_revision: String = "revision",
        /// Who makes them.
        name / with_name: String = "name",
        /// They, by name.
        attributes / with_attributes: BTreeMap<String, AttributeInfo> = "attributes",
    }
}

message! {
    /// An attribute.
    AttributeInfo {
        /// What it says.
        description / with_description: String = "description",
        /// Its type: `STRING`, `INT64`, …
        value_type / with_value_type: String = "valueType",
    }
}

message! {
    /// Which quotas which requests use up, as the proxy sees it.
    QuotaSpec {
        /// The rules: all that fit count.
        rules / with_rules: Vec<QuotaRule> = "rules",
    }
}

message! {
    /// Which quotas certain requests use up.
    QuotaRule {
        /// Which requests: one of these; empty: all.
        r#match / with_match: Vec<AttributeMatch> = "match",
        /// The quotas.
        quotas / with_quotas: Vec<QuotaCharge> = "quotas",
    }
}

message! {
    /// Conditions on attributes, all of them.
    AttributeMatch {
        /// Conditions by attribute.
        clause / with_clause: BTreeMap<String, StringMatch> = "clause",
    }
}

message! {
    /// How much of a quota a request uses up.
    QuotaCharge {
        /// The quota.
        quota / with_quota: String = "quota",
        /// How much.
        charge / with_charge: i64 = "charge",
    }
}

message! {
    /// For which services quotas count.
    QuotaSpecBinding {
        /// The services.
        services / with_services: Vec<IstioService> = "services",
        /// The quotas.
        quota_specs / with_quota_specs: Vec<SpecReference> = "quotaSpecs",
    }
}

message! {
    /// The name of an object.
    SpecReference {
        /// Name.
        name / with_name: String = "name",
        /// Namespace; empty: that of the object.
        namespace / with_namespace: String = "namespace",
    }
}

message! {
    /// What an HTTP service offers.
    HTTPAPISpec {
        /// Attributes of all operations, as `{attributes: {name: {stringValue: …}}}`.
        attributes / with_attributes: Option<Attributes> = "attributes",
        /// The operations.
        patterns / with_patterns: Vec<HTTPAPISpecPattern> = "patterns",
        /// Where a key is looked for.
        api_keys / with_api_keys: Vec<APIKey> = "apiKeys",
    }
}

message! {
    /// Attributes.
    Attributes {
        /// They, by name.
        attributes / with_attributes: BTreeMap<String, AttributeValue> = "attributes",
    }
}

one_of! {
    /// The value of an attribute.
    AttributeValueKind {
        /// A text.
        StringValue(String) = "stringValue",
        /// An integer.
        Int64Value(i64) = "int64Value",
        /// A number.
        DoubleValue(f64) = "doubleValue",
        /// True or false.
        BoolValue(bool) = "boolValue",
        /// Base64.
        BytesValue(String) = "bytesValue",
        /// A time, RFC 3339.
        TimestampValue(String) = "timestampValue",
        /// A duration.
        DurationValue(TimeDelta) = "durationValue",
        /// Texts by name.
        StringMapValue(StringMap) = "stringMapValue",
    }
}

message! {
    /// The value of an attribute.
    AttributeValue {
        ; /// It.
        oneof value / with_value: AttributeValueKind,
    }
}

message! {
    /// Texts by name.
    StringMap {
        /// They.
        entries / with_entries: BTreeMap<String, String> = "entries",
    }
}

one_of! {
    /// Which paths.
    HTTPAPIPattern {
        /// By a template.
        UriTemplate(String) = "uriTemplate",
        /// By a regular expression.
        Regex(String) = "regex",
    }
}

message! {
    /// An operation of an HTTP service.
    HTTPAPISpecPattern {
        /// Its attributes.
        attributes / with_attributes: Option<Attributes> = "attributes",
        /// Its method.
        http_method / with_http_method: String = "httpMethod",
        ; /// Its paths.
        oneof pattern / with_pattern: HTTPAPIPattern,
    }
}

one_of! {
    /// Where a key is.
    APIKeyPlace {
        /// In a parameter of the query.
        Query(String) = "query",
        /// In a header.
        Header(String) = "header",
        /// In a cookie.
        Cookie(String) = "cookie",
    }
}

message! {
    /// Where a key is.
    APIKey {
        ; /// Where.
        oneof key / with_key: APIKeyPlace,
    }
}

message! {
    /// For which services operations count.
    HTTPAPISpecBinding {
        /// The services.
        services / with_services: Vec<IstioService> = "services",
        /// The operations.
        api_specs / with_api_specs: Vec<SpecReference> = "apiSpecs",
    }
}
