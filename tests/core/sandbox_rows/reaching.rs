//! Tokens, paths and methods: rows 11 to 23.

use reqwest::Method;
use serde_json::Value;
use wareswitch::sandbox::Settings;

use super::world::{HARALD, JSON_API, LIST, World, send};

#[tokio::test]
async fn rows_11_and_12_a_missing_token_in_both_releases() {
    let world = World::new().await;
    for status in [401, 403] {
        let settings = Settings { missing_token_status: status, ..Settings::default() };
        world.control.set_settings(settings).unwrap();

        let none = send(world.json_api(Method::GET, LIST)).await;
        assert_eq!(none.content_type, JSON_API);
        assert_eq!(none.error(), (status, None, "Unauthorized request.".to_owned()));
        assert_eq!(none.json()["errors"][0].get("code"), Some(&Value::Null));

        for one_word in ["Bearer", "Bearer ", &world.token(HARALD)] {
            let request = world.json_api(Method::GET, LIST).header("authorization", one_word);
            send(request).await.assert_error(JSON_API, status, "002", "Missing access token.");
        }
    }
}

#[tokio::test]
async fn row_13_malformed_expired_and_foreign_tokens() {
    let world = World::new().await;
    let expired = world.token(HARALD);
    world.control.expire_tokens();
    let settings = Settings { token_life_s: 0, ..Settings::default() };
    world.control.set_settings(settings).unwrap();
    let too_short = world.token(HARALD);
    let foreign = World::new().await.token(HARALD);

    for token in ["nonsense", "a.b.c", &expired, &too_short, &foreign] {
        let answer = send(world.json_api(Method::GET, LIST).bearer_auth(token)).await;
        answer.assert_error(JSON_API, 401, "001", "Invalid access token.");
    }
}

#[tokio::test]
async fn row_14_a_good_token_that_names_nobody() {
    let world = World::new().await;
    let token = world.control.token_without_user();

    let answer = send(world.json_api(Method::GET, LIST).bearer_auth(token)).await;

    answer.assert_error(JSON_API, 400, "001", "Invalid access token.");
}

#[tokio::test]
async fn row_15_warehouse_users_may_neither_create_nor_delete() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);

    for (method, path) in [(Method::POST, LIST), (Method::DELETE, path.as_str())] {
        let answer = world.write(HARALD, method, path, "{}").await;
        assert_eq!(answer.error(), (403, None, "Unauthorized request.".to_owned()));
    }
}

#[tokio::test]
async fn rows_17_to_20_paths_and_methods_that_lead_nowhere() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);

    let unknown = send(world.bare(Method::GET, "/nowhere")).await;
    unknown.assert_error("application/json", 404, "007", "Not found");
    let unknown = send(world.json_api(Method::GET, "/nowhere/7")).await;
    unknown.assert_error(JSON_API, 404, "007", "Not found");
    let plain = send(world.bare(Method::GET, LIST).header("accept", "application/json")).await;
    plain.assert_error("application/json", 404, "007", "Not found");
    let patch_by_accept = world.bare(Method::PATCH, &path).header("accept", JSON_API);
    assert_eq!(send(patch_by_accept).await.status, 415);
    let by_accept = world.bare(Method::GET, LIST).header("accept", JSON_API);
    assert_eq!(send(by_accept.bearer_auth(world.token(HARALD))).await.status, 200);
    let nested = world.get(HARALD, &format!("/other/1{path}")).await;
    assert_eq!(nested.error().1.as_deref(), Some("009"));
    let put = world.write(HARALD, Method::PUT, &path, "{}").await;
    put.assert_error(JSON_API, 404, "008", "Method does not exist");
    let head = send(world.json_api(Method::HEAD, LIST).bearer_auth(world.token(HARALD))).await;
    assert_eq!(head.status, 500);
}

#[tokio::test]
async fn rows_21_to_23_what_browsers_ask_first() {
    let world = World::new().await;
    let ask = || world.bare(Method::OPTIONS, LIST).header("access-control-request-method", "PATCH");

    let allowed = send(
        ask().header("origin", "https://shop").header("access-control-request-headers", "Accept"),
    )
    .await;
    assert_eq!((allowed.status, allowed.text.as_str()), (204, ""));
    assert!(allowed.headers.contains_key("access-control-allow-methods"));
    let no_origin = send(ask()).await;
    assert_eq!(
        no_origin.error(),
        (501, None, "The required header `origin` for the options method is missing.".to_owned())
    );
    let header = ask().header("origin", "x").header("access-control-request-headers", "X-MFA-Code");
    assert_eq!(send(header).await.error(), (400, None, "Not allowed.".to_owned()));
}
