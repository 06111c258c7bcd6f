//! States of the app to show, with the sample user and warehouses of the contract. Used by the
//! unit tests of the window too, so the paths begin at whatever crate includes this.

#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::app::device::KnownUser;
use crate::app::state::{
    AppState, Notice, NoticeKind, PinSettings, Progress, SecondFactor, SecretsNote, ServerSetting,
};
use crate::config::set_up::SetUp;
use crate::domain::assignment::{Assignment, Snapshot, Warehouse};
use crate::domain::change::{Change, ChangeState, Origin, Reason, Target, Wish};
use crate::domain::connection::{Connection, SyncState};
use crate::domain::ids::{
    AssignmentId, ChangeId, ProfileId, Seq, ServerOrigin, UserUuid, WarehouseUuid,
};
use crate::domain::preferences::Preferences;
use crate::domain::protection::{PinState, Unlock};
use crate::domain::time::{BootId, Moment, UnixMillis};
use crate::domain::view::{Activity, ProfileView, Storage};

/// 2026-11-25T10:00:00Z.
const TEN_O_CLOCK: i64 = 1_795_600_800_000;

pub(crate) const NAMES: [&str; 5] = [
    "Warehouse1",
    "Warehouse2",
    "Spryker MER000001 Warehouse 1",
    "Video King MER000002 Warehouse 1",
    "Halle 2",
];

pub(crate) const MANY_NAMES: [&str; 9] = [
    "Warehouse1",
    "Warehouse2",
    "Spryker MER000001 Warehouse 1",
    "Video King MER000002 Warehouse 1",
    "Budget Cameras MER000005 Warehouse 1",
    "Sony Experts MER000006 Warehouse 1",
    "Halle 2",
    "Halle 10",
    "Warehouse3",
];

/// The only closed warehouse.
pub(crate) const CLOSED: &str = "Warehouse3";

pub(crate) fn moment(minutes_after_ten: i64) -> Moment {
    let minutes = u64::try_from(minutes_after_ten + 100_000).unwrap();
    Moment {
        boot_id: BootId(Uuid::from_u128(1)),
        since_boot: Duration::from_secs(60 * minutes),
        server: Some(UnixMillis(TEN_O_CLOCK + minutes_after_ten * 60_000)),
        wall: UnixMillis(0),
    }
}

/// A uuid made of the name, so that tests can speak in names.
pub(crate) fn warehouse(name: &str) -> WarehouseUuid {
    let number = name.bytes().fold(7_u128, |sum, byte| sum.wrapping_mul(257) + u128::from(byte));
    WarehouseUuid::new(Uuid::from_u128(number))
}

pub(crate) fn origin() -> ServerOrigin {
    ServerOrigin::parse("https://glue-backend.de.spryker.local").unwrap()
}

pub(crate) fn snapshot(names: &[&str], active: &[&str]) -> Arc<Snapshot> {
    let mut assignments: Vec<Assignment> = names
        .iter()
        .map(|name| Assignment {
            id: AssignmentId::new(*warehouse(name).as_uuid()),
            warehouse: Warehouse {
                uuid: warehouse(name),
                name: (*name).to_owned(),
                is_active: *name != CLOSED,
            },
            is_active: active.contains(name),
        })
        .collect();
    assignments.sort_by(Assignment::display_order);
    Arc::new(Snapshot { assignments, fetched_at: moment(-106) })
}

pub(crate) fn target(name: &str) -> Wish {
    Wish::Activate(Target {
        assignment_id: AssignmentId::new(*warehouse(name).as_uuid()),
        warehouse_uuid: warehouse(name),
        warehouse_name: name.to_owned(),
    })
}

pub(crate) fn change(seq: i64, wish: Wish, state: ChangeState, reason: Option<Reason>) -> Change {
    Change {
        seq: Seq(seq),
        id: ChangeId::new(Uuid::from_u128(u128::try_from(seq).unwrap())),
        wish,
        origin: Origin::Tap,
        base: BTreeSet::new(),
        shown_before: Some(target("Warehouse1")),
        shown_before_is_server_word: true,
        state,
        reason,
        question: None,
        decided_at: None,
        recorded_at: moment(5 - 30 * (9 - seq)),
        settled_at: None,
        superseded_by: None,
        attempts: u32::from(state != ChangeState::Queued),
        is_seen: false,
    }
}

/// Nobody is signed in.
pub(crate) fn signed_out() -> AppState {
    AppState {
        server: ServerSetting::Set { origin: origin(), is_locked: false },
        users: Vec::new(),
        is_locked: false,
        unlocking: Progress::Idle,
        pin: PinSettings::default(),
        setting_pin: Progress::Idle,
        secrets: SecretsNote::InFile,
        other_servers: 0,
        sign_in: Progress::Idle,
        set_up: Progress::Idle,
        set_up_code: None,
        tried_scan: None,
        report: None,
        profile: None,
        is_token_over: false,
        second_factor: SecondFactor::default(),
        token_ends_in_minutes: None,
        undo: None,
        unopened: None,
        notice: None,
        now: moment(10),
        support_text: None,
        demo: None,
    }
}

/// Harald Schmidt, online, active in `active`, with nothing waiting.
/// A device that nobody set up, on which somebody just scanned a code that nobody signed.
pub(crate) fn set_up_code_offered() -> AppState {
    let address = "https://glue-backend.shop.example";
    let offered = SetUp {
        server: ServerOrigin::parse(address).ok(),
        settings: vec![("server_url".into(), address.into()), ("kiosk".into(), true.into())],
        issued: None,
    };
    AppState { server: ServerSetting::Missing, set_up_code: Some(offered), ..signed_out() }
}

pub(crate) fn signed_in(names: &[&str], active: &[&str]) -> AppState {
    let mut sync = SyncState::new();
    sync.set_connection(Connection::Online, moment(-106));
    AppState {
        profile: Some(ProfileView {
            profile: ProfileId { origin: origin(), user: UserUuid::new(Uuid::from_u128(42)) },
            username: "harald@spryker.com".into(),
            snapshot: Some(snapshot(names, active)),
            changes: Arc::from([]),
            sync,
            activity: Activity::Idle,
            storage: Storage::Ok,
            preferences: Preferences::default(),
        }),
        ..signed_out()
    }
}

/// Somebody who is known on the device.
fn known(number: u128, username: &str, unlock: Unlock) -> KnownUser {
    KnownUser {
        profile: ProfileId { origin: origin(), user: UserUuid::new(Uuid::from_u128(number)) },
        username: username.into(),
        unlock,
        pin: PinState::None,
        waiting: 0,
        is_signing_out: false,
    }
}

/// Harald's window, locked; he has a PIN, Martha has none, and Richard has a change to be sent.
pub(crate) fn locked(unlock: Unlock) -> AppState {
    let richard = KnownUser { waiting: 2, ..known(44, "richard@spryker.com", Unlock::Password) };
    AppState {
        is_locked: true,
        users: vec![
            known(42, "harald@spryker.com", unlock),
            known(43, "martha@video-king.nl", Unlock::Tap),
            richard,
        ],
        ..waiting_for("Warehouse2")
    }
}

pub(crate) trait Variations {
    fn with_changes(self, changes: Vec<Change>) -> Self;
    fn with_connection(self, connection: Connection) -> Self;
    fn with_notice(self, kind: NoticeKind, name: Option<&str>) -> Self;
}

impl Variations for AppState {
    fn with_changes(mut self, changes: Vec<Change>) -> Self {
        if let Some(profile) = &mut self.profile {
            profile.changes = changes.into();
        }
        self
    }

    fn with_connection(mut self, connection: Connection) -> Self {
        if let Some(profile) = &mut self.profile {
            profile.sync.set_connection(connection, moment(5));
        }
        self
    }

    fn with_notice(mut self, kind: NoticeKind, name: Option<&str>) -> Self {
        self.notice = Some(Notice { number: 1, kind, warehouse_name: name.map(Into::into) });
        self
    }
}

/// Offline, with a switch to `name` that was just tapped.
pub(crate) fn waiting_for(name: &str) -> AppState {
    let queued = change(9, target(name), ChangeState::Queued, None);
    let state = signed_in(&NAMES, &["Warehouse1"])
        .with_changes(vec![queued])
        .with_connection(Connection::Offline)
        .with_notice(NoticeKind::Accepted, Some(name));
    AppState { undo: Some(Seq(9)), ..state }
}

/// The server wants a code before it takes a switch to `name`.
pub(crate) fn code_wanted(name: &str) -> AppState {
    let queued = change(9, target(name), ChangeState::Queued, None);
    signed_in(&NAMES, &["Warehouse1"])
        .with_changes(vec![queued])
        .with_connection(Connection::NeedsCode)
}

/// A question: the wish was `name`, and `active` was made active elsewhere.
pub(crate) fn asked(name: &str, active: &str) -> AppState {
    let reason = Reason::SwitchedMeanwhile { warehouse_names: vec![active.to_owned()] };
    let open = change(9, target(name), ChangeState::NeedsDecision, Some(reason));
    signed_in(&NAMES, &[active]).with_changes(vec![open])
}

/// Changes in every state.
pub(crate) fn history() -> Vec<Change> {
    let mut confirmed = change(5, target("Warehouse1"), ChangeState::Confirmed, None);
    confirmed.attempts = 2;
    vec![
        change(9, target("Video King MER000002 Warehouse 1"), ChangeState::Queued, None),
        change(8, target("Warehouse2"), ChangeState::Superseded, None),
        change(
            7,
            target(CLOSED),
            ChangeState::Rejected,
            Some(Reason::ServerRefused {
                code: "5202".into(),
                message: "Warehouse user assignment is invalid.".into(),
            }),
        ),
        change(6, Wish::Leave, ChangeState::Discarded, Some(Reason::Undone)),
        confirmed,
    ]
}
