//! Behind the server's back.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use wareswitch::sandbox::Settings;

use super::world::{HARALD, LIST, World, send, try_send};

#[tokio::test]
async fn another_device_switches_and_a_race_leaves_two_active() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);
    let second = world.control.warehouses()[1].uuid;

    world.patch(HARALD, harald[0], json!({"isActive": true})).await;
    assert!(world.control.activate_elsewhere(world.user(HARALD), second));
    assert_eq!(world.active(), [harald[1]]);
    assert!(!world.control.activate_elsewhere(world.user(HARALD), Uuid::nil()));

    let settings = Settings { race_two_active: true, ..Settings::default() };
    world.control.set_settings(settings).unwrap();
    world.patch(HARALD, harald[0], json!({"isActive": true})).await;
    assert_eq!(world.active(), [harald[0], harald[1]]);
}

#[tokio::test]
async fn requests_are_recorded_without_secrets() {
    let world = World::new().await;
    world.sign_in(HARALD, "change123").await;
    let id = world.assignments_of(HARALD)[0];
    world.patch(HARALD, id, json!({"isActive": true})).await;

    let log = world.control_call(Method::GET, "requests", json!({})).await;

    let document = log.json();
    assert_eq!(document.as_array().unwrap().len(), 2);
    assert_eq!(document[0]["body"], json!({"grant_type": "password", "username": HARALD}));
    assert_eq!(document[1]["status"], 200);
    assert_eq!(document[1]["headers"]["authorization"], "present");
    assert_eq!(document[1]["body"], json!({"data": {"attributes": {"isActive": true}}}));
    assert!(!log.text.contains("change123"));
    world.control.clear_requests();
    assert_eq!(world.control.requests(), []);
}

#[tokio::test]
async fn the_control_side_over_http() {
    let world = World::new().await;
    let user = world
        .control_call(Method::POST, "users", json!({"username": "new", "password": "secret"}))
        .await;
    assert_eq!(user.status, 201);
    let user = user.json()["uuid"].clone();
    let path = format!("users/{}", user.as_str().unwrap());
    let patched = world.control_call(Method::PATCH, &path, json!({"mfa": "1"})).await;
    assert_eq!(patched.json()["mfa"], "1");
    let patched = world.control_call(Method::PATCH, &path, json!({"mfa": null})).await;
    assert_eq!(patched.json()["mfa"], Value::Null);

    let warehouse =
        world.control_call(Method::POST, "warehouses", json!({"name": "North"})).await.json();
    let path = format!("warehouses/{}", warehouse["uuid"].as_str().unwrap());
    let patched = world.control_call(Method::PATCH, &path, json!({"isActive": false})).await;
    assert_eq!(
        (&patched.json()["name"], &patched.json()["isActive"]),
        (&json!("North"), &json!(false))
    );

    let new = json!({"userUuid": user, "warehouseUuid": warehouse["uuid"]});
    let assigned = world.control_call(Method::POST, "assignments", new.clone()).await;
    assert_eq!((assigned.status, &assigned.json()["isActive"]), (201, &json!(false)));
    assert_eq!(world.control_call(Method::POST, "assignments", new).await.status, 400);
    let path = format!("assignments/{}", assigned.json()["uuid"].as_str().unwrap());
    let patched = world.control_call(Method::PATCH, &path, json!({"isActive": true})).await;
    assert_eq!(patched.json()["isActive"], true);
    assert_eq!(world.control_call(Method::DELETE, &path, json!({})).await.status, 200);
    assert_eq!(world.control_call(Method::DELETE, &path, json!({})).await.status, 404);

    let settings = json!({"token_life_s": 5, "token_shape": "array"});
    let settings = world.control_call(Method::PUT, "settings", settings).await.json();
    assert_eq!((&settings["token_life_s"], &settings["token_status"]), (&json!(5), &json!(200)));

    assert_eq!(world.control_call(Method::POST, "reset", json!({})).await.status, 200);
    assert_eq!(world.control.settings(), Settings::default());
    assert_eq!(world.control.users().len(), 7);
    assert_eq!(world.control_call(Method::GET, "nowhere", json!({})).await.status, 404);
}

#[tokio::test]
async fn bad_input_is_refused_with_the_name_of_the_member() {
    let world = World::new().await;
    let user = format!("users/{}", world.user(HARALD));
    let warehouse = format!("warehouses/{}", world.control.warehouses()[0].uuid);
    let assignment = format!("assignments/{}", world.assignments_of(HARALD)[0]);
    let before = (world.control.users(), world.control.settings());
    for (method, path, body, named) in [
        (Method::PUT, "settings", json!({"token_status": 204}), "token_status"),
        (Method::PUT, "settings", json!({"token_status": 200, "speed": 1}), "speed"),
        (Method::PUT, "settings", json!({"refresh_offered": "yes"}), "refresh_offered"),
        (Method::PUT, "settings", json!({"token_shape": "pear"}), "token_shape"),
        (Method::PUT, "settings", json!({"missing_token_status": 404}), "missing_token_status"),
        (Method::PUT, "settings", json!({"cors_extra_headers": ["a b"]}), "cors_extra_headers"),
        (Method::PUT, "settings", json!([]), "object"),
        (Method::POST, "users", json!({"username": "a"}), "password"),
        (Method::POST, "users", json!({"username": HARALD, "password": "b"}), HARALD),
        (Method::PATCH, user.as_str(), json!({"isActive": 1}), "isActive"),
        (Method::PATCH, user.as_str(), json!({"password": null, "pin": 1}), "pin"),
        (Method::PATCH, "users/7", json!({}), "uuid"),
        (Method::POST, "warehouses", json!({"uuid": "x", "name": "North"}), "uuid"),
        (Method::PATCH, warehouse.as_str(), json!({"name": 7}), "name"),
        (Method::POST, "assignments", json!({"userUuid": "x"}), "userUuid"),
        (Method::PATCH, assignment.as_str(), json!({}), "isActive"),
    ] {
        let answer = world.control_call(method, path, body.clone()).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        let sentence = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(sentence.contains(named), "{path} {body}: {sentence}");
    }
    assert_eq!((world.control.users(), world.control.settings()), before);
}

#[tokio::test]
async fn what_is_remembered_of_a_request_has_an_end() {
    let world = World::new().await;
    let long = "x".repeat(100_000);
    send(world.password_grant(&long, "change123")).await;
    send(world.write(HARALD, Method::PATCH, LIST, long)).await;
    let too_long = vec![b' '; 3 * 1024 * 1024];
    let refused = try_send(world.write(HARALD, Method::PATCH, LIST, too_long)).await;

    let log = world.control.requests();

    assert_eq!(log.len(), 2);
    assert_eq!(log[0].body["username"].as_str().unwrap().len(), 4_096);
    assert_eq!(log[1].body.as_str().unwrap().len(), 4_096);
    // The server closes before everything is sent, so its answer may not be seen.
    assert!(refused.map_or(true, |answer| answer.status == 413));
}
