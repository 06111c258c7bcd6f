//! Switching and leaving while the network works, and what is refused at once.

use serde_json::json;

use crate::support::{Device, HARALD, Server};

#[test]
fn a_switch_looks_sends_and_looks_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(0, "confirmed");

    assert_eq!(server.methods(), "GET PATCH GET");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    let change = &ran.json["change"];
    assert_eq!(change["kind"], "activate");
    assert_eq!(change["origin"], "command");
    assert_eq!(change["warehouse_name"], "Warehouse1");
    assert_eq!(change["assignment_id"], json!(server.assignment(HARALD, "Warehouse1")));
    assert_eq!(change["attempts"], 1);
    assert_eq!(change["reason"], json!(null));
    assert_eq!(device.status()["server_active"]["warehouse_name"], "Warehouse1");
}

#[test]
fn a_switch_to_what_is_active_is_done_already() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    server.control().clear_requests();

    let ran = device.run(&["switch", "Warehouse1"]).assert_code(0);

    assert_eq!(ran.json, json!({ "change": null }));
    assert_eq!(server.patches(), 0);
    assert_eq!(device.changes().len(), 1);
}

#[test]
fn leaving_ends_the_active_assignment() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    server.control().clear_requests();

    let ran = device.run(&["leave"]).assert_change(0, "confirmed");

    assert_eq!(ran.json["change"]["kind"], "leave");
    assert_eq!(ran.json["change"]["warehouse_name"], json!(null));
    assert_eq!(server.methods(), "GET PATCH GET");
    assert!(server.active_of(HARALD).is_empty());
    assert_eq!(device.status()["shown_active"], json!(null));
}

#[test]
fn leaving_where_nothing_is_active_is_done_already() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let ran = device.run(&["leave"]).assert_code(0);

    assert_eq!(ran.json, json!({ "change": null }));
    assert_eq!(server.patches(), 0);
}

#[test]
fn a_warehouse_can_be_named_by_its_uuid_or_a_scanned_code() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let warehouse = server.warehouse("Warehouse2");
    let assignment = server.assignment(HARALD, "Warehouse2").to_string().to_uppercase();

    for code in [
        warehouse.to_string(),
        assignment,
        format!("wareswitch:{warehouse}"),
        format!("{{{warehouse}}}"),
        format!("]Q3{warehouse}"),
    ] {
        device.switch("Warehouse1");
        device.switch(&code);
        assert_eq!(server.active_of(HARALD), ["Warehouse2"], "{code}");
    }
}

#[test]
fn an_alias_of_the_configuration_names_a_warehouse() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let warehouse = server.warehouse("Warehouse1");
    device.write_config(&format!("[aliases]\n\"GATE 7\" = \"{warehouse}\"\n"));

    device.switch("gate 7");

    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn what_cannot_be_wished_is_refused_and_not_recorded() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let not_mine = server.warehouse("Video King MER000002 Warehouse 1").to_string();

    device.run(&["switch", "Warehouse3"]).assert_error(1, "warehouse_closed");
    device.run(&["switch", "Warehouse9"]).assert_error(1, "unknown_warehouse");
    device.run(&["switch", &not_mine]).assert_error(1, "not_assigned");
    device.run(&["switch", "]C100123456789012345675"]).assert_error(1, "pallet_label");
    device.run(&["switch", ""]).assert_error(1, "unknown_warehouse");

    assert_eq!(server.patches(), 0);
    assert!(device.changes().is_empty());
}

#[test]
fn a_name_that_two_warehouses_have_is_ambiguous() {
    let server = Server::start();
    let warehouse = server.warehouse("Warehouse2");
    server.control().patch_warehouse(warehouse, Some("Warehouse1".to_owned()), None).unwrap();
    let device = Device::signed_in(&server);

    device.run(&["switch", "Warehouse1"]).assert_error(1, "ambiguous_warehouse");
    device.switch(&warehouse.to_string());

    assert_eq!(server.patches(), 1);
}

#[test]
fn a_switch_just_tapped_wins_over_another_device_and_says_so() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.switch_elsewhere("Warehouse1");

    let ran = device.run(&["switch", "Warehouse2"]).assert_change(0, "confirmed");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    assert_eq!(server.methods(), "GET PATCH GET");
    let reason = json!({ "kind": "replaced", "code": null, "message": "Warehouse1" });
    assert_eq!(ran.json["change"]["reason"], reason);
}

#[test]
fn two_rows_left_active_by_a_race_are_both_told_and_a_tap_ends_it() {
    let server = Server::start();
    for name in ["Warehouse1", "Warehouse2"] {
        server.control().patch_assignment(server.assignment(HARALD, name), true).unwrap();
    }
    let device = Device::signed_in(&server);

    let status = device.status();
    assert_eq!(status["server_active"], json!(null));
    assert_eq!(status["server_active_all"].as_array().unwrap().len(), 2);

    device.switch("Warehouse1");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}
