//! Tokens, paths and methods: rows 11 to 23.

use reqwest::{Method, RequestBuilder};
use wareswitch::sandbox::Settings;

use super::table::Expected::{Empty, Error, NoToken, Page};
use super::table::{Row, row};
use super::world::{ADMIN, HARALD, JSON_API, LIST, PLAIN, World, send};

const NO_ORIGIN: &str = "The required header `origin` for the options method is missing.";

pub(super) const ROWS: &[Row] = &[
    row(
        11,
        "any protected call, no Authorization",
        |world| {
            let id = world.assignments_of(HARALD)[0];
            let one = format!("{LIST}/{id}");
            vec![
                world.json_api(Method::GET, LIST),
                world.json_api(Method::GET, &one),
                world.json_api(Method::POST, LIST).body("{}"),
                world.json_api(Method::PATCH, &one).body("{}"),
                world.json_api(Method::DELETE, &one),
            ]
        },
        NoToken(JSON_API, None, "Unauthorized request."),
    ),
    row(
        12,
        "Authorization has one word only",
        |world| {
            let list = || world.json_api(Method::GET, LIST);
            let words = ["Bearer".to_owned(), "Bearer ".to_owned(), world.token(HARALD)];
            words.map(|word| list().header("authorization", word)).into()
        },
        NoToken(JSON_API, Some("002"), "Missing access token."),
    ),
    row(
        13,
        "malformed, expired or foreign-signed token",
        |world| {
            let expired = world.token(HARALD);
            world.control.expire_tokens();
            let good = world.token(HARALD);
            let foreign = format!("{}.c2lnbmF0dXJl", good.rsplit_once('.').unwrap().0);
            let tokens = ["nonsense".to_owned(), "a.b.c".to_owned(), expired, foreign];
            tokens.map(|token| world.json_api(Method::GET, LIST).bearer_auth(token)).into()
        },
        Error(JSON_API, 401, Some("001"), "Invalid access token."),
    ),
    row(
        14,
        "valid token without user or warehouse",
        |world| {
            let token = world.control.token_without_user();
            vec![world.json_api(Method::GET, LIST).bearer_auth(token)]
        },
        Error(JSON_API, 400, Some("001"), "Invalid access token."),
    ),
    row(
        15,
        "warehouse user: POST or DELETE assignment",
        |world| {
            let one = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
            vec![
                world.write(HARALD, Method::POST, LIST, "{}"),
                world.write(HARALD, Method::DELETE, &one, ""),
            ]
        },
        Error(JSON_API, 403, None, "Unauthorized request."),
    ),
    row(
        16,
        "warehouse token used on assignments",
        |world| {
            let warehouse = world.control.warehouses()[0].uuid;
            let token = world.control.token_for_warehouse(warehouse).unwrap();
            vec![world.json_api(Method::GET, LIST).bearer_auth(token)]
        },
        NoToken(JSON_API, None, "Unauthorized request."),
    ),
    row(
        17,
        "unknown path, JSON:API",
        |world| vec![world.json_api(Method::GET, "/nowhere"), world.read(HARALD, "/nowhere/7")],
        Error(JSON_API, 404, Some("007"), "Not found"),
    ),
    row(
        17,
        "unknown path, plain",
        |world| vec![world.bare(Method::GET, "/nowhere"), world.bare(Method::POST, "/")],
        Error(PLAIN, 404, Some("007"), "Not found"),
    ),
    row(
        18,
        "assignments without JSON:API headers",
        |world| {
            let bare = || world.bare(Method::GET, LIST);
            vec![bare(), bare().header("accept", PLAIN).bearer_auth(world.token(HARALD))]
        },
        Error(PLAIN, 404, Some("007"), "Not found"),
    ),
    row(
        19,
        "PUT on an assignment",
        |world| {
            let one = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);
            [ADMIN, HARALD].map(|user| world.write(user, Method::PUT, &one, "{}")).into()
        },
        Error(JSON_API, 404, Some("008"), "Method does not exist"),
    ),
    row(
        20,
        "HEAD",
        |world| vec![world.json_api(Method::HEAD, LIST).bearer_auth(world.token(HARALD))],
        Page(500),
    ),
    row(
        21,
        "OPTIONS with Origin and request method",
        |world| {
            let paths = [LIST, "/token", "/nowhere"];
            paths.map(|path| preflight(world, path).header("origin", "https://shop")).into()
        },
        Empty(204),
    ),
    row(
        22,
        "OPTIONS, request method but no Origin",
        |world| vec![preflight(world, LIST)],
        Error(PLAIN, 501, None, NO_ORIGIN),
    ),
    row(
        23,
        "OPTIONS, header not allowed",
        |world| {
            let ask = |headers| {
                let request = preflight(world, LIST).header("origin", "https://shop");
                request.header("access-control-request-headers", headers)
            };
            vec![ask("X-MFA-Code"), ask("accept, store")]
        },
        Error(PLAIN, 400, None, "Not allowed."),
    ),
];

fn preflight(world: &World, path: &str) -> RequestBuilder {
    world.bare(Method::OPTIONS, path).header("access-control-request-method", "PATCH")
}

#[tokio::test]
async fn tokens_that_are_over_or_of_another_server() {
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
async fn conventions_and_nested_paths() {
    let world = World::new().await;
    let path = format!("{LIST}/{}", world.assignments_of(HARALD)[0]);

    let patch_by_accept = world.bare(Method::PATCH, &path).header("accept", JSON_API);
    assert_eq!(send(patch_by_accept).await.status, 415);
    let by_accept = world.bare(Method::GET, LIST).header("accept", JSON_API);
    assert_eq!(send(by_accept.bearer_auth(world.token(HARALD))).await.status, 200);
    let with_charset = world.bare(Method::GET, LIST).header("accept", PLAIN);
    let with_charset =
        with_charset.header("content-type", "application/vnd.api+json; charset=utf-8");
    assert_eq!(send(with_charset.bearer_auth(world.token(HARALD))).await.status, 200);
    let nested = world.get(HARALD, &format!("/other/1{path}")).await;
    nested.assert_error(JSON_API, 404, "009", "Not found");
}

#[tokio::test]
async fn what_browsers_are_told_and_what_a_shop_may_add() {
    let world = World::new().await;
    let ask = || preflight(&world, LIST).header("origin", "https://shop");
    let with_code = || ask().header("access-control-request-headers", "x-mfa-code");

    let allowed = send(ask().header("access-control-request-headers", "Accept")).await;
    assert_eq!(
        allowed.headers["access-control-allow-methods"],
        "GET, POST, PATCH, DELETE, OPTIONS"
    );
    assert_eq!(
        allowed.headers["access-control-allow-headers"],
        "accept, content-type, content-language, accept-language, authorization"
    );
    let method = world.bare(Method::OPTIONS, LIST).header("origin", "https://shop");
    let method = send(method.header("access-control-request-method", "PUT")).await;
    assert_eq!(method.status, 400);
    assert_eq!(method.json()[0]["code"], "Not allowed.");
    assert!(method.json()[0]["message"].is_null());

    assert_eq!(send(with_code()).await.status, 400);
    let cors_extra_headers = vec!["X-MFA-Code".to_owned()];
    let settings = Settings { cors_extra_headers, ..Settings::default() };
    world.control.set_settings(settings).unwrap();
    let allowed = send(with_code()).await;
    assert_eq!(allowed.status, 204);
    let names = allowed.headers["access-control-allow-headers"].to_str().unwrap();
    assert!(names.ends_with(", X-MFA-Code"), "{names}");
}

#[tokio::test]
async fn of_several_things_that_are_wrong_the_first_in_the_order_of_processing_is_told() {
    let world = World::new().await;
    world.set_code(HARALD, "123456");
    world.set_code(ADMIN, "123456");
    let missing = format!("{LIST}/missing");
    let asking = |request: RequestBuilder| request.header("access-control-request-method", "PUT");
    let stale = |request: RequestBuilder| request.bearer_auth("stale");
    let bad_filter = format!("{LIST}?filter[x]=1");
    let list = || world.json_api(Method::GET, LIST);
    let cases = [
        (stale(world.bare(Method::GET, "/nowhere").header("accept", "text/html")), 415, "010"),
        (stale(world.json_api(Method::GET, &bad_filter)), 400, "011"),
        (stale(world.json_api(Method::GET, "/nowhere")), 401, "001"),
        (asking(world.json_api(Method::GET, "/nowhere")), 404, "007"),
        (asking(list()).header("origin", "https://shop"), 400, "Not allowed."),
        (world.json_api(Method::PATCH, &missing).body("{}"), 401, "null"),
        (world.write(HARALD, Method::DELETE, &missing, ""), 403, "null"),
        (world.write(ADMIN, Method::DELETE, &missing, ""), 403, "5900"),
        (world.write(ADMIN, Method::PUT, &missing, "{}"), 403, "5900"),
        (world.write(HARALD, Method::PATCH, LIST, ""), 403, "5900"),
        (world.read(ADMIN, &missing), 404, "5201"),
    ];
    for (place, (request, status, code)) in cases.into_iter().enumerate() {
        let answer = send(request).await;
        let document = answer.json();
        let error = document.get("errors").unwrap_or(&document)[0].clone();
        let told = error["code"].as_str().unwrap_or("null").to_owned();
        assert_eq!((answer.status, told.as_str()), (status, code), "case {place}: {error}");
    }
}
