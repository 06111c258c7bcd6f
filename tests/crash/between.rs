//! Killed between the commit and the PATCH, while the PATCH is on its way, and after it.

use serde_json::json;
use wareswitch::sandbox::{Fault, FaultKind};

use crate::support::{Device, HARALD, PASSWORD, Server, on_list, on_patch, on_token, wait_until};

/// Longer than any test lives: the answer never comes.
fn never_answered() -> FaultKind {
    FaultKind::Delay { millis: 600_000 }
}

/// Starts a switch, kills it once `is_there`, and lets the network be good again.
fn kill_switch_once(device: &Device, server: &Server, fault: Fault, is_there: impl Fn() -> bool) {
    server.go_wrong([fault]);
    let running = device.start(&["switch", "Warehouse1"]);
    wait_until("the command has come so far", is_there);
    let printed = running.kill();
    assert_eq!(printed, "", "it can't have known the outcome");
    server.recover();
}

#[test]
fn killed_after_the_commit_and_before_the_patch() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    // The look comes after the commit.
    let fault = on_list(never_answered().always());
    kill_switch_once(&device, &server, fault, || server.looks() == 1);

    let changes = device.changes();
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0]["state"], &changes[0]["attempts"]), (&json!("queued"), &json!(0)));
    assert_eq!(device.status()["shown_active"]["warehouse_name"], "Warehouse1");
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.changes()[0]["state"], "confirmed");
    assert_eq!(server.patches(), 1);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn killed_while_a_patch_is_on_its_way_that_came_to_nothing() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let fault = on_patch(never_answered().always());
    kill_switch_once(&device, &server, fault, || server.patches() == 1);

    assert!(server.active_of(HARALD).is_empty());
    let change = device.changes().remove(0);
    assert_eq!((&change["state"], &change["attempts"]), (&json!("queued"), &json!(1)));
    device.run(&["sync"]).assert_code(0);
    let change = device.changes().remove(0);
    assert_eq!((&change["state"], &change["attempts"]), (&json!("confirmed"), &json!(2)));
    assert_eq!(server.patches(), 2);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn killed_before_the_answer_to_a_patch_that_took_effect() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let fault = on_patch(FaultKind::SlowBytes { millis_per_byte: 600_000 }.always());
    kill_switch_once(&device, &server, fault, || server.active_of(HARALD) == ["Warehouse1"]);

    let change = device.changes().remove(0);
    assert_eq!((&change["state"], &change["attempts"]), (&json!("queued"), &json!(1)));
    let sync = device.run(&["sync"]).assert_code(0);
    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(0), &json!(1)));
    assert_eq!(device.changes()[0]["state"], "confirmed");
    assert_eq!(server.patches(), 1, "what is so already is not sent again");
}

#[test]
fn killed_between_the_patch_and_the_proof() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let first_look = on_list(FaultKind::Delay { millis: 0 }.times(1));
    server.go_wrong([first_look, on_list(never_answered().always())]);
    let running = device.start(&["switch", "Warehouse1"]);
    wait_until("the second look was asked for", || server.looks() == 2);
    running.kill();
    server.recover();

    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert_eq!(device.changes()[0]["state"], "queued");
    let sync = device.run(&["sync"]).assert_code(0);
    assert_eq!((&sync.json["sent"], &sync.json["confirmed"]), (&json!(0), &json!(1)));
    assert_eq!(server.patches(), 1, "the list is the proof");
}

#[test]
fn a_tap_after_the_kill_counts_and_not_the_one_before() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let fault = on_patch(never_answered().always());
    kill_switch_once(&device, &server, fault, || server.patches() == 1);

    let ran = device.run(&["switch", "Warehouse2"]).assert_change(0, "confirmed");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    let killed = device.changes().remove(1);
    let is_settled = killed["state"] == "superseded" || killed["state"] == "confirmed";
    assert!(is_settled && ran.seq() > killed["seq"].as_i64().unwrap(), "{killed}");
    assert_eq!(device.status()["outbox"]["waiting"], 0);
    assert_eq!(device.status()["outbox"]["needs_decision"], 0);
}

#[test]
fn an_undo_after_the_kill_is_put_back_even_if_the_patch_takes_effect_late() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse2");
    server.control().clear_requests();
    let fault = on_patch(never_answered().always());
    kill_switch_once(&device, &server, fault, || server.patches() == 1);
    let killed = device.changes()[0]["seq"].to_string();

    let undone = device.run(&["outbox", "undo", &killed]).assert_change(0, "queued");
    assert_eq!(undone.json["change"]["warehouse_name"], "Warehouse2");
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(undone.seq())["state"], "confirmed");
    assert_eq!(server.patches(), 1, "it is so already");

    // Now the PATCH of the killed process comes through after all.
    server.switch_elsewhere("Warehouse1");
    device.run(&["sync"]).assert_code(0);

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    let repair = device.changes().remove(0);
    assert_eq!((&repair["origin"], &repair["state"]), (&json!("repair"), &json!("confirmed")));
    assert_eq!(server.patches(), 2);
}

#[test]
fn a_lost_answer_needs_no_restart() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_patch(FaultKind::CloseAfter {}.times(1))]);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");

    assert_eq!(ran.json["change"]["attempts"], 1);
    assert_eq!(server.methods(), "GET PATCH GET");
}

#[test]
fn the_right_to_send_dies_with_its_process() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(never_answered().always())]);
    let running = device.start(&["sync"]);
    wait_until("the list was asked for", || server.looks() == 1);
    running.kill();
    server.recover();

    device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");
}

#[test]
fn a_sync_that_another_process_keeps_from_asking_does_not_say_that_all_is_done() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let file = device.state_files().remove(0).with_file_name("sender.lock");
    let held = std::fs::File::create(file).unwrap();
    held.lock().unwrap();

    // Recording does not need the right to send. Asking the server does, and waits 20 s for it.
    let seq = device.tap_offline("Warehouse1").to_string();
    device.run(&["outbox", "undo", &seq]).assert_change(0, "discarded");
    device.run(&["sync"]).assert_code(75);

    assert!(server.control().requests().is_empty());
}

#[test]
fn another_command_can_read_and_record_while_one_hangs() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(never_answered().always())]);
    let mut running = device.start(&["switch", "Warehouse1"]);
    wait_until("the list was asked for", || server.looks() == 1);

    assert_eq!(device.status()["shown_active"]["warehouse_name"], "Warehouse1");
    device.run(&["list"]).assert_code(0);
    device.tap_offline("Warehouse2");
    assert!(!running.has_ended());
    running.kill();
    server.recover();

    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn what_was_discarded_at_sign_out_is_not_sent_by_a_command_that_hung() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(FaultKind::SlowBytes { millis_per_byte: 1 }.times(1))]);
    let running = device.start(&["switch", "Warehouse1"]);
    wait_until("the list was asked for", || server.looks() == 1);

    device.run(&["sign-out", "--discard"]).assert_code(0);
    running.finish();

    assert_eq!(server.patches(), 0);
    assert_eq!(device.status()["profile"], json!(null));
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    assert!(device.changes().is_empty());
}

#[test]
fn killed_while_signing_in_leaves_a_device_that_can_sign_in() {
    let server = Server::start();
    let device = Device::new(&server);
    server.go_wrong([on_token(never_answered().always())]);
    let running =
        device.start_with_input(&["sign-in", "--user", HARALD, "--password-stdin"], PASSWORD);
    wait_until("the password was sent", || server.control().requests().len() == 1);
    running.kill();
    server.recover();

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.switch("Warehouse1");
}
