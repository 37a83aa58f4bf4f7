//! What random meshes are made of.

/// Hosts, namespaces and ports of the services, and the versions of their pods in order.
pub(super) const SERVICES: [(&str, &str, &[u16], &[&str]); 6] = [
    ("alpha", "default", &[80, 8080], &["v1", "v2", "v1", "v3", "v2"]),
    ("beta", "default", &[8080], &["v1", "v2", "v2"]),
    ("gamma", "other", &[80, 8080], &["v2", "v1", "v2", "v1", "v1", "v2", "v1"]),
    ("delta", "other", &[80], &["v1"]),
    ("copy-a", "default", &[80, 8080], &["v1"]),
    ("copy-b", "other", &[80, 8080], &["v1"]),
];
/// Hosts of ServiceEntries, their ports, and how endpoints are found.
pub(super) const ENTRIES: [(&str, &[u16], &str); 6] = [
    ("ext.example.com", &[80, 8080], "DNS"),
    ("api.ext.example.com", &[80], "DNS"),
    ("one.wild.test", &[80, 8080], "DNS"),
    ("*.many.test", &[80], "NONE"),
    ("static.example.com", &[80, 8080], "STATIC"),
    ("round.example.com", &[8080], "DNS_ROUND_ROBIN"),
];
pub(super) const SUBSETS: [&str; 3] = ["v1", "v2", "v3"];
pub(super) const NAMESPACES: [&str; 2] = ["default", "other"];
/// Hosts of VirtualServices that are no services, or cover several.
pub(super) const OTHER_HOSTS: [&str; 11] = [
    "*.example.com",
    "*.ext.example.com",
    "*.wild.test",
    "*.test",
    "*.com",
    "nowhere.test",
    "Shop.Example.com",
    "api.nowhere.test",
    "*.default.svc.cluster.local",
    "*.svc.cluster.local",
    "*.many.test",
];
pub(super) const GATEWAY_HOSTS: [&str; 9] = [
    "*",
    "*.example.com",
    "shop.example.com",
    "*.test",
    "nowhere.test",
    "default/*.example.com",
    "./*.test",
    "*/shop.example.com",
    "other/*",
];
pub(super) const PATHS: [&str; 16] = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/ab",
    "/A",
    "/api/v1/items",
    "/api/v1",
    "/api/v10",
    "/x.html",
    "/items/7",
    "/items/77",
    "/items/",
    "/\u{e9}",
    "/a-b_c~d",
    "/login",
];
/// Ends of paths that settings clean, or that are bytes beyond ASCII.
pub(super) const ODD_ENDS: [&str; 9] =
    ["/./b", "/../a", "//a", "%2Fb", "/%61", "\\b", "\u{e9}\u{f6}", "/%2e%2e/a", "%7E"];
pub(super) const PREFIXES: [&str; 9] = ["/", "/a", "/a/", "/api", "/api/v1", "/items/", "/A", "/x.", "/lo"];
pub(super) const PATH_REGEXES: [&str; 8] =
    [".*", "/.*", "/a.?", "/items/[0-9]+", "/api/v[0-9]+(/.*)?", "/(a|login)", "/[a-z]+", "^/a/b$"];
pub(super) const HEADERS: [&str; 6] = ["end-user", "x-version", "User-Type", "x-empty", "cookie", "accept"];
pub(super) const VALUES: [&str; 8] = ["jason", "json", "v1", "v2", "", "Jason", "j\u{f6}rg", "a,b"];
pub(super) const VALUE_REGEXES: [&str; 6] = [".*", ".+", "j.*n", "v[12]", "[^a]*", "(jason|v2)"];
pub(super) const PARAMETERS: [&str; 3] = ["q", "page", "Q"];
pub(super) const PARAMETER_VALUES: [&str; 6] = ["1", "12", "", "a%20b", "x", "%31"];
pub(super) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];
pub(super) const TEST_HEADERS: [&str; 4] = ["x-t-a", "x-t-b", "x-t-c", "X-T-D"];
pub(super) const ORIGINS: [&str; 4] =
    ["http://shop.test", "https://shop.test", "http://a.example.com", "null"];
