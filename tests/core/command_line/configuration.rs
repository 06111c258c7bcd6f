//! What IT and users set, and how the program tells them of slips.

use crate::support::{Device, HARALD, Server};

#[test]
fn the_user_file_is_read() {
    let server = Server::start();
    let mut device = Device::signed_in(&server);
    device.write_config(&format!("server_url = \"{}\"\n", server.origin()));
    device.forget_server_variable();

    assert_eq!(device.status()["profile"]["username"], HARALD);
}

#[test]
fn an_unknown_key_is_a_warning_that_names_the_nearest_one() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.write_config("on_conflickt = \"mine\"\n");

    let ran = device.run(&["status", "-v"]).assert_code(0);

    assert!(ran.stderr.contains("on_conflickt"), "{}", ran.stderr);
    assert!(ran.stderr.contains("'on_conflict'"), "{}", ran.stderr);
}

#[test]
fn a_bad_value_ends_a_command_with_file_line_and_what_is_allowed() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.write_config("# Ours.\n\non_conflict = \"perhaps\"\n");

    let ran = device.run(&["switch", "Warehouse1"]).assert_error(78, "configuration");

    let message = ran.json["error"]["message"].as_str().unwrap();
    for part in ["config.toml, line 3", "perhaps", "ask, mine, theirs"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(server.control().requests().is_empty());
    device.write_config("");
    assert!(device.changes().is_empty());
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let server = Server::start();
    let device = Device::new(&server);
    device.write_config("on_conflict = \"ask\"\nlist_max_age = = 5\n");

    let ran = device.run(&["status"]).assert_error(78, "configuration");

    assert!(ran.json["error"]["message"].as_str().unwrap().contains("line 2"), "{ran:?}");
}

#[test]
fn a_variable_wins_over_the_file_and_an_option_over_both() {
    let (server, other) = (Server::start(), Server::start());
    let device = Device::signed_in(&server);
    device.write_config("server_url = \"https://glue.shop.invalid\"\n");
    assert_eq!(device.status()["server_url"], server.origin());

    let ran = device.run(&["status", "--server-url", &other.origin()]).assert_code(0);

    assert_eq!(ran.json["server_url"], other.origin());
}

#[test]
fn a_file_named_on_the_command_line_must_be_there() {
    let server = Server::start();
    let device = Device::new(&server);

    device.run(&["status", "--config", "no-such-file.toml"]).assert_error(78, "configuration");
}

#[test]
fn hosts_without_protection_are_named_by_it_alone() {
    let server = Server::start();
    let device = Device::new(&server);
    device.write_config("cleartext_hosts = [\"glue.shop.invalid\"]\n");

    device.run(&["status"]).assert_error(78, "configuration");
}

#[test]
fn a_variable_with_a_bad_value_is_named() {
    let server = Server::start();
    let device = Device::new(&server).with_setting("stale_after", "tomorrow");

    let ran = device.run(&["status"]).assert_error(78, "configuration");

    let message = ran.json["error"]["message"].as_str().unwrap();
    assert!(message.contains("WARESWITCH_STALE_AFTER"), "{message}");
}

#[test]
fn the_same_server_written_otherwise_is_the_same_server() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let shouted = format!("{}/", server.origin().replace("http", "HTTP"));

    let ran = device.run(&["status", "--server-url", &shouted]).assert_code(0);

    assert_eq!(ran.json["profile"]["username"], HARALD);
    assert_eq!(ran.json["server_url"], server.origin());
}

#[test]
fn an_address_that_is_none_is_refused() {
    let device = Device::without_server();

    for address in [
        "glue.shop.example",
        "ftp://glue.shop.example",
        "https://user:secret@glue.shop.example",
        "https://glue.shop.example/path",
        "https://glue.shop.example/?query",
        "https://",
        "http://192.0.2.1",
        "http://localhost.shop.example",
        "",
    ] {
        let ran = device.run(&["status", "--server-url", address]).assert_code(78);
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn the_data_folder_is_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let device = Device::signed_in(&server);

    let mode = std::fs::metadata(device.data_dir()).unwrap().permissions().mode();

    assert_eq!(mode & 0o777, 0o700);
}
