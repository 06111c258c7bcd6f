//! What the server and the way to it can answer: what is sent again, and what is not.

use serde_json::{Value, json};
use wareswitch::sandbox::FaultKind;

use crate::support::{
    Device, HARALD, MARTHA, PASSWORD, Server, failing, on_list, on_patch, on_token,
};

fn status_page(status: u16) -> FaultKind {
    FaultKind::Status { status, headers: serde_json::Map::new(), body: None }
}

fn please_wait(status: u16, seconds: &str) -> FaultKind {
    let mut headers = serde_json::Map::new();
    headers.insert("Retry-After".to_owned(), json!(seconds));
    FaultKind::Status { status, headers, body: None }
}

#[test]
fn a_refused_patch_is_rejected_with_the_words_of_the_server() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(failing(400, Some("5203"), "Warehouse not found.").times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(1, "rejected");

    let reason =
        json!({ "kind": "server_refused", "code": "5203", "message": "Warehouse not found." });
    assert_eq!(ran.json["change"]["reason"], reason);
    assert_eq!(server.methods(), "GET PATCH GET");
    assert_eq!(device.run(&["sync"]).assert_code(0).json["sent"], 0);
    assert_eq!(device.status()["outbox"]["rejected_unseen"], 1);
}

#[test]
fn a_refused_list_rejects_nothing() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(failing(400, Some("5203"), "Warehouse not found.").always())]);

    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    assert_eq!(device.status()["connection"], "server_trouble");
    server.recover();
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_patch_that_fails_on_the_server_waits_and_is_sent_again() {
    for status in [500, 502, 503, 504, 408, 429] {
        let server = Server::start();
        let device = Device::signed_in(&server);
        server.go_wrong([on_patch(status_page(status).always())]);

        let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
        assert_eq!(ran.json["change"]["attempts"], 1, "{status}");
        assert_eq!(device.status()["connection"], "server_trouble", "{status}");

        server.recover();
        device.run(&["sync"]).assert_code(0);
        assert_eq!(device.change(ran.seq())["state"], "confirmed", "{status}");
        assert_eq!(server.active_of(HARALD), ["Warehouse1"], "{status}");
    }
}

#[test]
fn what_is_no_answer_of_this_server_leaves_the_change_waiting() {
    let location = "http://login.wifi.invalid/".to_owned();
    let cases = [
        (FaultKind::Html { status: None }, "wifi_sign_in", 75),
        (FaultKind::Html { status: Some(511) }, "wifi_sign_in", 75),
        (FaultKind::Redirect { location }, "wifi_sign_in", 75),
        (status_page(204), "wifi_sign_in", 75),
        (status_page(407), "wifi_sign_in", 75),
        (FaultKind::Html { status: Some(404) }, "wrong_server", 75),
        (failing(404, Some("007"), "Not found"), "wrong_server", 75),
        (status_page(405), "wrong_server", 75),
        (status_page(501), "wrong_server", 75),
        (FaultKind::HugeBody { bytes: 40 * 1024 * 1024 }, "wrong_server", 75),
        (FaultKind::Html { status: Some(500) }, "server_trouble", 75),
        (FaultKind::CutBody {}, "offline", 69),
        (FaultKind::CloseBefore {}, "offline", 69),
    ];
    for (fault, connection, code) in cases {
        let server = Server::start();
        let device = Device::signed_in(&server);
        device.tap_offline("Warehouse1");

        server.go_wrong([on_list(fault.clone().always())]);
        let sync = device.run(&["sync"]).assert_code(code);
        assert_eq!(sync.json["connection"], connection, "{fault:?}");
        assert_eq!((&sync.json["sent"], &sync.json["waiting"]), (&json!(0), &json!(1)));

        server.recover();
        let sync = device.run(&["sync"]).assert_code(0);
        assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(1), &json!(1)));
        assert_eq!(sync.json["connection"], "online", "{fault:?}");
    }
}

#[test]
fn no_answer_to_a_patch_but_a_plain_yes_confirms_it() {
    let location = "http://login.wifi.invalid/".to_owned();
    let faults = [
        FaultKind::Html { status: None },
        FaultKind::Redirect { location },
        status_page(204),
        FaultKind::HugeBody { bytes: 2 * 1024 * 1024 },
        failing(404, Some("5201"), "Warehouse user assignment not found."),
        failing(403, Some("5204"), "Operation is forbidden."),
        failing(403, None, "Forbidden"),
    ];
    for fault in faults {
        let server = Server::start();
        let device = Device::signed_in(&server);
        server.go_wrong([on_patch(fault.clone().always())]);

        let ran = device.run(&["switch", "Warehouse1"]);
        assert_eq!((ran.code, &ran.json["change"]["state"]), (75, &json!("queued")), "{fault:?}");
        assert!(server.active_of(HARALD).is_empty(), "{fault:?}");

        server.recover();
        device.run(&["sync"]).assert_code(0);
        assert_eq!(device.change(ran.seq())["state"], "confirmed", "{fault:?}");
        assert_eq!(server.active_of(HARALD), ["Warehouse1"], "{fault:?}");
    }
}

#[test]
fn a_lost_answer_is_made_up_for_by_the_look_that_follows() {
    for fault in [FaultKind::CloseAfter {}, FaultKind::CutBody {}] {
        let server = Server::start();
        let device = Device::signed_in(&server);
        server.go_wrong([on_patch(fault.clone().times(1))]);

        let ran = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");

        assert_eq!(server.methods(), "GET PATCH GET", "{fault:?}");
        assert_eq!(ran.json["change"]["attempts"], 1, "{fault:?}");
        assert_eq!(server.active_of(HARALD), ["Warehouse1"], "{fault:?}");
    }
}

#[test]
fn a_patch_that_never_arrived_is_sent_again_within_the_round() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(FaultKind::CloseBefore {}.times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");

    assert_eq!(ran.json["change"]["attempts"], 2);
    assert_eq!(server.methods(), "GET PATCH GET PATCH GET");
}

#[test]
fn an_account_that_may_not_switch_is_told_and_keeps_its_change() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(failing(403, None, "Forbidden").always())]);

    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    assert_eq!(device.status()["connection"], "not_allowed");
    assert_eq!(device.status()["outbox"]["waiting"], 1);
    device.run(&["sync"]).assert_code(75);
}

#[test]
fn an_expired_token_keeps_the_change_until_the_user_signs_in_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();

    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    let sync = device.run(&["sync"]).assert_code(77);
    assert_eq!(
        (&sync.json["connection"], &sync.json["waiting"]),
        (&json!("sign_in_again"), &json!(1))
    );
    let status = device.status();
    assert_eq!(status["connection"], "sign_in_again");
    assert_eq!(status["profile"]["username"], HARALD);

    // Listing and tapping go on meanwhile.
    device.run(&["list"]).assert_code(0);
    device.tap_offline("Warehouse2");

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    assert_eq!(device.status()["connection"], "online");
}

#[test]
fn a_token_that_is_known_to_be_over_is_not_sent_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().expire_tokens();
    device.run(&["sync"]).assert_code(77);
    server.control().clear_requests();

    device.run(&["sync"]).assert_code(77);

    assert!(server.control().requests().is_empty());
}

#[test]
fn a_token_whose_time_is_over_by_the_clock_is_not_sent() {
    let server = Server::start();
    let mut settings = server.control().settings();
    settings.token_life_s = 0;
    server.control().set_settings(settings).unwrap();
    let device = Device::signed_in(&server);

    device.run(&["sync"]).assert_code(77);

    assert!(server.control().requests().is_empty());
    assert_eq!(device.status()["connection"], "sign_in_again");
}

#[test]
fn a_server_that_asks_for_patience_is_left_alone_and_the_wait_is_told() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(please_wait(503, "1000").times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    let wait = ran.json["retry_after_s"].as_u64().unwrap();
    assert!((990..=1100).contains(&wait), "{wait}");

    server.control().clear_requests();
    let sync = device.run(&["sync"]).assert_code(75);
    assert!(sync.json["retry_after_s"].as_u64().is_some());
    assert_eq!(sync.json["waiting"], 1);
    device.run(&["switch", "Warehouse2"]).assert_change(75, "queued");
    assert!(server.control().requests().is_empty());
}

#[test]
fn what_one_user_was_told_holds_for_everybody_on_the_device() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.sign_in(MARTHA, PASSWORD).assert_code(0);
    server.go_wrong([on_list(please_wait(429, "1000").times(1))]);
    device.run(&["sync"]).assert_code(75);
    server.control().clear_requests();

    // The next person, who was here before, and one who types a password.
    let refused = device.sign_in(HARALD, PASSWORD).assert_error(75, "server_trouble");
    let message = refused.json["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("The server wants to be left alone for 1"), "{message}");
    device.run(&["sign-out", "--discard"]).assert_code(0);
    device.sign_in(HARALD, PASSWORD).assert_error(75, "server_trouble");

    assert!(server.control().requests().is_empty());
}

#[test]
fn a_sign_in_that_is_to_be_tried_later_keeps_those_off_who_are_signed_in() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_token(please_wait(503, "1000").times(1))]);
    device.sign_in(MARTHA, PASSWORD).assert_error(75, "server_trouble");
    server.control().clear_requests();

    let sync = device.run(&["sync"]).assert_code(75);

    let wait = sync.json["retry_after_s"].as_u64().unwrap();
    assert!((990..=1100).contains(&wait), "{wait}");
    assert!(server.control().requests().is_empty());
}

#[test]
fn a_wait_can_be_told_as_a_date() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let then = std::time::SystemTime::now() + std::time::Duration::from_secs(600);
    let date = httpdate::fmt_http_date(then);
    server.go_wrong([on_patch(please_wait(503, &date).times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    let wait = ran.json["retry_after_s"].as_u64().unwrap();
    assert!((500..=660).contains(&wait), "{wait}");
}

#[test]
fn a_yes_about_something_else_is_no_yes() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let (mine, other) =
        (server.assignment(HARALD, "Warehouse1"), server.assignment(HARALD, "Warehouse2"));
    for (id, is_active) in [(other, true), (mine, false)] {
        let body = json!({ "data": {
            "type": "warehouse-user-assignments", "id": id,
            "attributes": { "isActive": is_active },
        } });
        let mut headers = serde_json::Map::new();
        headers.insert("Content-Type".to_owned(), json!("application/vnd.api+json"));
        let body = Some(body.to_string());
        server.go_wrong([on_patch(FaultKind::Status { status: 200, headers, body }.always())]);

        device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
        assert_eq!(device.status()["connection"], "server_trouble", "twice in a row");
    }

    server.recover();
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_wait_of_days_is_cut_to_an_hour() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(please_wait(429, "864000").times(1))]);

    let sync = device.run(&["sync"]).assert_code(75);

    let wait = sync.json["retry_after_s"].as_u64().unwrap();
    assert!((3590..=3960).contains(&wait), "{wait}");
}

#[test]
fn the_code_of_the_second_factor_is_asked_for() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.ask_for_code("123456");

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    let sync = device.run(&["sync"]).assert_code(77);
    assert_eq!(sync.json["connection"], "needs_code");
    assert_eq!(device.status()["connection"], "needs_code");

    let wrong = device.run_with_input(&["sync", "--mfa-code-stdin"], "000000\n").assert_code(77);
    assert_eq!(
        (&wrong.json["connection"], &wrong.json["waiting"]),
        (&json!("needs_code"), &json!(1))
    );
    assert!(server.active_of(HARALD).is_empty());

    let right = device.run_with_input(&["sync", "--mfa-code-stdin"], "123456\n").assert_code(0);
    assert_eq!(
        (&right.json["connection"], &right.json["confirmed"]),
        (&json!("online"), &json!(1))
    );
    assert_eq!(device.change(ran.seq())["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_stopped_server_is_offline_and_its_return_needs_no_restart() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().set_offline(true);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    assert_eq!(ran.json["change"]["attempts"], 0);
    assert_eq!(ran.json.get("retry_after_s"), None::<&Value>);

    server.recover();
    device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");
    assert_eq!(server.patches(), 1);
}
