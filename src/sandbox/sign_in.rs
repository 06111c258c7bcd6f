//! `POST /token` and `POST /warehouse-tokens` (contract sections 2.1, 2.2 and 4).

use serde_json::{Value, json};
use uuid::Uuid;

use super::code_flow;
use super::control::Inner;
use super::conventions::{Answer, GlueError, GlueRequest, Rejection};
use super::settings::TokenShape;

/// How long a warehouse token lives: 7 days.
const WAREHOUSE_TOKEN_LIFE_S: u32 = 604_800;

/// Scopes that a client can ask for; others are dropped without a word.
const KNOWN_SCOPES: [&str; 5] =
    ["user", "warehouse-user", "back-office-user", "warehouse", "customer"];

/// 400, as every failure of a sign-in.
pub(super) fn refused(code: &str, message: &str) -> Rejection {
    GlueError::new(400, code, message).into()
}

/// Something is missing or wrong; the real server doesn't say what.
pub(super) fn malformed() -> Rejection {
    let message = "The request is missing a required parameter, includes an invalid parameter \
                   value, includes a parameter more than once, or is otherwise malformed.";
    refused("invalid_request", message)
}

/// Nobody may sign in with these words.
pub(super) fn wrong_credentials() -> Rejection {
    refused("invalid_grant", "The user credentials were incorrect.")
}

/// `POST /token`.
pub(super) fn token(inner: &mut Inner, request: &GlueRequest) -> Result<Answer, Rejection> {
    if request.body.is_empty() {
        return Err(Rejection::Crashed);
    }
    let (user_uuid, scopes) =
        match request.form_field("grant_type", "grantType").unwrap_or_default().as_str() {
            "password" => by_password(inner, request)?,
            "authorization_code" => code_flow::redeem(inner, request)?,
            "refresh_token" if inner.settings.refresh_offered => {
                let text = request.form_field("refresh_token", "refreshToken").unwrap_or_default();
                let redeemed = inner.tokens.redeem(&text, inner.settings.refresh_life_s);
                redeemed
                    .ok_or_else(|| refused("invalid_request", "The refresh token is invalid."))?
            }
            other => {
                let message = format!("Grant type \"{other}\" not found");
                return Err(refused("unsupported_grant_type", &message));
            }
        };
    let life_s = inner.settings.token_life_s;
    let user = inner.state.user(&user_uuid).ok_or_else(wrong_credentials)?;
    let (access_token, refresh_token) = inner.tokens.pair(user, scopes, life_s);
    let document = json!({
        "token_type": "Bearer",
        "expires_in": life_s,
        "access_token": access_token,
        "refresh_token": refresh_token,
    });
    let document = match inner.settings.token_shape {
        TokenShape::Object => document,
        TokenShape::Array => Value::Array(vec![document]),
    };
    Ok(Answer::Document(inner.settings.token_status, document))
}

fn by_password(inner: &Inner, request: &GlueRequest) -> Result<(Uuid, Vec<String>), Rejection> {
    let username = request.form_field("username", "username").ok_or_else(malformed)?;
    let password = request.form_field("password", "password").ok_or_else(malformed)?;
    // The server's own client has a secret, which nobody can send along.
    if request.form_field("client_id", "clientId").is_some() {
        return Err(refused("invalid_client", "Client authentication failed"));
    }
    let user = inner.state.sign_in(&username, &password).ok_or_else(wrong_credentials)?;
    let asked = request.form_field("scope", "scope").unwrap_or_default();
    Ok((user.uuid, granted_scopes(&user.scopes(), &asked)))
}

/// Those given anyway, and the known ones among those asked for.
pub(super) fn granted_scopes(given: &[String], asked: &str) -> Vec<String> {
    let mut scopes = given.to_vec();
    for scope in asked.split_whitespace().filter(|scope| KNOWN_SCOPES.contains(scope)) {
        if !scopes.iter().any(|other| other == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// `POST /warehouse-tokens`.
pub(super) fn warehouse_token(inner: &mut Inner, caller: &Uuid) -> Result<Answer, Rejection> {
    let warehouse = inner
        .state
        .active_of(caller)
        .and_then(|assignment| inner.state.warehouse(&assignment.warehouse_uuid));
    let Some(number) = warehouse.map(|warehouse| warehouse.number) else {
        return Err(GlueError::new(403, "5101", "Operation is forbidden.").into());
    };
    let (access_token, refresh_token) = inner.tokens.for_warehouse(number, WAREHOUSE_TOKEN_LIFE_S);
    Ok(Answer::Document(
        201,
        json!([{
            "tokenType": "Bearer",
            "expiresIn": WAREHOUSE_TOKEN_LIFE_S,
            "accessToken": access_token,
            "refreshToken": refresh_token,
        }]),
    ))
}
