//! Writing: rows 38 to 64.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;
use wareswitch::sandbox::{Settings, UserPatch};

use super::world::{ADMIN, HARALD, JSON_API, LIST, World, send};

#[tokio::test]
async fn rows_38_to_44_creating() {
    let world = World::new().await;
    let user = world.user(HARALD);
    let warehouse = world.control.warehouses()[3].uuid;
    let body = |user: Uuid, warehouse: Uuid| {
        let attributes =
            json!({"userUuid": user, "warehouse": {"uuid": warehouse}, "isActive": true});
        json!({"data": {"type": "anything", "attributes": attributes}}).to_string()
    };
    let post = async |body: String| world.write(ADMIN, Method::POST, LIST, &body).await;

    let made = post(body(user, warehouse)).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["data"]["attributes"]["isActive"], true);
    let again = post(body(user, warehouse)).await;
    again.assert_error(JSON_API, 400, "5206", "Warehouse user assignment already exists.");
    let both = post(body(world.user(ADMIN), Uuid::nil())).await;
    both.assert_error(JSON_API, 400, "5202", "User not found.");
    assert_eq!(both.json()["errors"][1]["code"], "5203");
    for broken in ["{\"data\":{}}", "{", ""] {
        post(broken.to_owned()).await.assert_page(500);
    }
}

#[tokio::test]
async fn row_45_activating_one_switches_the_users_others_off() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);
    let martha = world.assignments_of("martha@video-king.nl")[0];
    world.control.patch_assignment(martha, true).unwrap();
    world.control.patch_assignment(harald[0], true).unwrap();

    let answer = world.patch(HARALD, harald[1], json!({"isActive": true})).await;

    assert_eq!((answer.status, answer.content_type.as_str()), (200, JSON_API));
    assert_eq!(answer.json()["data"]["id"], harald[1].to_string());
    assert_eq!(answer.json()["data"]["attributes"]["isActive"], true);
    assert_eq!(world.active(), [harald[1], martha]);
}

#[tokio::test]
async fn rows_46_and_47_deactivating_and_repeating() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);

    for value in [true, true, false, false] {
        let answer = world.patch(HARALD, harald[0], json!({"isActive": value})).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["data"]["attributes"]["isActive"], value);
        assert_eq!(world.active().len(), usize::from(value));
    }
}

#[tokio::test]
async fn row_48_booleans_as_text() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);

    let on = world.patch(HARALD, harald[0], json!({"isActive": "true"})).await;
    assert_eq!(on.json()["data"]["attributes"]["isActive"], true);
    let off = world.patch(HARALD, harald[1], json!({"isActive": "false"})).await;
    assert_eq!(off.json()["data"]["attributes"]["isActive"], false);
    assert!(world.active().is_empty());
}

#[tokio::test]
async fn rows_49_to_51_and_60_bodies_that_say_little() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
    let patch = async |path: &str, body| world.write(HARALD, Method::PATCH, path, body).await;

    for harmless in ["{}", "{\"data\":{}}", "{broken"] {
        let answer = patch(&path, harmless).await;
        assert_eq!(answer.json()["data"]["attributes"]["isActive"], false, "{harmless}");
    }
    patch(&path, "").await.assert_page(500);
    patch(&path, "{\"data\":{\"attributes\":{\"isActive\":null}}}").await.assert_page(500);
    patch(LIST, "{}").await.assert_page(500);
}

#[tokio::test]
async fn rows_52_to_55_changes_that_are_refused_and_one_that_is_not() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);
    let foreign = world.assignments_of("martha@video-king.nl")[0].to_string();
    let on = || json!({"isActive": true});

    for id in [Uuid::nil().to_string().as_str(), "malformed", &foreign] {
        let answer = world.patch(HARALD, id, on()).await;
        answer.assert_error(JSON_API, 404, "5201", "Warehouse user assignment not found.");
    }
    let elsewhere = json!({"isActive": true, "warehouse": {"uuid": Uuid::nil()}});
    let answer = world.patch(HARALD, harald[0], elsewhere).await;
    answer.assert_error(JSON_API, 400, "5203", "Warehouse not found.");
    let answer = world.patch(HARALD, harald[0], json!({"userUuid": world.user(ADMIN)})).await;
    answer.assert_error(JSON_API, 400, "5202", "User not found.");
    let closed = world.patch(HARALD, harald[2], on()).await;
    assert_eq!(closed.json()["data"]["attributes"]["warehouse"]["isActive"], false);
    assert_eq!(world.active(), [harald[2]]);

    let patch = UserPatch { is_warehouse_user: Some(false), ..UserPatch::default() };
    world.control.patch_user(world.user(HARALD), patch).unwrap();
    let answer = world.patch(HARALD, harald[0], on()).await;
    answer.assert_error(JSON_API, 400, "5202", "User not found.");
}

#[tokio::test]
async fn rows_56_and_57_the_second_factor() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    let patch = UserPatch { mfa: Some(Some("123456".to_owned())), ..UserPatch::default() };
    world.control.patch_user(world.user(HARALD), patch).unwrap();
    let request = || {
        let request = world.json_api(Method::PATCH, &format!("{LIST}/{id}"));
        request.bearer_auth(world.token(HARALD)).body("{}")
    };

    let missing = send(request()).await;
    missing.assert_error(JSON_API, 403, "5900", "X-MFA-Code header is missing.");
    let wrong = send(request().header("x-mfa-code", "0")).await;
    wrong.assert_error(JSON_API, 403, "5901", "X-MFA-Code is invalid.");
    assert_eq!(send(request().header("x-mfa-code", "123456")).await.status, 200);
    assert_eq!(world.get(HARALD, LIST).await.status, 200);
    let trigger = world.write(HARALD, Method::POST, "/multi-factor-auth-trigger", "{}").await;
    assert_eq!(trigger.status, 204);
    assert_eq!(world.control.requests()[1].headers["x-mfa-code"], "redacted");
}

#[tokio::test]
async fn a_code_of_the_second_factor_stays_good_for_the_grace_period() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
    let patch = UserPatch { mfa: Some(Some("123456".to_owned())), ..UserPatch::default() };
    world.control.patch_user(world.user(HARALD), patch).unwrap();
    let patch = async || {
        let request = world.json_api(Method::PATCH, &path).bearer_auth(world.token(HARALD));
        send(request.header("x-mfa-code", "123456").body("{}")).await
    };

    assert_eq!(patch().await.status, 200);
    assert_eq!(patch().await.status, 200);
    world.control.set_settings(Settings { mfa_grace_s: 0, ..Settings::default() }).unwrap();
    patch().await.assert_error(JSON_API, 403, "5901", "X-MFA-Code is invalid.");
    let body = "{\"data\":{\"attributes\":{\"type\":\"email\"}}}";
    world.write(HARALD, Method::POST, "/multi-factor-auth-trigger", body).await;
    assert_eq!(patch().await.status, 200);
    assert_eq!(patch().await.status, 403);
}

#[tokio::test]
async fn rows_58_and_59_deleting() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);

    let gone = world.write(ADMIN, Method::DELETE, &path, "").await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let again = world.write(ADMIN, Method::DELETE, &path, "").await;
    again.assert_error(JSON_API, 404, "5201", "Warehouse user assignment not found.");
}

#[tokio::test]
async fn rows_61_to_64_and_16_warehouse_tokens() {
    let world = World::new().await;
    let request = || {
        let request = world.bare(Method::POST, "/warehouse-tokens");
        request.header("accept", "application/json")
    };
    let mine = || request().bearer_auth(world.token(HARALD));

    let none = send(mine()).await;
    none.assert_error("application/json", 403, "5101", "Operation is forbidden.");
    world.control.patch_assignment(world.assignments_of(HARALD)[0], true).unwrap();
    let made = send(mine()).await;
    assert_eq!((made.status, &made.json()[0]["expiresIn"]), (201, &json!(604_800)));
    let unsigned = send(request()).await;
    assert_eq!(unsigned.error(), (401, None, "Unauthorized request.".to_owned()));
    let as_json_api = world.write(HARALD, Method::POST, "/warehouse-tokens", "{}").await;
    as_json_api.assert_error(JSON_API, 404, "007", "Not found");

    let document = made.json();
    let warehouse_token = document[0]["accessToken"].as_str().unwrap();
    let answer = send(world.json_api(Method::GET, LIST).bearer_auth(warehouse_token)).await;
    assert_eq!(answer.error(), (401, None, "Unauthorized request.".to_owned()));
}
