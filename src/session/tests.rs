//! How long a token lasts, and why nobody was signed in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::secret_store::StoredToken;
use super::sign_in::{SignInError, sign_in};
use crate::domain::ids::UserUuid;
use crate::domain::testing::at;
use crate::domain::time::{BootId, Moment};
use crate::glue::testing::{DATE_MILLIS, OneAnswer, answer};
use crate::glue::{AccessToken, GlueFailure, Password};

const USER: Uuid = Uuid::from_u128(1);

fn token(lifetime: Option<u64>, received_at: Moment) -> StoredToken {
    StoredToken {
        access: AccessToken::new("hunter2".into()),
        refresh: None,
        expires_in: lifetime.map(Duration::from_secs),
        received_at,
        is_over: false,
    }
}

fn after_reboot(second: u64, server_second: Option<u64>) -> Moment {
    Moment {
        boot_id: BootId(Uuid::from_u128(2)),
        since_boot: Duration::from_secs(second),
        server: server_second.and_then(|second| at(second).server),
        wall: at(0).wall,
    }
}

#[test]
fn the_life_of_a_token_is_counted_from_its_receipt() {
    let token = token(Some(100), at(1_000));

    assert_eq!(token.remaining_at(&at(1_000)), Some(Duration::from_secs(100)));
    assert_eq!(token.remaining_at(&at(1_099)), Some(Duration::from_secs(1)));
    assert!(token.is_usable_at(&at(1_099)));
    assert!(!token.is_usable_at(&at(1_100)));
    assert_eq!(token.remaining_at(&at(9_000)), Some(Duration::ZERO));
}

#[test]
fn after_a_reboot_a_token_is_given_up_only_when_it_is_known_to_be_over() {
    let token = token(Some(100), at(1_000));

    assert!(token.is_usable_at(&after_reboot(99, None)));
    assert!(!token.is_usable_at(&after_reboot(100, None)));
    assert!(!token.is_usable_at(&after_reboot(1, Some(1_100))));
}

#[test]
fn a_token_without_a_lifetime_is_used_until_the_server_refuses_it() {
    let token = token(None, at(0));

    assert_eq!(token.remaining_at(&at(1_000_000)), None);
    assert!(token.is_usable_at(&at(1_000_000)));
}

#[test]
fn a_kept_token_does_not_show_in_a_debug_text() {
    assert!(!format!("{:?}", token(None, at(0))).contains("hunter2"));
}

#[test]
fn only_the_code_for_wrong_credentials_counts_as_refused() {
    let refused = |code: &str| GlueFailure::Refused { code: code.into(), message: String::new() };

    assert_eq!(SignInError::from(refused("invalid_grant")), SignInError::Refused);
    assert_eq!(
        SignInError::from(refused("invalid_request")),
        SignInError::Failure(refused("invalid_request"))
    );
    assert_eq!(SignInError::from(GlueFailure::NoUserInToken), SignInError::NoUserInToken);
    assert_eq!(SignInError::from(GlueFailure::Offline), SignInError::Failure(GlueFailure::Offline));
}

#[tokio::test]
async fn a_sign_in_is_a_form_without_authorization() {
    let sub = format!(r#"{{"sub":"{{\"uuid\":\"{USER}\"}}"}}"#);
    let body = format!(
        r#"{{"expires_in":28800,"access_token":"e30.{}.c2ln"}}"#,
        URL_SAFE_NO_PAD.encode(sub)
    );
    let server = OneAnswer::new(answer("201 Created", "Content-Type: application/json\r\n", &body));
    let client = server.client();

    let password = Password::new("a&b=c d+ä".into());
    let signed_in = sign_in(&client, "harald@spryker.com", password).await.unwrap();
    let request = server.request();

    assert_eq!(&signed_in.profile.origin, client.origin());
    assert_eq!(signed_in.profile.user, UserUuid::new(USER));
    assert_eq!(signed_in.token.received_at.server, Some(DATE_MILLIS));
    assert_eq!(signed_in.token.expires_in, Some(Duration::from_secs(28_800)));
    assert_eq!(request.line(), "POST /token HTTP/1.1");
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(
        request.body(),
        "grant_type=password&username=harald%40spryker.com&password=a%26b%3Dc+d%2B%C3%A4"
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let body = r#"[{"status":400,"code":"invalid_grant","message":"The user credentials were incorrect."}]"#;
    let server =
        OneAnswer::new(answer("400 Bad Request", "Content-Type: application/json\r\n", body));

    let result = sign_in(&server.client(), "harald@spryker.com", Password::new("x".into())).await;

    assert_eq!(result, Err(SignInError::Refused));
}
