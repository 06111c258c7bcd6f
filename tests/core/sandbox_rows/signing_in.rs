//! Signing in: rows 1 to 10.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wareswitch::sandbox::{Settings, TokenShape, UserPatch};

use super::table::Expected::{Document, Error, Page};
use super::table::{Row, row};
use super::world::{HARALD, JSON_API, LIST, MICHELE, PASSWORD, PLAIN, World, send};

const MALFORMED: &str = "The request is missing a required parameter, includes an invalid parameter \
value, includes a parameter more than once, or is otherwise malformed.";
const INCORRECT: &str = "The user credentials were incorrect.";

pub(super) const ROWS: &[Row] = &[
    row(
        1,
        "POST /token, good credentials",
        |world| vec![world.password_grant(HARALD, PASSWORD)],
        Document(200, PLAIN, |_, document| document.as_object().unwrap().len() == 4),
    ),
    row(
        2,
        "wrong password, unknown user, inactive user",
        |world| {
            let is_active = Some(false);
            world.patch_user(MICHELE, UserPatch { is_active, ..UserPatch::default() });
            vec![
                world.password_grant(HARALD, "wrong"),
                world.password_grant("nobody", PASSWORD),
                world.password_grant(MICHELE, PASSWORD),
            ]
        },
        Error(PLAIN, 400, Some("invalid_grant"), INCORRECT),
    ),
    row(
        3,
        "user name or password missing",
        |world| {
            let grant = ("grant_type", "password");
            vec![
                world.token_request(&[grant, ("username", HARALD)]),
                world.token_request(&[grant, ("password", PASSWORD)]),
                world.password_grant(HARALD, ""),
            ]
        },
        Error(PLAIN, 400, Some("invalid_request"), MALFORMED),
    ),
    row(
        4,
        "grant_type missing",
        |world| vec![world.token_request(&[("username", HARALD), ("password", PASSWORD)])],
        Error(PLAIN, 400, Some("unsupported_grant_type"), "Grant type \"\" not found"),
    ),
    row(
        5,
        "grant_type=refresh_token",
        |world| vec![world.token_request(&[("grant_type", "refresh_token")])],
        Error(PLAIN, 400, Some("unsupported_grant_type"), "Grant type \"refresh_token\" not found"),
    ),
    row(
        5,
        "grant_type unknown",
        |world| vec![world.token_request(&[("grantType", "magic")])],
        Error(PLAIN, 400, Some("unsupported_grant_type"), "Grant type \"magic\" not found"),
    ),
    row(
        6,
        "Accept empty, JSON:API, with charset",
        |world| {
            let accepts = ["", JSON_API, "application/json; charset=utf-8"];
            accepts.map(|accept| token_request_accepting(world, accept)).into()
        },
        Error(PLAIN, 415, Some("010"), "Unsupported `Accept` format used."),
    ),
    row(
        7,
        "as JSON:API",
        |world| vec![world.json_api(Method::POST, "/token").body("{}")],
        Error(JSON_API, 404, Some("007"), "Not found"),
    ),
    row(
        8,
        "with a bad Authorization header",
        |world| vec![world.password_grant(HARALD, PASSWORD).bearer_auth("stale")],
        Error(PLAIN, 401, Some("001"), "Invalid access token."),
    ),
    row(
        9,
        "GET /token",
        |world| vec![world.bare(Method::GET, "/token"), world.bare(Method::GET, "/token/")],
        Error(PLAIN, 404, Some("008"), "Method does not exist"),
    ),
    row(10, "empty body", |world| vec![world.bare(Method::POST, "/token")], Page(500)),
];

fn token_request_accepting(world: &World, accept: &'static str) -> RequestBuilder {
    let form = [("grant_type", "password"), ("username", HARALD), ("password", PASSWORD)];
    world.bare(Method::POST, "/token").header("accept", accept).form(&form)
}

#[tokio::test]
async fn without_any_accept_header_a_sign_in_is_not_answered() {
    let world = World::new().await;
    let address = world.sandbox.origin().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let request = "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                   Content-Length: 19\r\n\r\ngrant_type=password";

    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 415 Unsupported Media Type\r\n"), "{answer}");
}

#[tokio::test]
async fn fields_in_camel_case_json_and_scopes_count_and_clients_do_not() {
    let world = World::new().await;
    let words = json!({"grantType": "password", "username": HARALD, "password": PASSWORD});
    let post = || world.bare(Method::POST, "/token").header("accept", PLAIN);

    let by_json = post().header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(send(by_json.body(words.to_string())).await.status, 200);
    let words = [("grant_type", "password"), ("username", HARALD), ("password", PASSWORD)];
    let scoped = send(post().form(&[&words[..], &[("scope", "customer magic user")]].concat()));
    let token = scoped.await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["scopes"], json!(["user", "warehouse-user", "customer"]));
    let named = send(post().form(&[&words[..], &[("client_id", "frontend")]].concat())).await;
    named.assert_error(PLAIN, 400, "invalid_client", "Client authentication failed");
}

#[tokio::test]
async fn a_good_sign_in_gives_a_bearer_token_that_names_the_user() {
    let world = World::new().await;

    let answer = world.sign_in(HARALD, "change123").await;

    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    let document = answer.json();
    assert_eq!(document.as_object().unwrap().len(), 4);
    assert_eq!(document["token_type"], "Bearer");
    assert_eq!(document["expires_in"], 28_800);
    assert!(document["refresh_token"].as_str().unwrap().len() > 64);
    let token = document["access_token"].as_str().unwrap();
    let claims = claims(token);
    let sub: Value = serde_json::from_str(claims["sub"].as_str().unwrap()).unwrap();
    assert_eq!(sub["uuid"], world.user(HARALD).to_string());
    assert_eq!((&sub["id_user"], &sub["user_reference"]), (&json!(3), &Value::Null));
    assert_eq!(claims["scopes"], json!(["user", "warehouse-user"]));
    assert!(claims["exp"].is_f64());
    let list = send(world.json_api(Method::GET, LIST).bearer_auth(token)).await;
    assert_eq!(list.status, 200);
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let middle = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn the_shape_and_status_of_a_sign_in_are_settings() {
    let world = World::new().await;
    let settings = Settings {
        token_shape: TokenShape::Array,
        token_status: 201,
        token_life_s: 60,
        ..Settings::default()
    };
    world.control.set_settings(settings).unwrap();

    let answer = world.sign_in(HARALD, "change123").await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()[0]["expires_in"], 60);
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_and_ends_the_old_one() {
    let world = World::new().await;
    let offer =
        |refresh_life_s| Settings { refresh_offered: true, refresh_life_s, ..Settings::default() };
    world.control.set_settings(offer(60)).unwrap();
    let first = world.sign_in(HARALD, "change123").await.json();
    let refresh = async |pair: &Value| {
        let token = pair["refresh_token"].as_str().unwrap();
        send(world.token_request(&[("grant_type", "refresh_token"), ("refresh_token", token)]))
            .await
    };
    let list = async |pair: &Value| {
        let token = pair["access_token"].as_str().unwrap();
        send(world.json_api(Method::GET, LIST).bearer_auth(token)).await
    };

    let second = refresh(&first).await.json();

    assert_eq!(claims(second["access_token"].as_str().unwrap())["scopes"][1], "warehouse-user");
    assert_eq!(list(&second).await.status, 200);
    list(&first).await.assert_error(JSON_API, 401, "001", "Invalid access token.");
    let invalid = ("invalid_request", "The refresh token is invalid.");
    refresh(&first).await.assert_error("application/json", 400, invalid.0, invalid.1);
    world.control.set_settings(offer(0)).unwrap();
    refresh(&second).await.assert_error("application/json", 400, invalid.0, invalid.1);
    world.control.set_settings(offer(60)).unwrap();
    assert_eq!(refresh(&second).await.status, 200);
}
