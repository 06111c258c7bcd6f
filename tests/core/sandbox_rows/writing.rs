//! Writing: rows 38 to 66.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;
use wareswitch::sandbox::Settings;

use super::browser::authorize;
use super::table::Expected::{Document, Empty, Error, NoToken, Page};
use super::table::{Row, row};
use super::world::{ADMIN, HARALD, JSON_API, LIST, MARTHA, PASSWORD, PLAIN, World, send};

const NOT_FOUND: &str = "Warehouse user assignment not found.";

pub(super) const ROWS: &[Row] = &[
    row(
        38,
        "POST ok",
        |world| vec![assign(world, world.user(HARALD), fourth_warehouse(world))],
        Document(201, JSON_API, |world, document| {
            document["data"]["attributes"]["userUuid"] == world.user(HARALD).to_string()
                && document["data"]["attributes"]["isActive"] == false
                && world.assignments_of(HARALD).len() == 4
        }),
    ),
    row(
        39,
        "POST, user unknown or not a warehouse user",
        |world| {
            let users = [Uuid::nil(), world.user(ADMIN)];
            users.map(|user| assign(world, user, fourth_warehouse(world))).into()
        },
        Error(JSON_API, 400, Some("5202"), "User not found."),
    ),
    row(
        40,
        "POST, warehouse unknown",
        |world| vec![assign(world, world.user(HARALD), Uuid::nil())],
        Error(JSON_API, 400, Some("5203"), "Warehouse not found."),
    ),
    row(
        41,
        "POST, pair exists",
        |world| {
            let first = world.control.warehouses()[0].uuid;
            vec![assign(world, world.user(HARALD), first)]
        },
        Error(JSON_API, 400, Some("5206"), "Warehouse user assignment already exists."),
    ),
    row(
        42,
        "POST by (live) warehouse user for somebody else",
        |world| {
            let request = assign(world, world.user(HARALD), fourth_warehouse(world));
            world.set_warehouse_user(ADMIN, true);
            vec![request]
        },
        Error(JSON_API, 404, Some("5201"), NOT_FOUND),
    ),
    row(
        43,
        "POST, wrong data.type",
        |world| {
            let attributes = pair(world.user(HARALD), fourth_warehouse(world));
            let body = json!({"data": {"type": "bananas", "attributes": attributes}}).to_string();
            vec![world.write(ADMIN, Method::POST, LIST, body)]
        },
        Document(201, JSON_API, |_, document| {
            document["data"]["type"] == "warehouse-user-assignments"
        }),
    ),
    row(
        44,
        "POST, missing attributes, bad JSON, empty",
        |world| {
            let bodies = ["{\"data\":{}}", "{\"data\":{\"attributes\":{}}}", "{", ""];
            bodies.map(|body| world.write(ADMIN, Method::POST, LIST, body)).into()
        },
        Page(500),
    ),
    row(
        45,
        "PATCH isActive true",
        |world| {
            world.control.patch_assignment(world.assignments_of(HARALD)[1], true).unwrap();
            vec![first_changed(world, &json!({"isActive": true}))]
        },
        Document(200, JSON_API, |world, document| {
            is_active(document, true) && world.active() == world.assignments_of(HARALD)[..1]
        }),
    ),
    row(
        46,
        "PATCH isActive false",
        |world| {
            let harald = world.assignments_of(HARALD);
            world.control.patch_assignment(harald[0], true).unwrap();
            world.control.patch_assignment(harald[1], true).unwrap();
            vec![first_changed(world, &json!({"isActive": false}))]
        },
        Document(200, JSON_API, |world, document| {
            is_active(document, false) && world.active() == world.assignments_of(HARALD)[1..2]
        }),
    ),
    row(
        47,
        "PATCH same value again",
        |world| [(); 2].map(|()| first_changed(world, &json!({"isActive": true}))).into(),
        Document(200, JSON_API, |world, document| {
            is_active(document, true) && world.active() == world.assignments_of(HARALD)[..1]
        }),
    ),
    row(
        48,
        "PATCH \"true\"",
        |world| vec![first_changed(world, &json!({"isActive": "true"}))],
        Document(200, JSON_API, |_, document| is_active(document, true)),
    ),
    row(
        48,
        "PATCH \"false\", which switches others off too",
        |world| {
            world.control.patch_assignment(world.assignments_of(HARALD)[1], true).unwrap();
            vec![first_changed(world, &json!({"isActive": "false"}))]
        },
        Document(200, JSON_API, |world, document| {
            is_active(document, false) && world.active().is_empty()
        }),
    ),
    row(
        49,
        "PATCH without attributes or with broken JSON",
        |world| {
            world.control.patch_assignment(world.assignments_of(HARALD)[0], true).unwrap();
            ["{}", "{\"data\":{}}", "{broken"].map(|body| first_patched(world, body)).into()
        },
        Document(200, JSON_API, |_, document| is_active(document, true)),
    ),
    row(50, "PATCH, empty body", |world| vec![first_patched(world, "")], Page(500)),
    row(
        51,
        "PATCH isActive null",
        |world| vec![first_changed(world, &json!({"isActive": null}))],
        Page(500),
    ),
    row(
        52,
        "PATCH unknown or foreign id",
        |world| {
            let foreign = world.assignments_of(MARTHA)[0].to_string();
            let ids = [Uuid::nil().to_string(), "malformed".to_owned(), foreign];
            ids.map(|id| world.change(HARALD, id, &json!({"isActive": true}))).into()
        },
        Error(JSON_API, 404, Some("5201"), NOT_FOUND),
    ),
    row(
        53,
        "PATCH other warehouse.uuid",
        |world| {
            let other = world.control.warehouses()[1].uuid;
            let elsewhere = json!({"isActive": true, "warehouse": {"uuid": other}});
            vec![first_changed(world, &elsewhere)]
        },
        Error(JSON_API, 400, Some("5203"), "Warehouse not found."),
    ),
    row(
        54,
        "PATCH userUuid of a non-warehouse user",
        |world| vec![first_changed(world, &json!({"userUuid": world.user(ADMIN)}))],
        Error(JSON_API, 400, Some("5202"), "User not found."),
    ),
    row(
        54,
        "PATCH, the user lost the role",
        |world| {
            world.set_warehouse_user(HARALD, false);
            vec![first_changed(world, &json!({"isActive": true}))]
        },
        Error(JSON_API, 400, Some("5202"), "User not found."),
    ),
    row(
        55,
        "PATCH/GET where warehouse.isActive is false",
        |world| {
            let closed = world.assignments_of(HARALD)[2];
            vec![
                world.change(HARALD, closed, &json!({"isActive": true})),
                world.read(HARALD, &format!("{LIST}/{closed}")),
            ]
        },
        Document(200, JSON_API, |_, document| {
            is_active(document, true)
                && document["data"]["attributes"]["warehouse"]["isActive"] == false
        }),
    ),
    row(
        56,
        "PATCH/POST/DELETE, MFA active, no code",
        writes_with_second_factor,
        Error(JSON_API, 403, Some("5900"), "X-MFA-Code header is missing."),
    ),
    row(
        57,
        "PATCH/POST/DELETE, MFA active, wrong code",
        |world| {
            let writes = writes_with_second_factor(world).into_iter();
            writes.map(|request| request.header("x-mfa-code", "654321")).collect()
        },
        Error(JSON_API, 403, Some("5901"), "X-MFA-Code is invalid."),
    ),
    row(58, "DELETE ok", |world| vec![deleted(world, world.assignments_of(HARALD)[0])], Empty(204)),
    row(
        59,
        "DELETE unknown, foreign, again",
        |world| {
            let [gone, foreign] =
                [world.assignments_of(HARALD)[0], world.assignments_of(MARTHA)[0]];
            let requests = [Uuid::nil(), gone, foreign].map(|id| deleted(world, id));
            assert!(world.control.remove_assignment(gone));
            world.set_warehouse_user(ADMIN, true);
            requests.into()
        },
        Error(JSON_API, 404, Some("5201"), NOT_FOUND),
    ),
    row(
        60,
        "PATCH or DELETE without id",
        |world| {
            vec![
                world.write(HARALD, Method::PATCH, LIST, "{}"),
                world.write(ADMIN, Method::DELETE, LIST, ""),
            ]
        },
        Page(500),
    ),
    row(
        61,
        "POST /warehouse-tokens, active assignment",
        |world| {
            world.control.patch_assignment(world.assignments_of(HARALD)[0], true).unwrap();
            let request = || warehouse_token(world).bearer_auth(world.token(HARALD));
            vec![request(), request().body("{}")]
        },
        Document(201, PLAIN, |_, document| {
            let members: Vec<_> = document[0].as_object().unwrap().keys().collect();
            members == ["accessToken", "expiresIn", "refreshToken", "tokenType"]
                && document[0]["expiresIn"] == 604_800
                && document.as_array().unwrap().len() == 1
        }),
    ),
    row(
        62,
        "POST /warehouse-tokens, no active assignment",
        |world| vec![warehouse_token(world).bearer_auth(world.token(HARALD))],
        Error(PLAIN, 403, Some("5101"), "Operation is forbidden."),
    ),
    row(
        63,
        "POST /warehouse-tokens, no token",
        |world| vec![warehouse_token(world)],
        NoToken(PLAIN, None, "Unauthorized request."),
    ),
    row(
        63,
        "POST /warehouse-tokens, one-word token",
        |world| vec![warehouse_token(world).header("authorization", "Bearer")],
        NoToken(PLAIN, Some("002"), "Missing access token."),
    ),
    row(
        64,
        "POST /warehouse-tokens as JSON:API",
        |world| vec![world.write(HARALD, Method::POST, "/warehouse-tokens", "{}")],
        Error(JSON_API, 404, Some("007"), "Not found"),
    ),
    row(
        65,
        "POST /authorize ok",
        |world| vec![authorize(world, PASSWORD, &[])],
        Document(200, PLAIN, |_, document| {
            document[0]["code"].as_str().unwrap().len() > 100
                && document[0]["state"] == "a state"
                && document[0].as_object().unwrap().len() == 2
        }),
    ),
    row(
        66,
        "POST /authorize wrong password",
        |world| vec![authorize(world, "wrong", &[])],
        Error(PLAIN, 400, Some("invalid_grant"), "The user credentials were incorrect."),
    ),
];

fn fourth_warehouse(world: &World) -> Uuid {
    world.control.warehouses()[3].uuid
}

fn pair(user: Uuid, warehouse: Uuid) -> Value {
    json!({"userUuid": user, "warehouse": {"uuid": warehouse}})
}

fn assign(world: &World, user: Uuid, warehouse: Uuid) -> RequestBuilder {
    let body = json!({"data": {"attributes": pair(user, warehouse)}}).to_string();
    world.write(ADMIN, Method::POST, LIST, body)
}

fn first_changed(world: &World, attributes: &Value) -> RequestBuilder {
    world.change(HARALD, world.assignments_of(HARALD)[0], attributes)
}

fn first_patched(world: &World, body: &'static str) -> RequestBuilder {
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
    world.write(HARALD, Method::PATCH, &path, body)
}

fn deleted(world: &World, id: Uuid) -> RequestBuilder {
    world.write(ADMIN, Method::DELETE, &format!("{LIST}/{id}"), "")
}

fn writes_with_second_factor(world: &World) -> Vec<RequestBuilder> {
    world.set_code(HARALD, "123456");
    world.set_code(ADMIN, "123456");
    vec![
        first_changed(world, &json!({"isActive": true})),
        assign(world, world.user(HARALD), fourth_warehouse(world)),
        deleted(world, world.assignments_of(HARALD)[0]),
    ]
}

fn warehouse_token(world: &World) -> RequestBuilder {
    world.bare(Method::POST, "/warehouse-tokens").header("accept", PLAIN)
}

fn is_active(document: &Value, expected: bool) -> bool {
    document["data"]["attributes"]["isActive"] == expected
}

#[tokio::test]
async fn activating_one_switches_the_users_others_off() {
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
async fn a_code_of_the_second_factor_stays_good_for_the_grace_period() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    world.set_code(HARALD, "123456");
    let patch =
        async || send(world.change(HARALD, id, &json!({})).header("x-mfa-code", "123456")).await;

    assert_eq!(patch().await.status, 200);
    assert_eq!(patch().await.status, 200);
    world.control.set_settings(Settings { mfa_grace_s: 0, ..Settings::default() }).unwrap();
    patch().await.assert_error(JSON_API, 403, "5901", "X-MFA-Code is invalid.");
    let body = "{\"data\":{\"attributes\":{\"type\":\"email\"}}}";
    let trigger = send(world.write(HARALD, Method::POST, "/multi-factor-auth-trigger", body)).await;
    assert_eq!((trigger.status, trigger.text.as_str()), (204, ""));
    assert_eq!(patch().await.status, 200);
    assert_eq!(patch().await.status, 403);
    assert_eq!(world.get(HARALD, LIST).await.status, 200);
    assert_eq!(world.control.requests()[0].headers["x-mfa-code"], "redacted");
}

#[tokio::test]
async fn a_new_assignment_can_be_refused_for_two_reasons_at_once() {
    let world = World::new().await;

    let both = send(assign(&world, world.user(ADMIN), Uuid::nil())).await;

    assert_eq!(both.status, 400);
    let codes = [0, 1].map(|place| both.json()["errors"][place]["code"].clone());
    assert_eq!(codes, ["5202", "5203"]);
}

#[tokio::test]
async fn a_new_active_assignment_switches_the_users_others_off() {
    let world = World::new().await;
    world.control.patch_assignment(world.assignments_of(HARALD)[0], true).unwrap();
    let mut attributes = pair(world.user(HARALD), fourth_warehouse(&world));
    attributes["isActive"] = json!(true);
    let body = json!({"data": {"attributes": attributes}}).to_string();

    let made = send(world.write(ADMIN, Method::POST, LIST, body)).await;

    assert_eq!(made.status, 201);
    assert_eq!(world.active(), world.assignments_of(HARALD)[3..]);
}
