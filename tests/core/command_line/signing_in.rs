//! Signing in, and what can go wrong before anybody is.

use serde_json::json;
use wareswitch::sandbox::FaultKind;

use crate::support::{Device, HARALD, PASSWORD, Server, dead_address, on_list, on_token};

#[test]
fn signing_in_fetches_the_list() {
    let server = Server::start();
    let device = Device::new(&server);

    let ran = device.sign_in(HARALD, PASSWORD).assert_code(0);

    let profile = json!({ "user_uuid": server.user(HARALD), "username": HARALD });
    assert_eq!(ran.json["profile"], profile);
    let left = ran.json["token_expires_in_s"].as_u64().unwrap();
    assert!((28_700..=28_800).contains(&left), "{left}");
    assert_eq!(server.methods(), "GET");
    let status = device.status();
    assert_eq!(status["snapshot"]["count"], 3);
    assert_eq!(status["connection"], "online");
}

#[test]
fn a_wrong_password_is_refused() {
    let server = Server::start();
    let device = Device::new(&server);

    device.sign_in(HARALD, "guessed").assert_error(77, "sign_in_refused");

    assert_eq!(device.status()["profile"], json!(null));
    assert_eq!(server.control().requests().len(), 1);
}

#[test]
fn where_nobody_listens_nobody_can_sign_in() {
    let device = Device::at(&dead_address());

    device.sign_in(HARALD, PASSWORD).assert_error(69, "server_unreachable");

    assert_eq!(device.status()["profile"], json!(null));
}

#[test]
fn a_password_is_never_sent_in_the_clear() {
    // No such host is asked for: `.invalid` is reserved, and nothing may leave before the check.
    let device = Device::at("http://glue.shop.invalid");

    let ran = device.sign_in(HARALD, PASSWORD).assert_code(78);

    let message = ran.json["error"]["message"].as_str().unwrap();
    assert!(message.contains("WARESWITCH_SERVER_URL"), "{message}");
    assert!(message.contains("https://"), "{message}");
    assert!(!ran.stderr.contains(PASSWORD));
}

#[test]
fn without_a_server_address_the_program_says_how_to_set_one() {
    let device = Device::without_server();

    let ran = device.sign_in(HARALD, PASSWORD).assert_error(78, "configuration");

    assert!(ran.json["error"]["message"].as_str().unwrap().contains("WARESWITCH_SERVER_URL"));
    assert_eq!(device.status()["server_url"], json!(null));
}

#[test]
fn a_wifi_sign_in_page_instead_of_the_token_is_recognised() {
    let server = Server::start();
    let device = Device::new(&server);
    server.go_wrong([on_token(FaultKind::Html { status: None }.always())]);

    device.sign_in(HARALD, PASSWORD).assert_error(75, "wifi_sign_in");
}

#[test]
fn a_redirect_is_not_followed() {
    let (server, elsewhere) = (Server::start(), Server::start());
    let device = Device::new(&server);
    let location = format!("{}/token", elsewhere.origin());
    server.go_wrong([FaultKind::Redirect { location }.always()]);

    device.sign_in(HARALD, PASSWORD).assert_error(75, "wifi_sign_in");

    assert!(elsewhere.control().requests().is_empty());
}

#[test]
fn signing_in_succeeds_even_if_the_list_cannot_be_had() {
    let server = Server::start();
    let device = Device::new(&server);
    server.go_wrong([on_list(FaultKind::Html { status: None }.always())]);

    device.sign_in(HARALD, PASSWORD).assert_code(0);

    let status = device.status();
    assert_eq!(status["connection"], "wifi_sign_in");
    assert_eq!(status["snapshot"], json!(null));
    device.run(&["switch", "Warehouse1"]).assert_error(1, "never_synced");
    let sync = device.run(&["sync"]).assert_code(75);
    assert_eq!(sync.json["connection"], "wifi_sign_in");
}

#[test]
fn whoever_is_not_signed_in_is_told_so() {
    let server = Server::start();
    let device = Device::new(&server);

    for arguments in [
        &["list"][..],
        &["switch", "Warehouse1"],
        &["switch", "Warehouse1", "--offline"],
        &["leave"],
        &["outbox"],
        &["sync"],
        &["sign-out"],
    ] {
        device.run(arguments).assert_error(77, "not_signed_in");
    }
    assert!(server.control().requests().is_empty());
}

#[test]
fn an_empty_password_is_a_usage_error_and_is_not_sent() {
    let server = Server::start();
    let device = Device::new(&server);

    device.sign_in(HARALD, "\n").assert_error(2, "usage");

    assert!(server.control().requests().is_empty());
}

#[test]
fn the_line_end_of_a_piped_password_does_not_count() {
    let server = Server::start();
    let device = Device::new(&server);

    device.sign_in(HARALD, &format!("{PASSWORD}\r\n")).assert_code(0);
}

#[test]
fn the_password_is_kept_nowhere() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    for file in device.all_files() {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
        assert!(!found, "{}", file.display());
    }
}

#[test]
fn where_there_is_no_keyring_the_file_is_used_and_that_is_told() {
    let server = Server::start();
    let mut device = Device::new(&server);
    device.set("secret_store", "auto");
    for bus in ["unix:path=/nowhere/bus", "tcp:host=127.0.0.1,port=1", "carrier-pigeon:"] {
        device.set_variable("DBUS_SESSION_BUS_ADDRESS", bus);

        device.sign_in(HARALD, PASSWORD).assert_code(0);

        let status = device.run(&["status"]).json;
        assert_eq!(status["secrets"], json!({ "store": "file", "state": "ok" }), "{bus}");
    }
}
