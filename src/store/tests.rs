//! What is written comes back, and what was refused left nothing behind.

use std::sync::Arc;

use rusqlite::Connection;
use uuid::Uuid;

use super::*;
use crate::domain::assignment::AssignmentList;
use crate::domain::change::{AttemptOutcome, ChangeState, Origin, Wish};
use crate::domain::connection::{Connection as ConnectionState, SyncState, TlsProblem};
use crate::domain::ids::{ChangeId, ProfileId, Seq, ServerOrigin, UserUuid};
use crate::domain::outbox::{
    ActionRefused, Outbox, Recorded, Recording, record_leave, record_switch,
};
use crate::domain::protection::PinState;
use crate::domain::testing::{at, list, set, warehouse, wish};
use crate::domain::time::UnixMillis;

pub(super) const SINCE_EVER: UnixMillis = UnixMillis(0);

pub(super) fn profile() -> ProfileId {
    ProfileId {
        origin: ServerOrigin::parse("https://glue.example").unwrap(),
        user: UserUuid::new(Uuid::from_u128(7)),
    }
}

pub(super) fn open(folder: &tempfile::TempDir) -> ProfileStore {
    ProfileStore::open(folder.path(), &profile()).unwrap()
}

pub(super) async fn store_list(store: &ProfileStore, fetched: AssignmentList) {
    let scope = Scope { list: Some(Arc::new(fetched)), ..Scope::default() };
    store.transact(scope, |_| ()).await.unwrap();
}

fn how(second: u64) -> Recording {
    let id = ChangeId::new(Uuid::from_u128(u128::from(second)));
    Recording { origin: Origin::Tap, now: at(second), id }
}

pub(super) async fn tap(
    store: &ProfileStore,
    letter: char,
    second: u64,
) -> Result<Result<Recorded, ActionRefused>, StoreError> {
    let scope = Scope { warehouse: Some(warehouse(letter)), ..Scope::default() };
    store.transact(scope, move |outbox| record_switch(outbox, how(second))).await
}

#[tokio::test]
async fn a_tap_is_there_after_the_file_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    assert_eq!(tap(&store, 'B', 20).await.unwrap(), Ok(Recorded::New(Seq(1))));
    store.close().await;

    let changes = open(&folder).changes(SINCE_EVER, 10).await.unwrap();

    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].wish, wish('B'));
    assert_eq!(changes[0].base, set("A"));
    assert_eq!(changes[0].shown_before, Some(wish('A')));
    assert_eq!(changes[0].recorded_at, at(20));
    assert_eq!(changes[0].state, ChangeState::Queued);
}

#[tokio::test]
async fn an_outbox_comes_back_as_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("AC", 10)).await;
    tap(&store, 'B', 20).await.unwrap().unwrap();
    let sync = SyncState {
        connection: ConnectionState::TlsFailed(TlsProblem::NameMismatch),
        connection_since: Some(at(30)),
        server_failures: 3,
        write_failures: 1,
        backoff_until: Some(at(60)),
        retry_after_until: Some(at(70)),
        anchor: Some(crate::domain::time::ServerAnchor {
            server: UnixMillis(5),
            boot_id: at(0).boot_id,
            since_boot: at(9).since_boot,
        }),
    };
    let expected_sync = sync.clone();
    let left = store
        .transact(Scope::default(), move |outbox| {
            let change = outbox.waiting().unwrap().clone();
            let mut refused = attempt_for(outbox);
            refused.outcome =
                AttemptOutcome::Refused { code: "5203".into(), message: "gone".into() };
            outbox.insert_attempt(refused);
            outbox.update_change(crate::domain::change::Change {
                state: ChangeState::NeedsDecision,
                question: Some(set("CD")),
                reason: Some(crate::domain::change::Reason::SwitchedMeanwhile {
                    warehouse_names: vec!["C".into(), "D".into()],
                }),
                ..change
            });
            outbox.sync = sync;
            outbox.clone()
        })
        .await
        .unwrap();
    store.close().await;

    let read = open(&folder).transact(Scope::default(), |outbox| outbox.clone()).await.unwrap();

    assert_eq!(read, Outbox { writes: Vec::new(), ..left });
    assert_eq!(read.sync, expected_sync);
}

fn attempt_for(outbox: &Outbox) -> crate::domain::change::Attempt {
    crate::domain::change::Attempt {
        id: outbox.next_attempt_id,
        change: Seq(1),
        assignment_id: crate::domain::testing::assignment_id('B'),
        warehouse_uuid: warehouse('B'),
        wanted_active: true,
        sent_at: at(21),
        answered_at: Some(at(22)),
        outcome: AttemptOutcome::Unknown,
        is_settled: false,
    }
}

#[tokio::test]
async fn a_refused_tap_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);

    assert_eq!(tap(&store, 'B', 20).await.unwrap(), Err(ActionRefused::NeverSynced));
    store_list(&store, list("A", 10)).await;
    assert_eq!(tap(&store, 'X', 20).await.unwrap(), Err(ActionRefused::NotAssigned));

    assert_eq!(store.changes(SINCE_EVER, 10).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_newer_wish_supersedes_the_waiting_one_and_keeps_its_base() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    tap(&store, 'B', 20).await.unwrap().unwrap();

    store
        .transact(Scope::default(), |outbox| record_leave(outbox, how(30)))
        .await
        .unwrap()
        .unwrap();

    let changes = store.changes(SINCE_EVER, 10).await.unwrap();
    assert_eq!(changes[0].wish, Wish::Leave);
    assert_eq!(changes[0].base, set("A"));
    assert_eq!(changes[1].state, ChangeState::Superseded);
    assert_eq!(changes[1].superseded_by, Some(Seq(2)));
    assert_eq!(store.unsettled_count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_later_list_takes_the_place_of_the_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    store_list(&store, list("B", 50)).await;

    let snapshot = store.snapshot().await.unwrap().unwrap();

    let active: Vec<_> = snapshot.assignments.iter().filter(|row| row.is_active).collect();
    assert_eq!(active.len(), 1);
    assert_eq!(active[0].warehouse.uuid, warehouse('B'));
    assert_eq!(snapshot.fetched_at, at(50));
}

#[tokio::test]
async fn while_another_process_writes_a_tap_is_refused_as_busy_and_not_half_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    let other = Connection::open(folder.path().join("state.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();

    let refused = tap(&store, 'B', 20).await;

    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    drop(other);
    assert_eq!(store.unsettled_count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_value_that_was_never_written_reads_as_damage() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    tap(&store, 'B', 20).await.unwrap().unwrap();
    let other = Connection::open(folder.path().join("state.db")).unwrap();
    other.execute("UPDATE change SET base = 'rubbish'", []).unwrap();

    assert!(matches!(store.changes(SINCE_EVER, 10).await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn the_device_remembers_who_is_in_front_on_each_server() {
    let folder = tempfile::tempdir().unwrap();
    let store = DeviceStore::open(folder.path()).unwrap();
    let known = KnownProfile {
        profile: profile(),
        username: "harald@spryker.com".into(),
        secrets_in: SecretsIn::File,
        signed_in_at: Some(at(5)),
        is_signing_out: false,
        pin: PinState::None,
    };
    store.sign_in(known.clone()).await.unwrap();
    let elsewhere = ServerOrigin::parse("https://test.example").unwrap();

    let again = DeviceStore::open(folder.path()).unwrap();

    assert_eq!(again.profile_in_front(&profile().origin).await.unwrap(), Some(known.clone()));
    assert_eq!(again.profile_in_front(&elsewhere).await.unwrap(), None);
    again.begin_sign_out(profile()).await.unwrap();
    assert!(again.known_profiles().await.unwrap()[0].is_signing_out);
    assert_eq!(again.profile_in_front(&profile().origin).await.unwrap(), None);
    again.forget(profile()).await.unwrap();
    assert_eq!(again.profile_in_front(&profile().origin).await.unwrap(), None);
}

#[test]
fn a_folder_that_must_be_durable_is_there_with_all_its_parents() {
    let folder = tempfile::tempdir().unwrap();
    let deep = profile_folder(folder.path(), &profile());

    folder::create_durably(&deep).unwrap();

    assert!(deep.is_dir());
    assert!(deep.ends_with(profile().user.to_string()));
}
