//! Changes recorded without a network: what they come to once there is one.

use serde_json::{Value, json};

use crate::support::{Device, HARALD, Server, dead_address};

#[test]
fn a_switch_without_a_network_waits_and_is_shown_at_once() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().set_offline(true);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    assert_eq!(ran.json["change"]["settled_at"], Value::Null);
    let status = device.status();
    assert_eq!(status["connection"], "offline");
    assert_eq!(status["outbox"]["waiting"], 1);
    assert_eq!(status["server_active"], Value::Null);
    assert_eq!(status["shown_active"]["warehouse_name"], "Warehouse1");
    let sync = device.run(&["sync"]).assert_code(69);
    assert_eq!(sync.json["waiting"], 1);

    server.recover();
    let sync = device.run(&["sync"]).assert_code(0);
    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(1), &json!(1)));
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_recorded_switch_is_sent_by_the_next_sync() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let seq = device.tap_offline("Warehouse1");
    assert!(server.control().requests().is_empty());

    let sync = device.run(&["sync"]).assert_code(0);
    let expected = json!({
        "sent": 1, "confirmed": 1, "rejected": 0, "waiting": 0, "needs_decision": 0,
        "connection": "online",
    });
    assert_eq!(sync.json, expected);
    assert_eq!(server.methods(), "GET PATCH GET");
    assert_eq!(device.change(seq)["state"], "confirmed");
}

#[test]
fn listing_tapping_and_undoing_need_no_server_at_all() {
    let server = Server::start();
    let mut device = Device::signed_in(&server);
    drop(server);

    device.tap_offline("Warehouse1");
    let list = device.run(&["list"]).assert_code(0).json;
    let row = &list["assignments"][0];
    assert_eq!(row["warehouse_name"], "Warehouse1");
    assert_eq!((&row["is_active"], &row["shown_active"]), (&json!(false), &json!(true)));
    assert_eq!(row["waiting"], true);
    assert_eq!(device.run(&["sync"]).assert_code(69).json["waiting"], 1);

    device.move_to(&dead_address());
    assert_eq!(device.status()["outbox"]["other_servers"], 1);
}

#[test]
fn undoing_what_was_never_sent_takes_it_back() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");

    let undone = device.run(&["outbox", "undo", &seq.to_string()]).assert_change(0, "discarded");

    assert_eq!(undone.seq(), seq);
    assert_eq!(undone.json["change"]["reason"]["kind"], "undone");
    let sync = device.run(&["sync"]).assert_code(0);
    assert_eq!(sync.json["sent"], 0);
    assert_eq!(server.methods(), "GET");
    assert!(server.active_of(HARALD).is_empty());
}

#[test]
fn undoing_what_was_sent_switches_back() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    let seq = device.run(&["switch", "Warehouse2"]).assert_change(0, "confirmed").seq();

    let undone = device.run(&["outbox", "undo", &seq.to_string()]).assert_code(0);

    assert_eq!(undone.json["change"]["origin"], "undo");
    assert_eq!(undone.json["change"]["warehouse_name"], "Warehouse1");
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn undoing_a_leave_that_followed_a_tap_wishes_the_tapped_one_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse1");
    let leave = device.run(&["leave", "--offline"]).assert_change(75, "queued").seq();

    let undone = device.run(&["outbox", "undo", &leave.to_string()]).assert_change(0, "queued");
    assert_eq!(undone.json["change"]["warehouse_name"], "Warehouse1");

    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert_eq!(server.patches(), 1);
}

#[test]
fn a_chain_that_ends_where_it_began_sends_nothing() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    server.control().clear_requests();

    let first = device.tap_offline("Warehouse2");
    let second = device.tap_offline("Warehouse1");
    let sync = device.run(&["sync"]).assert_code(0);

    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(0), &json!(1)));
    assert_eq!(server.methods(), "GET");
    let superseded = device.change(first);
    assert_eq!(superseded["state"], "superseded");
    assert_eq!(superseded["superseded_by"], second);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn many_taps_cost_no_more_than_one() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    for number in 0..60 {
        device.tap_offline(if number % 2 == 0 { "Warehouse1" } else { "Warehouse2" });
    }
    device.run(&["sync"]).assert_code(0);

    assert_eq!(server.methods(), "GET PATCH GET");
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    let changes = device.changes();
    let in_state = |state: &str| changes.iter().filter(|change| change["state"] == state).count();
    assert_eq!((in_state("confirmed"), in_state("superseded")), (1, 59));
}

#[test]
fn a_second_tap_on_what_waits_makes_no_second_change() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let first = device.tap_offline("Warehouse1");
    let second = device.tap_offline("Warehouse1");
    assert_eq!(first, second);

    let sent = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");
    assert_eq!(sent.seq(), first);
    assert_eq!(server.patches(), 1);
}

#[test]
fn a_leave_recorded_without_a_network_is_sent_later() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse2");

    device.run(&["leave", "--offline"]).assert_change(75, "queued");
    assert_eq!(device.status()["shown_active"], Value::Null);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);

    device.run(&["sync"]).assert_code(0);
    assert!(server.active_of(HARALD).is_empty());
}

#[test]
fn what_is_asked_about_an_unknown_change_is_refused() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    device.run(&["outbox", "undo", "7"]).assert_error(1, "no_such_change");
    device.run(&["outbox", "seen", "7"]).assert_error(1, "no_such_change");
    device.run(&["outbox", "decide", "7", "--mine"]).assert_error(1, "no_such_change");
    device.run(&["outbox", "decide", "7", "--theirs"]).assert_error(1, "no_such_change");
}

#[test]
fn what_a_change_is_past_is_refused() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let old = device.tap_offline("Warehouse1").to_string();
    let new = device.tap_offline("Warehouse2").to_string();

    device.run(&["outbox", "undo", &old]).assert_error(1, "not_possible");
    device.run(&["outbox", "seen", &new]).assert_error(1, "not_possible");
    device.run(&["outbox", "decide", &new, "--mine"]).assert_error(1, "not_possible");

    assert_eq!(device.status()["outbox"]["waiting"], 1);
}
