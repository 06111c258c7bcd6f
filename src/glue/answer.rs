//! What an answer means. Pure: status, content type and body in, one variant out.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use crate::domain::assignment::{Assignment, Warehouse};
use crate::domain::ids::{AssignmentId, UserUuid, WarehouseUuid};
use crate::domain::time::UnixMillis;

use super::failure::GlueFailure;
use super::secret::{AccessToken, RefreshToken, Token};
use super::wire::{
    ASSIGNMENT_TYPE, Claims, Collection, ErrorObject, JsonApiErrors, Lenient, Resource, Single,
    Subject, TokenAnswer,
};

pub(super) const JSON_API: &str = "application/vnd.api+json";
pub(super) const PLAIN_JSON: &str = "application/json";

/// Longest `Retry-After` obeyed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);
/// Most assignments taken from a list.
const ASSIGNMENTS_MAX: usize = 100_000;
/// Longest name kept, in characters.
const NAME_LENGTH_MAX: usize = 200;
/// Longest words of a server kept, in characters.
const WORDS_LENGTH_MAX: usize = 300;
/// Longest token looked into, in bytes.
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// What came back, read to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// `Content-Type` without parameters, in lower case.
    pub(super) content_type: String,
    /// `Date`.
    pub(super) date: Option<UnixMillis>,
    /// `Retry-After` as it stands.
    pub(super) retry_after: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// An error of Glue, limited.
struct GlueError {
    code: Option<String>,
    message: String,
}

impl Answer {
    /// Reads a complete list and keeps the rows of `user`. A Back Office user sees everybody's
    /// (contract section 3.1).
    pub(super) fn into_assignments(self, user: UserUuid) -> Result<Vec<Assignment>, GlueFailure> {
        if self.status != 200 {
            return Err(match self.failure(JSON_API) {
                // Rejecting is for answers to a PATCH only.
                GlueFailure::Refused { .. } | GlueFailure::NotFound => self.trouble(),
                failure => failure,
            });
        }
        let collection: Collection = self.document(JSON_API).ok_or(GlueFailure::CaptivePortal)?;
        let wrong = GlueFailure::WrongServer { outcome_known: false };
        if collection.data.len() > ASSIGNMENTS_MAX {
            return Err(wrong);
        }
        let mut own = Vec::new();
        for row in collection.data {
            match row {
                Lenient::Read(row) if row.kind == ASSIGNMENT_TYPE => {
                    if row.attributes.user_uuid == *user.as_uuid() {
                        own.push(assignment(row));
                    }
                }
                // A list with a hole in it could make a wish look impossible that is not.
                Lenient::Read(_) | Lenient::Odd(_) => {
                    tracing::warn!("the list has a row that is not understood");
                    return Err(wrong);
                }
            }
        }
        Ok(own)
    }

    /// Reads the receipt of a PATCH.
    pub(super) fn into_receipt(
        self,
        id: AssignmentId,
        wanted_active: bool,
    ) -> Result<(), GlueFailure> {
        if self.status != 200 {
            return Err(self.failure(JSON_API));
        }
        match self.document::<Single>(JSON_API).ok_or(GlueFailure::CaptivePortal)?.data {
            Lenient::Read(row)
                if row.id == *id.as_uuid() && row.attributes.is_active == wanted_active =>
            {
                Ok(())
            }
            Lenient::Read(_) | Lenient::Odd(_) => Err(GlueFailure::NotAsWished),
        }
    }

    /// Reads a token.
    pub(super) fn into_token(self) -> Result<Token, GlueFailure> {
        if !matches!(self.status, 200 | 201) {
            return Err(match (self.status, self.error(PLAIN_JSON)) {
                (400, Some(GlueError { code: Some(code), message })) => {
                    GlueFailure::Refused { code, message }
                }
                _ => self.failure(PLAIN_JSON),
            });
        }
        let answer: TokenAnswer = self.document(PLAIN_JSON).ok_or(GlueFailure::CaptivePortal)?;
        let object = match answer {
            TokenAnswer::One(object) | TokenAnswer::Array([object]) => object,
        };
        let lifetime = object.expires_in.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        Ok(Token {
            user: user_of(&object.access_token).ok_or(GlueFailure::NoUserInToken)?,
            access: AccessToken::new(object.access_token),
            refresh: object.refresh_token.map(RefreshToken::new),
            expires_in: lifetime.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        })
    }

    /// Whether this is an answer of Glue at all: of the type asked for, and of a shape of its.
    pub(super) fn is_glue(&self, content_type: &str) -> bool {
        self.content_type == content_type
            && (self.status < 300 || self.error(content_type).is_some())
    }

    /// What any answer means that is not the success asked for.
    fn failure(&self, content_type: &str) -> GlueFailure {
        let error = self.error(content_type);
        match self.status {
            // 204 to a GET, and every other success that is not the one asked for.
            200..=399 | 511 => GlueFailure::CaptivePortal,
            407 => GlueFailure::ProxySignIn,
            405 | 406 | 415 | 501 => GlueFailure::WrongServer { outcome_known: error.is_some() },
            404 => self.not_found(error),
            400 | 401 | 403 | 409 | 412 | 422 | 423 => match error {
                Some(error) => self.refusal(error),
                None => self.trouble(),
            },
            _ => self.trouble(),
        }
    }

    fn not_found(&self, error: Option<GlueError>) -> GlueFailure {
        match error.as_ref().map(|error| error.code.as_deref()) {
            Some(Some("5201")) => GlueFailure::NotFound,
            Some(Some("007" | "008" | "009")) => GlueFailure::WrongServer { outcome_known: true },
            Some(_) => self.trouble(),
            None => GlueFailure::WrongServer { outcome_known: false },
        }
    }

    fn refusal(&self, error: GlueError) -> GlueFailure {
        let GlueError { code, message } = error;
        match (self.status, code.as_deref()) {
            (401, Some("001" | "002")) | (403, Some("002")) | (400, Some("001")) => {
                GlueFailure::TokenOver
            }
            (401 | 403, None) => GlueFailure::NotAuthorized,
            (403, Some("5900")) => GlueFailure::NeedsCode { wrong: false },
            (403, Some("5901")) => GlueFailure::NeedsCode { wrong: true },
            (403, Some("5204")) => GlueFailure::AccountUnknown,
            (401, Some(_)) => self.trouble(),
            _ => GlueFailure::Refused { code: code.unwrap_or_default(), message },
        }
    }

    fn trouble(&self) -> GlueFailure {
        GlueFailure::ServerTrouble { status: Some(self.status), retry_after: self.retry_after() }
    }

    /// Seconds, or a date, counted from the answer's own date (RFC 9110 section 10.2.3).
    fn retry_after(&self) -> Option<Duration> {
        let text = self.retry_after.as_deref()?.trim();
        let wait = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => millis_of(text)?.since(self.date?)?,
        };
        Some(wait.min(RETRY_AFTER_MAX))
    }

    fn document<T: DeserializeOwned>(&self, content_type: &str) -> Option<T> {
        let is_type = self.content_type == content_type;
        is_type.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// The first error of an error document of the convention (contract section 1.5).
    fn error(&self, content_type: &str) -> Option<GlueError> {
        let errors = if content_type == JSON_API {
            self.document::<JsonApiErrors>(content_type)?.errors
        } else {
            self.document::<Vec<ErrorObject>>(content_type)?
        };
        errors.into_iter().next().map(|error| GlueError {
            message: limited(error.words(), WORDS_LENGTH_MAX),
            code: error.code.map(|code| limited(&code, WORDS_LENGTH_MAX)),
        })
    }
}

/// An HTTP date in milliseconds since 1970.
pub(super) fn millis_of(http_date: &str) -> Option<UnixMillis> {
    let time = httpdate::parse_http_date(http_date).ok()?;
    let since_epoch = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_millis()).ok().map(UnixMillis)
}

fn assignment(row: Resource) -> Assignment {
    let name = limited(&row.attributes.warehouse.name, NAME_LENGTH_MAX);
    Assignment {
        id: AssignmentId::new(row.id),
        warehouse: Warehouse {
            uuid: WarehouseUuid::new(row.attributes.warehouse.uuid),
            // A row without a name must be told from its neighbours all the same.
            name: if name.is_empty() { row.attributes.warehouse.uuid.to_string() } else { name },
            is_active: row.attributes.warehouse.is_active,
        },
        is_active: row.attributes.is_active,
    }
}

/// Text of a server, without what could disturb a screen or a log.
fn limited(text: &str, length_max: usize) -> String {
    let printable = text.chars().map(|one| if one.is_control() { ' ' } else { one });
    printable.take(length_max).collect::<String>().trim().to_owned()
}

/// The user that a token is for. The signature is the server's business.
fn user_of(token: &str) -> Option<UserUuid> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let claims = token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let subject: Subject = serde_json::from_str(&claims.sub).ok()?;
    Some(UserUuid::new(subject.uuid))
}
