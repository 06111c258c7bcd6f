//! Reading: rows 24 to 37.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use uuid::Uuid;

use super::table::Expected::{Document, Error, Page};
use super::table::{Row, row};
use super::world::{
    ADMIN, HARALD, JASON, JSON_API, LIST, MARTHA, MICHELE, World, ids, ids_in, texts,
};

const BAD_FILTER: &str =
    "Unsupported `Filter` format is used. Please use `filter[resource.property]`";

pub(super) const ROWS: &[Row] = &[
    row(
        24,
        "GET list, warehouse user",
        |world| vec![world.read(HARALD, LIST), world.read(HARALD, &format!("{LIST}/"))],
        Document(200, JSON_API, |world, document| {
            ids_in(document) == texts(&world.assignments_of(HARALD))
        }),
    ),
    row(
        25,
        "GET list, Back Office user",
        |world| vec![world.read(ADMIN, LIST)],
        Document(200, JSON_API, |world, document| ids_in(document) == everybodys(world)),
    ),
    row(
        26,
        "GET list, nothing there",
        |world| vec![world.read(MICHELE, LIST)],
        Document(200, JSON_API, |world, document| {
            let link = format!("{}{LIST}", world.sandbox.origin());
            *document == json!({"data": [], "links": {"self": link}})
        }),
    ),
    row(
        27,
        "GET list, caller's user row gone",
        |world| {
            let request = world.read(HARALD, LIST);
            assert!(world.control.remove_user(world.user(HARALD)));
            vec![request]
        },
        Error(JSON_API, 403, Some("5204"), "Operation is forbidden."),
    ),
    row(
        28,
        "filter by uuid, isActive, warehouseUuid",
        |world| {
            let second = world.assignments_of(HARALD)[1];
            world.control.patch_assignment(second, true).unwrap();
            let warehouse = world.control.warehouses()[1].uuid;
            vec![
                filtered(world, ADMIN, &format!("uuid]={second}")),
                filtered(world, ADMIN, "isActive]=true"),
                filtered(world, ADMIN, "isActive]=1"),
                filtered(world, ADMIN, "isActive]=on"),
                filtered(world, ADMIN, &format!("warehouseUuid]={warehouse}")),
                filtered(world, HARALD, &format!("warehouseUuid]={warehouse}")),
            ]
        },
        Document(200, JSON_API, |world, document| {
            ids_in(document) == [world.assignments_of(HARALD)[1].to_string()]
        }),
    ),
    row(
        28,
        "filter by userUuid",
        |world| vec![filtered(world, ADMIN, &format!("userUuid]={}", world.user(MARTHA)))],
        Document(200, JSON_API, |world, document| {
            ids_in(document) == texts(&world.assignments_of(MARTHA))
        }),
    ),
    row(
        29,
        "filter key without a dot",
        |world| vec![world.read(ADMIN, &format!("{LIST}?filter[isActive]=true"))],
        Error(JSON_API, 400, Some("011"), BAD_FILTER),
    ),
    row(
        30,
        "unknown filter field",
        |world| {
            let other = format!("{LIST}?filter[warehouses.uuid]=1");
            vec![filtered(world, ADMIN, "colour]=red"), world.read(ADMIN, &other)]
        },
        Document(200, JSON_API, |world, document| ids_in(document) == everybodys(world)),
    ),
    row(
        31,
        "warehouse user filters for another userUuid",
        |world| vec![filtered(world, HARALD, &format!("userUuid]={}", world.user(JASON)))],
        Document(200, JSON_API, |world, document| {
            let both = [world.assignments_of(HARALD), world.assignments_of(JASON)].concat();
            ids_in(document) == texts(&both)
        }),
    ),
    row(
        32,
        "page[offset]+page[limit]",
        |world| vec![world.read(HARALD, &format!("{LIST}?page[offset]=1&page[limit]=1"))],
        Document(200, JSON_API, |world, document| {
            let links: Vec<_> = document["links"].as_object().unwrap().keys().collect();
            ids_in(document) == texts(&world.assignments_of(HARALD)[1..2]) && links == ["self"]
        }),
    ),
    row(
        33,
        "only one page parameter",
        |world| {
            let halves = ["page[offset]=1", "page[limit]=1"];
            halves.map(|half| world.read(HARALD, &format!("{LIST}?{half}"))).into()
        },
        Document(200, JSON_API, |world, document| {
            ids_in(document) == texts(&world.assignments_of(HARALD))
        }),
    ),
    row(
        34,
        "sort=warehouse-user-assignments.x",
        |world| {
            let path = format!("{LIST}?sort=warehouse-user-assignments.uuid");
            vec![world.read(HARALD, &path), filtered(world, ADMIN, "uuid][]=1")]
        },
        Page(500),
    ),
    row(
        35,
        "include=users",
        |world| vec![world.read(HARALD, &format!("{LIST}?include=users,warehouses"))],
        Document(200, JSON_API, |world, document| {
            let user = world.user(HARALD).to_string();
            let link = json!({"users": {"data": [{"type": "users", "id": user}]}});
            let names = json!({"username": HARALD, "firstName": "Harald", "lastName": "Schmidt"});
            document["data"][2]["relationships"] == link
                && document["included"].as_array().unwrap().len() == 1
                && document["included"][0]["attributes"] == names
        }),
    ),
    row(
        36,
        "GET one, own or (Back Office) any",
        |world| {
            let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
            vec![world.read(HARALD, &path), world.read(ADMIN, &path)]
        },
        Document(200, JSON_API, |world, document| {
            document["data"]["id"] == world.assignments_of(HARALD)[0].to_string()
                && document.get("links").is_none()
        }),
    ),
    row(
        37,
        "GET one, unknown, malformed or foreign id",
        |world| {
            let foreign = world.assignments_of(MARTHA)[0].to_string();
            let ids = [Uuid::nil().to_string(), "malformed".to_owned(), foreign];
            ids.map(|id| world.read(HARALD, &format!("{LIST}/{id}"))).into()
        },
        Error(JSON_API, 404, Some("5201"), "Warehouse user assignment not found."),
    ),
    row(
        37,
        "GET one, caller's user row gone",
        |world| {
            let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
            let request = world.json_api(Method::GET, &path).bearer_auth(world.token(MICHELE));
            assert!(world.control.remove_user(world.user(MICHELE)));
            vec![request]
        },
        Error(JSON_API, 404, Some("5201"), "Warehouse user assignment not found."),
    ),
];

fn everybodys(world: &World) -> Vec<String> {
    world.control.assignments().iter().map(|row| row.uuid.to_string()).collect()
}

fn filtered(world: &World, username: &str, filter: &str) -> RequestBuilder {
    world.read(username, &format!("{LIST}?filter[warehouse-user-assignments.{filter}"))
}

#[tokio::test]
async fn a_list_is_a_json_api_document_with_the_headers_of_the_shop() {
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
async fn filters_are_anded_and_links_repeat_the_query() {
    let world = World::new().await;
    let harald = world.user(HARALD);
    let warehouse = world.control.warehouses()[0].uuid;
    let path = format!(
        "{LIST}?filter%5Bwarehouse-user-assignments.userUuid%5D={harald}\
         &filter[warehouse-user-assignments.warehouseUuid]={warehouse}"
    );

    let answer = world.get(ADMIN, &path).await;

    assert_eq!(ids(&answer), texts(&world.assignments_of(HARALD)[..1]));
    let link = answer.json()["links"]["self"].as_str().unwrap().to_owned();
    let query = path.replace("%5B", "[").replace("%5D", "]");
    assert_eq!(link, format!("{}{query}", world.sandbox.origin()));
}

#[tokio::test]
async fn sparse_fields_leave_attributes_out() {
    let world = World::new().await;
    let fields = "fields[warehouse-user-assignments]=isActive&fields[users]=username,lastName";

    let answer = world.get(HARALD, &format!("{LIST}?include=users&{fields}")).await.json();

    assert_eq!(answer["data"][0]["attributes"], json!({"isActive": false}));
    let user = json!({"username": HARALD, "lastName": "Schmidt"});
    assert_eq!(answer["included"][0]["attributes"], user);
}
