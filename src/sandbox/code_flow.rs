//! `POST /authorize` and the codes that it gives: the sign-in of browser apps, with PKCE (contract
//! section 2.3).
//!
//! There is no register of clients: each counts as a public one whose redirect address is the one it
//! names. So every app can try the flow without being set up first.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::json;
use uuid::Uuid;

use super::control::Inner;
use super::conventions::{Answer, GlueRequest, Rejection};
use super::sign_in::{granted_scopes, malformed, refused, wrong_credentials};
use super::tokens::random_secret;

/// Most codes kept; older ones are forgotten.
const CODES_MAX: usize = 1_000;
/// Longest field of a request that is taken, in bytes: some are kept with the code.
const FIELD_LENGTH_MAX: usize = 2_048;
/// Length of a challenge and of its verifier (RFC 7636, section 4.1), in characters.
const CHALLENGE_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// A code that can be changed into tokens once.
#[derive(Clone, Debug)]
struct AuthorizationCode {
    text: String,
    user: Uuid,
    scopes: Vec<String>,
    client_id: String,
    redirect_uri: String,
    challenge: String,
    is_hashed: bool,
    given_at: Instant,
}

/// The codes given and not used yet.
#[derive(Debug, Default)]
pub(super) struct CodeFlow {
    codes: Vec<AuthorizationCode>,
}

/// `POST /authorize`. The checks are in the order of the real server, the person last.
pub(super) fn authorize(inner: &mut Inner, request: &GlueRequest) -> Result<Answer, Rejection> {
    if request.body.is_empty() {
        return Err(Rejection::Crashed);
    }
    let field = |name, camel_case| {
        request.form_field(name, camel_case).filter(|text| text.len() <= FIELD_LENGTH_MAX)
    };
    if field("response_type", "responseType").as_deref() != Some("code") {
        return Err(malformed());
    }
    let client_id = field("client_id", "clientId").ok_or_else(malformed)?;
    let redirect_uri = field("redirect_uri", "redirectUri")
        .ok_or_else(|| refused("invalid_client", "Client authentication failed"))?;
    let challenge = field("code_challenge", "codeChallenge").ok_or_else(malformed)?;
    let method = field("code_challenge_method", "codeChallengeMethod");
    let is_hashed = match method.as_deref() {
        Some("S256") => true,
        Some("plain") | None => false,
        Some(_) => return Err(malformed()),
    };
    if !is_well_formed(&challenge) {
        return Err(malformed());
    }
    let username = field("username", "username").ok_or_else(malformed)?;
    let password = field("password", "password").ok_or_else(malformed)?;
    let user = inner.state.sign_in(&username, &password).ok_or_else(wrong_credentials)?;
    let asked = field("scope", "scope").unwrap_or_default();
    // A browser app gets what it asks for and nothing more; one that asks for nothing, the usual.
    let scopes = match granted_scopes(&[], &asked) {
        scopes if scopes.is_empty() => user.scopes(),
        scopes => scopes,
    };
    let code = AuthorizationCode {
        text: random_secret(),
        user: user.uuid,
        scopes,
        client_id,
        redirect_uri,
        challenge,
        is_hashed,
        given_at: Instant::now(),
    };
    let state = field("state", "state");
    let document = json!([{"code": code.text, "state": state}]);
    inner.codes.keep(code);
    Ok(Answer::Document(200, document))
}

/// Changes a code into the user and scopes that it stands for. A code that is refused stays good.
///
/// # Errors
/// As the real server, which doesn't say what exactly is wrong.
pub(super) fn redeem(
    inner: &mut Inner,
    request: &GlueRequest,
) -> Result<(Uuid, Vec<String>), Rejection> {
    let field = |name, camel_case| request.form_field(name, camel_case);
    let text = field("code", "code").ok_or_else(malformed)?;
    let life = Duration::from_secs(inner.settings.code_life_s.into());
    let codes = &mut inner.codes.codes;
    let place = codes.iter().position(|code| code.text == text).ok_or_else(malformed)?;
    let code = codes.get(place).ok_or_else(malformed)?;
    let fits = code.given_at.elapsed() < life
        && field("client_id", "clientId").as_ref() == Some(&code.client_id)
        && field("redirect_uri", "redirectUri").as_ref() == Some(&code.redirect_uri);
    let verifier = field("code_verifier", "codeVerifier").filter(|text| is_well_formed(text));
    let verifier = verifier.filter(|_| fits).ok_or_else(malformed)?;
    if !code.is_proven_by(&verifier) {
        return Err(refused("invalid_grant", WRONG_VERIFIER));
    }
    let code = codes.swap_remove(place);
    Ok((code.user, code.scopes))
}

const WRONG_VERIFIER: &str = "The provided authorization grant (e.g., authorization code, resource \
owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection \
URI used in the authorization request, or was issued to another client.";

impl CodeFlow {
    fn keep(&mut self, code: AuthorizationCode) {
        if self.codes.len() >= CODES_MAX {
            self.codes.remove(0);
        }
        self.codes.push(code);
    }
}

impl AuthorizationCode {
    fn is_proven_by(&self, verifier: &str) -> bool {
        if self.is_hashed {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(hash) == self.challenge
        } else {
            verifier == self.challenge
        }
    }
}

fn is_well_formed(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    CHALLENGE_LENGTH.contains(&text.len()) && text.bytes().all(is_allowed)
}
