//! The second factor: the server wants a code before it takes a change.

use serde_json::json;

use crate::support::{Device, HARALD, Server};

/// A device whose switch waits for a code.
fn waiting(server: &Server) -> Device {
    let device = Device::signed_in(server);
    server.ask_for_code("123456");
    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    device
}

#[test]
fn a_change_waits_for_its_code_through_restarts_and_is_not_tried_without() {
    let server = Server::start();
    let device = waiting(&server);
    assert_eq!(device.status()["connection"], "needs_code");

    let sync = device.run(&["sync"]).assert_code(77);
    assert_eq!(
        (&sync.json["connection"], &sync.json["waiting"]),
        (&json!("needs_code"), &json!(1))
    );
    device.tap_offline("Warehouse2");
    assert_eq!(device.status()["connection"], "needs_code");

    device.run_with_input(&["sync", "--mfa-code-stdin"], "123456\n").assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
    assert_eq!(device.status()["connection"], "online");
}

#[test]
fn a_wrong_code_and_none_are_asked_for_again() {
    let server = Server::start();
    let device = waiting(&server);

    for code in ["000000\n", "\n", "", "  \r\n", "12\u{0}34", "ä"] {
        let sync = device.run_with_input(&["sync", "--mfa-code-stdin"], code).assert_code(77);
        assert_eq!(sync.json["connection"], "needs_code", "{code:?}");
        assert_eq!(sync.json["waiting"], 1, "{code:?}");
    }
    assert!(server.active_of(HARALD).is_empty());
}

#[test]
fn a_wrong_code_is_told_from_none() {
    let server = Server::start();
    let device = waiting(&server);
    let said = |input| {
        let ran = device.run_plainly_with_input(&["sync", "--mfa-code-stdin"], input);
        assert_eq!(ran.status.code(), Some(77));
        String::from_utf8(ran.stdout).unwrap()
    };

    assert!(said("\n").starts_with("The server wants a code of the second factor. Sent 1"));
    assert!(said("000000\n").starts_with("The server did not accept this code. Sent 1"));
    assert!(said("\n").starts_with("The server wants a code"));
}

#[test]
fn a_code_is_kept_nowhere_and_told_to_nobody() {
    let server = Server::start();
    let device = waiting(&server);
    server.ask_for_code("7391846205");

    let arguments = ["-v", "sync", "--mfa-code-stdin"];
    let ran = device.run_with_input(&arguments, "7391846205\n").assert_code(0);

    assert!(!ran.stderr.contains("7391846205"));
    for file in device.all_files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"7391846205"), "{}", file.display());
    }
}

#[test]
fn once_nothing_waits_no_code_is_asked_for() {
    let server = Server::start();
    let device = waiting(&server);
    let seq = device.changes()[0]["seq"].as_i64().unwrap();

    device.run(&["leave", "--offline"]);
    device.run(&["outbox", "undo", &seq.to_string()]);
    server.control().patch_assignment(server.assignment(HARALD, "Warehouse1"), true).unwrap();
    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.status()["connection"], "online");
}
