//! Random days of one worker on one device with a bad network: in the end the server has the last
//! word of the worker, nobody was asked needlessly, and nothing was called confirmed that wasn't.

use wareswitch::sandbox::{Fault, FaultKind};

use crate::support::{Device, HARALD, Ran, Server, on_list, on_patch};

const STORIES: u64 = 12;
const STEPS: usize = 14;

fn fault(chances: &mut fastrand::Rng) -> Fault {
    let page = |status| FaultKind::Status { status, headers: serde_json::Map::new(), body: None };
    let kinds = [
        FaultKind::Offline {},
        FaultKind::CloseBefore {},
        FaultKind::CloseAfter {},
        FaultKind::CutBody {},
        FaultKind::Html { status: None },
        FaultKind::Html { status: Some(502) },
        page(500),
        page(503),
        page(429),
        page(404),
        page(204),
        FaultKind::Redirect { location: "http://login.wifi.invalid/".to_owned() },
    ];
    let kind = kinds[chances.usize(..kinds.len())].clone();
    let fault = kind.times(chances.u32(1..4));
    if chances.bool() { on_patch(fault) } else { on_list(fault) }
}

fn step(device: &Device, chances: &mut fastrand::Rng) -> (String, Ran) {
    let warehouse = if chances.bool() { "Warehouse1" } else { "Warehouse2" };
    let latest = || device.changes().first().map_or(1, |change| change["seq"].as_i64().unwrap());
    let arguments: Vec<String> = match chances.u8(..10) {
        0..=2 => vec!["switch".into(), warehouse.into()],
        3..=5 => vec!["switch".into(), warehouse.into(), "--offline".into()],
        6 => vec!["leave".into()],
        7 => vec!["leave".into(), "--offline".into()],
        8 => vec!["outbox".into(), "undo".into(), latest().to_string()],
        _ => vec!["sync".into()],
    };
    let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
    (arguments.join(" "), device.run(&borrowed))
}

/// The name of the warehouse that the worker sees as active.
fn shown(device: &Device) -> Option<String> {
    let status = device.status();
    status["shown_active"]["warehouse_name"].as_str().map(str::to_owned)
}

/// The name of the warehouse that the server last said is active.
fn word_of_server(device: &Device) -> Option<String> {
    let status = device.status();
    status["server_active"]["warehouse_name"].as_str().map(str::to_owned)
}

fn tell(seed: u64) {
    let mut chances = fastrand::Rng::with_seed(seed);
    let server = Server::start();
    let device = Device::signed_in(&server);
    let mut story = Vec::new();

    for _ in 0..STEPS {
        let is_bad = chances.u8(..3) > 0;
        let faults = is_bad.then(|| fault(&mut chances));
        let before = shown(&device);
        server.go_wrong(faults.clone());
        let (command, ran) = step(&device, &mut chances);
        story.push(format!("{command} {faults:?} -> {} {}", ran.code, ran.json));

        assert!(matches!(ran.code, 0 | 1 | 69 | 75), "{seed}: {story:#?}");
        if ran.code == 1 {
            let kind = &ran.json["error"]["kind"];
            let is_late_undo = kind == "not_possible" || kind == "no_such_change";
            assert!(is_late_undo && command.contains("undo"), "{seed}: {story:#?}");
        }
        let change = &ran.json["change"];
        if change["state"] == "confirmed" {
            let wished = change["warehouse_name"].as_str();
            assert_eq!(server.active_of(HARALD).first().map(String::as_str), wished, "{story:#?}");
        }
        let is_kept = shown(&device) == wanted(&command, &ran, before, word_of_server(&device));
        assert!(is_kept, "{seed}: shown is {:?} after {story:#?}", shown(&device));
    }

    server.recover();
    let last_word = shown(&device);
    let sync = device.run(&["sync"]).assert_code(0);
    story.push(format!("sync -> {}", sync.json));
    assert_eq!(server.active_of(HARALD).first().cloned(), last_word, "{seed}: {story:#?}");
    let outbox = device.status()["outbox"].clone();
    for count in ["waiting", "needs_decision", "rejected_unseen"] {
        assert_eq!(outbox[count], 0, "{seed}: {story:#?}");
    }
}

/// What must be shown after a command: the new wish, or what was shown before.
fn wanted(
    command: &str,
    ran: &Ran,
    before: Option<String>,
    word_of_server: Option<String>,
) -> Option<String> {
    let mut words = command.split(' ');
    match (words.next(), words.next()) {
        (Some("switch"), name) => name.map(str::to_owned),
        (Some("leave"), _) => None,
        // Taken back before anything was sent: the word of the server is shown again.
        (Some("outbox"), _) if ran.json["change"]["state"] == "discarded" => word_of_server,
        (Some("outbox"), _) if ran.code == 0 => {
            ran.json["change"]["warehouse_name"].as_str().map(str::to_owned)
        }
        _ => before,
    }
}

#[test]
fn a_worker_alone_always_gets_their_last_word() {
    let first = std::env::var("WARESWITCH_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seeds = first.map_or(1..=STORIES, |seed: u64| seed..=seed);
    seeds.for_each(tell);
}
