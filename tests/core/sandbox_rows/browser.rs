//! A browser app of another vendor signs in by `/authorize` with PKCE and picks a warehouse.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use wareswitch::sandbox::{FaultKind, Settings};

use super::world::{Answer, HARALD, JSON_API, LIST, PASSWORD, PLAIN, World, send};

const CLIENT: &str = "picking-app";
const REDIRECT: &str = "https://app.example/callback";
/// As in appendix B of RFC 7636.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const MALFORMED: &str = "The request is missing a required parameter, includes an invalid parameter \
value, includes a parameter more than once, or is otherwise malformed.";

/// `POST /authorize` by Harald; the changes replace fields, and an empty one is as good as missing.
pub(super) fn authorize(world: &World, password: &str, changes: &[(&str, &str)]) -> RequestBuilder {
    let form = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("state", "a state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("username", HARALD),
        ("password", password),
    ];
    let request = world.bare(Method::POST, "/authorize").header("accept", PLAIN);
    request.header("origin", "https://app.example").form(&changed(&form, changes))
}

/// `POST /token` with a code, and changes like those of [`authorize`].
fn exchange(world: &World, code: &str, changes: &[(&str, &str)]) -> RequestBuilder {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("client_id", CLIENT),
        ("code_verifier", VERIFIER),
    ];
    world.token_request(&changed(&form, changes)).header("origin", "https://app.example")
}

fn changed<'a>(
    form: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let unchanged = form.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    unchanged.chain(changes).copied().collect()
}

async fn code(world: &World, changes: &[(&str, &str)]) -> String {
    let document = send(authorize(world, PASSWORD, changes)).await.json();
    document[0]["code"].as_str().unwrap().to_owned()
}

fn readable(answer: Answer) -> Answer {
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    answer
}

#[tokio::test]
async fn a_browser_app_signs_in_and_picks_a_warehouse() {
    let world = World::new().await;
    let cross_origin = |request: RequestBuilder| request.header("origin", "https://app.example");
    for (path, method, headers) in [
        ("/authorize", "POST", "content-type"),
        ("/token", "POST", "content-type"),
        (LIST, "GET", "authorization,content-type"),
        (LIST, "PATCH", "authorization,content-type"),
        ("/warehouse-tokens", "POST", "authorization"),
    ] {
        let request = cross_origin(world.bare(Method::OPTIONS, path))
            .header("access-control-request-method", method)
            .header("access-control-request-headers", headers);
        assert_eq!(readable(send(request).await).status, 204, "{path}");
    }

    let given = readable(send(authorize(&world, PASSWORD, &[])).await).json();
    let code = given[0]["code"].as_str().unwrap();
    let pair = readable(send(exchange(&world, code, &[])).await);
    assert_eq!(pair.status, 200);
    let pair = pair.json();
    let token = pair["access_token"].as_str().unwrap();
    let call = |method, path: &str| {
        cross_origin(world.bare(method, path).bearer_auth(token).header("content-type", JSON_API))
    };

    let list = readable(send(call(Method::GET, &format!("{LIST}?include=users"))).await).json();
    assert_eq!(list["included"][0]["attributes"]["username"], HARALD);
    let id = list["data"][1]["id"].as_str().unwrap();
    let body = json!({"data": {"attributes": {"isActive": true}}}).to_string();
    let picked = call(Method::PATCH, &format!("{LIST}/{id}")).body(body);
    let picked = readable(send(picked).await).json();
    assert_eq!(picked["data"]["attributes"]["isActive"], true);
    let warehouse = cross_origin(world.bare(Method::POST, "/warehouse-tokens").bearer_auth(token));
    let warehouse = readable(send(warehouse.header("accept", PLAIN)).await);
    assert_eq!(warehouse.status, 201);
    world.control.set_faults(vec![FaultKind::ExpiredTokens {}.times(1)]);
    assert_eq!(readable(send(call(Method::GET, LIST)).await).status, 401);
}

#[tokio::test]
async fn scopes_are_those_asked_for_or_the_usual() {
    let world = World::new().await;
    for (asked, expected) in [
        ("user", json!(["user"])),
        ("user magic", json!(["user"])),
        ("", json!(["user", "warehouse-user"])),
    ] {
        let code = code(&world, &[("scope", asked)]).await;
        let pair = send(exchange(&world, &code, &[])).await.json();
        let token = pair["access_token"].as_str().unwrap();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["scopes"], expected, "{asked}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_for_a_code_comes_before_who_asks() {
    let world = World::new().await;
    let too_short = "a".repeat(42);
    for change in [
        ("response_type", "token"),
        ("client_id", ""),
        ("code_challenge", ""),
        ("code_challenge", too_short.as_str()),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c="),
        ("code_challenge_method", "S512"),
        ("username", ""),
        ("password", ""),
    ] {
        let answer = send(authorize(&world, "wrong", &[change])).await;
        answer.assert_error(PLAIN, 400, "invalid_request", MALFORMED);
    }
    let nowhere = send(authorize(&world, "wrong", &[("redirect_uri", "")])).await;
    nowhere.assert_error(PLAIN, 400, "invalid_client", "Client authentication failed");
    send(world.bare(Method::POST, "/authorize")).await.assert_page(500);
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_verifier_and_not_for_long() {
    let world = World::new().await;
    let given = code(&world, &[]).await;
    for change in [
        ("code", "none"),
        ("client_id", "another-app"),
        ("redirect_uri", "https://evil.example/"),
        ("code_verifier", ""),
        ("code_verifier", "short"),
    ] {
        let answer = send(exchange(&world, &given, &[change])).await;
        answer.assert_error(PLAIN, 400, "invalid_request", MALFORMED);
    }
    let wrong = send(exchange(&world, &given, &[("code_verifier", CHALLENGE)])).await;
    assert_eq!((wrong.status, &wrong.json()[0]["code"]), (400, &json!("invalid_grant")));
    assert_eq!(send(exchange(&world, &given, &[])).await.status, 200);
    let again = send(exchange(&world, &given, &[])).await;
    again.assert_error(PLAIN, 400, "invalid_request", MALFORMED);

    let settings = Settings { code_life_s: 0, ..Settings::default() };
    world.control.set_settings(settings).unwrap();
    let late = code(&world, &[]).await;
    let late = send(exchange(&world, &late, &[])).await;
    late.assert_error(PLAIN, 400, "invalid_request", MALFORMED);
}
