//! The rows: portals and proxies, refusals, servers in trouble, documents that are odd, and what is
//! hardly HTTP.

use super::*;
use AfterSignIn::{Failed, Refused as PasswordRefused, SignedIn};
use AttemptOutcome::{Accepted, NoEffect, NotFound, Unknown};
use Connection::*;

const HTML: &str = "Content-Type: text/html; charset=UTF-8\r\n";
const PLAIN: &str = "Content-Type: application/json\r\n";
const PORTAL: &str = "<html>Welcome to the guest network</html>";
const ELSEWHERE: &str = "Location: http://127.0.0.1:9/login\r\nContent-Type: text/html\r\n";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = strangers();
    rows.extend(refusals());
    rows.extend(trouble());
    rows.extend(documents());
    rows.extend(odd_documents());
    rows.extend(hardly_http());
    rows.extend(tokens());
    rows
}

fn refused(code: &str) -> AttemptOutcome {
    AttemptOutcome::Refused { code: code.into(), message: "In words.".into() }
}

/// Somebody else answers.
fn strangers() -> Vec<Row> {
    let page = |status: &str| answer(status, HTML, PORTAL);
    vec![
        row("HTML with 200", page("200 OK")).all(WifiSignIn, Unknown, Backoff),
        row("HTML with 201", page("201 Created")).all(WifiSignIn, Unknown, Backoff),
        row("204", answer("204 No Content", "", "")).all(WifiSignIn, Unknown, Backoff),
        row("301", answer("301 Moved", ELSEWHERE, "")).all(WifiSignIn, Unknown, Backoff),
        row("302", answer("302 Found", ELSEWHERE, PORTAL)).all(WifiSignIn, Unknown, Backoff),
        row("303", answer("303 See Other", ELSEWHERE, "")).all(WifiSignIn, Unknown, Backoff),
        row("304", "HTTP/1.1 304 Not Modified\r\n\r\n").all(WifiSignIn, Unknown, Backoff),
        row("307", answer("307 Temporary Redirect", ELSEWHERE, ""))
            .all(WifiSignIn, Unknown, Backoff),
        row("308", answer("308 Permanent Redirect", ELSEWHERE, ""))
            .all(WifiSignIn, Unknown, Backoff),
        row("511", page("511 Network Authentication Required")).all(WifiSignIn, Unknown, Backoff),
        row("407", page("407 Proxy Authentication Required")).all(ProxySignIn, Unknown, Backoff),
        row("404 of a web server", page("404 Not Found")).all(WrongServer, Unknown, Backoff),
        row("405 of a web server", page("405 Method Not Allowed")).all(
            WrongServer,
            Unknown,
            Backoff,
        ),
        row("406 of a web server", page("406 Not Acceptable")).all(WrongServer, Unknown, Backoff),
        row("415 of a web server", page("415 Unsupported")).all(WrongServer, Unknown, Backoff),
        row("501 of a web server", page("501 Not Implemented")).all(WrongServer, Unknown, Backoff),
        row("400 of a web server", page("400 Bad Request")).all(ServerTrouble, Unknown, Backoff),
        row("401 of a web server", page("401 Unauthorized")).all(ServerTrouble, Unknown, Backoff),
        row("403 of a firewall", page("403 Forbidden")).all(ServerTrouble, Unknown, Backoff),
        row("418", page("418 I'm a teapot")).all(ServerTrouble, Unknown, Backoff),
    ]
}

/// Glue says no.
fn refusals() -> Vec<Row> {
    let list_trouble = |row: Row| row.list(ServerTrouble, Backoff);
    let known = |name, status: &str, code: &str| {
        row(name, failing(status, code)).list(WrongServer, Backoff).patch(
            WrongServer,
            NoEffect,
            Backoff,
        )
    };
    let refusing = |name, status: &str, code: &str| {
        let outcome = refused(code.trim_matches('"'));
        list_trouble(row(name, failing(status, code))).patch_and_look(outcome)
    };
    let over = |name, status: &str, code: &str| {
        row(name, failing(status, code)).list(SignInAgain, Nothing).patch(
            SignInAgain,
            NoEffect,
            Nothing,
        )
    };
    vec![
        refusing("5202", "400 Bad Request", r#""5202""#),
        refusing("5203", "400 Bad Request", r#""5203""#),
        refusing("another 400", "400 Bad Request", r#""9999""#),
        refusing("another 403", "403 Forbidden", r#""5101""#),
        refusing("409", "409 Conflict", r#""1""#),
        refusing("412", "412 Precondition Failed", r#""1""#),
        refusing("422", "422 Unprocessable", r#""1""#),
        refusing("423", "423 Locked", r#""1""#),
        list_trouble(row("5201", failing("404 Not Found", r#""5201""#))).patch_and_look(NotFound),
        known("007", "404 Not Found", r#""007""#),
        known("008", "404 Not Found", r#""008""#),
        known("009", "404 Not Found", r#""009""#),
        known("405 in Glue's words", "405 Method Not Allowed", "null"),
        known("415 in Glue's words", "415 Unsupported Media Type", r#""010""#),
        over("401 001", "401 Unauthorized", r#""001""#),
        over("401 002", "401 Unauthorized", r#""002""#),
        over("403 002", "403 Forbidden", r#""002""#),
        over("400 001", "400 Bad Request", r#""001""#),
        row("403 without a code", failing("403 Forbidden", "null"))
            .list(NotAllowed, Backoff)
            .patch(NotAllowed, NoEffect, Backoff),
        row("5204", failing("403 Forbidden", r#""5204""#)).list(AccountUnknown, Backoff).patch(
            AccountUnknown,
            NoEffect,
            Backoff,
        ),
        row("5900", failing("403 Forbidden", r#""5900""#)).patch(NeedsCode, NoEffect, Nothing),
        row("5901", failing("403 Forbidden", r#""5901""#)).patch(NeedsCode, NoEffect, Nothing),
        row("5202 as HTML", failing_with("400 Bad Request", HTML, r#""5202""#)).patch(
            ServerTrouble,
            Unknown,
            Backoff,
        ),
        row("5202 as plain JSON", failing_with("400 Bad Request", PLAIN, r#""5202""#)).patch(
            ServerTrouble,
            Unknown,
            Backoff,
        ),
    ]
}

/// The server can't now.
fn trouble() -> Vec<Row> {
    let asking = |name, status: &str, wait: &str| {
        row(name, answer(status, &format!("{HTML}Retry-After: {wait}\r\n"), PORTAL))
    };
    let busy = "503 Service Unavailable";
    vec![
        row("500", answer("500 Oops", HTML, PORTAL)).all(ServerTrouble, Unknown, Backoff),
        row("502", answer("502 Bad Gateway", HTML, PORTAL)).all(ServerTrouble, Unknown, Backoff),
        row("504", answer("504 Gateway Timeout", "", "")).all(ServerTrouble, Unknown, Backoff),
        row("599", answer("599 ?", "", "")).all(ServerTrouble, Unknown, Backoff),
        row("500 in Glue's words", failing("500 Oops", r#""1""#)).all(
            ServerTrouble,
            Unknown,
            Backoff,
        ),
        row("408", failing("408 Request Timeout", r#""1""#)).list(ServerTrouble, Backoff).patch(
            ServerTrouble,
            NoEffect,
            Backoff,
        ),
        row("425", failing("425 Too Early", r#""1""#)).patch(ServerTrouble, NoEffect, Backoff),
        asking("429", "429 Too Many Requests", "120").all(ServerTrouble, Unknown, RetryAfter(120)),
        asking("a wait in seconds", busy, "7").all(ServerTrouble, Unknown, RetryAfter(7)),
        asking("a wait until a date", busy, "Sun, 06 Nov 1994 08:51:37 GMT").all(
            ServerTrouble,
            Unknown,
            RetryAfter(120),
        ),
        asking("a wait of days", busy, "864000").all(ServerTrouble, Unknown, RetryAfter(3600)),
        asking("a wait beyond numbers", busy, "99999999999999999999").all(
            ServerTrouble,
            Unknown,
            RetryAfter(3600),
        ),
        asking("a wait until yesterday", busy, "Sat, 05 Nov 1994 08:51:37 GMT").all(
            ServerTrouble,
            Unknown,
            Backoff,
        ),
        asking("a wait of less than nothing", busy, "-5").all(ServerTrouble, Unknown, Backoff),
        asking("a wait in words", busy, "soon").all(ServerTrouble, Unknown, Backoff),
    ]
}

/// What is as it should be, and its near misses.
fn documents() -> Vec<Row> {
    let mine = assignment_id('A');
    let ok = |headers: &str, body: &str| answer("200 OK", headers, body);
    let quoted = patched(mine, r#""true""#);
    let uppercase = patched(mine, "true").replace("isActive\":true", "isActive\":true,\"x\":[]");
    let twice =
        patched(mine, "true").replace("\"isActive\":true", "\"isActive\":false,\"isActive\":true");
    let odd = |name, body: &str| row(name, ok(JSON_API, body));
    vec![
        row("a list", ok(JSON_API, r#"{"data":[]}"#)).list(Online, Nothing),
        row("a change of state", ok(JSON_API, &patched(mine, "true"))).patch_and_look(Accepted),
        row("a parameter of the type", {
            ok("Content-Type: Application/VND.api+json; charset=utf-8\r\n", &patched(mine, "true"))
        })
        .patch_and_look(Accepted),
        odd("unknown members", &uppercase).patch_and_look(Accepted),
        odd("the other state", &patched(mine, "false")).patch_and_look(Unknown),
        odd("another id", &patched(assignment_id('B'), "true")).patch_and_look(Unknown),
        odd("the state as text", &quoted).patch_and_look(Unknown),
        odd("no state", &patched(mine, "null")).patch_and_look(Unknown),
        odd("a state twice", &twice).patch(WifiSignIn, Unknown, Backoff),
        row("202", answer("202 Accepted", JSON_API, &patched(mine, "true"))).patch(
            ServerTrouble,
            Unknown,
            Backoff,
        ),
        row("no content type", ok("", &patched(mine, "true"))).all(WifiSignIn, Unknown, Backoff),
        row("plain JSON", ok(PLAIN, &patched(mine, "true"))).patch(WifiSignIn, Unknown, Backoff),
        row("two content types", ok(&format!("{HTML}{JSON_API}"), &patched(mine, "true")))
            .patch(WifiSignIn, Unknown, Backoff),
    ]
}

fn odd_documents() -> Vec<Row> {
    let of_type = r#"{"data":{"type":"users","id":"1","attributes":{}}}"#;
    let nested = format!("{{\"data\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let mut binary = answer("200 OK", JSON_API, "........").into_bytes();
    let end = binary.len();
    binary[end - 8..].copy_from_slice(&[b'{', 0xff, 0xfe, 0xc0, 0x80, 0, 1, b'}']);
    let gzip = format!("{JSON_API}Content-Encoding: gzip\r\n");
    let odd = |name, body: &str| row(name, answer("200 OK", JSON_API, body));
    let all = |row: Row| row.all(WifiSignIn, Unknown, Backoff);
    let hole = r#"{"data":[null]}"#;
    vec![
        all(odd("another type", of_type)),
        all(odd("a half document", r#"{"data":[{"type":"warehouse-user-assig"#)),
        // By its outline it is a list, with a row that can't be read.
        all(odd("deeply nested", &nested)).list(WrongServer, Backoff),
        all(odd("an empty body", "")),
        all(odd("null", "null")),
        all(odd("null members", r#"{"data":null}"#)),
        all(odd("errors with 200", r#"{"errors":[{"code":"5201","message":"x"}]}"#)),
        all(row("no UTF-8", binary)),
        all(row("gzip", answer("200 OK", &gzip, "\u{1f}not for us"))),
        odd("a list with a hole", hole).list(WrongServer, Backoff),
        odd("a list of another type", r#"{"data":[{"type":"users","id":"1"}]}"#)
            .list(WrongServer, Backoff),
    ]
}

/// What is cut, too much, or no HTTP at all.
fn hardly_http() -> Vec<Row> {
    let head = |headers: &str| format!("HTTP/1.1 200 OK\r\n{JSON_API}{headers}\r\n\r\n");
    let too_long = format!("{}{{", head("Content-Length: 99999999999"));
    let cut_chunk = format!("{}ff\r\n{{\"data\":", head("Transfer-Encoding: chunked"));
    let bad_chunk = format!("{}zz\r\n{{}}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked"));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Header: x\r\n".repeat(20_000));
    let long = format!("HTTP/1.1 200 OK\r\nX-Header: {}\r\n\r\n", "x".repeat(2_000_000));
    let early = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n{}",
        answer("200 OK", JSON_API, r#"{"data":[]}"#)
    );
    let until_end = format!("HTTP/1.0 200 OK\r\n{JSON_API}\r\n{{\"data\":[]}}");
    let no_http = |row: Row| row.all(ServerTrouble, Unknown, Backoff);
    vec![
        row("silence", "").cut(),
        row("half a status", "HTTP/1.1 20").cut(),
        // A sign-in asks for another type, so a body of this one isn't read.
        row("a cut body", format!("{}{{\"da", head("Content-Length: 500")))
            .cut()
            .sign_in(Failed(WifiSignIn)),
        row("a cut chunk", cut_chunk).cut().sign_in(Failed(WifiSignIn)),
        row("a wrong chunk", bad_chunk).cut().sign_in(Failed(WifiSignIn)),
        row("a body as long as a disk", too_long)
            .all(WrongServer, Unknown, Backoff)
            .sign_in(Failed(WifiSignIn)),
        no_http(row("rubbish", "\u{0}\u{1}\u{2} garbage\r\n\r\n")),
        no_http(row("HTTP/0.9", "<html>hello</html>\r\n\r\n")),
        no_http(row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n")),
        no_http(row("a length below zero", head("Content-Length: -5"))),
        no_http(row("two lengths", head("Content-Length: 5\r\nContent-Length: 6"))),
        no_http(row("twenty thousand headers", many)),
        no_http(row("a header without end", long)),
        row("answers before the answer", early).list(Online, Nothing),
        row("a body until the end of the connection", until_end).list(Online, Nothing),
    ]
}

/// Answers to a sign-in.
fn tokens() -> Vec<Row> {
    let plain = |status: &str, body: &str| answer(status, PLAIN, body);
    let error = |status: &str, code: &str| {
        plain(status, &format!(r#"[{{"status":400,"code":"{code}","message":"In words."}}]"#))
    };
    let good = token_document();
    let nobody = good.replace("access_token\":\"e30.", "access_token\":\"e30.e30.");
    let long = good.replace("e30.", &"x".repeat(40_000));
    let cut = plain("200 OK", &good).into_bytes();
    let cut = cut[..cut.len() - 1].to_vec();
    let endless = format!("HTTP/1.1 200 OK\r\n{PLAIN}Content-Length: 99999999999\r\n\r\n{{");
    vec![
        row("a token", plain("200 OK", &good)).sign_in(SignedIn),
        row("a token with 201", plain("201 Created", &good)).sign_in(SignedIn),
        row("a token in a list", plain("200 OK", &format!("[{good}]"))).sign_in(SignedIn),
        row("two tokens", plain("200 OK", &format!("[{good},{good}]"))).sign_in(Failed(WifiSignIn)),
        row("a token of nobody", plain("200 OK", &nobody)).sign_in(Failed(NotAllowed)),
        row("a token too long to send", plain("200 OK", &long)).sign_in(Failed(WifiSignIn)),
        row("half a token", cut).sign_in(Failed(Offline)),
        row("a token as long as a disk", endless).sign_in(Failed(WrongServer)),
        row("a token as HTML", answer("200 OK", HTML, &good)).sign_in(Failed(WifiSignIn)),
        row("a wrong password", error("400 Bad Request", "invalid_grant")).sign_in(PasswordRefused),
        row("an old way to refuse", plain("400 Bad Request", r#"{"error":"invalid_grant"}"#))
            .sign_in(Failed(ServerTrouble)),
        row("no such path", error("404 Not Found", "007")).sign_in(Failed(WrongServer)),
        row("a wrong type", error("415 Unsupported Media Type", "010"))
            .sign_in(Failed(WrongServer)),
    ]
}
