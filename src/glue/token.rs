//! What a sign-in brings, and who the user is (contract sections 2.1 and 2.4).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::ids::UserUuid;

use super::answer::Unfit;
use super::failure::GlueFailure;
use super::secret::{AccessToken, RefreshToken};

/// Longest token accepted, in bytes: servers take no longer headers.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Longest lifetime believed, ten years: keeps sums of times in range.
const LIFETIME_SECONDS_MAX: f64 = 10.0 * 365.0 * 86_400.0;

const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What the server gave for user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What every question carries.
    pub access: AccessToken,
    /// What a server with refresh takes for a new one. A stock server has no refresh.
    pub refresh: Option<RefreshToken>,
    /// How long it lives from receipt on; `None` if the server didn't say.
    pub expires_in: Option<Duration>,
    /// Whose it is, from the token itself and not from what was typed.
    pub user: UserUuid,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Single(Members),
    List([Members; 1]),
}

#[derive(Deserialize)]
struct Members {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<f64>,
}

/// Reads the answer to a sign-in: an object, or an array of one (contract section 2.1).
pub(super) fn read(body: &[u8]) -> Result<Token, Unfit> {
    let document = serde_json::from_slice(body).map_err(|_| Unfit::NotGlue)?;
    let (Document::Single(members) | Document::List([members])) = document;
    let access = AccessToken::new(members.access_token);
    let refresh = members.refresh_token.filter(|text| !text.is_empty()).map(RefreshToken::new);
    if !is_token_text(access.expose()) {
        return Err(Unfit::NotGlue);
    }
    let user = user_of(access.expose()).ok_or(Unfit::Failure(GlueFailure::NoUserInToken))?;
    let expires_in = members
        .expires_in
        .map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, LIFETIME_SECONDS_MAX)));
    Ok(Token { access, refresh, expires_in, user })
}

fn is_token_text(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= TOKEN_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

#[derive(Deserialize)]
struct Subject {
    uuid: String,
}

/// The user named in the `sub` of a JWT, which is JSON in a string. The signature is the server's
/// business: the token came from it over TLS.
pub(super) fn user_of(jwt: &str) -> Option<UserUuid> {
    let payload = jwt.split('.').nth(1)?;
    let claims = Zeroizing::new(BASE64_URL.decode(payload).ok()?);
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let subject: Subject = serde_json::from_str(&claims.sub).ok()?;
    UserUuid::parse(&subject.uuid).ok()
}
