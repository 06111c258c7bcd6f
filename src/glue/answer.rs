//! The table of answers (design section 4): which answer is which outcome. Pure.

use std::time::Duration;

use crate::domain::time::UnixMillis;

use super::failure::GlueFailure;
use super::wire::{self, GlueError};

/// Longest `Retry-After` obeyed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Which question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// `POST /token`.
    SignIn,
    /// `POST /multi-factor-auth-trigger`.
    NewCode,
    /// `GET /warehouse-user-assignments`.
    List,
    /// `PATCH /warehouse-user-assignments/{id}`.
    Patch,
}

impl Question {
    /// The content type asked for, which a Glue answer has.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::SignIn => "application/json",
            Self::NewCode | Self::List | Self::Patch => "application/vnd.api+json",
        }
    }

    const fn is_expected(self, status: u16) -> bool {
        status == 200 || (status == 201 && matches!(self, Self::SignIn))
    }

    /// Whether the status alone is the answer hoped for.
    const fn is_answered_by(self, status: u16) -> bool {
        status == 204 && matches!(self, Self::NewCode)
    }
}

/// What came in, as far as it is looked at.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The `Content-Type` header.
    pub(super) content_type: Option<String>,
    /// The `Retry-After` header.
    pub(super) retry_after: Option<String>,
    /// The `Date` header.
    pub(super) date: Option<UnixMillis>,
    /// The body, as far as it was read.
    pub(super) body: Body,
}

/// The body of an answer.
pub(super) enum Body {
    /// Not looked at, since it could change nothing.
    Unread,
    /// All of it.
    Whole(Vec<u8>),
    /// Longer than allowed.
    TooLarge,
}

/// What was made of an answer.
pub(super) struct Judged<T> {
    /// The outcome.
    pub(super) result: Result<T, GlueFailure>,
    /// Whether a Glue backend said it.
    pub(super) is_glue: bool,
}

/// Why the document of a 2xx is not what was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Not of the shape at all.
    NotGlue,
    /// Of the shape, but it means this.
    Failure(GlueFailure),
}

/// Whether the body can matter for what an answer means. Error pages of gateways can be long and
/// slow, and say nothing that the status doesn't.
pub(super) fn is_body_of_use(question: Question, status: u16, content_type: Option<&str>) -> bool {
    let is_told_by_status =
        matches!(status, 204 | 300..=399 | 407 | 500 | 502..=599) || status < 200;
    !is_told_by_status && has_media_type(question, content_type)
}

fn has_media_type(question: Question, content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(question.media_type())
}

/// Decides what an answer means. `read` reads the document of a success; where a status says it
/// all, it is given nothing.
pub(super) fn judge<T>(
    question: Question,
    answer: &Answer,
    read: impl FnOnce(&[u8]) -> Result<T, Unfit>,
) -> Judged<T> {
    let document = match &answer.body {
        Body::Whole(bytes) if has_media_type(question, answer.content_type.as_deref()) => {
            Some(bytes.as_slice())
        }
        Body::TooLarge => {
            return not_glue(GlueFailure::WrongServer { outcome_known: false });
        }
        _ => None,
    };
    if question.is_answered_by(answer.status) {
        let result = read(&[]).map_err(|_| GlueFailure::CaptivePortal);
        return Judged { is_glue: result.is_ok(), result };
    }
    if !(200..300).contains(&answer.status) {
        let error = document.and_then(wire::first_error);
        let is_glue = error.is_some();
        return Judged { result: Err(failure(question, answer, error)), is_glue };
    }
    match document.map_or(Err(Unfit::NotGlue), read) {
        Err(Unfit::NotGlue) => not_glue(GlueFailure::CaptivePortal),
        _ if !question.is_expected(answer.status) => {
            Judged { result: Err(trouble(answer, false)), is_glue: true }
        }
        Err(Unfit::Failure(failure)) => Judged { result: Err(failure), is_glue: true },
        Ok(value) => Judged { result: Ok(value), is_glue: true },
    }
}

fn not_glue<T>(failure: GlueFailure) -> Judged<T> {
    Judged { result: Err(failure), is_glue: false }
}

/// The table for everything that is not 2xx.
fn failure(question: Question, answer: &Answer, error: Option<GlueError>) -> GlueFailure {
    let is_glue = error.is_some();
    match answer.status {
        300..=399 | 511 => GlueFailure::CaptivePortal,
        407 => GlueFailure::ProxySignIn,
        405 | 406 | 415 | 501 => GlueFailure::WrongServer { outcome_known: is_glue },
        404 if !is_glue => GlueFailure::WrongServer { outcome_known: false },
        400 | 401 | 403 | 404 | 409 | 412 | 422 | 423 => match error {
            Some(error) => told_by_glue(question, answer, error),
            None => trouble(answer, false),
        },
        408 | 425 | 429 => trouble(answer, is_glue),
        // A server that fails may do so after the effect.
        _ => trouble(answer, false),
    }
}

/// The table for the statuses by which Glue itself refuses.
fn told_by_glue(question: Question, answer: &Answer, error: GlueError) -> GlueFailure {
    let GlueError { code, message } = error;
    let Some(code) = code else {
        return match answer.status {
            401 | 403 => GlueFailure::NotAuthorized,
            _ => trouble(answer, true),
        };
    };
    match (answer.status, code.as_str()) {
        (400 | 401 | 403, "001" | "002") => GlueFailure::TokenOver,
        (403, "5204") => GlueFailure::AccountUnknown,
        (403, "5900") => GlueFailure::NeedsCode { wrong: false },
        (403, "5901") => GlueFailure::NeedsCode { wrong: true },
        (404, "007" | "008" | "009") => GlueFailure::WrongServer { outcome_known: true },
        (404, "5201") if question == Question::Patch => GlueFailure::NotFound,
        (404, _) => trouble(answer, true),
        (401, _) if question != Question::SignIn => trouble(answer, true),
        // A refused list ends no change, so it is no more than trouble.
        _ if question == Question::List => trouble(answer, true),
        _ => GlueFailure::Refused { code, message },
    }
}

fn trouble(answer: &Answer, outcome_known: bool) -> GlueFailure {
    GlueFailure::ServerTrouble {
        status: Some(answer.status),
        retry_after: retry_after(answer),
        outcome_known,
    }
}

/// Reads `Retry-After`. A date counts from the answer's own `Date`: the device's clock is no help.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time, too.
        text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        http_date(text)?.since(answer.date?)?
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// Reads a date of HTTP.
pub(super) fn http_date(text: &str) -> Option<UnixMillis> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since_epoch = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_millis()).ok().map(UnixMillis)
}
