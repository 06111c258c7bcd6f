//! Somebody else switched, or the Back Office changed the assignments, while a change waited.

use serde_json::{Value, json};

use crate::support::{Device, HARALD, Server, failing, on_patch};

/// A device whose tap on Warehouse2 came into question: Warehouse1 was activated elsewhere.
fn with_question(server: &Server) -> (Device, i64) {
    let device = Device::signed_in(server);
    let seq = device.tap_offline("Warehouse2");
    server.switch_elsewhere("Warehouse1");
    let sync = device.run(&["sync"]).assert_code(0);
    assert_eq!((&sync.json["needs_decision"], &sync.json["waiting"]), (&json!(1), &json!(0)));
    assert_eq!(device.change(seq)["state"], "needs_decision");
    assert_eq!(server.patches(), 0);
    (device, seq)
}

#[test]
fn a_switch_elsewhere_meanwhile_is_a_question() {
    let server = Server::start();

    let (device, seq) = with_question(&server);

    let reason = json!({ "kind": "switched_meanwhile", "code": null, "message": "Warehouse1" });
    assert_eq!(device.change(seq)["reason"], reason);
    let status = device.status();
    assert_eq!(status["outbox"]["needs_decision"], 1);
    assert_eq!(status["server_active"]["warehouse_name"], "Warehouse1");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn an_open_question_is_not_sent_by_another_sync() {
    let server = Server::start();
    let (device, seq) = with_question(&server);

    device.run(&["sync"]).assert_code(0);

    assert_eq!(server.patches(), 0);
    assert_eq!(device.change(seq)["state"], "needs_decision");
}

#[test]
fn mine_sends_the_wish_after_all() {
    let server = Server::start();
    let (device, seq) = with_question(&server);

    device.run(&["outbox", "decide", &seq.to_string(), "--mine"]).assert_change(0, "queued");
    let sync = device.run(&["sync"]).assert_code(0);

    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(1), &json!(1)));
    assert_eq!(device.change(seq)["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn mine_is_asked_again_only_about_something_new() {
    let server = Server::start();
    let (device, seq) = with_question(&server);
    device.run(&["outbox", "decide", &seq.to_string(), "--mine"]).assert_code(0);
    let warehouse4 = server.give("Spryker MER000001 Warehouse 1");
    server.switch_elsewhere("Spryker MER000001 Warehouse 1");

    device.run(&["sync"]).assert_code(0);

    let change = device.change(seq);
    assert_eq!(change["state"], "needs_decision");
    assert_eq!(change["reason"]["message"], "Spryker MER000001 Warehouse 1", "{warehouse4}");
    assert_eq!(server.patches(), 0);
}

#[test]
fn theirs_gives_the_wish_up() {
    let server = Server::start();
    let (device, seq) = with_question(&server);

    device.run(&["outbox", "decide", &seq.to_string(), "--theirs"]).assert_change(0, "discarded");
    let sync = device.run(&["sync"]).assert_code(0);

    assert_eq!(sync.json["sent"], 0);
    assert_eq!(device.change(seq)["reason"]["kind"], "theirs");
    assert_eq!(device.status()["shown_active"]["warehouse_name"], "Warehouse1");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_switch_command_answers_the_question() {
    let server = Server::start();
    let (device, seq) = with_question(&server);

    let ran = device.run(&["switch", "Warehouse2"]).assert_change(0, "confirmed");

    assert_eq!(ran.seq(), seq);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn a_switch_to_what_the_server_has_answers_the_question_too() {
    let server = Server::start();
    let (device, seq) = with_question(&server);

    device.run(&["switch", "Warehouse1"]).assert_code(0);

    assert_eq!(device.change(seq)["state"], "discarded");
    assert_eq!(device.status()["outbox"]["needs_decision"], 0);
    assert_eq!(server.patches(), 0);
}

#[test]
fn the_policy_mine_asks_nobody() {
    let server = Server::start();
    let device = Device::signed_in(&server).with_setting("on_conflict", "mine");
    let seq = device.tap_offline("Warehouse2");
    server.switch_elsewhere("Warehouse1");

    device.run(&["sync"]).assert_code(0);

    let change = device.change(seq);
    assert_eq!(change["state"], "confirmed");
    assert_eq!(change["reason"]["kind"], "replaced");
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn the_policy_theirs_asks_nobody_either() {
    let server = Server::start();
    let device = Device::signed_in(&server).with_setting("on_conflict", "theirs");
    let seq = device.tap_offline("Warehouse2");
    server.switch_elsewhere("Warehouse1");

    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["state"], "discarded");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert_eq!(server.patches(), 0);
}

#[test]
fn a_way_back_that_somebody_took_after_our_look_is_a_question_too() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    let seq = device.tap_offline("Warehouse2");
    let first = server.assignment(HARALD, "Warehouse1");
    server.control().patch_assignment(first, false).unwrap();
    server.go_wrong([on_patch(failing(503, None, "Down").times(1))]);
    device.run(&["sync"]).assert_code(75);

    // Nothing was active at our look, so this was done by somebody, and later.
    server.switch_elsewhere("Warehouse1");
    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["state"], "needs_decision");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_wish_that_came_true_elsewhere_is_confirmed_without_sending() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse2");
    server.switch_elsewhere("Warehouse2");

    let sync = device.run(&["sync"]).assert_code(0);

    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(0), &json!(1)));
    assert_eq!(server.patches(), 0);
}

#[test]
fn leaving_where_somebody_switched_elsewhere_tells_so_and_ends_nothing() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    server.control().clear_requests();
    let seq = device.run(&["leave", "--offline"]).assert_change(75, "queued").seq();
    server.switch_elsewhere("Warehouse2");

    device.run(&["sync"]).assert_code(0);

    let change = device.change(seq);
    assert_eq!(change["state"], "confirmed");
    let reason = json!({ "kind": "active_elsewhere", "code": null, "message": "Warehouse2" });
    assert_eq!(change["reason"], reason);
    assert_eq!(server.patches(), 0);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn an_old_wish_is_a_question() {
    let server = Server::start();
    let device = Device::signed_in(&server).with_setting("stale_after", "0s");
    let seq = device.tap_offline("Warehouse2");

    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["reason"]["kind"], "stale");
    assert_eq!(server.patches(), 0);
    device.run(&["outbox", "decide", &seq.to_string(), "--mine"]).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn a_warehouse_taken_away_meanwhile_is_rejected_until_it_is_seen() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse2");
    server.take_away("Warehouse2");

    let sync = device.run(&["sync"]).assert_code(0);

    assert_eq!((&sync.json["sent"], &sync.json["rejected"]), (&json!(0), &json!(1)));
    let change = device.change(seq);
    assert_eq!(change["state"], "rejected");
    assert_eq!(change["reason"]["kind"], "no_longer_assigned");
    assert_eq!(change["warehouse_name"], "Warehouse2");
    assert_eq!(device.status()["outbox"]["rejected_unseen"], 1);

    device.run(&["outbox", "seen", &seq.to_string()]).assert_change(0, "rejected");
    assert_eq!(device.status()["outbox"]["rejected_unseen"], 0);
    assert_eq!(device.status()["shown_active"], Value::Null);
}

#[test]
fn a_switch_to_a_warehouse_taken_away_unnoticed_fails() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.take_away("Warehouse2");

    let ran = device.run(&["switch", "Warehouse2"]).assert_change(1, "rejected");

    assert_eq!(ran.json["change"]["reason"]["kind"], "no_longer_assigned");
    assert_eq!(server.patches(), 0);
}

#[test]
fn a_warehouse_taken_away_and_given_again_goes_on_under_its_new_id() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse2");
    let old = device.change(seq)["assignment_id"].clone();
    server.take_away("Warehouse2");
    let new = server.give("Warehouse2");
    assert_ne!(old, new.as_str());

    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["state"], "confirmed");
    let requests = server.control().requests();
    let patch = requests.iter().find(|request| request.method == "PATCH").unwrap();
    assert!(patch.path.ends_with(&new), "{patch:?}");
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn a_warehouse_closed_meanwhile_is_rejected() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse2");
    let warehouse = server.warehouse("Warehouse2");
    server.control().patch_warehouse(warehouse, None, Some(false)).unwrap();

    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["reason"]["kind"], "warehouse_closed");
    assert_eq!(server.patches(), 0);
    assert!(server.active_of(HARALD).is_empty());
}
