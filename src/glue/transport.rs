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
        return if causes(error).any(is_no_http) { GlueFailure::NO_HTTP } else { GlueFailure::Cut };
    }
    causes(error).find_map(failure_to_connect).unwrap_or(GlueFailure::Offline)
}

fn failure_to_connect(cause: &(dyn Error + 'static)) -> Option<GlueFailure> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(GlueFailure::Tls(tls::problem(error)));
    }
    let is_proxy = cause.source().is_none() && cause.to_string().contains(PROXY_SIGN_IN);
    is_proxy.then_some(GlueFailure::ProxySignIn)
}

/// Whether somebody answered, but not in HTTP, or in more headers than anybody sends.
fn is_no_http(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

/// An error and all that lies behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |current| next_cause(*current))
}

/// The cause of an error. An I/O error hides what it wraps: its source is that one's source.
fn next_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
