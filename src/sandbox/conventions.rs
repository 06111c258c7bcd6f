//! How Glue talks: the two conventions, what it reads from a request, and the shapes of its answers
//! (contract section 1).

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::state::{Failure, Refusal};

/// The media type of JSON:API.
pub(super) const JSON_API: &str = "application/vnd.api+json";

/// The two ways Glue talks, chosen by the headers of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    /// `{"data": ...}` and `{"errors": [...]}`.
    JsonApi,
    /// Bare objects, and errors as a bare array.
    Plain,
}

/// A request, read whole.
#[derive(Clone, Debug)]
pub(super) struct GlueRequest {
    /// GET, POST and so on.
    pub method: String,
    /// As sent, with a leading slash.
    pub path: String,
    /// Names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// As sent.
    pub headers: HeaderMap,
    /// As sent.
    pub body: Bytes,
}

impl GlueRequest {
    /// The first value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Which way to talk. Media type parameters are tolerated, as from glue-json-api-convention
    /// 1.4.1 on; lists of types are not.
    pub(super) fn convention(&self) -> Convention {
        let is_json_api = |name: HeaderName| {
            let value = self.header(name.as_str()).unwrap_or_default();
            value.split(';').next().unwrap_or_default().trim() == JSON_API
        };
        if is_json_api(CONTENT_TYPE) || (self.method == "GET" && is_json_api(ACCEPT)) {
            Convention::JsonApi
        } else {
            Convention::Plain
        }
    }

    /// Whether a plain answer is welcome: the header must name exactly `application/json` or a
    /// wildcard.
    pub(super) fn accepts_json(&self) -> bool {
        self.header("accept").unwrap_or_default().split(',').any(|choice| {
            let mut parts = choice.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            matches!(media_type, "application/json" | "application/*" | "*/*")
                && parts.all(|parameter| parameter.starts_with("q="))
        })
    }

    /// The last value sent for a name in the query.
    pub(super) fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The query as links repeat it: decoded, with its question mark; empty if there is none.
    pub(super) fn query_suffix(&self) -> String {
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// The attributes of a JSON:API body. A body that can't be read counts as one without any.
    pub(super) fn attributes(&self) -> Value {
        let document: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        document.pointer("/data/attributes").cloned().unwrap_or_default()
    }

    /// A field of a form, in snake or camel case; one that is empty counts as missing. A JSON object
    /// is read as well, whatever the content type says.
    pub(super) fn form_field(&self, snake_case: &str, camel_case: &str) -> Option<String> {
        let value = if let Ok(Value::Object(members)) = serde_json::from_slice(&self.body) {
            let value = members.get(snake_case).or_else(|| members.get(camel_case))?;
            value.as_str().map(str::to_owned)
        } else {
            url::form_urlencoded::parse(&self.body)
                .find(|(name, _)| name == snake_case || name == camel_case)
                .map(|(_, value)| value.into_owned())
        };
        value.filter(|text| !text.is_empty())
    }
}

/// One error, in the members that both conventions use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GlueError {
    /// The status, which the whole answer takes from the first error.
    pub status: u16,
    /// Sometimes null.
    pub code: Option<String>,
    /// Almost never null.
    pub message: Option<String>,
}

impl GlueError {
    /// An error with code and message.
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: Some(code.to_owned()), message: Some(message.to_owned()) }
    }

    /// An error whose code is null.
    pub(super) fn without_code(status: u16, message: &str) -> Self {
        Self { status, code: None, message: Some(message.to_owned()) }
    }
}

impl From<Refusal> for GlueError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AssignmentNotFound => {
                Self::new(404, "5201", "Warehouse user assignment not found.")
            }
            Refusal::UserNotFound => Self::new(400, "5202", "User not found."),
            Refusal::WarehouseNotFound => Self::new(400, "5203", "Warehouse not found."),
            Refusal::CallerUnknown => Self::new(403, "5204", "Operation is forbidden."),
            Refusal::AlreadyAssigned => {
                Self::new(400, "5206", "Warehouse user assignment already exists.")
            }
        }
    }
}

/// What is answered, before it is put into a shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// A document.
    Document(u16, Value),
    /// Nothing (204), with more headers.
    Empty(Vec<(&'static str, HeaderValue)>),
}

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// With errors; at least one.
    Errors(Vec<GlueError>),
    /// With the error page of the shop.
    Crashed,
}

impl From<GlueError> for Rejection {
    fn from(error: GlueError) -> Self {
        Self::Errors(vec![error])
    }
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusals) => {
                Self::Errors(refusals.into_iter().map(GlueError::from).collect())
            }
            Failure::Crashed => Self::Crashed,
        }
    }
}

/// The response of the demo shops to an outcome.
pub(super) fn shape(convention: Convention, outcome: Result<Answer, Rejection>) -> Response<Body> {
    let content_type = match convention {
        Convention::JsonApi => JSON_API,
        Convention::Plain => "application/json",
    };
    match outcome {
        Ok(Answer::Document(status, document)) => {
            respond(status, Some(content_type), document.to_string())
        }
        Ok(Answer::Empty(headers)) => {
            let mut response = respond(204, None, String::new());
            for (name, value) in headers {
                response.headers_mut().insert(name, value);
            }
            response
        }
        Err(Rejection::Errors(errors)) => {
            let status = errors.first().map_or(500, |error| error.status);
            let errors: Vec<Value> = errors
                .iter()
                .map(|error| {
                    json!({"message": error.message, "status": error.status, "code": error.code})
                })
                .collect();
            let document = match convention {
                Convention::JsonApi => json!({"errors": errors}),
                Convention::Plain => Value::Array(errors),
            };
            respond(status, Some(content_type), document.to_string())
        }
        Err(Rejection::Crashed) => respond(500, Some(HTML), ERROR_PAGE.to_owned()),
    }
}

/// The media type of pages.
pub(super) const HTML: &str = "text/html; charset=UTF-8";

const ERROR_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>500 Internal Server Error</title></head>\
<body><h1>Internal Server Error</h1><p>Something went wrong.</p></body></html>\n";

/// A response with the headers that the demo shops add to each (contract section 1.6). `Date` is
/// added by the HTTP server.
fn respond(status: u16, content_type: Option<&'static str>, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    for (name, value) in SHOP_HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

const SHOP_HEADERS: [(&str, &str); 9] = [
    ("x-frame-options", "SAMEORIGIN"),
    ("content-security-policy", "frame-ancestors 'self'"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", ""),
    ("cache-control", "no-cache, private"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ("access-control-allow-origin", "*"),
];
