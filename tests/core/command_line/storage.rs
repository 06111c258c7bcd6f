//! What the disk and other processes can do to the files.

use rusqlite::Connection;
use serde_json::json;

use crate::support::{Device, HARALD, PASSWORD, Server};

#[test]
fn a_database_that_another_process_holds_means_that_nothing_was_saved() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let files = device.state_files();
    let holder = Connection::open(&files[0]).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();

    device.run(&["switch", "Warehouse1"]).assert_error(74, "storage_busy");

    assert!(server.control().requests().is_empty());
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(device.changes().is_empty());
    device.switch("Warehouse1");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let files = device.state_files();
    let newer = Connection::open(&files[0]).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
    drop(newer);
    let before = std::fs::read(&files[0]).unwrap();

    device.run(&["switch", "Warehouse1"]).assert_error(74, "storage_too_new");

    assert_eq!(std::fs::read(&files[0]).unwrap(), before);
}

#[test]
fn damaged_secrets_only_mean_signing_in_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");
    std::fs::write(device.data_dir().join("secrets"), "{\"tokens\":[{\"or").unwrap();

    let status = device.status();
    assert_eq!(
        (&status["connection"], &status["outbox"]["waiting"]),
        (&json!("sign_in_again"), &json!(1))
    );
    device.run(&["sync"]).assert_code(77);
    assert!(server.control().requests().is_empty());

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
}

#[test]
fn lost_secrets_only_mean_signing_in_again() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    std::fs::remove_file(device.data_dir().join("secrets")).unwrap();

    device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");
    device.run(&["sync"]).assert_code(77);
    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn secrets_that_cannot_be_read_do_not_deny_what_was_recorded() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let secrets = device.data_dir().join("secrets");
    std::fs::remove_file(&secrets).unwrap();
    std::fs::create_dir(&secrets).unwrap();

    let ran = device.run(&["switch", "Warehouse1"]).assert_change(75, "queued");

    assert!(!ran.stderr.is_empty(), "a person is told why it was not sent");
    assert_eq!(device.change(ran.seq())["state"], "queued");
    assert!(server.control().requests().is_empty());
}

#[cfg(unix)]
#[test]
fn secrets_are_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let device = Device::signed_in(&server);

    let mode = std::fs::metadata(device.data_dir().join("secrets")).unwrap().permissions().mode();

    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_lost_device_database_loses_no_change() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let seq = device.tap_offline("Warehouse1");
    for name in ["device.db", "device.db-wal", "device.db-shm"] {
        // The last two are there only while it is open.
        let _ = std::fs::remove_file(device.data_dir().join(name));
    }

    device.sign_in(HARALD, PASSWORD).assert_code(0);
    device.run(&["sync"]).assert_code(0);

    assert_eq!(device.change(seq)["state"], "confirmed");
}

#[test]
fn a_data_folder_that_is_a_file_is_a_sentence_and_not_a_crash() {
    let server = Server::start();
    let device = Device::new(&server);
    std::fs::write(device.data_dir(), "").unwrap();

    let ran = device.run(&["status"]).assert_code(74);

    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn two_commands_at_once_share_one_device() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let running: Vec<_> = (0..4).map(|_| device.start(&["switch", "Warehouse1"])).collect();
    for command in running {
        let ran = command.finish().assert_code(0);
        let state = &ran.json["change"];
        assert!(state.is_null() || state["state"] == "confirmed", "{ran:?}");
    }

    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert_eq!(server.patches(), 1);
    assert_eq!(device.changes().len(), 1);
}
