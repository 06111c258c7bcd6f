//! Every call to the disk fails, once and for good, in the middle of everything that people do.
//! What they do is done or refused with a sentence, and works again when the disk does.

// The counts belong to the proof.
#![allow(clippy::print_stdout)]

use std::path::Path;

use wareswitch::app::device::Device;
use wareswitch::app::profile::Profile;
use wareswitch::domain::change::ChangeState;
use wareswitch::domain::ids::{Seq, ServerOrigin, WarehouseUuid};
use wareswitch::error::{UserError, exit_code};

use crate::disk::{Disk, Fault, Plan};
use crate::support::{HARALD, Server};
use crate::world::{self, told};

/// What people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Tap,
    Undo,
    Sync,
    SignIn,
}

/// When the disk begins to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// With the first file that is opened.
    TheStart,
    /// While the window is open.
    TheAction,
}

#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    faults: u64,
    done: u64,
    refused: u64,
}

struct Scene {
    server: Server,
    warehouse: WarehouseUuid,
    /// The device before the action.
    template: tempfile::TempDir,
    action: Action,
}

/// What is open while an action is under way.
#[derive(Default)]
struct Open {
    device: Option<Device>,
    profile: Option<Profile>,
}

impl Scene {
    fn set(action: Action) -> Self {
        let server = Server::start();
        let template = match action {
            Action::SignIn => tempfile::tempdir().unwrap(),
            Action::Tap | Action::Undo | Action::Sync => world::signed_in(&server),
        };
        let warehouse = WarehouseUuid::new(server.warehouse("Warehouse1"));
        let scene = Self { server, warehouse, template, action };
        if matches!(action, Action::Undo | Action::Sync) {
            world::run(async {
                let mut open = Open::default();
                scene.open(&mut open, scene.template.path()).await.unwrap();
                world::tap(open.profile.as_ref().unwrap(), warehouse).await.unwrap();
            });
        }
        scene
    }

    /// The server as it was before the action.
    fn reset_server(&self) {
        let user = self.server.user(HARALD);
        for row in self.server.control().assignments() {
            if row.user_uuid == user {
                self.server.control().patch_assignment(row.uuid, false).unwrap();
            }
        }
    }

    async fn open(&self, open: &mut Open, folder: &Path) -> Result<(), UserError> {
        if open.device.is_none() {
            open.device = Some(world::open(&self.server, folder)?);
        }
        if self.action != Action::SignIn && open.profile.is_none() {
            open.profile = Some(open.device.as_ref().unwrap().signed_in_profile().await?);
        }
        Ok(())
    }

    async fn act(&self, open: &mut Open, folder: &Path) -> Result<(), UserError> {
        self.open(open, folder).await?;
        match (self.action, &open.profile) {
            (Action::Tap, Some(profile)) => world::tap(profile, self.warehouse).await.map(drop),
            (Action::Undo, Some(profile)) => profile.undo(Seq(1)).await.map(drop),
            (Action::Sync, Some(profile)) => world::sync(profile).await,
            _ => world::sign_in(open.device.as_ref().unwrap()).await.map(drop),
        }
    }

    /// A sign-in has some hundred calls, most of which make a new file, as an upgrade does too: of
    /// those every sixth is played, unless all are asked for.
    fn step(&self) -> usize {
        let wants_all = told("WARESWITCH_TEST_ALL_FAULTS").is_some();
        if self.action == Action::SignIn && !wants_all { 6 } else { 1 }
    }

    /// Every way in which this action can meet a failing disk.
    fn play(&self, from: From, tally: &mut Tally) {
        for fault in Fault::ALL {
            let calls = self.run(from, Plan { fault, at: u64::MAX, lasts: false }, tally);
            for at in (1..=calls).step_by(self.step()) {
                for lasts in [false, true] {
                    self.run(from, Plan { fault, at, lasts }, tally);
                }
            }
        }
    }

    /// One action under one plan. Returns how many calls could have failed by it.
    fn run(&self, from: From, plan: Plan, tally: &mut Tally) -> u64 {
        let about = format!("{:?} from {from:?}: {plan:?}", self.action);
        let folder = tempfile::tempdir().unwrap();
        world::copy(self.template.path(), folder.path());
        self.reset_server();
        let disk = Disk::watch(folder.path());

        let acted = world::run(async {
            let mut open = Open::default();
            if from == From::TheAction {
                self.open(&mut open, folder.path()).await.unwrap();
            }
            disk.fail(Some(plan));
            let acted = self.act(&mut open, folder.path()).await;
            let calls = disk.eligible();
            disk.fail(None);
            let killed_now = tempfile::tempdir().unwrap();
            world::copy(folder.path(), killed_now.path());
            self.check_at_once(&open, &acted, &about).await;
            // While nothing can be written, nothing can be written over either.
            if !plan.lasts || acted.is_ok() {
                self.check_killed(killed_now.path(), &acted, &about).await;
            }
            // The disk is well again: the same window goes on.
            let again = self.act(&mut open, folder.path()).await;
            let is_done = self.is_done_already(&acted);
            assert!(again.is_ok() || is_done, "{about}: {acted:?}, then {again:?}");
            acted.map(|()| calls).map_err(|error| (error, calls))
        });
        tally.runs += 1;
        tally.faults += disk.injected();
        disk.leave_alone();
        world::run(self.check_after(folder.path(), &about));
        match acted {
            Ok(calls) => {
                tally.done += 1;
                calls
            }
            Err((error, calls)) => {
                tally.refused += 1;
                assert_eq!(error.kind().exit_code(), exit_code::STORAGE, "{about}: {error:?}");
                assert!(error.message().ends_with('.'), "{about}: {error:?}");
                calls
            }
        }
    }

    /// An undone change can't be undone again.
    fn is_done_already(&self, acted: &Result<(), UserError>) -> bool {
        self.action == Action::Undo && acted.is_ok()
    }

    /// What was refused is not there, what was accepted is.
    async fn check_at_once(&self, open: &Open, acted: &Result<(), UserError>, about: &str) {
        let Some(profile) = &open.profile else { return };
        let changes = profile.changes().await;
        let changes = changes.unwrap_or_else(|error| panic!("{about}: {error:?}"));
        let states: Vec<_> = changes.iter().map(|change| change.state).collect();
        match (self.action, acted.is_ok()) {
            (Action::Tap, true) => assert_eq!(states, [ChangeState::Queued], "{about}"),
            (Action::Tap, false) => assert_eq!(states, [], "{about}"),
            (Action::Undo, true) => assert_eq!(states, [ChangeState::Discarded], "{about}"),
            (Action::Undo, false) => assert_eq!(states, [ChangeState::Queued], "{about}"),
            (Action::Sync, true) => assert_eq!(states, [ChangeState::Confirmed], "{about}"),
            (Action::Sync, false) | (Action::SignIn, _) => assert!(states.len() <= 1, "{about}"),
        }
    }

    /// The same holds if the process dies at once.
    async fn check_killed(&self, folder: &Path, acted: &Result<(), UserError>, about: &str) {
        if self.action == Action::SignIn {
            return;
        }
        let mut open = Open::default();
        self.open(&mut open, folder).await.unwrap_or_else(|error| panic!("{about}: {error:?}"));
        self.check_at_once(&open, acted, &format!("killed after {about}")).await;
    }

    /// After the next start everything is as if the disk had never failed.
    async fn check_after(&self, folder: &Path, about: &str) {
        let device = world::open(&self.server, folder);
        let device = device.unwrap_or_else(|error| panic!("{about}: {error:?}"));
        let profile = device.signed_in_profile().await;
        let profile = profile.unwrap_or_else(|error| panic!("{about}: {error:?}"));
        let view = profile.view().await.unwrap();
        assert_eq!(view.storage, wareswitch::domain::view::Storage::Ok, "{about}");
        let states: Vec<_> = view.changes.iter().map(|change| change.state).collect();
        match self.action {
            Action::Tap => assert_eq!(states, [ChangeState::Queued], "{about}"),
            Action::Undo => assert_eq!(states, [ChangeState::Discarded], "{about}"),
            Action::Sync => {
                assert_eq!(states, [ChangeState::Confirmed], "{about}");
                assert_eq!(self.server.active_of(HARALD), ["Warehouse1"], "{about}");
            }
            Action::SignIn => {
                assert_eq!(states, [], "{about}");
                assert!(view.snapshot.is_some(), "{about}");
            }
        }
    }
}

fn play(action: Action, starts: &[From]) {
    let scene = Scene::set(action);
    let mut tally = Tally::default();
    for from in starts {
        scene.play(*from, &mut tally);
    }
    println!("{action:?}: {tally:?}");
    assert!(tally.faults > 100 && tally.refused > 30, "{tally:?}");
}

#[test]
fn a_tap_on_a_failing_disk_is_durable_or_refused() {
    play(Action::Tap, &[From::TheAction, From::TheStart]);
}

#[test]
fn an_undo_on_a_failing_disk_is_done_or_refused() {
    play(Action::Undo, &[From::TheAction]);
}

#[test]
fn a_round_of_sync_on_a_failing_disk_loses_no_change() {
    play(Action::Sync, &[From::TheAction]);
}

#[test]
fn a_sign_in_on_a_failing_disk_can_be_tried_again() {
    play(Action::SignIn, &[From::TheStart]);
}

const STATE: &[u8] = include_bytes!("../fixtures/state-0001.db");

/// The profile whose changes the example has.
fn open_example(
    folder: &Path,
) -> Result<wareswitch::store::ProfileStore, wareswitch::store::StoreError> {
    let user = "8565d483-70cd-5c73-bc6a-96d2e70ddee1".parse().unwrap();
    let profile = wareswitch::domain::ids::ProfileId {
        origin: ServerOrigin::parse("https://glue-backend.example.com").unwrap(),
        user: wareswitch::domain::ids::UserUuid::new(user),
    };
    wareswitch::store::ProfileStore::open(folder, &profile)
}

fn assert_upgraded(folder: &Path, about: &str) {
    let store = open_example(folder).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    let since = wareswitch::domain::time::UnixMillis(0);
    let changes = world::run(store.changes(since, 100)).unwrap();
    assert_eq!(changes.len(), 7, "{about}");
    assert_eq!(changes[0].state, ChangeState::NeedsDecision, "{about}");
}

#[test]
fn an_upgrade_on_a_failing_disk_can_be_tried_again() {
    let mut tally = Tally::default();
    let mut run = |plan: Plan| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("state.db"), STATE).unwrap();
        let disk = Disk::watch(folder.path());
        disk.fail(Some(plan));
        let opened = open_example(folder.path());
        let calls = disk.eligible();
        disk.fail(None);
        tally.runs += 1;
        tally.faults += disk.injected();
        if opened.is_ok() {
            tally.done += 1
        } else {
            tally.refused += 1
        }
        drop(opened);
        assert_upgraded(folder.path(), &format!("{plan:?}"));
        disk.leave_alone();
        calls
    };
    for fault in Fault::ALL {
        for at in 1..=run(Plan { fault, at: u64::MAX, lasts: false }) {
            run(Plan { fault, at, lasts: false });
            run(Plan { fault, at, lasts: true });
        }
    }
    println!("Upgrade: {tally:?}");
}

#[test]
fn a_power_cut_at_any_step_of_an_upgrade_loses_nothing() {
    let mut cuts = 0;
    for cut_at in 1.. {
        let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(before.path().join("state.db"), STATE).unwrap();
        let disk = Disk::watch(before.path());
        disk.cut_power_at(cut_at, fastrand::Rng::with_seed(cut_at));
        drop(open_example(before.path()));
        let was_cut = disk.is_dead();
        disk.leave_to(after.path());
        disk.leave_alone();
        assert_upgraded(after.path(), &format!("cut at call {cut_at}"));
        cuts += 1;
        if !was_cut {
            break;
        }
    }
    println!("{cuts} cuts in an upgrade");
    assert!(cuts > 5);
}
