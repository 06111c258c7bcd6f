//! Killed at random moments, again and again.

// The seed must be seen where a test fails.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use serde_json::Value;
use wareswitch::sandbox::FaultKind;

use crate::support::{Device, HARALD, Server, on_patch};

/// How often each test kills the program; `WARESWITCH_TEST_KILLS` says it otherwise. There are four
/// of them with those of the window.
const KILLS: u32 = 125;
/// How many kills are looked at together: `outbox` shows a few hundred changes at most.
const BATCH: u32 = 100;
/// The kills to do, and where the moments are drawn from; printed, so that a failure can be
/// repeated with `WARESWITCH_TEST_SEED`.
pub(crate) fn plan() -> (u32, fastrand::Rng) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("WARESWITCH_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    let kills = number("WARESWITCH_TEST_KILLS").and_then(|kills| u32::try_from(kills).ok());
    println!("WARESWITCH_TEST_SEED={seed}");
    (kills.unwrap_or(KILLS), fastrand::Rng::with_seed(seed))
}

/// How long a command lives that nobody kills, a little more: so the kills fall before, in and
/// after what it does, however busy the machine is.
fn longest_life(device: &Device, command: &[&str]) -> Duration {
    let lives = (0..5).map(|number| {
        let warehouse = if number % 2 == 0 { "Warehouse1" } else { "Warehouse2" };
        let begun = Instant::now();
        device.run(&[&["switch", warehouse], command].concat());
        begun.elapsed()
    });
    lives.max().unwrap_or_default()
}

/// Lets a command live that long, then kills it. Returns the change that it had printed whole.
fn kill_after(device: &Device, arguments: &[&str], life: Duration) -> Option<Value> {
    let mut running = device.start(arguments);
    let begun = Instant::now();
    while begun.elapsed() < life && !running.has_ended() {
        std::thread::yield_now();
    }
    let printed: Value = serde_json::from_str(&running.kill()).ok()?;
    Some(printed["change"].clone())
}

pub(crate) fn life(chances: &mut fastrand::Rng, longest: Duration) -> Duration {
    longest.mul_f64(chances.f64())
}

#[track_caller]
fn assert_all_kept(changes: &[Value], printed: &[Value]) {
    for change in printed {
        let kept = changes.iter().find(|kept| kept["change_id"] == change["change_id"]);
        let kept = kept.unwrap_or_else(|| panic!("lost: {change}"));
        assert_eq!(kept["seq"], change["seq"]);
        assert!(kept["state"] == "queued" || kept["state"] == "superseded", "{kept}");
    }
    assert!(changes.iter().filter(|change| change["state"] == "queued").count() <= 1);
}

#[test]
fn what_was_printed_as_queued_is_in_the_outbox_after_any_kill() {
    let (kills, mut chances) = plan();
    let server = Server::start();
    let device = Device::signed_in(&server);
    let longest = longest_life(&device, &["--offline"]);
    let mut acknowledged = 0;

    for batch in 0..kills.div_ceil(BATCH) {
        let mut printed = Vec::new();
        for number in batch * BATCH..kills.min((batch + 1) * BATCH) {
            let warehouse = if number % 2 == 0 { "Warehouse1" } else { "Warehouse2" };
            let life = life(&mut chances, longest);
            printed.extend(kill_after(&device, &["switch", warehouse, "--offline"], life));
        }
        assert_all_kept(&device.changes(), &printed);
        acknowledged += printed.len();
    }

    println!("{kills} kills of a command, {acknowledged} taps acknowledged, 0 lost");
    assert!(acknowledged as u64 >= u64::from(kills) / 20, "too few taps to prove anything");
    assert_eq!(server.patches(), 0);
    let changes = device.changes();
    let last = changes.first().map(|change| change["warehouse_name"].clone());
    device.run(&["sync"]).assert_code(0);
    let active = server.active_of(HARALD);
    assert_eq!(active.first().map(|name| Value::from(name.as_str())), last);
    assert!(server.patches() <= 1);
}

#[test]
fn the_last_recorded_wish_comes_true_after_kills_in_the_middle_of_sending() {
    let (kills, mut chances) = plan();
    let server = Server::start();
    let device = Device::signed_in(&server);
    let longest = longest_life(&device, &[]);
    server.control().clear_requests();

    for number in 0..kills {
        // Every third answer to a PATCH is lost after its effect, too.
        let lost = on_patch(FaultKind::CloseAfter {}.times(1));
        server.go_wrong((number % 3 == 0).then_some(lost));
        let warehouse = if number % 2 == 0 { "Warehouse1" } else { "Warehouse2" };
        let life = life(&mut chances, longest);
        if let Some(change) = kill_after(&device, &["switch", warehouse], life)
            && change["state"] == "confirmed"
        {
            assert_eq!(server.active_of(HARALD), [warehouse], "a false 'confirmed'");
        }
    }
    server.recover();

    device.run(&["sync"]).assert_code(0);
    let status = device.status();
    assert_eq!(
        (&status["outbox"]["waiting"], &status["outbox"]["needs_decision"]),
        (&0.into(), &0.into())
    );
    let last = device.changes().first().map(|change| change["warehouse_name"].clone());
    let active = server.active_of(HARALD);
    assert_eq!(active.first().map(|name| Value::from(name.as_str())), last);
    assert_eq!(status["server_active"]["warehouse_name"], last.unwrap_or_default());
}
