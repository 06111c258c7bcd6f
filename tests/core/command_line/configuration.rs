//! What IT and users set, and how the program tells them of slips.

use std::path::Path;

use clap::Parser as _;
use serde_json::{Value, json};
use wareswitch::cli::args::Cli;
use wareswitch::config::Loaded;
use wareswitch::config::layers::Layer;
use wareswitch::launch::settings::{SystemFiles, load_from};

use crate::support::{Device, HARALD, Server};

/// What a device reads on which IT's own files are in a folder of the test.
fn loaded_with(system: &Path, user_file: &Path) -> Loaded {
    let arguments = ["wareswitch", "--config", user_file.to_str().unwrap()];
    let files =
        SystemFiles { policy: system.join("policy.toml"), config: system.join("config.toml") };
    load_from(&Cli::try_parse_from(arguments).unwrap().global, &files)
}

fn setting(shown: &Value, key: &str) -> Value {
    let settings = shown["settings"].as_array().unwrap();
    settings.iter().find(|setting| setting["key"] == key).unwrap().clone()
}

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

#[test]
fn show_tells_each_value_with_who_set_it_and_where() {
    let device = Device::at("https://glue.shop.example").with_setting("scan_gap", "80ms");
    device.write_config("# ours\non_conflict = 'mine'\n");

    let shown = device.run(&["config", "show", "--server-url", "https://other.example"]);

    let shown = shown.assert_code(0).json;
    let file = device.config_file().display().to_string();
    assert_eq!(
        setting(&shown, "on_conflict"),
        json!({ "key": "on_conflict", "value": "mine", "origin": "user",
                "place": format!("{file}, line 2"), "locked": false })
    );
    assert_eq!(setting(&shown, "server_url")["origin"], "command_line");
    assert_eq!(setting(&shown, "scan.gap")["place"], "WARESWITCH_SCAN_GAP");
    assert_eq!(setting(&shown, "theme")["origin"], "default");
    let told = device.run_plainly(&["config", "show", "--origin"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(&format!("on_conflict = \"mine\"  # {file}, line 2")), "{told}");
}

#[test]
fn show_and_check_leave_nothing_behind_and_need_no_usable_configuration() {
    let device = Device::without_server();
    device.write_config("on_conflict = 'perhaps'\nthem = 'dark'\n");

    let shown = device.run(&["config", "show"]).assert_code(0).json;
    let checked = device.run(&["config", "check"]).assert_code(78).json;

    assert_eq!(shown["problems"].as_array().unwrap().len(), 1);
    assert_eq!(checked["ok"], false);
    assert!(checked["problems"][0]["message"].as_str().unwrap().contains("line 1"));
    assert!(checked["warnings"][0].as_str().unwrap().contains("'theme'"));
    assert!(!device.data_dir().exists());
    device.write_config("theme = 'dark'");
    assert_eq!(device.run(&["config", "check"]).assert_code(0).json["ok"], true);
}

#[test]
fn a_file_is_checked_before_it_is_rolled_out() {
    let device = Device::without_server();
    let write = |text: &str| std::fs::write(device.home().join("policy.toml"), text).unwrap();
    write("cleartext_hosts = ['test.example']\nserver_url = 'http://test.example'\n");
    device.run(&["config", "check", "policy.toml"]).assert_code(0);

    write("server_url = 'http://test.example'\n");
    device.run(&["config", "check", "policy.toml"]).assert_code(78);
    device.run(&["config", "check", "no-such-file.toml"]).assert_code(78);
}

#[test]
fn an_address_without_protection_is_always_shown_as_such() {
    let device = Device::at("http://127.0.0.1:9");

    let shown = device.run(&["config"]).assert_code(0).json;

    assert_eq!(setting(&shown, "server_url")["remark"], "not protected");
    let status = device.run_plainly(&["status"]);
    let told = String::from_utf8(status.stdout).unwrap();
    assert!(told.contains("http://127.0.0.1:9 (not protected)"), "{told}");
}

#[test]
fn the_policy_wins_over_everything_and_is_locked_and_the_system_over_nothing_but_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let user_file = folder.path().join("user.toml");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("user.toml", "theme = 'dark'\npin = 'off'\nlanguage = 'de'\n");
    write("config.toml", "theme = 'light'\nkiosk = true\npin = 'optional'\n");
    write("policy.toml", "pin = 'required'\n");

    let Loaded { config, problems, .. } = loaded_with(folder.path(), &user_file);

    assert_eq!(problems, Vec::new());
    let layers: Vec<Layer> = config.shown().iter().map(|shown| shown.layer).collect();
    assert_eq!(layers.iter().filter(|layer| **layer == Layer::Policy).count(), 1);
    assert!(config.pin.is_locked() && !config.theme.is_locked());
    assert_eq!(config.theme.layer, Layer::User);
    assert_eq!(config.kiosk.layer, Layer::System);
}

#[cfg(unix)]
#[test]
fn whatever_lies_in_the_place_of_a_file_is_told_and_waited_for_by_nobody() {
    use std::os::unix::fs::symlink;
    let device = Device::at("https://glue.shop.example");
    let file = device.home().join("hostile.toml");
    let run = || {
        let arguments = ["status", "--config", "hostile.toml"];
        let ran = device.run(&arguments).assert_error(78, "configuration");
        assert!(ran.stderr.len() < 500, "{}", ran.stderr);
        let _ = std::fs::remove_dir(&file).or_else(|_| std::fs::remove_file(&file));
    };

    std::fs::create_dir(&file).unwrap();
    run();
    symlink(&file, &file).unwrap();
    run();
    symlink("/dev/zero", &file).unwrap();
    run();
    std::process::Command::new("mkfifo").arg(&file).status().unwrap();
    run();
    std::fs::write(&file, [0xff, 0xfe, 0, 1, 2]).unwrap();
    run();
    std::fs::write(&file, "theme = 'dark'\0").unwrap();
    run();
    std::fs::write(&file, "# long\n".repeat(1_500_000)).unwrap();
    run();
}
