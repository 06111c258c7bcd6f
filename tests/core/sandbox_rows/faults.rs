//! Faults, one by one.

use std::net::SocketAddr;

use reqwest::{Method, StatusCode};
use serde_json::json;
use wareswitch::sandbox::{Fault, FaultKind, Options, Sandbox, Seed};

use super::world::{HARALD, JSON_API, LIST, World, ids};

#[tokio::test]
async fn a_bad_order_for_a_fault_is_refused_with_the_name_of_what_is_wrong() {
    let world = World::new().await;
    for (bad, named) in [
        (json!([{"kind": "earthquake"}]), "kind"),
        (json!([{"times": 1}]), "kind"),
        (json!([{"kind": "offline", "colour": 1}]), "colour"),
        (json!([{"kind": "offline", "times": 0}]), "times"),
        (json!([{"kind": "offline", "times": "often"}]), "times"),
        (json!([{"kind": "offline", "path": 7}]), "path"),
        (json!([{"kind": "offline", "millis": 7}]), "millis"),
        (json!([{"kind": "delay"}]), "millis"),
        (json!([{"kind": "delay", "millis": "1"}]), "millis"),
        (json!([{"kind": "delay", "millis": 86_400_001}]), "millis"),
        (json!([{"kind": "slow_bytes"}]), "millis_per_byte"),
        (json!([{"kind": "status"}]), "status"),
        (json!([{"kind": "status", "status": 99}]), "status"),
        (json!([{"kind": "status", "status": 500, "headers": {"a b": "c"}}]), "headers"),
        (json!([{"kind": "status", "status": 500, "headers": {"a": 1}}]), "headers"),
        (json!([{"kind": "html", "status": 600}]), "status"),
        (json!([{"kind": "redirect"}]), "location"),
        (json!([{"kind": "redirect", "location": "a\nb"}]), "location"),
        (json!([{"kind": "huge_body", "bytes": 1_u64 << 40}]), "bytes"),
        (json!({}), "sequence"),
    ] {
        let answer = world.control_call(Method::PUT, "faults", bad.clone()).await;
        assert_eq!(answer.status, 400, "{bad}");
        let sentence = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(sentence.contains(named), "{bad}: {sentence}");
    }
    let too_many = vec![json!({"kind": "offline"}); 1_001];
    let answer = world.control_call(Method::PUT, "faults", json!(too_many)).await;
    assert_eq!(answer.status, 400);
    assert!(world.control.faults().is_empty());
}

#[tokio::test]
async fn faults_of_every_kind_can_be_ordered_and_are_shown_as_ordered() {
    let world = World::new().await;
    let order = json!([
        {"kind": "offline", "times": 2, "path": null, "method": "GET"},
        {"kind": "delay", "millis": 1, "times": null, "path": "/token", "method": null},
        {"kind": "close_before", "times": null, "path": null, "method": null},
        {"kind": "close_after", "times": null, "path": null, "method": null},
        {"kind": "cut_body", "times": null, "path": null, "method": null},
        {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}, "body": "later",
         "times": null, "path": null, "method": null},
        {"kind": "html", "status": 511, "times": null, "path": null, "method": null},
        {"kind": "redirect", "location": "/", "times": null, "path": null, "method": null},
        {"kind": "expired_tokens", "times": null, "path": null, "method": null},
        {"kind": "slow_bytes", "millis_per_byte": 5, "times": null, "path": null, "method": null},
        {"kind": "huge_body", "bytes": 9, "times": null, "path": null, "method": null},
    ]);

    let answer = world.control_call(Method::PUT, "faults", order.clone()).await;

    assert_eq!((answer.status, answer.json()), (200, order));
}

#[tokio::test]
async fn a_fault_hits_what_it_names_as_often_as_it_says() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    let teapot = |status| FaultKind::Status { status, headers: serde_json::Map::new(), body: None };
    world.control.set_faults(vec![
        Fault { method: Some("PATCH".to_owned()), ..teapot(418).times(1) },
        Fault { path: Some(LIST.to_owned()), ..teapot(503).times(2) },
    ]);

    assert_eq!(world.sign_in(HARALD, "change123").await.status, 200);
    assert_eq!(world.get(HARALD, LIST).await.status, 503);
    assert_eq!(world.patch(HARALD, id, json!({})).await.status, 418);
    assert_eq!(world.patch(HARALD, id, json!({})).await.status, 503);
    assert_eq!(world.get(HARALD, LIST).await.status, 200);
    assert!(world.control.faults().is_empty());
}

#[tokio::test]
async fn closed_connections_before_and_after_the_effect() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    let patch = || {
        let request = world.json_api(Method::PATCH, &format!("{LIST}/{id}"));
        request
            .bearer_auth(world.token(HARALD))
            .body("{\"data\":{\"attributes\":{\"isActive\":true}}}")
    };
    let cases = [
        (FaultKind::Offline {}, false, 0),
        (FaultKind::CloseBefore {}, false, 1),
        (FaultKind::CloseAfter {}, true, 2),
    ];
    for (kind, effect, recorded) in cases {
        world.control.set_faults(vec![kind.clone().times(1)]);
        assert!(patch().send().await.is_err(), "{kind:?}");
        assert_eq!(!world.active().is_empty(), effect, "{kind:?}");
        assert_eq!(world.control.requests().len(), recorded, "{kind:?}");
    }
    assert_eq!(world.control.requests()[1].status, 0);
}

#[tokio::test]
async fn a_cut_body_has_its_effect_and_breaks_in_the_middle() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    world.control.set_faults(vec![FaultKind::CutBody {}.times(1)]);
    let request = world.json_api(Method::PATCH, &format!("{LIST}/{id}"));
    let request = request.bearer_auth(world.token(HARALD));

    let body = "{\"data\":{\"attributes\":{\"isActive\":true}}}";
    let mut response = request.body(body).send().await.unwrap();

    assert_eq!(response.status(), StatusCode::OK);
    let promised = response.content_length().unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(u64::try_from(first.len()).unwrap(), promised / 2);
    assert!(response.chunk().await.is_err());
    assert_eq!(world.active(), [id]);
}

#[tokio::test]
async fn answers_that_stand_in_for_the_servers() {
    let world = World::new().await;
    let id = world.assignments_of(HARALD)[0];
    let order = json!([
        {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}, "body": "wait", "times": 1},
        {"kind": "html", "times": 1},
        {"kind": "html", "status": 502, "times": 1},
        {"kind": "redirect", "location": "https://portal.example/", "times": 1},
        {"kind": "huge_body", "bytes": 3_000_000, "times": 1},
        {"kind": "expired_tokens", "times": 1},
    ]);
    assert_eq!(world.control_call(Method::PUT, "faults", order).await.status, 200);
    let patch = async || world.patch(HARALD, id, json!({"isActive": true})).await;

    let status = patch().await;
    assert_eq!((status.status, status.text.as_str()), (429, "wait"));
    assert_eq!(status.headers["retry-after"], "7");
    patch().await.assert_page(200);
    patch().await.assert_page(502);
    let redirect = patch().await;
    assert_eq!(redirect.status, 302);
    assert_eq!(redirect.headers["location"], "https://portal.example/");
    assert_eq!(patch().await.text.len(), 3_000_000);
    patch().await.assert_error(JSON_API, 401, "001", "Invalid access token.");
    assert!(world.active().is_empty());
    assert_eq!(patch().await.status, 200);
}

#[tokio::test]
async fn slow_answers_arrive_whole() {
    let world = World::new().await;
    let faults = [FaultKind::Delay { millis: 1 }, FaultKind::SlowBytes { millis_per_byte: 0 }];
    for kind in faults {
        world.control.set_faults(vec![kind.times(1)]);
        assert_eq!(ids(&world.get(HARALD, LIST).await).len(), 3);
    }
}

#[tokio::test]
async fn while_the_network_is_gone_only_the_control_side_answers() {
    let world = World::new().await;
    let waiting = FaultKind::Delay { millis: 3_600_000 }.times(1);
    world.control.set_faults(vec![waiting]);
    let request = world.json_api(Method::GET, LIST).bearer_auth(world.token(HARALD));
    let in_flight = tokio::spawn(request.send());
    while world.control.requests().is_empty() {
        tokio::task::yield_now().await;
    }

    world.control.set_offline(true);

    assert!(in_flight.await.unwrap().is_err());
    assert!(world.json_api(Method::GET, LIST).send().await.is_err());
    let settings = world.control_call(Method::PUT, "settings", json!({"offline": false})).await;
    assert_eq!(settings.status, 200);
    assert_eq!(world.get(HARALD, LIST).await.status, 200);
}

#[tokio::test]
async fn only_this_machine_is_served() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let options = Options { listen: everywhere, ..Options::new(Seed::sample()) };
    let refused = Sandbox::start_with(options).await.unwrap_err();

    assert!(refused.to_string().contains("this machine only"));
}

#[tokio::test]
async fn dropping_the_sandbox_stops_it() {
    let world = World::new().await;
    let World { sandbox, client, .. } = world;
    let origin = sandbox.origin();
    drop(sandbox);

    tokio::task::yield_now().await;

    assert!(client.get(origin).send().await.is_err());
}
