//! The order in which Glue treats a request (contract section 1.3), and where each one ends.

use axum::body::Body;
use axum::http::Response;

use super::assignments;
use super::control::Inner;
use super::conventions::{Answer, Convention, GlueError, GlueRequest, Rejection, shape};
use super::sign_in;
use super::tokens::{Claims, Subject};

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
        check_cross_origin(request)?;
        return Ok(Answer::Empty(vec![
            ("access-control-allow-methods", "GET, POST, PATCH, DELETE, OPTIONS"),
            ("access-control-allow-headers", ALLOWED_HEADERS),
        ]));
    }
    let (resource, id) = route(&request.path, convention)?;
    check_cross_origin(request)?;
    let method = request.method.as_str();
    match resource {
        Resource::Token if method == "POST" => sign_in::token(inner, request),
        Resource::WarehouseTokens if method == "POST" => {
            let claims = authorized(inner, claims, None)?;
            sign_in::warehouse_token(inner, &claims)
        }
        Resource::FactorTrigger if method == "POST" => {
            authorized(inner, claims, None)?;
            Ok(Answer::Empty(Vec::new()))
        }
        Resource::Assignments => {
            let claims = authorized(inner, claims, Some(method))?;
            let Subject::User(caller) = claims.subject else { return Err(Rejection::Crashed) };
            check_second_factor(inner, request, &caller)?;
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
        ("warehouse-tokens", Convention::Plain) => Resource::WarehouseTokens,
        ("multi-factor-auth-trigger", _) => Resource::FactorTrigger,
        _ => return Err(GlueError::new(404, "007", "Not found").into()),
    };
    if pairs.next().is_some() {
        return Err(GlueError::new(404, "009", "Not found").into());
    }
    Ok((resource, last.get(1).copied()))
}

/// The request headers that other sites' pages may send.
const ALLOWED_HEADERS: &str =
    "accept, content-type, content-language, accept-language, authorization";

/// Step 7: what browsers ask before they let a page of another site call.
fn check_cross_origin(request: &GlueRequest) -> Result<(), Rejection> {
    let Some(method) = request.header("access-control-request-method") else { return Ok(()) };
    if request.header("origin").is_none() {
        let message = "The required header `origin` for the options method is missing.";
        return Err(GlueError::without_code(501, message).into());
    }
    if !matches!(method, "GET" | "POST" | "PATCH" | "DELETE" | "OPTIONS") {
        let code = Some("Not allowed.".to_owned());
        return Err(GlueError { status: 400, code, message: None }.into());
    }
    let headers = request.header("access-control-request-headers").unwrap_or_default();
    let all_allowed =
        headers.split(',').map(str::trim).filter(|name| !name.is_empty()).all(|name| {
            ALLOWED_HEADERS.split(", ").any(|allowed| allowed.eq_ignore_ascii_case(name))
        });
    if all_allowed { Ok(()) } else { Err(GlueError::without_code(400, "Not allowed.").into()) }
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

/// Step 9: the second factor, for everything but reading.
fn check_second_factor(
    inner: &Inner,
    request: &GlueRequest,
    caller: &uuid::Uuid,
) -> Result<(), Rejection> {
    let wanted = inner.state.user(caller).and_then(|user| user.mfa.as_deref());
    let Some(wanted) = wanted.filter(|_| request.method != "GET") else { return Ok(()) };
    match request.header("x-mfa-code") {
        None => Err(GlueError::new(403, "5900", "X-MFA-Code header is missing.").into()),
        Some(code) if code != wanted => {
            Err(GlueError::new(403, "5901", "X-MFA-Code is invalid.").into())
        }
        Some(_) => Ok(()),
    }
}
