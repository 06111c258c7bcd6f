//! Several users and several servers on one device stay apart.

use serde_json::json;

use crate::support::{Device, HARALD, MARTHA, PASSWORD, Server};

#[test]
fn the_next_user_sees_and_sends_nothing_of_the_last_one() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");

    device.sign_in(MARTHA, PASSWORD).assert_code(0);

    assert!(device.changes().is_empty());
    let list = device.run(&["list"]).assert_code(0).json;
    let names: Vec<_> = list["assignments"].as_array().unwrap().iter().collect();
    assert!(names.iter().all(|row| row["warehouse_name"] != "Warehouse1"), "{names:?}");
    device.run(&["switch", "Warehouse1"]).assert_error(1, "unknown_warehouse");
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.patches(), 0);
    assert_eq!(device.status()["outbox"]["waiting"], 0);

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert!(server.active_of(MARTHA).is_empty());
}

#[test]
fn a_user_who_cannot_sign_in_does_not_sign_the_other_one_out() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    device.sign_in(MARTHA, "guessed").assert_error(77, "sign_in_refused");

    assert_eq!(device.status()["profile"]["username"], HARALD);
    device.switch("Warehouse1");
}

#[test]
fn a_change_is_sent_only_to_the_server_that_it_was_made_for() {
    let (server, other) = (Server::start(), Server::start());
    let mut device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");

    device.move_to(&other.origin());
    let status = device.status();
    assert_eq!(status["profile"], json!(null));
    assert_eq!(status["outbox"]["other_servers"], 1);
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert!(device.changes().is_empty());
    assert_eq!((other.patches(), server.patches()), (0, 0));
    assert_eq!(device.status()["outbox"]["other_servers"], 1);

    device.move_to(&server.origin());
    assert_eq!(device.status()["outbox"]["other_servers"], 0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
    assert!(other.active_of(HARALD).is_empty());
}

#[test]
fn signing_out_sends_what_waits_first() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse1");

    let ran = device.run(&["sign-out"]).assert_code(0);

    assert_eq!(ran.json, json!({ "removed": true, "waiting": 0 }));
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert!(device.state_files().is_empty());
}

#[test]
fn signing_out_without_a_network_keeps_what_waits() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");
    server.control().set_offline(true);

    let ran = device.run(&["sign-out"]).assert_code(0);

    assert_eq!(ran.json, json!({ "removed": false, "waiting": 1 }));
    assert_eq!(device.status()["profile"], json!(null));
    device.run(&["list"]).assert_error(77, "not_signed_in");

    server.recover();
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    // Whoever signed in again is not forgotten behind their back.
    assert_eq!(device.status()["profile"]["username"], HARALD);
}

#[test]
fn signing_out_with_discard_gives_up_what_waits_and_removes_everything() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse1");

    let ran = device.run(&["sign-out", "--discard"]).assert_code(0);

    assert_eq!(ran.json, json!({ "removed": true, "waiting": 0 }));
    assert_eq!(server.patches(), 0);
    assert!(device.state_files().is_empty());
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    assert!(device.changes().is_empty());
}

#[test]
fn signing_out_forgets_the_token() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let secrets = device.data_dir().join("secrets");
    assert!(std::fs::read_to_string(&secrets).unwrap().contains("eyJ"));

    device.run(&["sign-out"]).assert_code(0);

    assert!(!std::fs::read_to_string(&secrets).unwrap().contains("eyJ"));
}

#[test]
fn a_signed_out_user_leaves_another_ones_change_alone() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");
    device.sign_in(MARTHA, PASSWORD).assert_code(0);

    device.run(&["sign-out", "--discard"]).assert_code(0);

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
}
