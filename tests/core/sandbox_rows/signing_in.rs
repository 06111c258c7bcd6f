//! Signing in: rows 1 to 10.

use reqwest::Method;
use serde_json::{Value, json};
use wareswitch::sandbox::{Settings, TokenShape, UserPatch};

use super::world::{HARALD, JSON_API, LIST, World, send};

#[tokio::test]
async fn row_1_a_good_sign_in_gives_a_bearer_token_that_names_the_user() {
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
async fn rows_2_to_5_sign_ins_that_fail() {
    let world = World::new().await;
    let gone = world.user("michele@sony-experts.com");
    let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
    world.control.patch_user(gone, patch).unwrap();
    let incorrect = ("invalid_grant", "The user credentials were incorrect.");
    let malformed = (
        "invalid_request",
        "The request is missing a required parameter, includes an invalid parameter value, \
         includes a parameter more than once, or is otherwise malformed.",
    );
    let password = ("grant_type", "password");
    let cases: [(&[(&str, &str)], _); 7] = [
        (&[password, ("username", HARALD), ("password", "wrong")], incorrect),
        (&[password, ("username", "nobody"), ("password", "change123")], incorrect),
        (
            &[password, ("username", "michele@sony-experts.com"), ("password", "change123")],
            incorrect,
        ),
        (&[password, ("username", HARALD)], malformed),
        (&[password, ("password", "change123")], malformed),
        (
            &[("username", HARALD), ("password", "change123")],
            ("unsupported_grant_type", "Grant type \"\" not found"),
        ),
        (
            &[("grant_type", "refresh_token"), ("refresh_token", "00")],
            ("unsupported_grant_type", "Grant type \"refresh_token\" not found"),
        ),
    ];
    for (form, (code, message)) in cases {
        let answer = send(world.token_request(form)).await;
        answer.assert_error("application/json", 400, code, message);
    }
}

#[tokio::test]
async fn rows_6_to_10_requests_for_a_token_in_the_wrong_form() {
    let world = World::new().await;
    let form = [("grant_type", "password"), ("username", HARALD), ("password", "change123")];
    let post = |accept: &'static str| {
        world.bare(Method::POST, "/token").header("accept", accept).form(&form)
    };

    for accept in [JSON_API, "application/json; charset=utf-8", "text/html"] {
        let unsupported = "Unsupported `Accept` format used.";
        send(post(accept)).await.assert_error("application/json", 415, "010", unsupported);
    }
    assert_eq!(send(post("text/html, application/*;q=0.8")).await.status, 200);
    let as_json_api = send(world.json_api(Method::POST, "/token").body("{}")).await;
    as_json_api.assert_error(JSON_API, 404, "007", "Not found");
    let stale = send(post("application/json").bearer_auth("stale")).await;
    stale.assert_error("application/json", 401, "001", "Invalid access token.");
    let read = send(world.bare(Method::GET, "/token/")).await;
    read.assert_error("application/json", 404, "008", "Method does not exist");
    send(world.bare(Method::POST, "/token")).await.assert_page(500);
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
