//! A device changes hands while its disk fails or its battery is pulled.

// The counts belong to the proof.
#![allow(clippy::print_stdout)]

use std::path::Path;

use wareswitch::app::device::Device;
use wareswitch::app::{Password, Pin};
use wareswitch::domain::ids::{ProfileId, WarehouseUuid};
use wareswitch::domain::protection::PinState;
use wareswitch::error::{UserErrorKind, exit_code};
use zeroize::Zeroizing;

use crate::disk::{Disk, Fault, Plan};
use crate::support::{HARALD, MARTHA, PASSWORD, Server};
use crate::world;

fn pin(text: &str) -> Pin {
    Pin::parse(Zeroizing::new(text.to_owned())).unwrap()
}

/// How often a PIN was tried since it was right.
async fn tries(device: &Device, profile: &ProfileId) -> u32 {
    let users = device.known_users(None).await.unwrap();
    match users.iter().find(|user| user.profile == *profile).unwrap().pin {
        PinState::Set { tries } => tries,
        PinState::None => panic!("there is no PIN any more"),
    }
}

#[test]
fn a_pin_on_a_failing_disk_is_counted_before_it_is_looked_at() {
    let server = Server::start();
    let folder = world::signed_in(&server);
    let (mut refused, mut looked_at) = (0, 0);
    let disk = Disk::watch(folder.path());
    world::run(async {
        let device = world::open(&server, folder.path()).unwrap();
        let profile = device.signed_in_profile().await.unwrap().id().clone();
        device.set_pin(&profile, Some(pin("2580"))).await.unwrap();
        for (fault, lasts) in
            Fault::ALL.into_iter().flat_map(|fault| [(fault, true), (fault, false)])
        {
            for at in 1.. {
                let before = tries(&device, &profile).await;
                disk.fail(Some(Plan { fault, at, lasts }));
                let tried = device.check_pin(&profile, pin("1357")).await.unwrap_err();
                let has_failed = disk.eligible() >= at;
                disk.fail(None);
                let counted = tries(&device, &profile).await - before;
                if tried.kind() == UserErrorKind::PinWrong {
                    looked_at += 1;
                    assert_eq!(counted, 1, "{fault:?} at {at}");
                } else {
                    refused += 1;
                    assert_eq!(tried.kind().exit_code(), exit_code::STORAGE, "{tried:?}");
                }
                // The right one opens it whatever came before, and the tries begin anew.
                device.check_pin(&profile, pin("2580")).await.unwrap();
                if !has_failed {
                    break;
                }
            }
        }
    });
    disk.leave_alone();
    println!("{refused} tries refused, {looked_at} looked at and counted");
    assert!(refused > 10 && looked_at >= 10);
}

/// Somebody hands the device over, step by step with a cut before each; what is left is looked at.
/// Returns how many cuts there were.
fn cut_at_every_step(
    template: &Path,
    server: &Server,
    act: impl AsyncFn(&Device) -> bool,
    check: impl AsyncFn(&Device, &Path, bool),
) -> u64 {
    for cut_at in 1.. {
        let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        world::copy(template, before.path());
        let disk = Disk::watch(before.path());
        let was_told = world::run(async {
            disk.cut_power_at(cut_at, fastrand::Rng::with_seed(cut_at));
            let Ok(device) = world::open(server, before.path()) else { return false };
            let is_done = act(&device).await;
            is_done && !disk.is_dead()
        });
        let was_cut = disk.is_dead();
        disk.leave_to(after.path());
        disk.leave_alone();
        world::run(async {
            let device = world::open(server, after.path()).unwrap();
            check(&device, after.path(), was_told).await;
        });
        if !was_cut {
            return cut_at - 1;
        }
    }
    0
}

#[test]
fn a_power_cut_while_the_user_is_switched_leaves_one_of_them_in_front_and_both_with_everything() {
    let server = Server::start();
    let template = world::signed_in(&server);
    let warehouse = WarehouseUuid::new(server.warehouse("Warehouse1"));
    let harald = world::run(async {
        let device = world::open(&server, template.path()).unwrap();
        let profile = device.signed_in_profile().await.unwrap();
        world::tap(&profile, warehouse).await.unwrap();
        device.sign_in(MARTHA, Password::new(PASSWORD.into())).await.unwrap();
        profile.id().clone()
    });

    let cuts = cut_at_every_step(
        template.path(),
        &server,
        async |device| device.unlock(&harald, None).await.is_ok(),
        async |device, _, was_told| {
            let front = device.profile_in_front().await.unwrap().unwrap();
            assert!(!was_told || front.username() == HARALD);
            let users = device.known_users(None).await.unwrap();
            let of = |name| users.iter().find(|user| user.username == name).unwrap();
            assert_eq!((of(HARALD).waiting, of(MARTHA).waiting), (1, 0));
        },
    );

    println!("{cuts} cuts");
    assert!(cuts >= 2);
}

/// Whether anything of a user is still in the data folder.
fn is_anything_left(folder: &Path, profile: &ProfileId) -> bool {
    let secrets = std::fs::read_to_string(folder.join("secrets")).unwrap_or_default();
    let user = profile.user.to_string();
    let state = wareswitch::store::profile_folder(folder, profile).join("state.db");
    secrets.contains(&user) || state.exists()
}

#[test]
fn a_power_cut_while_a_user_is_removed_leaves_all_of_them_or_nothing() {
    let server = Server::start();
    let template = world::signed_in(&server);
    let warehouse = WarehouseUuid::new(server.warehouse("Warehouse1"));
    let harald = world::run(async {
        let device = world::open(&server, template.path()).unwrap();
        let profile = device.signed_in_profile().await.unwrap();
        world::tap(&profile, warehouse).await.unwrap();
        profile.id().clone()
    });
    assert!(is_anything_left(template.path(), &harald));
    let kept = std::cell::Cell::new(0);

    let cuts = cut_at_every_step(
        template.path(),
        &server,
        async |device| {
            let Ok(profile) = device.signed_in_profile().await else { return false };
            device.sign_out(&profile, true).await.is_ok_and(|out| out.is_removed)
        },
        async |device, folder, was_told| {
            device.finish_sign_outs().await.unwrap();
            let users = device.known_users(None).await.unwrap();
            match users.as_slice() {
                [] => assert!(!is_anything_left(folder, &harald)),
                [user] => {
                    assert!(!was_told, "they are said to be gone");
                    assert_eq!(user.profile, harald);
                    kept.set(kept.get() + 1);
                }
                more => panic!("{more:?}"),
            }
            // Whatever was left, they can sign in again.
            let profile = world::sign_in(device).await.unwrap();
            assert!(profile.view().await.unwrap().snapshot.is_some());
        },
    );
    let kept = kept.get();

    println!("{cuts} cuts, {kept} times the user was still there");
    assert!(cuts >= 5 && (1..cuts).contains(&kept));
}
