//! The client against servers that say exactly what a test tells them to, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use uuid::Uuid;

use super::testing::{
    DATE_MILLIS, JSON_API, OneAnswer, StoppedClock, answer, client, read_request,
};
use super::{
    AccessToken, Exchange, GlueClient, GlueFailure, GlueSettings, GlueSetupError, Limits,
    ListExtent, RefreshToken, SecondFactorCode,
};
use crate::clock::Clock as _;
use crate::domain::assignment::Assignment;
use crate::domain::ids::{AssignmentId, ServerOrigin, UserUuid};

const USER: Uuid = Uuid::from_u128(1);
fn token() -> AccessToken {
    AccessToken::new("aaa.bbb.ccc".into())
}

fn id() -> AssignmentId {
    AssignmentId::new(Uuid::from_u128(7))
}

async fn list(client: &GlueClient) -> Exchange<Vec<Assignment>> {
    client.assignments(&token(), UserUuid::new(USER), ListExtent::Complete).await
}

async fn patch(client: &GlueClient, code: Option<&str>) -> Exchange<()> {
    let code = code.map(|text| SecondFactorCode::new(text.into()));
    client.patch_assignment(&token(), id(), true, code.as_ref()).await
}

fn patched() -> String {
    let body = format!(
        r#"{{"data":{{"type":"warehouse-user-assignments","id":"{}","attributes":{{"isActive":true}}}}}}"#,
        id()
    );
    answer("200 OK", JSON_API, &body)
}

fn user_agent() -> String {
    format!("user-agent: wareswitch/{}", env!("CARGO_PKG_VERSION"))
}

#[tokio::test]
async fn a_list_is_asked_for_with_both_json_api_headers_and_nothing_else() {
    let server = OneAnswer::new(answer("200 OK", JSON_API, r#"{"data":[]}"#));

    let exchange = list(&server.client()).await;
    let request = server.request();

    assert_eq!(exchange.result, Ok(Vec::new()));
    assert_eq!(exchange.server_date, Some(DATE_MILLIS));
    assert_eq!(
        (exchange.asked_at, exchange.answered_at),
        (StoppedClock.read(), StoppedClock.read())
    );
    assert_eq!(request.line(), "GET /warehouse-user-assignments HTTP/1.1");
    assert_eq!(
        request.headers(),
        [
            "accept-encoding: gzip".to_owned(),
            "accept: application/vnd.api+json".into(),
            "authorization: Bearer aaa.bbb.ccc".into(),
            "content-type: application/vnd.api+json".into(),
            user_agent(),
        ]
    );
    assert_eq!(request.body(), "");
}

#[tokio::test]
async fn what_is_active_is_asked_for_by_a_filter_and_a_server_that_ignores_it_is_understood() {
    let row = |number: u128, is_active: bool| {
        format!(
            r#"{{"type":"warehouse-user-assignments","id":"{0}","attributes":{{"userUuid":"{USER}",
            "isActive":{is_active},"warehouse":{{"name":"N","uuid":"{0}","isActive":true}}}}}}"#,
            Uuid::from_u128(number)
        )
    };
    let body = format!(r#"{{"data":[{},{}]}}"#, row(1, false), row(7, true));
    let server = OneAnswer::new(answer("200 OK", JSON_API, &body));

    let client = server.client();
    let exchange = client.assignments(&token(), UserUuid::new(USER), ListExtent::Active).await;

    let active = exchange.result.unwrap();
    assert_eq!(active.iter().map(|row| row.id).collect::<Vec<_>>(), [id()]);
    let filter = "filter%5Bwarehouse-user-assignments.isActive%5D=true";
    let line = format!("GET /warehouse-user-assignments?{filter} HTTP/1.1");
    assert_eq!(server.request().line(), line);
}

#[tokio::test]
async fn a_patch_carries_a_real_boolean_and_the_code_if_there_is_one() {
    let server = OneAnswer::new(patched());

    let exchange = patch(&server.client(), Some(" 123456\n")).await;
    let request = server.request();

    assert_eq!(exchange.result, Ok(()));
    assert_eq!(request.line(), format!("PATCH /warehouse-user-assignments/{} HTTP/1.1", id()));
    assert_eq!(
        request.headers(),
        [
            "accept-encoding: identity".to_owned(),
            "accept: application/vnd.api+json".into(),
            "authorization: Bearer aaa.bbb.ccc".into(),
            "content-length: 41".into(),
            "content-type: application/vnd.api+json".into(),
            user_agent(),
            "x-mfa-code: 123456".into(),
        ]
    );
    assert_eq!(request.body(), r#"{"data":{"attributes":{"isActive":true}}}"#);
}

#[tokio::test]
async fn without_a_code_no_header_for_it_is_sent() {
    let server = OneAnswer::new(patched());

    assert_eq!(patch(&server.client(), None).await.result, Ok(()));

    assert_eq!(server.request().header("x-mfa-code"), None);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_goes_nowhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("Location: http://{}/x\r\n", elsewhere.local_addr().unwrap());
        let server = OneAnswer::new(answer(status, &location, ""));

        let exchange = patch(&server.client(), None).await;

        assert_eq!(exchange.result, Err(GlueFailure::CaptivePortal), "{status}");
        assert_eq!(exchange.server_date, None, "{status}");
    }
    assert!(elsewhere.accept().is_err());
}

#[tokio::test]
async fn a_portal_is_no_server_and_its_date_is_not_believed() {
    let page = answer("200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>");
    let server = OneAnswer::new(page);

    let exchange = list(&server.client()).await;

    assert_eq!(exchange.result, Err(GlueFailure::CaptivePortal));
    assert_eq!(exchange.server_date, None);
}

#[tokio::test]
async fn an_answer_that_ends_too_early_is_cut() {
    let whole = patched();
    let head_end = whole.find("\r\n\r\n").unwrap() + 4;
    for length in [0, 5, head_end - 2, head_end, head_end + 1, whole.len() - 1] {
        let server = OneAnswer::new(&whole.as_bytes()[..length]);

        let exchange = patch(&server.client(), None).await;

        assert_eq!(exchange.result, Err(GlueFailure::Cut), "{length}");
    }
}

/// The answer to a list whose body is packed.
fn packed(body: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(body.as_bytes()).unwrap();
    let body = packer.finish().unwrap();
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let head = format!("HTTP/1.1 200 OK\r\n{JSON_API}Content-Encoding: GZIP\r\n{length}");
    [head.as_bytes(), &body].concat()
}

#[tokio::test]
async fn a_packed_list_is_unpacked_up_to_the_limit_and_no_further() {
    let limits = Limits { list_body_bytes_max: 100_000, ..Limits::default() };
    let padded = |length: usize| r#"{"data":[]}"#.to_owned() + &" ".repeat(length - 11);
    let whole = packed(&padded(50_000));
    let cut = whole.len() - 9;
    let spoilt = [&whole[..cut], b"123456789"].concat();
    let cases = [
        (packed(&padded(100_000)), Ok(Vec::new())),
        // A bomb: what is sent is a thousandth of what it holds.
        (packed(&padded(5_000_000)), Err(GlueFailure::WrongServer { outcome_known: false })),
        (whole[..cut].to_vec(), Err(GlueFailure::Cut)),
        (spoilt, Err(GlueFailure::Cut)),
    ];
    for (bytes, expected) in cases {
        assert!(bytes.len() < 100_000, "{}", bytes.len());
        let server = OneAnswer::new(bytes);

        let exchange = list(&client(&server.origin, limits)).await;

        assert_eq!(exchange.result, expected);
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_and_no_further() {
    let limits =
        Limits { small_body_bytes_max: 1_000, list_body_bytes_max: 2_000, ..Limits::default() };
    let padded = |length: usize| format!("{:<length$}", r#"{"data":[]}"#);
    let chunked = |length: usize| {
        let chunk = format!("{length:x}\r\n{}\r\n0\r\n\r\n", padded(length));
        format!("HTTP/1.1 200 OK\r\n{JSON_API}Transfer-Encoding: chunked\r\n\r\n{chunk}")
    };
    let too_large = Err(GlueFailure::WrongServer { outcome_known: false });
    let cases = [
        (answer("200 OK", JSON_API, &padded(2_000)), Ok(Vec::new())),
        (answer("200 OK", JSON_API, &padded(2_001)), too_large.clone()),
        (chunked(2_000), Ok(Vec::new())),
        (chunked(2_001), too_large.clone()),
        (answer("404 Not Found", JSON_API, &padded(1_001)), too_large),
    ];
    for (bytes, expected) in cases {
        let server = OneAnswer::new(bytes);

        let exchange = list(&client(&server.origin, limits)).await;

        assert_eq!(exchange.result, expected);
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_offline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client(&origin, Limits::default());

    assert_eq!(list(&client).await.result, Err(GlueFailure::Offline));
    assert_eq!(patch(&client, None).await.result, Err(GlueFailure::Offline));
}

#[tokio::test]
async fn a_server_that_never_answers_is_cut_off_after_the_time_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let limits = Limits { request: Duration::from_millis(50), ..Limits::default() };

    let exchange = patch(&client(&origin, limits), None).await;

    assert_eq!(exchange.result, Err(GlueFailure::Cut));
}

#[test]
fn no_request_takes_longer_than_the_design_allows() {
    let limits = Limits::default();

    assert_eq!((limits.connect.as_secs(), limits.request.as_secs()), (5, 20));
}

/// Waits for the end of a thread. The client hangs up meanwhile.
async fn end_of<T: Send + 'static>(thread: JoinHandle<T>) -> T {
    tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap()
}

/// A server that says `head` and then repeats `more` until nobody listens. Returns its address, and
/// how many bytes it got rid of in the end.
fn endless(head: &'static str, more: &'static [u8]) -> (String, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // An answer that comes before its question is another fault.
        read_request(&mut stream);
        stream.write_all(head.as_bytes()).unwrap();
        let mut count = 0;
        while stream.write_all(more).is_ok() {
            count += more.len();
        }
        count
    });
    (origin, thread)
}

#[tokio::test]
async fn a_drip_feed_ends_when_the_time_for_the_whole_request_is_over() {
    let heads = [
        "HTTP/1.1 200 OK\r\nX-Header: ",
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\nContent-Length: 1000000\r\n\r\n",
    ];
    for head in heads {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let limits = Limits { request: Duration::from_millis(100), ..Limits::default() };
        let client = client(&origin, limits);
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // One more byte whenever the other end has not hung up yet: whoever counts from byte to
            // byte waits for ever.
            stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
            let mut bytes = [0; 4096];
            while !matches!(stream.read(&mut bytes), Ok(0)) && stream.write_all(b"x").is_ok() {}
        });

        assert_eq!(list(&client).await.result, Err(GlueFailure::Cut), "{head}");

        drop(client);
        end_of(thread).await;
    }
}

#[tokio::test]
async fn an_endless_body_is_given_up_at_the_limit_and_not_kept() {
    const CHUNK: &[u8] = &[b' '; 4096];
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.api+json\r\n\r\n";
    let (origin, thread) = endless(head, CHUNK);
    let client = client(&origin, Limits::default());

    let exchange = patch(&client, None).await;
    drop(client);

    assert_eq!(exchange.result, Err(GlueFailure::WrongServer { outcome_known: false }));
    // What lies between is what two kernels buffer.
    let sent = end_of(thread).await;
    assert!(sent < 1024 * 1024 + 16 * 1024 * 1024, "{sent}");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let serve = |listener: TcpListener, answer: String| {
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            listener
        })
    };
    let client = client(&origin, Limits::default());
    let first = serve(listener, answer("200 OK", JSON_API, r#"{"data":[]}"#));

    assert_eq!(list(&client).await.result, Ok(Vec::new()));
    let second = serve(end_of(first).await, patched());
    // Lets the client hear that the other end hung up.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }

    assert_eq!(patch(&client, None).await.result, Ok(()));
    end_of(second).await;
}

#[tokio::test]
async fn a_new_code_is_asked_for_by_mail_and_counts_as_sent_with_a_204() {
    let server = OneAnswer::new(answer("204 No Content", "", ""));

    let exchange = server.client().send_new_code(&token()).await;
    let request = server.request();

    assert_eq!(exchange.result, Ok(()));
    assert_eq!(request.line(), "POST /multi-factor-auth-trigger HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer aaa.bbb.ccc"));
    assert_eq!(request.header("content-type"), Some("application/vnd.api+json"));
    let body: serde_json::Value = serde_json::from_str(request.body()).unwrap();
    assert_eq!(body["data"]["attributes"]["type"], "email");
}

#[tokio::test]
async fn a_page_is_no_new_code() {
    let cases = [
        (answer("200 OK", "Content-Type: text/html\r\n", "<html>"), GlueFailure::CaptivePortal),
        (answer("302 Found", "Location: /x\r\n", ""), GlueFailure::CaptivePortal),
    ];
    for (page, expected) in cases {
        let server = OneAnswer::new(page);

        assert_eq!(server.client().send_new_code(&token()).await.result, Err(expected));
    }
}

#[tokio::test]
async fn a_renewal_is_a_form_without_authorization() {
    let server = OneAnswer::new(answer("500 Oops", "", ""));

    let refresh = RefreshToken::new("de/f+5".into());
    let exchange = server.client().refresh(&refresh).await;
    let request = server.request();

    assert!(matches!(exchange.result, Err(GlueFailure::ServerTrouble { .. })));
    assert_eq!(request.line(), "POST /token HTTP/1.1");
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.body(), "grant_type=refresh_token&refresh_token=de%2Ff%2B5");
}

#[tokio::test]
async fn a_server_without_tls_behind_https_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });

    let exchange = patch(&client(&origin, Limits::default()), None).await;
    thread.join().unwrap();

    assert!(matches!(exchange.result, Err(GlueFailure::Tls(_))), "{exchange:?}");
}

#[tokio::test]
async fn secrets_that_no_header_can_hold_are_not_sent() {
    let client = client("http://127.0.0.1:9", Limits::default());
    let broken = AccessToken::new("a\r\nHost: elsewhere".into());

    let exchange = client.assignments(&broken, UserUuid::new(USER), ListExtent::Complete).await;

    assert_eq!(exchange.result, Err(GlueFailure::TokenOver));
    assert_eq!(
        patch(&client, Some("12\n34")).await.result,
        Err(GlueFailure::NeedsCode { wrong: true })
    );
}

#[test]
fn additional_certificates_that_are_none_are_told_at_once() {
    for pem in
        ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    {
        let settings = GlueSettings {
            origin: ServerOrigin::parse("https://glue.example").unwrap(),
            extra_ca_pem: Some(pem.into()),
            limits: Limits::default(),
        };

        let result = GlueClient::new(settings, Arc::new(StoppedClock));

        assert!(matches!(result, Err(GlueSetupError::ExtraCa)), "{pem}");
    }
}

#[test]
fn questions_can_be_asked_from_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let (client, token) = (client("http://127.0.0.1:9", Limits::default()), token());

    is_send(&client.assignments(&token, UserUuid::new(USER), ListExtent::Complete));
    is_send(&client.patch_assignment(&token, id(), true, None));
    is_send(&client.sign_in("", super::Password::new(String::new())));
}
