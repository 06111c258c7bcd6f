//! The battery is pulled in the middle of everything. What was accepted is there afterwards.

// The seed must be seen where a test fails, and the counts belong to the proof.
#![allow(clippy::print_stdout)]

use std::path::Path;

use wareswitch::domain::ids::{Seq, WarehouseUuid};

use crate::disk::Disk;
use crate::support::Server;
use crate::world::{self, told};

/// How often the battery is pulled; `WARESWITCH_TEST_CUTS` says it otherwise.
const CUTS: u64 = 500;
/// How often with a setting that is known to lose taps.
const CUTS_WITH_NORMAL: u64 = 60;
/// No run has more calls to the disk than this before the battery is pulled.
const CALLS_MAX: u64 = 260;
/// How many taps there are at most before somebody pulls it.
const TAPS_MAX: u32 = 40;

/// What a run came to.
#[derive(Default)]
struct Tally {
    cuts: u64,
    accepted: u64,
    lost: Vec<String>,
}

struct Scene<'a> {
    server: &'a Server,
    warehouses: [WarehouseUuid; 2],
    /// A device on which Harald is signed in.
    signed_in: &'a Path,
}

fn play(cuts: u64, is_normal: bool) -> Tally {
    let seed = told("WARESWITCH_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("WARESWITCH_TEST_SEED={seed}");
    let server = Server::start();
    let signed_in = world::signed_in(&server);
    let warehouses =
        ["Warehouse1", "Warehouse2"].map(|name| WarehouseUuid::new(server.warehouse(name)));
    let scene = Scene { server: &server, warehouses, signed_in: signed_in.path() };
    let mut tally = Tally::default();
    for number in 0..cuts {
        scene.cut(seed.wrapping_add(number), is_normal, &mut tally);
    }
    tally
}

impl Scene<'_> {
    /// One device, one cut. Every third device is a new one, so that folders are new as well.
    fn cut(&self, seed: u64, is_normal: bool, tally: &mut Tally) {
        let mut chances = fastrand::Rng::with_seed(seed);
        let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let is_new = chances.u8(..3) == 0;
        if !is_new {
            world::copy(self.signed_in, before.path());
        }
        let disk = Disk::watch(before.path());
        if is_normal {
            disk.make_normal();
        }
        disk.cut_power_at(chances.u64(1..CALLS_MAX), chances.fork());

        let accepted = world::run(self.taps_until(&disk, before.path(), is_new, &mut chances));
        disk.leave_to(after.path());
        disk.leave_alone();

        tally.cuts += 1;
        tally.accepted += accepted.len() as u64;
        if let Some(problem) = world::run(self.problem_after(after.path(), &accepted)) {
            tally
                .lost
                .push(format!("WARESWITCH_TEST_SEED={seed} WARESWITCH_TEST_CUTS=1: {problem}"));
        }
    }

    /// Taps until the battery is out. Returns what was accepted before.
    async fn taps_until(
        &self,
        disk: &Disk,
        folder: &Path,
        is_new: bool,
        chances: &mut fastrand::Rng,
    ) -> Vec<(Seq, WarehouseUuid)> {
        let mut accepted = Vec::new();
        let Ok(device) = world::open(self.server, folder) else { return accepted };
        let profile =
            if is_new { world::sign_in(&device).await } else { device.signed_in_profile().await };
        let Ok(profile) = profile else { return accepted };
        for number in 0..TAPS_MAX {
            let warehouse = self.warehouses[number as usize % 2];
            let tapped = world::tap(&profile, warehouse).await;
            if disk.is_dead() {
                break;
            }
            let Some(seq) = tapped.unwrap() else { continue };
            accepted.push((seq, warehouse));
            match chances.u8(..10) {
                0 => drop(profile.undo(seq).await),
                1 => drop(world::sync(&profile).await),
                _ => {}
            }
        }
        accepted
    }

    /// What is wrong with the device when the battery is in again.
    async fn problem_after(
        &self,
        folder: &Path,
        accepted: &[(Seq, WarehouseUuid)],
    ) -> Option<String> {
        let device = match world::open(self.server, folder) {
            Ok(device) => device,
            Err(error) => return Some(format!("the device can't be opened: {error}")),
        };
        let profile = match device.profile_in_front().await {
            Ok(profile) => profile,
            Err(error) => return Some(format!("the profile can't be opened: {error}")),
        };
        let (last, _) = accepted.last()?;
        let Some(profile) = profile else { return Some("nobody is signed in any more".into()) };
        let changes = match profile.changes().await {
            Ok(changes) => changes,
            Err(error) => return Some(format!("the changes can't be read: {error}")),
        };
        for (seq, warehouse) in accepted {
            let kept = changes.iter().find(|change| change.seq == *seq);
            let target = kept.and_then(|change| change.wish.target());
            if target.map(|target| target.warehouse_uuid) != Some(*warehouse) {
                return Some(format!("tap {} of {} is lost", seq.0, accepted.len()));
            }
        }
        let waiting: Vec<_> = changes.iter().filter(|change| !change.state.is_settled()).collect();
        match waiting.as_slice() {
            [] => None,
            [change] if change.seq >= *last => None,
            others => Some(format!("an older wish waits: {others:?}")),
        }
    }
}

#[test]
fn a_power_cut_loses_no_tap_that_was_accepted() {
    let tally = play(told("WARESWITCH_TEST_CUTS").unwrap_or(CUTS), false);

    println!("{} cuts, {} taps accepted, {} lost", tally.cuts, tally.accepted, tally.lost.len());
    assert!(tally.lost.is_empty(), "{:#?}", tally.lost);
    assert!(tally.accepted >= tally.cuts, "too few taps to prove anything");
}

/// What most apps use. If this loses nothing, the test above proves nothing.
#[test]
fn the_same_cuts_with_synchronous_normal_lose_taps() {
    let tally = play(CUTS_WITH_NORMAL, true);

    println!("{} cuts, {} taps accepted, {} lost", tally.cuts, tally.accepted, tally.lost.len());
    assert!(tally.lost.len() >= 5, "{:?}", tally.lost);
}

#[test]
fn a_tap_waits_for_the_disk_once() {
    const TAPS: u64 = 100;
    let server = Server::start();
    let folder = world::signed_in(&server);
    let disk = Disk::watch(folder.path());

    let syncs = world::run(async {
        let device = world::open(&server, folder.path()).unwrap();
        let profile = device.signed_in_profile().await.unwrap();
        let warehouses = ["Warehouse1", "Warehouse2"].map(|name| server.warehouse(name));
        // The first one begins a log.
        world::tap(&profile, WarehouseUuid::new(warehouses[1])).await.unwrap();
        let before = disk.syncs();
        for number in 0..TAPS {
            let warehouse = warehouses[usize::try_from(number % 2).unwrap()];
            world::tap(&profile, WarehouseUuid::new(warehouse)).await.unwrap();
        }
        disk.syncs() - before
    });
    disk.leave_alone();

    println!("{syncs} waits for the disk in {TAPS} taps");
    // The log is moved into the file now and then, which takes two or three more.
    assert!((TAPS..=TAPS + 3).contains(&syncs), "{syncs}");
}
