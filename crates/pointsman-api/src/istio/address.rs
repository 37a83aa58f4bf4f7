//! Addresses in objects, as addresses.

use url::{ParseError, Url};

use super::extensions::{WasmConfig, WasmPlugin};
use super::legacy::ListChecker;
use super::mesh::CertificateSource;
use super::security::JWTRule;

/// The address that a text is; `None` for an empty one.
fn address(text: &str) -> Option<Result<Url, ParseError>> {
    (!text.is_empty()).then(|| Url::parse(text))
}

/// The address of a module: without a scheme it is an image.
fn module(text: &str) -> Option<Result<Url, ParseError>> {
    let has_scheme = text.contains("://");
    if text.is_empty() || has_scheme { address(text) } else { Some(Url::parse(&format!("oci://{text}"))) }
}

impl JWTRule {
    /// Where the issuer's keys are; `None` where it is not said.
    ///
    /// ```
    /// use pointsman_api::istio::security::JWTRule;
    /// let rule = JWTRule::new().with_jwks_uri("https://example.com/keys");
    /// assert_eq!(rule.jwks_url().unwrap()?.host_str(), Some("example.com"));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn jwks_url(&self) -> Option<Result<Url, ParseError>> {
        address(&self.jwks_uri)
    }
}

impl WasmPlugin {
    /// Where the module is; `oci` where no scheme is said, `None` where nothing is.
    #[must_use]
    pub fn module_url(&self) -> Option<Result<Url, ParseError>> {
        module(&self.url)
    }
}

impl WasmConfig {
    /// Where the module is; `oci` where no scheme is said, `None` where nothing is.
    #[must_use]
    pub fn module_url(&self) -> Option<Result<Url, ParseError>> {
        module(&self.url)
    }
}

impl CertificateSource {
    /// Where the bundle is; `None` for certificates in PEM.
    #[must_use]
    pub fn bundle_url(&self) -> Option<Result<Url, ParseError>> {
        match self {
            Self::SpiffeBundleUrl(text) => address(text),
            Self::Pem(_) => None,
        }
    }
}

impl ListChecker {
    /// Where the list is; `None` where it is not said.
    #[must_use]
    pub fn provider(&self) -> Option<Result<Url, ParseError>> {
        address(&self.provider_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_without_a_scheme_are_images() {
        let plugin = |url: &str| WasmPlugin::new().with_url(url).module_url();
        assert_eq!(plugin("docker.io/a/b:v1").unwrap().unwrap().as_str(), "oci://docker.io/a/b:v1");
        assert_eq!(plugin("https://example.com/x").unwrap().unwrap().scheme(), "https");
        assert!(plugin("").is_none());
        assert!(JWTRule::new().with_jwks_uri("no address").jwks_url().unwrap().is_err());
    }
}
