//! Servers with other data than the sample: many warehouses, odd names, odd accounts.

use serde_json::{Value, json};
use uuid::Uuid;
use wareswitch::sandbox::{Seed, SeedAssignment, SeedWarehouse, UserPatch};

use crate::support::{Device, HARALD, PASSWORD, Server};

/// A server where Harald may work in warehouses of these names, all open.
fn server_with(names: impl IntoIterator<Item = String>) -> Server {
    let sample = Server::start();
    let user = sample.user(HARALD);
    let mut seed = Seed { warehouses: Vec::new(), assignments: Vec::new(), ..Seed::sample() };
    for (number, name) in names.into_iter().enumerate() {
        let uuid = Uuid::from_u128(0x1000 + number as u128);
        seed.warehouses.push(SeedWarehouse { uuid: Some(uuid), name, is_active: true });
        seed.assignments.push(SeedAssignment {
            uuid: None,
            user_uuid: user,
            warehouse_uuid: uuid,
            is_active: false,
        });
    }
    Server::start_with(seed)
}

fn names(device: &Device) -> Vec<String> {
    let list = device.run(&["list"]).assert_code(0).json;
    let rows = list["assignments"].as_array().unwrap();
    rows.iter().map(|row| row["warehouse_name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_long_list_is_fetched_whole_and_sorted_as_people_count() {
    let server = server_with((1..=300).rev().map(|number| format!("Halle {number}")));
    let device = Device::signed_in(&server);

    let expected: Vec<String> = (1..=300).map(|number| format!("Halle {number}")).collect();
    assert_eq!(names(&device), expected);
    assert_eq!(device.status()["snapshot"]["count"], 300);

    device.switch("Halle 300");
    assert_eq!(server.methods(), "GET PATCH GET");
    assert_eq!(names(&device)[0], "Halle 300", "the active one first");
}

#[test]
fn a_name_cannot_take_over_the_terminal() {
    let server = server_with(["\u{1b}[2J\u{7}Evil\r\nGood".to_owned()]);
    let device = Device::signed_in(&server);
    device.run(&["switch", &Uuid::from_u128(0x1000).to_string(), "--offline"]).assert_code(75);

    for arguments in [&["list"][..], &["status"], &["outbox"]] {
        let text = String::from_utf8(device.run_plainly(arguments).stdout).unwrap();
        let is_control = |character: char| character.is_control() && character != '\n';
        assert!(!text.contains(is_control), "{arguments:?}: {text:?}");
    }
}

#[test]
fn a_user_without_warehouses_has_an_empty_list() {
    let server = server_with([]);
    let device = Device::signed_in(&server);

    let list = device.run(&["list"]).assert_code(0).json;

    assert_eq!(list["assignments"], json!([]));
    assert_ne!(list["fetched_at"], Value::Null);
    device.run(&["switch", "Warehouse1"]).assert_error(1, "unknown_warehouse");
}

#[test]
fn the_back_office_sees_only_its_own_warehouses() {
    let server = Server::start();
    let device = Device::new(&server);

    device.sign_in("admin@spryker.com", PASSWORD).assert_code(0);

    assert!(names(&device).is_empty());
    device.run(&["switch", "Warehouse1"]).assert_code(1);
    assert_eq!(server.patches(), 0);
}

#[test]
fn an_account_that_is_no_warehouse_user_any_more_gets_the_words_of_the_server() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let patch = UserPatch { is_warehouse_user: Some(false), ..UserPatch::default() };
    server.control().patch_user(server.user(HARALD), patch).unwrap();

    let ran = device.run(&["switch", "Warehouse1"]);

    let change = &ran.json["change"];
    assert_eq!((ran.code, &change["state"]), (1, &json!("rejected")), "{ran:?}");
    assert_eq!(change["reason"]["kind"], "server_refused");
    assert!(server.active_of(HARALD).is_empty());
}

#[test]
fn an_account_that_is_gone_keeps_its_change() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    assert!(server.control().remove_user(server.user(HARALD)));

    let ran = device.run(&["switch", "Warehouse1"]);

    let state = ran.json["change"]["state"].as_str().unwrap();
    assert!((ran.code, state) == (75, "queued") || (ran.code, state) == (1, "rejected"), "{ran:?}");
    assert_eq!(server.patches(), 0);
}

#[test]
fn leaving_two_active_warehouses_ends_both() {
    let server = Server::start();
    for name in ["Warehouse1", "Warehouse2"] {
        server.control().patch_assignment(server.assignment(HARALD, name), true).unwrap();
    }
    let device = Device::signed_in(&server);

    device.run(&["leave"]).assert_change(0, "confirmed");

    assert!(server.active_of(HARALD).is_empty());
    assert_eq!(server.methods(), "GET PATCH GET PATCH GET");
}

#[test]
fn a_server_that_leaves_two_active_is_not_believed() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    let mut settings = server.control().settings();
    settings.race_two_active = true;
    server.control().set_settings(settings).unwrap();

    let ran = device.run(&["switch", "Warehouse2"]).assert_change(75, "queued");

    assert_eq!(server.active_of(HARALD).len(), 2);
    assert!(server.methods().split(' ').count() <= 3 + 5);
    server.control().set_settings(Default::default()).unwrap();
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(ran.seq())["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn the_shapes_of_tokens_that_servers_have_all_work() {
    use wareswitch::sandbox::{Settings, TokenShape};
    for (token_shape, token_status) in
        [(TokenShape::Object, 201), (TokenShape::Array, 200), (TokenShape::Array, 201)]
    {
        let server = Server::start();
        let settings = Settings { token_shape, token_status, ..Settings::default() };
        server.control().set_settings(settings).unwrap();
        let device = Device::signed_in(&server);
        device.switch("Warehouse1");
    }
}

#[test]
fn a_renamed_warehouse_is_known_by_its_new_name() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let warehouse = server.warehouse("Warehouse2");
    server.control().patch_warehouse(warehouse, Some("Yard".to_owned()), None).unwrap();

    device.run(&["sync"]).assert_code(0);

    device.switch("Yard");
    device.run(&["switch", "Warehouse2"]).assert_error(1, "unknown_warehouse");
}
