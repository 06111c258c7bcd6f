//! Several processes on one device, secrets in their words, and the server as a command.

use std::io::{BufRead, BufReader};
use std::process::Command;

use serde_json::Value;

use crate::support::{Device, HARALD, PASSWORD, Server};

#[test]
fn commands_that_start_at_once_on_a_fresh_device_all_work() {
    for _ in 0..5 {
        let server = Server::start();
        let device = Device::new(&server);

        let running: Vec<_> = (0..6).map(|_| device.start(&["status"])).collect();

        for command in running {
            command.finish().assert_code(0);
        }
    }
}

#[test]
fn sign_ins_that_start_at_once_on_a_fresh_device_all_work() {
    let server = Server::start();
    let device = Device::new(&server);
    let arguments = ["sign-in", "--user", HARALD, "--password-stdin"];

    let running: Vec<_> = (0..5).map(|_| device.start_with_input(&arguments, PASSWORD)).collect();

    for command in running {
        command.finish().assert_code(0);
    }
    device.switch("Warehouse1");
}

#[test]
fn taps_of_several_processes_are_all_recorded_in_one_order() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let warehouse =
        |number: usize| if number.is_multiple_of(2) { "Warehouse1" } else { "Warehouse2" };

    let running: Vec<_> =
        (0..10).map(|number| device.start(&["switch", warehouse(number), "--offline"])).collect();
    let printed: Vec<Value> = running.into_iter().map(|command| command.finish().json).collect();

    let changes = device.changes();
    for one in &printed {
        let state = &one["change"]["state"];
        // The next process may have been faster than this one's words.
        assert!(state == "queued" || state == "superseded", "{one}");
        assert!(
            changes.iter().any(|kept| kept["change_id"] == one["change"]["change_id"]),
            "{one}"
        );
    }
    assert_eq!(changes.iter().filter(|change| change["state"] == "queued").count(), 1);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), [changes[0]["warehouse_name"].as_str().unwrap()]);
    assert_eq!(server.patches(), 1);
}

#[test]
fn several_switches_at_once_end_in_what_was_recorded_last() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let names = ["Warehouse1", "Warehouse2", "Warehouse1", "Warehouse2"];
    let running: Vec<_> = names.iter().map(|name| device.start(&["switch", name])).collect();
    for command in running {
        let ran = command.finish();
        assert!(matches!(ran.code, 0 | 1 | 75), "{ran:?}");
    }

    device.run(&["sync"]).assert_code(0);
    let status = device.status();
    assert_eq!(
        (&status["outbox"]["waiting"], &status["outbox"]["needs_decision"]),
        (&0.into(), &0.into())
    );
    let last = device.changes()[0]["warehouse_name"].clone();
    assert_eq!(server.active_of(HARALD), [last.as_str().unwrap()]);
}

#[test]
fn nothing_secret_is_told_however_much_is_asked_for() {
    let server = Server::start();
    let device = Device::new(&server);
    let arguments = ["sign-in", "--user", HARALD, "--password-stdin", "-vvvv"];
    let mut told = device.run_with_input(&arguments, PASSWORD).assert_code(0).stderr;
    server.ask_for_code("918273");
    told += &device.run(&["switch", "Warehouse1", "-vvvv"]).assert_code(75).stderr;
    let arguments = ["sync", "--mfa-code-stdin", "-vvvv"];
    told += &device.run_with_input(&arguments, "918273").assert_code(0).stderr;
    told += &device.sign_in(HARALD, "guessed").assert_code(77).stderr;

    let secrets = std::fs::read_to_string(device.data_dir().join("secrets")).unwrap();
    let secrets: Value = serde_json::from_str(&secrets).unwrap();
    let token = secrets["tokens"][0]["access_token"].as_str().unwrap();
    for secret in [PASSWORD, token, "918273", "guessed", "eyJ"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_password_too_long_to_be_one_is_refused_and_not_sent_in_part() {
    let server = Server::start();
    let device = Device::new(&server);

    let ran = device.sign_in(HARALD, &"x".repeat(100_000));

    assert_ne!(ran.code, 0);
    for request in server.control().requests() {
        assert_ne!(request.path, "/token", "{ran:?}");
    }
}

#[test]
fn whatever_is_typed_as_user_or_warehouse_is_no_crash() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let long = "Ä".repeat(50_000);

    for odd in ["", " ", "\n", "\u{202e}abc", "'; DROP TABLE change; --", "%00", &long] {
        device.sign_in(odd, PASSWORD).assert_code(77);
        device.run(&["switch", odd]).assert_code(1);
    }
    assert_eq!(device.status()["profile"]["username"], HARALD);
}

#[test]
fn the_server_in_miniature_serves_as_a_command_until_it_is_stopped() {
    let device = Device::without_server();
    let mut sandbox = device.spawn_plainly(&["sandbox", "--listen", "127.0.0.1:0"]);
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let worker = Device::at(line["listening"].as_str().unwrap());

    worker.sign_in(HARALD, PASSWORD).assert_code(0);
    worker.switch("Warehouse1");

    let id = sandbox.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(sandbox.wait().unwrap().code(), Some(0));
}

#[test]
fn the_server_in_miniature_serves_https_with_a_certificate_and_its_key() {
    let device = Device::without_server();
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let file = |name: &str, pem: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = file("certificate.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());

    let mut sandbox =
        device.spawn_plainly(&serving(&["--tls-certificate", &certificate, "--tls-key", &key]));
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut line).unwrap();
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();

    assert!(line.starts_with("{\"listening\":\"https://127.0.0.1:"), "{line}");
    for bad in [
        serving(&["--tls-key", &key]),
        serving(&["--tls-certificate", &certificate]),
        serving(&["--tls-certificate", &key, "--tls-key", &key]),
    ] {
        let output = device.run_plainly(&bad);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
    }
}

fn serving<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&["sandbox", "--listen", "127.0.0.1:0"], options].concat()
}

#[test]
fn the_server_in_miniature_listens_on_this_machine_only() {
    let device = Device::without_server();

    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let output = device.run_plainly(&["sandbox", "--listen", address]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
    }
}
