//! Which failure it is if there was no answer.

use std::error::Error;
use std::io;

use super::failure::GlueFailure;
use super::tls;

/// What the proxy's refusal of a tunnel is called by the HTTP library, which has no type for it.
const PROXY_SIGN_IN: &str = "proxy authorization required";

/// Tells apart what failed before the first byte of the request left, and what may have failed
/// later.
pub(super) fn failure(error: &reqwest::Error) -> GlueFailure {
    if error.is_builder() {
        return GlueFailure::NOTHING_SENT;
    }
    if !error.is_connect() {
        return GlueFailure::Cut;
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(tls_error) = current.downcast_ref::<rustls::Error>() {
            return GlueFailure::Tls(tls::problem(tls_error));
        }
        if current.source().is_none() && current.to_string().contains(PROXY_SIGN_IN) {
            return GlueFailure::ProxySignIn;
        }
        cause = next_cause(current);
    }
    GlueFailure::Offline
}

/// The cause of an error. An I/O error hides what it wraps: its source is that one's source.
fn next_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
