//! The window's process is killed at random moments, while fingers tap and the engine sends.

// The counts belong to the proof.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::random::{life, plan};
use crate::support::{Device, HARALD, Server};

/// How many kills are looked at together: `outbox` shows a few hundred changes at most.
const BATCH: u32 = 25;
/// How long it lives at most, from its start or from its first picture.
const LONGEST_LIFE: Duration = Duration::from_millis(120);
/// How many taps a finger makes in that time at most.
const TAPS_MAX: usize = 8;
/// The limit only ends a test that failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The window's process with somebody before it.
struct Window {
    child: Child,
    finger: ChildStdin,
    seen: mpsc::Receiver<Value>,
    eye: JoinHandle<()>,
}

impl Window {
    fn open(device: &Device) -> Self {
        let mut child = device.start_window();
        let (finger, glass) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (see, seen) = mpsc::channel();
        let eye = std::thread::spawn(move || {
            for line in BufReader::new(glass).lines() {
                // The last line of a killed process may be cut, and then nobody has seen it.
                let Ok(state) = serde_json::from_str(&line.unwrap()) else { break };
                // Nobody may be interested any more.
                let _ = see.send(state);
            }
        });
        Self { child, finger, seen, eye }
    }

    fn line(&mut self, line: &str) {
        // The process may be dead.
        let _ = writeln!(self.finger, "{line}");
    }

    /// Waits until it shows what is asked for.
    fn sees(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            let state = self.seen.recv_timeout(PATIENCE);
            let state = state.unwrap_or_else(|_| panic!("waited in vain until {what}"));
            if is_so(&state) {
                return state;
            }
        }
    }

    /// Kills it, and returns what it had shown.
    fn kill(mut self) -> Vec<Value> {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
        drop(self.finger);
        self.eye.join().unwrap();
        self.seen.iter().collect()
    }
}

/// Opens a window, taps here and there, and kills it. What it had shown as accepted, by number.
fn tap_until_killed(device: &Device, chances: &mut fastrand::Rng) -> BTreeMap<i64, Value> {
    let mut window = Window::open(device);
    let mut shown = Vec::new();
    // One in five dies before anybody saw much of it.
    if chances.u8(..5) > 0 {
        shown.push(window.sees("it is there", |state| !state["profile"].is_null()));
    }
    let begun = Instant::now();
    let life = life(chances, LONGEST_LIFE);
    for number in 0..TAPS_MAX {
        window.line(if number % 2 == 0 { "tap Warehouse1" } else { "tap Warehouse2" });
        let pause = Instant::now() + Duration::from_micros(chances.u64(..20_000));
        while begun.elapsed() < life && Instant::now() < pause {
            std::thread::yield_now();
        }
    }
    while begun.elapsed() < life {
        std::thread::yield_now();
    }
    shown.extend(window.kill());
    let changes = shown.iter().filter_map(|state| state["changes"].as_array()).flatten();
    changes.map(|change| (change["seq"].as_i64().unwrap(), change.clone())).collect()
}

#[track_caller]
fn assert_all_kept(kept: &[Value], shown: &BTreeMap<i64, Value>) {
    for (seq, change) in shown {
        let kept = kept.iter().find(|kept| kept["seq"] == *seq);
        let kept = kept.unwrap_or_else(|| panic!("shown as accepted and lost: {change}"));
        for name in ["change_id", "warehouse_uuid", "recorded_at"] {
            assert_eq!(kept[name], change[name], "{kept}");
        }
        let was_settled = !change["settled_at"].is_null();
        assert!(!was_settled || kept["state"] == change["state"], "{change} became {kept}");
    }
    let waiting = kept.iter().filter(|change| change["settled_at"].is_null()).count();
    assert!(waiting <= 2, "one on its way and one behind it");
}

fn kill_again_and_again(device: &Device) {
    let (kills, mut chances) = plan();
    let mut accepted = 0;
    for batch in 0..kills.div_ceil(BATCH) {
        let mut shown = BTreeMap::new();
        for _ in batch * BATCH..kills.min((batch + 1) * BATCH) {
            shown.extend(tap_until_killed(device, &mut chances));
        }
        assert_all_kept(&device.changes(), &shown);
        accepted += shown.len();
    }
    println!("{kills} kills of the window's process, {accepted} taps shown as accepted, 0 lost");
    assert!(accepted as u64 >= u64::from(kills) / 4, "too few taps to prove anything");
}

#[track_caller]
fn assert_last_wish_comes_true(server: &Server, device: &Device) {
    let last = device.changes().remove(0);
    device.run(&["sync"]).assert_code(0);
    let active = server.active_of(HARALD);
    assert_eq!(
        active.first().map(|name| Value::from(name.as_str())),
        Some(last["warehouse_name"].clone())
    );
    assert_eq!(device.status()["outbox"]["waiting"], 0);
}

#[test]
fn what_the_window_showed_as_accepted_is_in_the_outbox_after_any_kill() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().set_offline(true);

    kill_again_and_again(&device);

    server.recover();
    assert_last_wish_comes_true(&server, &device);
}

#[test]
fn a_window_that_is_killed_while_it_sends_loses_nothing_and_its_last_wish_comes_true() {
    let server = Server::start();
    let device = Device::signed_in(&server);

    kill_again_and_again(&device);

    assert_last_wish_comes_true(&server, &device);
}

#[test]
fn an_open_window_shows_at_once_what_a_command_recorded() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().set_offline(true);
    let window = Window::open(&device);
    window.sees("it is there", |state| !state["profile"].is_null());

    let seq = device.tap_offline("Warehouse2");

    window.sees("the tap is shown", |state| state["changes"][0]["seq"] == seq);
    window.kill();
}

#[test]
fn window_and_command_share_one_outbox_and_one_of_them_sends() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    let mut window = Window::open(&device);
    window.sees("it is there", |state| !state["profile"].is_null());

    for round in 0..5 {
        window.line(if round % 2 == 0 { "tap Warehouse1" } else { "tap Warehouse2" });
        let warehouse = if round % 2 == 0 { "Warehouse2" } else { "Warehouse1" };
        device.run(&["switch", warehouse]);
    }
    device.run(&["sync"]).assert_code(0);

    let changes = device.changes();
    let sequence: Vec<_> = changes.iter().rev().map(|change| change["seq"].as_i64()).collect();
    assert!(sequence.is_sorted() && sequence.windows(2).all(|two| two[0] != two[1]));
    let last = changes[0]["warehouse_name"].as_str().unwrap();
    assert_eq!(server.active_of(HARALD), [last]);
    window.kill();
}

#[test]
fn a_window_does_not_write_into_the_files_of_a_user_who_was_signed_out() {
    let server = Server::start();
    let device = Device::signed_in(&server);
    server.control().set_offline(true);
    let mut window = Window::open(&device);
    window.sees("it is there", |state| !state["profile"].is_null());

    device.run(&["sign-out", "--discard"]).assert_code(0);

    window.sees("nobody is signed in", |state| state["profile"].is_null());
    window.line("leave");
    window.kill();
    server.recover();
    device.sign_in(HARALD, crate::support::PASSWORD).assert_code(0);
    assert_eq!(device.changes(), Vec::<Value>::new());
    device.switch("Warehouse1");
}

#[test]
fn a_window_without_a_folder_for_its_data_says_so_and_goes_on_once_there_is_one() {
    let device = Device::without_server();
    std::fs::write(device.data_dir(), "in the way").unwrap();

    let mut window = Window::open(&device);
    window.sees("it says why", |state| state["failed"] == "storage_failed");
    std::fs::remove_file(device.data_dir()).unwrap();
    window.line("send");

    window.sees("it has started", |state| state["failed"].is_null());
    assert!(device.data_dir().join("window.lock").exists(), "no second window beside it");
    window.kill();
}
