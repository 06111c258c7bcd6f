//! The fixed shapes of `--json`, which scripts rely on: exact members, one document, exit codes.

use serde_json::{Value, json};

use crate::support::{Device, HARALD, Server};

#[track_caller]
fn assert_members(value: &Value, expected: &[&str]) {
    let mut members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = expected.to_vec();
    members.sort_unstable();
    expected.sort_unstable();
    assert_eq!(members, expected);
}

#[track_caller]
fn assert_utc(value: &Value) {
    let text = value.as_str().unwrap();
    assert!(text.ends_with('Z') && text.get(10..11) == Some("T"), "{text}");
}

const ACTIVE: [&str; 3] = ["assignment_id", "warehouse_uuid", "warehouse_name"];

#[test]
fn status_of_a_fresh_device() {
    let server = Server::start();
    let device = Device::new(&server);

    let expected = json!({
        "profile": null, "server_url": server.origin(), "connection": "unknown",
        "token_expires_in_s": null, "server_active": null, "server_active_all": [],
        "shown_active": null,
        "outbox": {
            "waiting": 0, "needs_decision": 0, "rejected_unseen": 0,
            "other_servers": 0, "other_users": 0,
        },
        "snapshot": null, "storage": "ok", "secrets": null,
    });
    assert_eq!(device.status(), expected);
}

#[test]
fn status_of_a_device_in_use() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse1");
    device.tap_offline("Warehouse2");

    let status = device.status();

    assert_members(
        &status,
        &[
            "profile",
            "server_url",
            "connection",
            "token_expires_in_s",
            "server_active",
            "server_active_all",
            "shown_active",
            "outbox",
            "snapshot",
            "storage",
            "secrets",
        ],
    );
    assert_eq!(status["secrets"], json!({ "store": "file", "state": "ok" }));
    assert_eq!(status["profile"], json!({ "user_uuid": server.user(HARALD), "username": HARALD }));
    assert_eq!(status["server_url"], server.origin());
    assert!(status["token_expires_in_s"].as_u64().is_some());
    assert_members(&status["server_active"], &ACTIVE);
    assert_eq!(status["server_active_all"], json!([status["server_active"]]));
    assert_eq!(status["server_active"]["warehouse_name"], "Warehouse1");
    assert_members(&status["shown_active"], &ACTIVE);
    assert_eq!(status["shown_active"]["warehouse_name"], "Warehouse2");
    assert_members(
        &status["outbox"],
        &["waiting", "needs_decision", "rejected_unseen", "other_servers", "other_users"],
    );
    assert_members(&status["snapshot"], &["fetched_at", "count"]);
    assert_utc(&status["snapshot"]["fetched_at"]);
}

#[test]
fn list_shows_every_assignment_in_the_order_of_the_screen() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.switch("Warehouse2");
    device.run(&["sync"]).assert_code(0);

    let list = device.run(&["list"]).assert_code(0).json;

    assert_members(&list, &["fetched_at", "assignments"]);
    assert_utc(&list["fetched_at"]);
    let rows = list["assignments"].as_array().unwrap();
    let row = |name: &str, is_open: bool, is_active: bool| {
        json!({
            "assignment_id": server.assignment(HARALD, name),
            "warehouse_uuid": server.warehouse(name), "warehouse_name": name,
            "warehouse_is_active": is_open, "is_active": is_active, "shown_active": is_active,
            "waiting": false,
        })
    };
    let expected = [
        row("Warehouse2", true, true),
        row("Warehouse1", true, false),
        row("Warehouse3", false, false),
    ];
    assert_eq!(rows, &expected, "the active one first, closed ones last");
}

#[test]
fn outbox_tells_everything_about_a_change() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let first = device.tap_offline("Warehouse1");
    let second = device.run(&["leave", "--offline"]).assert_change(75, "queued").seq();

    let changes = device.changes();

    assert_eq!(changes.len(), 2);
    let (newest, oldest) = (&changes[0], &changes[1]);
    assert_eq!((&newest["seq"], &oldest["seq"]), (&json!(second), &json!(first)));
    for change in &changes {
        assert_members(
            change,
            &[
                "seq",
                "change_id",
                "kind",
                "origin",
                "assignment_id",
                "warehouse_uuid",
                "warehouse_name",
                "state",
                "reason",
                "attempts",
                "recorded_at",
                "settled_at",
                "superseded_by",
                "seen",
            ],
        );
        assert_utc(&change["recorded_at"]);
    }
    assert_ne!(newest["change_id"], oldest["change_id"]);
    assert_eq!(oldest["state"], "superseded");
    assert_utc(&oldest["settled_at"]);
    assert_eq!(newest["kind"], "leave");
    assert_eq!((&newest["assignment_id"], &newest["warehouse_uuid"]), (&json!(null), &json!(null)));
    assert_eq!(device.run(&["outbox", "list"]).json["changes"], json!(changes));
}

#[test]
fn sign_out_tells_whether_anything_is_left() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    let ran = device.run(&["sign-out"]).assert_code(0);

    assert_eq!(ran.json, json!({ "removed": true, "waiting": 0 }));
    assert_eq!(device.status()["profile"], json!(null));
    assert!(device.state_files().is_empty());
}

#[test]
fn what_is_not_understood_is_a_usage_error_with_one_document() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    for arguments in [
        &["fly"][..],
        &["switch"],
        &["switch", "Warehouse1", "--sideways"],
        &["sign-in", "--user", HARALD],
        &["sign-in", "--password-stdin"],
        &["outbox", "undo"],
        &["outbox", "undo", "seven"],
        &["outbox", "decide", "1"],
        &["outbox", "decide", "1", "--mine", "--theirs"],
        &["status", "extra"],
    ] {
        device.run(arguments).assert_error(2, "usage");
    }
    assert!(server.control().requests().is_empty());
    assert!(device.changes().is_empty());
}

#[test]
fn people_get_text_and_messages_apart() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    device.tap_offline("Warehouse1");

    for arguments in [&["status"][..], &["list"], &["outbox"], &["sync"]] {
        let output = device.run_plainly(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(
            String::from_utf8(output.stdout).unwrap().contains("Warehouse1")
                || arguments == ["sync"]
        );
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
    let refused = device.run_plainly(&["switch", "Warehouse9"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    assert!(!refused.stderr.is_empty());
}

#[test]
fn help_and_version_are_no_failures() {
    let device = Device::without_server();

    for argument in ["--help", "--version"] {
        let output = device.run_plainly(&[argument]);
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains("wareswitch"));
    }
}
