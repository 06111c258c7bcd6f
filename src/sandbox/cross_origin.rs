//! What browsers ask before they let a page of another site call (contract section 1.7).

use axum::http::HeaderValue;

use super::conventions::{Answer, GlueError, GlueRequest, Rejection};
use super::settings::Settings;

/// The methods that pages of other sites may use.
const ALLOWED_METHODS: [&str; 5] = ["GET", "POST", "PATCH", "DELETE", "OPTIONS"];

/// The request headers that they may send.
const ALLOWED_HEADERS: [&str; 5] =
    ["accept", "content-type", "content-language", "accept-language", "authorization"];

/// Answers OPTIONS, on any path.
pub(super) fn preflight(settings: &Settings, request: &GlueRequest) -> Result<Answer, Rejection> {
    check(settings, request)?;
    let header = |names: &str| HeaderValue::from_str(names).map_err(|_| Rejection::Crashed);
    Ok(Answer::Empty(vec![
        ("access-control-allow-methods", header(&ALLOWED_METHODS.join(", "))?),
        ("access-control-allow-headers", header(&allowed_headers(settings).join(", "))?),
    ]))
}

/// Step 7 of the processing order.
pub(super) fn check(settings: &Settings, request: &GlueRequest) -> Result<(), Rejection> {
    let Some(method) = request.header("access-control-request-method") else { return Ok(()) };
    if request.header("origin").is_none() {
        let message = "The required header `origin` for the options method is missing.";
        return Err(GlueError::without_code(501, message).into());
    }
    if !ALLOWED_METHODS.contains(&method) {
        let code = Some("Not allowed.".to_owned());
        return Err(GlueError { status: 400, code, message: None }.into());
    }
    let allowed = allowed_headers(settings);
    let asked = request.header("access-control-request-headers").unwrap_or_default();
    let mut asked = asked.split(',').map(str::trim).filter(|name| !name.is_empty());
    if asked.all(|name| allowed.iter().any(|other| other.eq_ignore_ascii_case(name))) {
        Ok(())
    } else {
        Err(GlueError::without_code(400, "Not allowed.").into())
    }
}

fn allowed_headers(settings: &Settings) -> Vec<&str> {
    let extra = settings.cors_extra_headers.iter().map(String::as_str);
    ALLOWED_HEADERS.into_iter().chain(extra).collect()
}
