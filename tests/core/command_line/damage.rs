//! Damaged and lost files, as IT and its scripts meet them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::{Device, HARALD, Server};

fn put_aside(device: &Device) -> Vec<PathBuf> {
    let files = device.all_files().into_iter();
    files.filter(|file| file.to_str().unwrap().contains(".db.damaged-")).collect()
}

fn overwrite(file: &Path, place: usize, bytes: &[u8]) {
    let mut all = fs::read(file).unwrap();
    all[place..place + bytes.len()].copy_from_slice(bytes);
    fs::write(file, all).unwrap();
}

/// A device with a tap that waits, and its database.
fn with_waiting_tap(server: &Server) -> (Device, PathBuf, i64) {
    let device = Device::signed_in(server);
    let seq = device.tap_offline("Warehouse1");
    let file = device.state_files().remove(0);
    (device, file, seq)
}

#[test]
fn a_damaged_database_is_put_aside_and_the_waiting_tap_is_sent() {
    let server = Server::start();
    let (device, file, seq) = with_waiting_tap(&server);
    overwrite(&file, 0, &[0; 200]);
    let damaged = fs::read(&file).unwrap();

    let status = device.status();

    assert_eq!(
        (&status["storage"], &status["outbox"]["waiting"]),
        (&json!("recovered"), &json!(1))
    );
    assert_eq!(status["profile"]["username"], HARALD);
    let kept = put_aside(&device);
    assert_eq!(fs::read(&kept[0]).unwrap(), damaged, "{kept:?}");
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    // Told until a person took the file away.
    assert_eq!(device.status()["storage"], "recovered");
    fs::remove_file(&kept[0]).unwrap();
    assert_eq!(device.status()["storage"], "ok");
}

#[test]
fn commands_that_find_the_damage_at_once_put_the_file_aside_once() {
    let server = Server::start();
    let (device, file, seq) = with_waiting_tap(&server);
    overwrite(&file, 0, &[0; 200]);

    let running: Vec<_> = (0..6).map(|_| device.start(&["status"])).collect();
    for command in running {
        let status = command.finish().assert_code(0).json;
        assert_eq!(status["outbox"]["waiting"], 1, "{status}");
    }

    assert_eq!(put_aside(&device).len(), 1);
    assert_eq!(device.change(seq)["state"], "queued");
}

#[test]
fn a_truncated_database_is_put_aside_and_the_app_goes_on() {
    for length in [0, 10, 4_096, 20_000] {
        let server = Server::start();
        let (device, file, _) = with_waiting_tap(&server);
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length).unwrap();

        assert_eq!(device.status()["storage"], "recovered", "{length} bytes");
        device.run(&["sync"]).assert_code(0);
        device.switch("Warehouse2");
    }
}

#[test]
fn a_lost_device_database_is_rebuilt_with_the_user_in_front() {
    let server = Server::start();
    let (device, _, seq) = with_waiting_tap(&server);
    fs::remove_file(device.data_dir().join("device.db")).unwrap();

    let status = device.status();

    assert_eq!(status["profile"]["username"], HARALD);
    assert_eq!(status["outbox"]["waiting"], 1);
    device.run(&["sync"]).assert_code(0);
    assert_eq!(device.change(seq)["state"], "confirmed");
}

#[test]
fn a_damaged_device_database_is_put_aside_and_rebuilt() {
    let server = Server::start();
    let (device, _, _) = with_waiting_tap(&server);
    fs::write(device.data_dir().join("device.db"), "no database").unwrap();

    let status = device.status();

    assert_eq!(status["profile"]["username"], HARALD);
    assert_eq!(
        (&status["storage"], &status["outbox"]["waiting"]),
        (&json!("recovered"), &json!(1))
    );
    assert_eq!(put_aside(&device).len(), 1);
}

#[test]
fn an_older_program_changes_nothing_of_a_newer_ones_files() {
    let server = Server::start();
    let (device, file, _) = with_waiting_tap(&server);
    // The version stands in the file's header (https://www.sqlite.org/fileformat2.html).
    overwrite(&file, 60, &99_u32.to_be_bytes());
    let folder = file.parent().unwrap();
    let contents = || {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.map(|path| (fs::read(&path).unwrap(), path)).collect();
        files.sort();
        files
    };
    let before = contents();

    for command in [&["switch", "Warehouse2"][..], &["sync"], &["status"], &["outbox"]] {
        device.run(command).assert_error(74, "storage_too_new");
    }

    assert_eq!(contents(), before);
}

#[test]
fn status_tells_where_the_files_cannot_be_read() {
    let server = Server::start();
    let (device, file, _) = with_waiting_tap(&server);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();

    let status = device.status();

    assert_eq!(status["storage"], "failed", "{status}");
    assert_eq!(status["profile"]["username"], HARALD);
    device.run(&["switch", "Warehouse1"]).assert_code(74);
}
