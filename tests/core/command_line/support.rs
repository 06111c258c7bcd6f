//! What IT and support ask of a device, and what must not be in the answer.

use std::path::Path;
use std::process::Output;

use wareswitch::sandbox::{FaultKind, UserPatch};

use crate::support::{Device, HARALD, Server, on_list, wait_until};

/// A word that must be nowhere but where it belongs.
const CANARY: &str = "kanarienvogel";

fn bundle(device: &Device) -> String {
    let file = device.home().join("report.txt");
    let arguments = ["support-bundle", "--output", file.to_str().unwrap()];
    let ran = device.run(&arguments).assert_code(0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(ran.json["bytes"].as_u64().unwrap(), u64::try_from(text.len()).unwrap());
    text
}

#[test]
fn a_report_tells_how_the_device_stands_without_naming_anybody() {
    let server = Server::start();
    let device = Device::signed_in(&server).with_setting("on_conflict", "theirs");
    device.switch("Warehouse1");
    device.tap_offline("Warehouse2");

    let text = bundle(&device);

    let user = server.user(HARALD).to_string();
    let warehouse = server.warehouse("Warehouse2").to_string();
    for part in [
        "version: ",
        "commit ",
        "on_conflict = \"theirs\"  # environment WARESWITCH_ON_CONFLICT",
        &user,
        "database check: sound",
        "ms ahead of the server",
        "connection: online",
        &format!("queued activate {warehouse}"),
        "confirmed activate",
        "[log]",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    for name in [HARALD, "Warehouse2"] {
        assert!(!text.contains(name), "{name} is named in:\n{text}");
    }
}

#[test]
fn a_report_is_made_when_nothing_else_works() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.write_config("on_conflict = \"kanarienvogel\"\n= =\n");
    for file in device.state_files() {
        std::fs::write(file, "rubbish").unwrap();
    }

    let text = bundle(&device);

    assert!(text.contains("can't be used: "), "{text}");
    assert!(!text.contains(CANARY), "{text}");
    assert!(text.contains("[user "), "{text}");
}

#[test]
fn a_report_that_can_not_be_written_is_told() {
    let device = Device::without_server();

    let arguments = ["support-bundle", "--output", "no/such/folder/report.txt"];
    device.run(&arguments).assert_error(74, "storage_failed");
}

#[test]
fn no_secret_gets_anywhere_but_where_it_belongs() {
    let server = Server::start();
    let password = format!("{CANARY}-password");
    let patch = UserPatch { password: Some(password.clone()), ..UserPatch::default() };
    server.control().patch_user(server.user(HARALD), patch).unwrap();
    let mut device = Device::new(&server)
        .with_setting("log_level", "trace")
        .with_setting("password", "kanarienvogel-variable");
    device.write_config("# kanarienvogel-comment\npassword = 'kanarienvogel-config'\n");
    let mut told = String::new();
    let mut run = |device: &Device, arguments: &[&str], input: &str| {
        told += &device.run_with_input(&[arguments, &["-vvv"]].concat(), input).stderr;
    };

    let sign_in = ["sign-in", "--user", HARALD, "--password-stdin"];
    run(&device, &sign_in, "kanarienvogel-wrong-password");
    run(&device, &sign_in, &password);
    run(&device, &["switch", "kanarienvogel-scan"], "");
    server.ask_for_code("kanarienvogel-code");
    run(&device, &["switch", "Warehouse1"], "");
    run(&device, &["sync", "--mfa-code-stdin"], "kanarienvogel-wrong-code");
    run(&device, &["sync", "--mfa-code-stdin"], "kanarienvogel-code");
    run(&device, &["panic"], "");
    let report = bundle(&device);
    device.forget_server_variable();
    run(&device, &["status"], "");

    let tokens = tokens_in(&device.data_dir().join("secrets"));
    assert!(!tokens.is_empty());
    let secrets: Vec<&str> = tokens.iter().map(String::as_str).chain([CANARY]).collect();
    let files = device.all_files();
    assert!(files.iter().any(|file| file.ends_with("logs/wareswitch.log")), "{files:?}");
    assert!(files.iter().any(|file| file.parent().unwrap().ends_with("reports")), "{files:?}");
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} is on standard error:\n{told}");
        assert!(!report.contains(secret), "{secret} is in the report:\n{report}");
        for file in files.iter().filter(|file| !file.ends_with("secrets")) {
            let bytes = std::fs::read(file).unwrap();
            let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret} is in {}", file.display());
        }
    }
}

/// Every token in the file of the secrets.
fn tokens_in(file: &Path) -> Vec<String> {
    let secrets: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let tokens = secrets["tokens"].as_array().unwrap().iter();
    tokens.map(|token| token["access_token"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_fault_of_the_program_ends_with_70_and_leaves_a_report() {
    let device = Device::without_server();

    let ran = device.run(&["panic"]).assert_error(70, "internal");

    assert!(ran.stderr.contains("reports/panic-"), "{}", ran.stderr);
    let text = bundle(&device);
    assert!(text.contains("[fault of the program]") && text.contains("message: asked for"));
    assert!(text.contains("place: src/launch/mod.rs:"), "{text}");
}

#[test]
fn a_log_that_can_not_be_written_stops_nothing() {
    let server = Server::start();
    let device = Device::new(&server);
    std::fs::create_dir(device.data_dir()).unwrap();
    std::fs::write(device.data_dir().join("logs"), "in the way").unwrap();

    device.sign_in(HARALD, crate::support::PASSWORD).assert_code(0);
    device.switch("Warehouse1");
}

#[cfg(unix)]
#[test]
fn whatever_the_umask_every_file_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let device = Device::new(&server);
    let permissive = |arguments: &[&str], input: &str| -> Output {
        device.run_after("umask 000", arguments, input)
    };
    let sign_in = ["sign-in", "--user", HARALD, "--password-stdin"];
    assert!(permissive(&sign_in, crate::support::PASSWORD).status.success());
    permissive(&["switch", "Warehouse1"], "");
    permissive(&["panic"], "");
    permissive(&["support-bundle", "--output", "data/report.txt"], "");
    let waiting = FaultKind::Delay { millis: 60_000 }.always();
    server.go_wrong([on_list(waiting)]);
    let mut syncing = device.spawn_after("umask 000", &["sync"]);
    let is_open = || device.all_files().iter().any(|file| file.ends_with("state.db-wal"));
    wait_until("the database is open", is_open);

    for path in device.all_files().into_iter().chain(device.all_folders()) {
        // A file of SQLite may be gone by now.
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        let mode = metadata.permissions().mode() & 0o777;
        let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{} has {mode:o}", path.display());
    }
    syncing.kill().unwrap();
    syncing.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_can_connect_to_a_program_that_is_at_work() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.go_wrong([on_list(FaultKind::Delay { millis: 60_000 }.always())]);
    let mut syncing = device.spawn_after("true", &["sync"]);
    let sockets = || sockets_of(syncing.id());
    wait_until("the request is under way", || !sockets().is_empty() && server.looks() > 0);

    let listening = listening_sockets();
    assert!(!listening.is_empty(), "the server of the test listens");
    let open: Vec<String> = sockets().into_iter().filter(|one| listening.contains(one)).collect();
    assert_eq!(open, Vec::<String>::new());
    syncing.kill().unwrap();
    syncing.wait().unwrap();
}

/// The inodes of a process's sockets.
#[cfg(target_os = "linux")]
fn sockets_of(process: u32) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{process}/fd")) else { return Vec::new() };
    let links = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let names = links.map(|link| link.display().to_string());
    names
        .filter_map(|name| Some(name.strip_prefix("socket:[")?.trim_end_matches(']').into()))
        .collect()
}

/// The inodes of all sockets that wait for somebody to connect.
#[cfg(target_os = "linux")]
fn listening_sockets() -> Vec<String> {
    let table = |name: &str| std::fs::read_to_string(format!("/proc/net/{name}"));
    let lines = ["tcp", "tcp6"].map(table).map(Result::unwrap_or_default).concat();
    let columns = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let listening = columns.filter(|columns| columns.get(3) == Some(&"0A"));
    listening.filter_map(|columns| columns.get(9).map(|inode| (*inode).to_owned())).collect()
}
