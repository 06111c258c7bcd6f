//! Documents: tokens, lists, errors, and secrets that must not show.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Unfit;
use super::{
    AccessToken, GlueFailure, ListExtent, Password, RefreshToken, SecondFactorCode, Token,
};
use super::{assignments, tls, token, wire};
use crate::domain::assignment::Assignment;
use crate::domain::connection::TlsProblem;
use crate::domain::ids::UserUuid;

const USER: &str = "0d743cc3-a772-5145-971e-d4018ee7a489";

fn user() -> UserUuid {
    UserUuid::parse(USER).unwrap()
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// A token as the server makes it: times are floats, `sub` is JSON in a string.
fn sample_jwt() -> String {
    let sub = json!({"user_reference": null, "id_user": 4, "uuid": USER}).to_string();
    jwt(&json!({"aud": "frontend", "iat": 1_699_347_834.461_59, "sub": sub, "scopes": ["user"]}))
}

fn read_token(document: &Value) -> Result<Token, Unfit> {
    token::read(document.to_string().as_bytes())
}

#[test]
fn a_token_comes_as_an_object_or_as_an_array_of_one() {
    let members = json!({
        "token_type": "Bearer", "expires_in": 28799, "access_token": sample_jwt(), "refresh_token": "def5"
    });
    let expected = Token {
        access: AccessToken::new(sample_jwt()),
        refresh: Some(RefreshToken::new("def5".into())),
        expires_in: Some(Duration::from_secs(28_799)),
        user: user(),
    };

    assert_eq!(read_token(&members), Ok(expected.clone()));
    assert_eq!(read_token(&json!([members])), Ok(expected));
    assert_eq!(read_token(&json!([members, members])), Err(Unfit::NotGlue));
    assert_eq!(read_token(&json!([])), Err(Unfit::NotGlue));
}

#[test]
fn refresh_token_and_lifetime_may_be_missing_or_out_of_range() {
    let bare = read_token(&json!({"access_token": sample_jwt(), "refresh_token": null})).unwrap();
    let lifetime = |seconds: Value| {
        read_token(&json!({"access_token": sample_jwt(), "expires_in": seconds}))
            .unwrap()
            .expires_in
    };

    assert_eq!((bare.refresh, bare.expires_in), (None, None));
    assert_eq!(lifetime(json!(-1)), Some(Duration::ZERO));
    assert!(lifetime(json!(1e300)).unwrap() < Duration::from_secs(4_000_000_000));
}

#[test]
fn a_token_that_could_not_be_sent_again_is_no_token() {
    for text in [String::new(), "a b".into(), "a\r\nHost: x".into(), "ä".into(), "x".repeat(20_000)]
    {
        assert_eq!(read_token(&json!({"access_token": text})), Err(Unfit::NotGlue));
    }
}

#[test]
fn the_user_is_read_from_the_sub_of_the_token() {
    let padded = format!(
        "e30.{}.c2ln",
        URL_SAFE.encode(json!({"sub": json!({"uuid": USER}).to_string()}).to_string())
    );

    assert_eq!(token::user_of(&sample_jwt()), Some(user()));
    assert_eq!(token::user_of(&padded), Some(user()));
}

#[test]
fn a_token_without_a_users_uuid_fails_as_such() {
    let without_user = [
        "opaque".to_owned(),
        "a.b.c".into(),
        jwt(&json!({})),
        jwt(&json!({"sub": USER})),
        jwt(&json!({"sub": 4})),
        jwt(&json!({"sub": json!({"uuid": null}).to_string()})),
        jwt(&json!({"sub": json!({"uuid": "DE--21"}).to_string()})),
        jwt(&json!({"sub": json!({"id_warehouse": 1}).to_string()})),
    ];
    for text in without_user {
        let result = read_token(&json!({"access_token": text}));
        assert_eq!(result, Err(Unfit::Failure(GlueFailure::NoUserInToken)), "{text}");
    }
}

fn row(number: u128, owner: &str) -> Value {
    json!({"type": "warehouse-user-assignments", "id": Uuid::from_u128(number).to_string(),
        "attributes": {"userUuid": owner, "isActive": number == 1, "warehouse":
            {"name": format!("Warehouse{number}"), "uuid": Uuid::from_u128(number + 100).to_string(), "isActive": true}},
        "links": {"self": "https://elsewhere.example/x"}})
}

fn read_list(rows: &[Value]) -> Result<Vec<Assignment>, Unfit> {
    let body = json!({"data": rows}).to_string();
    assignments::read_list(body.as_bytes(), user(), ListExtent::Complete)
}

fn names(rows: &[Value]) -> Vec<String> {
    read_list(rows).unwrap().into_iter().map(|row| row.warehouse.name).collect()
}

#[test]
fn rows_of_other_users_are_left_out() {
    let other = Uuid::from_u128(77).to_string();
    let rows = [row(1, USER), row(2, &other), row(3, &USER.to_uppercase())];

    assert_eq!(names(&rows), ["Warehouse1", "Warehouse3"]);
    assert!(read_list(&rows).unwrap()[0].is_active);
    assert_eq!(names(&[row(2, &other)]), Vec::<String>::new());
}

#[test]
fn a_row_that_cannot_be_read_spoils_the_list_since_a_hole_could_reject_a_wish() {
    let without = |member: &str| {
        let mut odd = row(2, USER);
        odd["attributes"].as_object_mut().unwrap().remove(member);
        odd
    };
    let mut without_id = row(2, USER);
    without_id.as_object_mut().unwrap().remove("id");
    let mut numbered = row(2, USER);
    numbered["id"] = json!(2);
    let mut of_other_type = row(2, USER);
    of_other_type["type"] = json!("users");
    let odd_rows = [
        without("warehouse"),
        without("userUuid"),
        without("isActive"),
        without_id,
        numbered,
        of_other_type,
        json!(null),
        json!([1]),
        json!({}),
    ];

    for odd in odd_rows {
        let read = read_list(&[row(1, USER), odd.clone(), row(3, USER)]);
        let spoiled = Unfit::Failure(GlueFailure::WrongServer { outcome_known: true });
        assert_eq!(read, Err(spoiled), "{odd}");
    }
}

#[test]
fn a_row_that_comes_twice_counts_once() {
    assert_eq!(names(&[row(1, USER), row(3, USER), row(1, USER)]), ["Warehouse1", "Warehouse3"]);
    assert_eq!(read_list(&[]), Ok(Vec::new()));
}

#[test]
fn names_of_warehouses_are_cut_and_made_harmless() {
    let named = |name: Value| {
        let mut row = row(1, USER);
        row["attributes"]["warehouse"]["name"] = name;
        names(&[row]).remove(0)
    };

    assert_eq!(named(json!("ä".repeat(500))), "ä".repeat(200));
    assert_eq!(named(json!("Halle\n7\u{202e}\u{0}x")), "Halle 7  x");
    assert_eq!(named(json!(null)), Uuid::from_u128(101).to_string());
    assert_eq!(named(json!("  ")), Uuid::from_u128(101).to_string());
}

#[test]
fn an_error_is_told_by_message_else_detail_else_title() {
    let message = |document: Value| {
        wire::first_error(document.to_string().as_bytes()).map(|error| error.message)
    };
    let all = json!({"message": "m", "detail": "d", "title": "t", "code": null});

    assert_eq!(message(json!({"errors": [all]})).unwrap(), "m");
    assert_eq!(message(json!([{"detail": "d", "title": "t"}])).unwrap(), "d");
    assert_eq!(message(json!([{"title": "t"}])).unwrap(), "t");
    assert_eq!(message(json!([{"code": "Not allowed.", "message": null}])).unwrap(), "");
    assert_eq!(message(json!([{"message": "x".repeat(9_999)}])).unwrap().len(), 300);
    for odd in [json!({"errors": []}), json!([]), json!([{}]), json!({"message": "m"}), json!("m")]
    {
        assert_eq!(message(odd.clone()), None, "{odd}");
    }
}

#[test]
fn the_first_of_several_errors_counts() {
    let document = json!({"errors": [{"code": "5202"}, {"code": "5203"}]}).to_string();

    assert_eq!(wire::first_error(document.as_bytes()).unwrap().code.as_deref(), Some("5202"));
}

#[test]
fn no_secret_shows_in_a_debug_text() {
    let secret = "hunter2";
    let token = Token {
        access: AccessToken::new(secret.into()),
        refresh: Some(RefreshToken::new(secret.into())),
        expires_in: None,
        user: user(),
    };
    let texts = [
        format!("{:?}", Password::new(secret.into())),
        format!("{:?}", SecondFactorCode::new(secret.into())),
        format!("{token:?}"),
    ];

    for text in texts {
        assert!(!text.contains(secret) && text.contains("redacted"), "{text}");
    }
}

#[test]
fn certificates_fail_in_kinds_that_people_can_act_on() {
    use rustls::CertificateError::{
        BadSignature, Expired, NotValidForName, NotValidYet, Revoked, UnknownIssuer,
    };
    let cases = [
        (Expired, TlsProblem::Expired),
        (NotValidYet, TlsProblem::ClockWrong),
        (UnknownIssuer, TlsProblem::UnknownAuthority),
        (NotValidForName, TlsProblem::NameMismatch),
        (BadSignature, TlsProblem::UnknownAuthority),
        (Revoked, TlsProblem::Other),
    ];
    for (reason, expected) in cases {
        assert_eq!(tls::problem(&rustls::Error::InvalidCertificate(reason)), expected);
    }
}
