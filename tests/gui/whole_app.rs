//! The real window on the real app over the server in miniature, by the window's elements alone:
//! what a worker does in a shift, with worker, HTTP and database behind it.

mod device;

use i_slint_backend_testing::AccessibleRole;
use slint::platform::PointerEventButton;
use wareswitch::sandbox::{FaultKind, Seed, SeedAssignment, SeedUser, SeedWarehouse};

use crate::support::authority::{Authority, VALID};
use crate::support::played::Device;
use crate::support::{HARALD, MARTHA, PASSWORD, Server, dead_address, failing};

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

#[test]
fn files_that_can_not_be_opened_are_told_of_and_tried_again() {
    let server = Server::start();
    let device = Device::new(&server);
    drop(device.open());
    let file = rusqlite::Connection::open(device.data_dir().join("device.db")).unwrap();
    let version: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let become_version = |version| {
        file.pragma_update(None, "user_version", version).unwrap();
        file.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
    };
    become_version(99);

    let running = device.open_window();
    assert!(running.screen.has_text("The files of this app can't be opened"));
    assert!(running.screen.has_text("made by a newer Wareswitch"));
    assert!(running.screen.find(AccessibleRole::TextInput, "").is_none(), "nothing to sign in to");
    become_version(version);
    running.screen.tap_button("Try again");
    running.sign_in(HARALD);
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
fn the_set_up_says_what_is_wrong_with_the_certificate_of_a_server() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    authority.write_to(&file);
    let set_up = |server: &Server, is_trusted: bool, words: &str| {
        let mut device = Device::without_server();
        device.config.ca_file.value = is_trusted.then(|| file.clone());
        let running = device.open_window();
        running.screen.fill_in("Server address", &server.origin());
        running.screen.tap_button("Connect");
        running.until_text(words);
        (device, running)
    };
    let certified = |name, years| Server::start_with_tls(authority.certify(name, years));
    let server = certified("127.0.0.1", VALID);

    set_up(&server, false, "Nothing was sent: the server's certificate is not known. Ask IT.");
    let other = certified("glue.example", VALID);
    set_up(&other, true, "Nothing was sent: the server has another name. Ask IT.");
    let old = certified("127.0.0.1", (2020, 2021));
    set_up(&old, true, "Nothing was sent: the server's certificate has expired");
    let (_device, running) = set_up(&server, true, "Server: 127.0.0.1");
    running.sign_in(HARALD);
}

#[test]
fn silence_and_language_are_as_they_were_chosen_after_a_restart() {
    let server = Server::start();
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    running.screen.tap(AccessibleRole::Tab, "Settings");
    running.screen.tap(AccessibleRole::RadioButton, "Off");
    running.screen.tap(AccessibleRole::RadioButton, "Deutsch");
    running.screen.tap(AccessibleRole::Tab, "Lager");
    running.screen.tap_row("Warehouse2");
    running.until("the switch", |screen| {
        screen.has_text("Du bist aktiv in Warehouse2") && screen.has_text("Alles gesendet")
    });
    drop(running);
    device.heard.take();

    let running = device.open_window();
    running.screen.tap_row("Warehouse1");
    running.until("the switch", |screen| {
        screen.has_text("Du bist aktiv in Warehouse1") && screen.has_text("Alles gesendet")
    });

    let heard = device.heard.take();
    assert!(!heard.is_empty(), "the vibration goes on");
    assert!(heard.iter().all(|(_, volume)| *volume == 0), "{heard:?}");
    running.screen.tap(AccessibleRole::Tab, "Optionen");
    let off = running.screen.find(AccessibleRole::RadioButton, "Aus").unwrap();
    assert_eq!(off.accessible_checked(), Some(true));
}

#[test]
fn a_double_tap_on_a_row_is_one_switch() {
    let server = Server::start();
    let device = Device::new(&server);
    let running = device.open_signed_in(HARALD);
    server.control().clear_requests();

    let row = running.screen.find(AccessibleRole::ListItem, "Warehouse2").unwrap();
    row.mock_single_click(PointerEventButton::Left);
    row.mock_single_click(PointerEventButton::Left);
    running.until_confirmed("Warehouse2");

    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    assert_eq!(server.patches(), 1);
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
