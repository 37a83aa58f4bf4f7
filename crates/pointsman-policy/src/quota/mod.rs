//! Quotas as Mixer counted them (until Istio 1.8), for those who move from them: `memquota` decision by decision.
//!
//! Source: `mixer/adapter/memquota` of Istio 1.0.0 at 3a136c90.

mod mem_quota;
mod rolling_window;

pub use mem_quota::{Grant, MemQuota, QuotaLimit, QuotaOverride, QuotaRequest};
pub use rolling_window::RollingWindow;
