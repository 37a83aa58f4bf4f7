//! Rules of `security.istio.io`.

mod authorization;
mod condition;
mod jwks;
mod path_template;
mod peer;
mod request;
mod source;

pub(crate) use authorization::authorization_policy;
pub(crate) use peer::peer_authentication;
pub(crate) use request::{jwt_rule, request_authentication};
