//! The table of answers: which status, content type and document is which outcome.

use std::time::Duration;

use uuid::Uuid;

use super::GlueFailure::{self, *};
use super::ListExtent;
use super::answer::{Answer, Body, Question, http_date, is_body_of_use, judge};
use super::{assignments, token};
use crate::domain::connection::{Connection, TlsProblem};
use crate::domain::ids::{AssignmentId, UserUuid};

const JSON_API: &str = "application/vnd.api+json";
const PLAIN: &str = "application/json";
const HTML: &str = "text/html; charset=UTF-8";
const ID: &str = "99e048ef-8cd8-5e52-aca9-50a590a469c2";
const PORTAL: &str = "<html>Welcome to the guest network</html>";

fn user() -> UserUuid {
    UserUuid::new(Uuid::from_u128(1))
}

fn answer(status: u16, content_type: &str, body: &str) -> Answer {
    let is_read = is_body_of_use(Question::List, status, Some(content_type))
        || is_body_of_use(Question::SignIn, status, Some(content_type));
    Answer {
        status,
        content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
        retry_after: None,
        date: None,
        body: if is_read { Body::Whole(body.into()) } else { Body::Unread },
    }
}

fn patch(status: u16, content_type: &str, body: &str) -> Result<(), GlueFailure> {
    let id = AssignmentId::parse(ID).unwrap();
    let read = |body: &[u8]| assignments::read_patch(body, id, true);
    judge(Question::Patch, &answer(status, content_type, body), read).result
}

fn list(status: u16, content_type: &str, body: &str) -> Result<usize, GlueFailure> {
    let read = |body: &[u8]| {
        assignments::read_list(body, user(), ListExtent::Complete).map(|rows| rows.len())
    };
    judge(Question::List, &answer(status, content_type, body), read).result
}

fn sign_in(status: u16, content_type: &str, body: &str) -> Result<(), GlueFailure> {
    let read = |body: &[u8]| token::read(body).map(|_| ());
    judge(Question::SignIn, &answer(status, content_type, body), read).result
}

/// An error document of the JSON:API convention; `code` is JSON.
fn errors(code: &str) -> String {
    format!(r#"{{"errors":[{{"status":400,"code":{code},"message":"In words."}}]}}"#)
}

/// An error document of the plain convention.
fn plain_errors(code: &str) -> String {
    format!(r#"[{{"status":400,"code":{code},"message":"In words."}}]"#)
}

fn patched(id: &str, is_active: &str) -> String {
    format!(
        r#"{{"data":{{"type":"warehouse-user-assignments","id":"{id}","attributes":
        {{"userUuid":"u","isActive":{is_active},"warehouse":{{"name":"W","uuid":"w","isActive":true}}}}}}}}"#
    )
}

fn refused(code: &str) -> GlueFailure {
    Refused { code: code.into(), message: "In words.".into() }
}

fn trouble(status: u16, outcome_known: bool) -> GlueFailure {
    ServerTrouble { status: Some(status), retry_after: None, outcome_known }
}

const UNKNOWN_WRONG_SERVER: GlueFailure = WrongServer { outcome_known: false };
const KNOWN_WRONG_SERVER: GlueFailure = WrongServer { outcome_known: true };

#[test]
fn a_patch_counts_only_if_its_answer_shows_the_wished_state() {
    let other = "39fcc049-758b-5f96-96c4-ecd5e103a8f9";
    let cases = [
        (200, JSON_API, patched(ID, "true"), Ok(())),
        (200, "Application/VND.api+json; charset=utf-8", patched(ID, "true"), Ok(())),
        (200, JSON_API, patched(&ID.to_uppercase(), "true"), Ok(())),
        (200, JSON_API, patched(ID, "false"), Err(NotAsWished)),
        (200, JSON_API, patched(ID, r#""true""#), Err(NotAsWished)),
        (200, JSON_API, patched(ID, "null"), Err(NotAsWished)),
        (200, JSON_API, patched(other, "true"), Err(NotAsWished)),
        (202, JSON_API, patched(ID, "true"), Err(trouble(202, false))),
        (200, PLAIN, patched(ID, "true"), Err(CaptivePortal)),
        (200, "", patched(ID, "true"), Err(CaptivePortal)),
        (200, JSON_API, PORTAL.into(), Err(CaptivePortal)),
        (200, JSON_API, r#"{"data":[]}"#.into(), Err(CaptivePortal)),
        (
            200,
            JSON_API,
            r#"{"data":{"type":"users","id":"1","attributes":{}}}"#.into(),
            Err(CaptivePortal),
        ),
        (200, JSON_API, errors("\"5202\""), Err(CaptivePortal)),
        (200, HTML, PORTAL.into(), Err(CaptivePortal)),
        (204, JSON_API, String::new(), Err(CaptivePortal)),
    ];
    for (status, content_type, body, expected) in cases {
        assert_eq!(patch(status, content_type, &body), expected, "{status} {content_type} {body}");
    }
}

#[test]
fn a_patch_that_glue_refuses_is_told_by_status_and_code() {
    let cases = [
        (400, "\"5202\"", refused("5202")),
        (400, "\"5203\"", refused("5203")),
        (400, "\"9999\"", refused("9999")),
        (400, "5203", refused("5203")),
        (400, "\"001\"", TokenOver),
        (400, "null", trouble(400, true)),
        (401, "\"001\"", TokenOver),
        (401, "\"002\"", TokenOver),
        (401, "null", NotAuthorized),
        (401, "\"777\"", trouble(401, true)),
        (403, "\"002\"", TokenOver),
        (403, "null", NotAuthorized),
        (403, "\"5204\"", AccountUnknown),
        (403, "\"5900\"", NeedsCode { wrong: false }),
        (403, "\"5901\"", NeedsCode { wrong: true }),
        (403, "\"5101\"", refused("5101")),
        (404, "\"5201\"", NotFound),
        (404, "\"007\"", KNOWN_WRONG_SERVER),
        (404, "\"008\"", KNOWN_WRONG_SERVER),
        (404, "\"009\"", KNOWN_WRONG_SERVER),
        (404, "null", trouble(404, true)),
        (405, "\"1\"", KNOWN_WRONG_SERVER),
        (406, "\"1\"", KNOWN_WRONG_SERVER),
        (409, "\"1\"", refused("1")),
        (412, "\"1\"", refused("1")),
        (415, "\"010\"", KNOWN_WRONG_SERVER),
        (422, "\"1\"", refused("1")),
        (423, "\"1\"", refused("1")),
        (408, "\"1\"", trouble(408, true)),
        (425, "\"1\"", trouble(425, true)),
        (429, "\"1\"", trouble(429, true)),
        (418, "\"1\"", trouble(418, false)),
        (500, "\"1\"", trouble(500, false)),
        (501, "null", KNOWN_WRONG_SERVER),
        (503, "\"1\"", trouble(503, false)),
    ];
    for (status, code, expected) in cases {
        assert_eq!(patch(status, JSON_API, &errors(code)), Err(expected), "{status} {code}");
    }
}

#[test]
fn what_is_not_glue_leaves_the_outcome_of_a_patch_open() {
    let cases = [
        (301, CaptivePortal),
        (302, CaptivePortal),
        (304, CaptivePortal),
        (307, CaptivePortal),
        (511, CaptivePortal),
        (400, trouble(400, false)),
        (401, trouble(401, false)),
        (403, trouble(403, false)),
        (404, UNKNOWN_WRONG_SERVER),
        (405, UNKNOWN_WRONG_SERVER),
        (406, UNKNOWN_WRONG_SERVER),
        (407, ProxySignIn),
        (408, trouble(408, false)),
        (409, trouble(409, false)),
        (415, UNKNOWN_WRONG_SERVER),
        (425, trouble(425, false)),
        (429, trouble(429, false)),
        (451, trouble(451, false)),
        (500, trouble(500, false)),
        (501, UNKNOWN_WRONG_SERVER),
        (502, trouble(502, false)),
        (503, trouble(503, false)),
        (504, trouble(504, false)),
        (599, trouble(599, false)),
    ];
    for (status, expected) in cases {
        for (content_type, body) in
            [(HTML, PORTAL), (JSON_API, PORTAL), (JSON_API, "[]"), (JSON_API, "[{}]"), ("", "")]
        {
            let result = patch(status, content_type, body);

            assert_eq!(result, Err(expected.clone()), "{status} {content_type} {body}");
            assert!(expected.leaves_outcome_unknown(), "{status}");
        }
    }
}

#[test]
fn a_list_is_never_refused_only_not_had() {
    let cases = [
        (200, JSON_API, r#"{"data":[],"links":{"self":"x"}}"#.to_owned(), Ok(0)),
        (200, JSON_API, r#"{"data":{}}"#.into(), Err(CaptivePortal)),
        (200, JSON_API, "[]".into(), Err(CaptivePortal)),
        (200, JSON_API, r#"{"data":[{"type""#.into(), Err(CaptivePortal)),
        (200, PLAIN, r#"{"data":[]}"#.into(), Err(CaptivePortal)),
        (204, "", String::new(), Err(CaptivePortal)),
        (302, HTML, String::new(), Err(CaptivePortal)),
        (400, JSON_API, errors("\"011\""), Err(trouble(400, true))),
        (400, JSON_API, errors("\"001\""), Err(TokenOver)),
        (401, JSON_API, errors("\"001\""), Err(TokenOver)),
        (401, JSON_API, errors("null"), Err(NotAuthorized)),
        (403, JSON_API, errors("\"5204\""), Err(AccountUnknown)),
        (403, JSON_API, errors("\"5900\""), Err(NeedsCode { wrong: false })),
        (403, JSON_API, errors("\"5101\""), Err(trouble(403, true))),
        (404, JSON_API, errors("\"5201\""), Err(trouble(404, true))),
        (404, JSON_API, errors("\"007\""), Err(KNOWN_WRONG_SERVER)),
        (404, PLAIN, plain_errors("\"007\""), Err(UNKNOWN_WRONG_SERVER)),
        (423, JSON_API, errors("\"1\""), Err(trouble(423, true))),
        (500, HTML, PORTAL.into(), Err(trouble(500, false))),
    ];
    for (status, content_type, body, expected) in cases {
        assert_eq!(list(status, content_type, &body), expected, "{status} {content_type} {body}");
    }
}

#[test]
fn a_sign_in_is_refused_by_the_codes_of_oauth() {
    let cases = [
        (400, PLAIN, plain_errors("\"invalid_grant\""), refused("invalid_grant")),
        (400, PLAIN, plain_errors("\"invalid_request\""), refused("invalid_request")),
        (400, PLAIN, plain_errors("\"unsupported_grant_type\""), refused("unsupported_grant_type")),
        (401, PLAIN, plain_errors("\"invalid_client\""), refused("invalid_client")),
        (400, PLAIN, r#"{"error":"invalid_grant"}"#.into(), trouble(400, false)),
        (401, PLAIN, plain_errors("\"001\""), TokenOver),
        (404, PLAIN, plain_errors("\"008\""), KNOWN_WRONG_SERVER),
        (404, JSON_API, errors("\"007\""), UNKNOWN_WRONG_SERVER),
        (415, PLAIN, plain_errors("\"010\""), KNOWN_WRONG_SERVER),
        (200, HTML, PORTAL.into(), CaptivePortal),
        (200, PLAIN, "{}".into(), CaptivePortal),
        (500, HTML, PORTAL.into(), trouble(500, false)),
    ];
    for (status, content_type, body, expected) in cases {
        let result = sign_in(status, content_type, &body);
        assert_eq!(result, Err(expected), "{status} {content_type} {body}");
    }
}

#[test]
fn a_body_that_is_too_long_is_not_our_server_whatever_its_status() {
    for status in [200, 400, 403, 404] {
        let answer = Answer { body: Body::TooLarge, ..answer(status, JSON_API, "") };

        let judged = judge(Question::Patch, &answer, |_| Ok(()));

        assert_eq!(judged.result, Err(UNKNOWN_WRONG_SERVER));
        assert!(!judged.is_glue);
    }
}

#[test]
fn only_a_glue_backend_tells_the_time() {
    let is_glue = |status, content_type, body: &str| {
        judge(Question::Patch, &answer(status, content_type, body), |_| Ok(())).is_glue
    };

    assert!(is_glue(200, JSON_API, "{}"));
    assert!(is_glue(404, JSON_API, &errors("\"5201\"")));
    assert!(!is_glue(404, HTML, PORTAL));
    assert!(!is_glue(200, HTML, PORTAL));
}

#[test]
fn the_body_of_a_gateway_is_not_waited_for() {
    for status in [204, 302, 407, 500, 502, 503, 504, 511] {
        assert!(!is_body_of_use(Question::List, status, Some(JSON_API)), "{status}");
    }
    for status in [200, 400, 401, 403, 404, 409, 429, 501] {
        assert!(is_body_of_use(Question::List, status, Some(JSON_API)), "{status}");
        assert!(!is_body_of_use(Question::List, status, Some(HTML)), "{status}");
    }
}

#[test]
fn a_server_may_ask_to_be_left_alone_for_an_hour_at_most() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let seconds = Duration::from_secs;
    let cases = [
        (Some("120"), Some(date), Some(seconds(120))),
        (Some("  7 "), None, Some(seconds(7))),
        (Some("0"), None, Some(seconds(0))),
        (Some("86400"), None, Some(seconds(3600))),
        (Some("99999999999999999999999"), None, Some(seconds(3600))),
        (Some("Sun, 06 Nov 1994 08:51:37 GMT"), Some(date), Some(seconds(120))),
        (Some("Mon, 07 Nov 1994 08:51:37 GMT"), Some(date), Some(seconds(3600))),
        (Some("Sun, 06 Nov 1994 08:00:00 GMT"), Some(date), None),
        (Some("Sun, 06 Nov 1994 08:51:37 GMT"), None, None),
        (Some("-5"), None, None),
        (Some("soon"), None, None),
        (Some(""), None, None),
        (None, Some(date), None),
    ];
    for (retry_after, date, expected) in cases {
        let answer = Answer {
            retry_after: retry_after.map(str::to_owned),
            date: date.and_then(http_date),
            ..answer(503, HTML, PORTAL)
        };

        let failure = judge(Question::List, &answer, |_| Ok(())).result.unwrap_err();

        assert_eq!(failure.retry_after(), expected, "{retry_after:?}");
    }
}

#[test]
fn each_failure_tells_how_it_stands_with_the_server() {
    let cases = [
        (Offline, Connection::Offline, false),
        (Cut, Connection::Offline, true),
        (Tls(TlsProblem::Other), Connection::TlsFailed(TlsProblem::Other), false),
        (NotFound, Connection::Online, false),
        (NotAsWished, Connection::Online, true),
        (refused("1"), Connection::Online, false),
        (NeedsCode { wrong: true }, Connection::NeedsCode, false),
        (TokenOver, Connection::SignInAgain, false),
        (NotAuthorized, Connection::NotAllowed, false),
        (AccountUnknown, Connection::AccountUnknown, false),
        (CaptivePortal, Connection::WifiSignIn, true),
        (ProxySignIn, Connection::ProxySignIn, true),
        (UNKNOWN_WRONG_SERVER, Connection::WrongServer, true),
        (KNOWN_WRONG_SERVER, Connection::WrongServer, false),
        (trouble(500, false), Connection::ServerTrouble, true),
        (trouble(429, true), Connection::ServerTrouble, false),
        (NoUserInToken, Connection::NotAllowed, false),
    ];
    for (failure, connection, is_unknown) in cases {
        assert_eq!(failure.connection(), connection, "{failure:?}");
        assert_eq!(failure.leaves_outcome_unknown(), is_unknown, "{failure:?}");
    }
}
