//! Reading: rows 24 to 37.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::world::{ADMIN, HARALD, JSON_API, LIST, World, ids, send, texts};

#[tokio::test]
async fn row_24_a_warehouse_user_gets_their_own_rows() {
    let world = World::new().await;

    let answer = world.get(HARALD, LIST).await;

    assert_eq!((answer.status, answer.content_type.as_str()), (200, JSON_API));
    assert_eq!(ids(&answer), texts(&world.assignments_of(HARALD)));
    let link = format!("{}{LIST}", world.sandbox.origin());
    let document = answer.json();
    assert_eq!(document["links"], json!({"self": link}));
    let id = "7442ba9c-7667-540f-ba6f-2abff5cae170";
    assert_eq!(
        document["data"][2],
        json!({
            "type": "warehouse-user-assignments",
            "id": id,
            "attributes": {
                "userUuid": "8565d483-70cd-5c73-bc6a-96d2e70ddee1",
                "isActive": false,
                "warehouse": {
                    "name": "Warehouse3",
                    "uuid": "013ec05e-710a-50fb-9b23-be3de9ecfae7",
                    "isActive": false,
                },
            },
            "links": {"self": format!("{link}/{id}")},
        })
    );
    assert!(answer.headers.contains_key("date"));
    assert_eq!(answer.headers["cache-control"], "no-cache, private");
    assert_eq!(answer.headers["permissions-policy"], "");
}

#[tokio::test]
async fn rows_25_to_27_everybody_nothing_and_nobody() {
    let world = World::new().await;

    assert_eq!(ids(&world.get(ADMIN, LIST).await).len(), 7);

    let empty = world.get("michele@sony-experts.com", LIST).await;
    let link = format!("{}{LIST}", world.sandbox.origin());
    assert_eq!(empty.status, 200);
    assert_eq!(empty.json(), json!({"data": [], "links": {"self": link}}));

    let token = world.token(HARALD);
    let id = world.assignments_of(HARALD)[0];
    assert!(world.control.remove_user(world.user(HARALD)));
    let request = |path: &str| world.json_api(Method::GET, path).bearer_auth(&token);
    let list = send(request(LIST)).await;
    list.assert_error(JSON_API, 403, "5204", "Operation is forbidden.");
    assert_eq!(send(request(&format!("{LIST}/{id}"))).await.status, 404);
}

#[tokio::test]
async fn rows_28_to_31_filters() {
    let world = World::new().await;
    let harald = world.assignments_of(HARALD);
    world.control.patch_assignment(harald[1], true).unwrap();
    let warehouse = world.control.warehouses()[0].uuid;
    let all = texts(&world.control.assignments().iter().map(|row| row.uuid).collect::<Vec<_>>());
    let active = vec![harald[1].to_string()];
    let cases = [
        (format!("uuid]={}", harald[0]), vec![harald[0].to_string()]),
        (format!("userUuid]={}", world.user(HARALD)), texts(&harald)),
        ("isActive]=true".to_owned(), active.clone()),
        ("isActive]=on".to_owned(), active.clone()),
        (format!("warehouseUuid]={warehouse}"), vec![all[0].clone(), all[6].clone()]),
        ("colour]=red".to_owned(), all),
        (format!("isActive]=1&filter[warehouse-user-assignments.uuid]={}", harald[1]), active),
    ];
    for (filter, expected) in cases {
        let path = format!("{LIST}/?filter[warehouse-user-assignments.{filter}");
        assert_eq!(ids(&world.get(ADMIN, &path).await), expected, "{filter}");
    }

    let bad = world.get(ADMIN, &format!("{LIST}?filter[isActive]=true")).await;
    let message = "Unsupported `Filter` format is used. Please use `filter[resource.property]`";
    bad.assert_error(JSON_API, 400, "011", message);

    let jason = world.user("jason.weidmann@budgetcamerasonline.com");
    let path = format!("{LIST}?filter[warehouse-user-assignments.userUuid]={jason}");
    let leak = world.get(HARALD, &path).await;
    assert_eq!(ids(&leak).len(), harald.len() + 1);
    assert!(leak.json()["links"]["self"].as_str().unwrap().contains("?filter[warehouse"));
}

#[tokio::test]
async fn rows_32_to_35_paging_sorting_and_including() {
    let world = World::new().await;
    let harald = texts(&world.assignments_of(HARALD));

    let page = world.get(HARALD, &format!("{LIST}?page[offset]=1&page[limit]=1")).await;
    assert_eq!(ids(&page), harald[1..2]);
    let half = world.get(HARALD, &format!("{LIST}?page[limit]=1")).await;
    assert_eq!(ids(&half), harald);
    world
        .get(HARALD, &format!("{LIST}?sort=warehouse-user-assignments.uuid"))
        .await
        .assert_page(500);
    let with_users = world.get(HARALD, &format!("{LIST}?include=users")).await.json();
    let user = world.user(HARALD).to_string();
    assert_eq!(
        with_users["data"][0]["relationships"],
        json!({"users": {"data": [{"type": "users", "id": user}]}})
    );
    assert_eq!(with_users["included"].as_array().unwrap().len(), 1);
    assert_eq!(with_users["included"][0]["attributes"]["firstName"], "Harald");
}

#[tokio::test]
async fn rows_36_and_37_one_assignment_and_none() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];

    for username in [HARALD, ADMIN] {
        let answer = world.get(username, &format!("{LIST}/{id}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["data"]["id"], id.to_string());
        assert_eq!(answer.json().get("links"), None);
    }

    let foreign = world.assignments_of("martha@video-king.nl")[0].to_string();
    for id in [Uuid::nil().to_string().as_str(), "malformed", &foreign] {
        let answer = world.get(HARALD, &format!("{LIST}/{id}")).await;
        answer.assert_error(JSON_API, 404, "5201", "Warehouse user assignment not found.");
    }
}
