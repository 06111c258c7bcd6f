//! The real window on the real app over the server in miniature, by the window's elements alone:
//! what a worker does in a shift, with worker, HTTP and database behind it.

mod device;

use i_slint_backend_testing::AccessibleRole;
use wareswitch::sandbox::{FaultKind, Seed, SeedAssignment, SeedUser, SeedWarehouse};

use crate::support::{HARALD, MARTHA, PASSWORD, Server, dead_address, failing};
use device::Device;

const ANNEX: &str = "Spryker MER000001 Warehouse 1";

#[test]
fn from_the_first_start_to_the_first_switch() {
    let server = Server::start();
    let device = Device::without_server();
    let running = device.open_window();

    running.screen.fill_in("Server address", &server.origin());
    running.screen.tap_button("Connect");
    running.sign_in(HARALD);
    running.screen.tap_row("Warehouse1");
    running.until_confirmed("Warehouse1");

    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

/// Fills in the address of a server, waits for the words about it, and returns the device.
fn assert_set_up_says(address: &str, words: &str) -> Device {
    let device = Device::without_server();
    let running = device.open_window();
    running.screen.fill_in("Server address", address);
    running.screen.tap_button("Connect");
    running.until_text(words);
    assert!(running.screen.find(AccessibleRole::TextInput, "User name").is_none());
    drop(running);
    device
}

#[test]
fn the_set_up_says_what_is_wrong_with_a_server_before_it_is_taken() {
    let server = Server::start();
    let wrong = |kind: FaultKind| {
        server.go_wrong([kind.always()]);
        server.origin()
    };

    assert_set_up_says(&dead_address(), "Nothing answers at this address.");
    let nowhere = "https://no-such-name.invalid";
    assert_set_up_says(nowhere, "The name of this server is not known here.");
    assert_set_up_says("gopher://glue.example", "This address can't be used.");
    let nothing_here = failing(404, Some("007"), "Not found");
    assert_set_up_says(&wrong(nothing_here), "This is not a server that Wareswitch understands.");
    assert_set_up_says(
        &wrong(FaultKind::Html { status: None }),
        "This Wi-Fi wants a sign-in of its own.",
    );
    let device = assert_set_up_says(&wrong(failing(503, None, "")), "The server is in trouble.");

    let running = device.open_window();
    assert!(running.screen.find(AccessibleRole::TextInput, "Server address").is_some());
    server.recover();
    running.screen.fill_in("Server address", &server.origin());
    running.screen.tap_button("Connect");
    running.sign_in(HARALD);
}

#[test]
fn a_shift_without_a_network_survives_a_restart_and_is_sent_once() {
    let server = Server::start();
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    running.screen.tap_row("Warehouse1");
    running.until_confirmed("Warehouse1");
    server.control().set_offline(true);

    running.screen.tap_row("Warehouse2");
    running.until_text("You are active in Warehouse2, will be sent");
    drop(running);
    let running = device.open_window();
    running.until_text("Offline, 1 will be sent");
    assert!(running.screen.has_text("You are active in Warehouse2, will be sent"));
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    server.recover();
    server.control().clear_requests();
    running.send_now();
    running.until_confirmed("Warehouse2");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    assert_eq!(server.patches(), 1);
}

#[test]
fn somebody_switched_meanwhile_and_the_worker_decides() {
    let server = Server::start();
    server.give(ANNEX);
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    running.screen.tap_row("Warehouse1");
    running.until_confirmed("Warehouse1");
    server.control().set_offline(true);
    running.screen.tap_row("Warehouse2");
    running.until_text("Offline, 1 will be sent");

    server.switch_elsewhere(ANNEX);
    server.recover();
    running.send_now();
    running.until_text("Somebody switched meanwhile");
    assert_eq!(server.active_of(HARALD), [ANNEX], "nothing is overwritten unasked");
    running.screen.tap_button("Switch to Warehouse2");
    running.until_confirmed("Warehouse2");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn a_sign_in_that_is_over_holds_nothing_up_and_is_renewed_with_the_password() {
    let server = Server::start();
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    server.control().expire_tokens();

    running.screen.tap_row("Warehouse2");
    running.until_text("Sign in again to send");
    assert!(running.screen.has_text("You are active in Warehouse2, will be sent"));
    running.screen.tap_button("Sign in");
    running.screen.fill_in("Password", PASSWORD);
    running.screen.tap_button("Sign in");
    running.until_confirmed("Warehouse2");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn one_of_a_thousand_warehouses_is_found_by_its_name() {
    let server = Server::start_with(a_thousand_warehouses());
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);

    running.screen.tap(AccessibleRole::TextInput, "Search");
    running.screen.type_text("halle 777");
    assert_eq!(running.screen.rows(), ["Halle 777"]);
    running.screen.tap_row("Halle 777");
    running.until_confirmed("Halle 777");

    assert_eq!(server.active_of(HARALD), ["Halle 777"]);
}

fn a_thousand_warehouses() -> Seed {
    let Seed { users, .. } = Seed::sample();
    let harald = users.into_iter().find(|user| user.username == HARALD).unwrap();
    let user_uuid = uuid::Uuid::from_u128(1);
    let place = |number: u128| uuid::Uuid::from_u128(1_000_000 + number);
    Seed {
        users: vec![SeedUser { uuid: Some(user_uuid), ..harald }],
        warehouses: (1..=1000)
            .map(|number| SeedWarehouse {
                uuid: Some(place(number)),
                name: format!("Halle {number}"),
                is_active: true,
            })
            .collect(),
        assignments: (1..=1000)
            .map(|number| SeedAssignment {
                uuid: None,
                user_uuid,
                warehouse_uuid: place(number),
                is_active: false,
            })
            .collect(),
    }
}

#[test]
fn a_device_is_handed_over_and_nobody_sees_the_others_warehouses() {
    let server = Server::start();
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    running.screen.tap_row("Warehouse1");
    running.until_confirmed("Warehouse1");

    running.screen.tap_button("Lock, or switch user");
    running.until_text("Somebody else");
    running.screen.tap_button("Somebody else");
    running.sign_in(MARTHA);

    let rows = running.screen.rows();
    assert!(rows.iter().any(|row| row.starts_with("Video King")), "{rows:?}");
    assert!(!running.screen.has_text("Warehouse1"), "{:?}", running.screen.labels());
}
