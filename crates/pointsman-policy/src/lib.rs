//! What a proxy does over time, one pure machine each.

#![forbid(unsafe_code)]
