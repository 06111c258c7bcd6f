//! `POST /token` and `POST /warehouse-tokens` (contract sections 2.1, 2.2 and 4).

use serde_json::{Value, json};

use super::control::{Inner, TokenShape};
use super::conventions::{Answer, GlueError, GlueRequest, Rejection};
use super::tokens::{Claims, Subject};

const MALFORMED: &str = "The request is missing a required parameter, includes an invalid parameter \
value, includes a parameter more than once, or is otherwise malformed.";

/// How long a warehouse token lives: 7 days.
const WAREHOUSE_TOKEN_LIFE_S: u32 = 604_800;

fn refused(code: &str, message: &str) -> Rejection {
    GlueError::new(400, code, message).into()
}

/// `POST /token`.
pub(super) fn token(inner: &mut Inner, request: &GlueRequest) -> Result<Answer, Rejection> {
    if request.body.is_empty() {
        return Err(Rejection::Crashed);
    }
    let field = |snake_case, camel_case| {
        request.form_field(snake_case, camel_case).filter(|text| !text.is_empty())
    };
    let user_uuid = match field("grant_type", "grantType").unwrap_or_default().as_str() {
        "password" => {
            let (Some(username), Some(password)) =
                (field("username", "username"), field("password", "password"))
            else {
                return Err(refused("invalid_request", MALFORMED));
            };
            if field("client_id", "clientId").is_some() {
                return Err(refused("invalid_client", "Client authentication failed"));
            }
            let user = inner.state.sign_in(&username, &password).map(|user| user.uuid);
            user.ok_or_else(|| refused("invalid_grant", "The user credentials were incorrect."))?
        }
        "refresh_token" if inner.settings.refresh_offered => {
            let text = field("refresh_token", "refreshToken").unwrap_or_default();
            let user = inner.tokens.redeem(&text);
            user.ok_or_else(|| refused("invalid_request", "The refresh token is invalid."))?
        }
        other => {
            let message = format!("Grant type \"{other}\" not found");
            return Err(refused("unsupported_grant_type", &message));
        }
    };
    let life_s = inner.settings.token_life_s;
    let Some(user) = inner.state.user(&user_uuid) else {
        return Err(refused("invalid_grant", "The user credentials were incorrect."));
    };
    let document = json!({
        "token_type": "Bearer",
        "expires_in": life_s,
        "access_token": inner.tokens.for_user(user, life_s),
        "refresh_token": inner.tokens.refresh_token(Some(user_uuid)),
    });
    let document = match inner.settings.token_shape {
        TokenShape::Object => document,
        TokenShape::Array => Value::Array(vec![document]),
    };
    Ok(Answer::Document(inner.settings.token_status, document))
}

/// `POST /warehouse-tokens`.
pub(super) fn warehouse_token(inner: &mut Inner, claims: &Claims) -> Result<Answer, Rejection> {
    let Subject::User(caller) = &claims.subject else { return Err(Rejection::Crashed) };
    let warehouse = inner
        .state
        .active_of(caller)
        .and_then(|assignment| inner.state.warehouse(&assignment.warehouse_uuid));
    let Some(number) = warehouse.map(|warehouse| warehouse.number) else {
        return Err(GlueError::new(403, "5101", "Operation is forbidden.").into());
    };
    Ok(Answer::Document(
        201,
        json!([{
            "tokenType": "Bearer",
            "expiresIn": WAREHOUSE_TOKEN_LIFE_S,
            "accessToken": inner.tokens.for_warehouse(number, WAREHOUSE_TOKEN_LIFE_S),
            "refreshToken": inner.tokens.refresh_token(None),
        }]),
    ))
}
