//! The order in which Glue treats a request (contract section 1.3), and where each one ends.

use axum::body::Body;
use axum::http::Response;

use super::control::Inner;
use super::conventions::{Answer, Convention, GlueError, GlueRequest, Rejection, shape};
use super::tokens::{Claims, Subject};
use super::{assignments, code_flow, cross_origin, second_factor, sign_in};

/// What a request may need apart from itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    /// Scheme, host and port of the sandbox, for links.
    pub origin: &'a str,
    /// Every token counts as expired.
    pub tokens_expired: bool,
}

/// Where a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    Token,
    Authorize,
    WarehouseTokens,
    Assignments,
    FactorTrigger,
}

/// Answers a request as Glue does.
pub(super) fn answer(
    inner: &mut Inner,
    request: &GlueRequest,
    around: Circumstances<'_>,
) -> Response<Body> {
    let convention = request.convention();
    shape(convention, process(inner, request, around, convention))
}

fn process(
    inner: &mut Inner,
    request: &GlueRequest,
    around: Circumstances<'_>,
    convention: Convention,
) -> Result<Answer, Rejection> {
    check_format(request, convention)?;
    let claims = check_token(inner, request, around)?;
    if request.method == "HEAD" {
        return Err(Rejection::Crashed);
    }
    if request.method == "OPTIONS" {
        return cross_origin::preflight(&inner.settings, request);
    }
    let (resource, id) = route(&request.path, convention)?;
    cross_origin::check(&inner.settings, request)?;
    let method = request.method.as_str();
    match resource {
        Resource::Token if method == "POST" => sign_in::token(inner, request),
        Resource::WarehouseTokens if method == "POST" => {
            let caller = authorized(inner, claims, None)?.user()?;
            sign_in::warehouse_token(inner, &caller)
        }
        Resource::Authorize if method == "POST" => code_flow::authorize(inner, request),
        Resource::FactorTrigger if method == "POST" => {
            let caller = authorized(inner, claims, None)?.user()?;
            second_factor::trigger(inner, request, &caller)
        }
        Resource::Assignments => {
            let caller = authorized(inner, claims, Some(method))?.user()?;
            second_factor::check(inner, request, &caller)?;
            assignments::answer(inner, request, around.origin, caller, id)
        }
        _ => Err(method_not_there()),
    }
}

/// The resource has no such method. Glue never answers 405.
pub(super) fn method_not_there() -> Rejection {
    GlueError::new(404, "008", "Method does not exist").into()
}

/// Step 3: formats of the answer and of the filter.
fn check_format(request: &GlueRequest, convention: Convention) -> Result<(), Rejection> {
    if convention == Convention::Plain && !request.accepts_json() {
        return Err(GlueError::new(415, "010", "Unsupported `Accept` format used.").into());
    }
    let bad_filter = request
        .query
        .iter()
        .any(|(name, _)| name.strip_prefix("filter[").is_some_and(|field| !field.contains('.')));
    if bad_filter {
        let message = "Unsupported `Filter` format is used. Please use `filter[resource.property]`";
        return Err(GlueError::new(400, "011", message).into());
    }
    Ok(())
}

/// Steps 4 and 5: on every path, if there is an `Authorization` header.
fn check_token(
    inner: &Inner,
    request: &GlueRequest,
    around: Circumstances<'_>,
) -> Result<Option<Claims>, Rejection> {
    let Some(value) = request.headers.get("authorization") else { return Ok(None) };
    let mut words = value.to_str().unwrap_or_default().split_whitespace();
    let (Some(_scheme), Some(token)) = (words.next(), words.next()) else {
        let status = inner.settings.missing_token_status;
        return Err(GlueError::new(status, "002", "Missing access token.").into());
    };
    let claims = if around.tokens_expired { None } else { inner.tokens.check(token) };
    match claims {
        None => Err(GlueError::new(401, "001", "Invalid access token.").into()),
        Some(Claims { subject: Subject::Nobody, .. }) => {
            Err(GlueError::new(400, "001", "Invalid access token.").into())
        }
        claims => Ok(claims),
    }
}

/// Step 6: the path is read in pairs of type and id, and the last pair counts.
fn route(path: &str, convention: Convention) -> Result<(Resource, Option<&str>), Rejection> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let mut pairs = segments.chunks(2);
    let last = pairs.next_back().unwrap_or_default();
    let resource = match (last.first().copied().unwrap_or_default(), convention) {
        ("warehouse-user-assignments", Convention::JsonApi) => Resource::Assignments,
        ("token", Convention::Plain) => Resource::Token,
        ("authorize", Convention::Plain) => Resource::Authorize,
        ("warehouse-tokens", Convention::Plain) => Resource::WarehouseTokens,
        ("multi-factor-auth-trigger", _) => Resource::FactorTrigger,
        _ => return Err(GlueError::new(404, "007", "Not found").into()),
    };
    if pairs.next().is_some() {
        return Err(GlueError::new(404, "009", "Not found").into());
    }
    Ok((resource, last.get(1).copied()))
}

/// Step 8: protected paths need a user whose scopes allow the method; with no method given, any
/// user.
fn authorized(
    inner: &Inner,
    claims: Option<Claims>,
    method: Option<&str>,
) -> Result<Claims, Rejection> {
    let refuse = |status| Err(GlueError::without_code(status, "Unauthorized request.").into());
    match claims {
        Some(claims) if matches!(claims.subject, Subject::User(_)) => {
            // A method that doesn't exist passes here and fails at the resource.
            let known =
                method.filter(|method| matches!(*method, "GET" | "POST" | "PATCH" | "DELETE"));
            if known.is_none_or(|method| claims.may(method)) { Ok(claims) } else { refuse(403) }
        }
        _ => refuse(inner.settings.missing_token_status),
    }
}
