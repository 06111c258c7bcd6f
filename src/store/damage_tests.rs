//! Damaged files: put aside, never deleted, and what waited in them still waits.

// The counts belong to the proof.
#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::Schema;
use super::tests::{SINCE_EVER, open, profile, store_list, tap};
use super::{ProfileStore, StoreError, put_aside};
use crate::domain::change::{ChangeState, Wish};
use crate::domain::ids::{ProfileId, Seq, ServerOrigin};
use crate::domain::testing::{list, warehouse, wish};

/// A closed database with one settled and one waiting change.
async fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    tap(&store, 'B', 20).await.unwrap().unwrap();
    tap(&store, 'C', 30).await.unwrap().unwrap();
    store.close().await;
    folder
}

fn file_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("state.db")
}

fn damage(folder: &tempfile::TempDir, sql: &str) {
    Connection::open(file_in(folder)).unwrap().execute_batch(sql).unwrap();
}

fn put_aside_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_put_aside = |path: &PathBuf| path.to_str().unwrap().contains(".damaged-");
    let belongs_to_one = |path: &PathBuf| path.to_str().unwrap().ends_with(['l', 'm']);
    entries.filter(|path| is_put_aside(path) && !belongs_to_one(path)).collect()
}

async fn assert_recovered_with_the_wish_for_c(folder: &tempfile::TempDir) {
    let store = open(folder);
    let changes = store.changes(SINCE_EVER, 10).await.unwrap();
    assert_eq!(changes[0].wish, wish('C'), "{changes:?}");
    assert_eq!(changes[0].state, ChangeState::Queued);
    let shown = store.shown(None, |_| SINCE_EVER, 10).await.unwrap();
    assert!(shown.was_put_aside);
    assert_eq!(put_aside_in(folder.path()).len(), 1);
    // It is a whole database again: a further tap gets a number of its own.
    store_list(&store, list("A", 35)).await;
    tap(&store, 'D', 40).await.unwrap().unwrap();
    let later = store.changes(SINCE_EVER, 10).await.unwrap();
    assert!(later[0].seq > changes[0].seq);
    store.close().await;
    let again = open(folder);
    assert_eq!(again.changes(SINCE_EVER, 10).await.unwrap(), later);
    assert_eq!(put_aside_in(folder.path()).len(), 1, "and not damaged again");
}

#[tokio::test]
async fn a_page_of_something_else_costs_no_waiting_change() {
    let folder = filled().await;
    let root: u32 = Connection::open(file_in(&folder))
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'assignment'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let mut bytes = fs::read(file_in(&folder)).unwrap();
    let start = usize::try_from((root - 1) * 4096).unwrap();
    bytes[start..start + 4096].fill(0xa5);
    fs::write(file_in(&folder), &bytes).unwrap();

    assert_recovered_with_the_wish_for_c(&folder).await;

    let kept = &put_aside_in(folder.path())[0];
    assert_eq!(fs::read(kept).unwrap(), bytes, "put aside as it was found");
}

#[tokio::test]
async fn a_broken_index_costs_no_waiting_change() {
    let folder = filled().await;
    damage(
        &folder,
        "PRAGMA writable_schema = 1;
         UPDATE sqlite_schema SET rootpage =
             (SELECT rootpage FROM sqlite_schema WHERE name = 'change_last_word')
         WHERE name = 'change_unsettled';",
    );

    assert_recovered_with_the_wish_for_c(&folder).await;
}

#[tokio::test]
async fn a_table_whose_rules_are_understood_no_more_costs_no_waiting_change() {
    let folder = filled().await;
    let mut bytes = fs::read(file_in(&folder)).unwrap();
    let rule = b"CHECK (state IN (";
    let place = bytes.windows(rule.len()).position(|window| window == rule).unwrap();
    // 'state0IN (': by one bit of the blank a function that nobody knows.
    bytes[place + "CHECK (state".len()] ^= 0b1_0000;
    fs::write(file_in(&folder), bytes).unwrap();

    assert_recovered_with_the_wish_for_c(&folder).await;
}

#[tokio::test]
async fn a_lost_header_costs_no_waiting_change() {
    let folder = filled().await;
    let mut bytes = fs::read(file_in(&folder)).unwrap();
    bytes[..4096].fill(0);
    fs::write(file_in(&folder), &bytes).unwrap();

    assert_recovered_with_the_wish_for_c(&folder).await;
}

#[tokio::test]
async fn of_a_half_readable_wish_what_was_wished_is_kept() {
    let folder = filled().await;
    damage(
        &folder,
        "PRAGMA ignore_check_constraints = 1;
         UPDATE change SET base = 'rubbish', recorded_at = '{', origin = 'top', state = 'quexed',
                           shown_before = '', attempts = -1, change_id = '?'
         WHERE settled_at IS NULL;",
    );

    assert_recovered_with_the_wish_for_c(&folder).await;
}

#[tokio::test]
async fn a_wish_that_became_another_warehouses_is_not_sent_by_itself() {
    let folder = filled().await;
    // One bit: the 'C' of its uuid becomes a 'B'.
    damage(
        &folder,
        "UPDATE change SET warehouse_uuid = replace(warehouse_uuid, '43', '42') WHERE seq = 2",
    );

    let store = open(&folder);

    let waiting = store.change(Seq(2)).await.unwrap().unwrap();
    assert_eq!(waiting.recorded_at.age_at(&crate::domain::testing::at(40)), None);
    assert_eq!(put_aside_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_settled_change_is_not_sent_again_because_its_row_was_damaged() {
    for sql in ["state = 'superxeded'", "settled_at = 'rubbish'", "recorded_at = ''"] {
        let folder = filled().await;
        damage(
            &folder,
            &format!("PRAGMA ignore_check_constraints = 1; UPDATE change SET {sql} WHERE seq = 1"),
        );

        let store = open(&folder);

        let first = store.change(Seq(1)).await.unwrap().unwrap();
        assert!(first.state.is_settled(), "{sql}: {first:?}");
        assert_eq!(store.unsettled_count().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_wish_without_its_warehouse_is_lost_and_nothing_else() {
    let folder = filled().await;
    damage(&folder, "UPDATE change SET warehouse_uuid = 'nowhere' WHERE seq = 2");

    let store = open(&folder);

    let changes = store.changes(SINCE_EVER, 10).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].wish, wish('B'));
    assert!(store.snapshot().await.unwrap().is_some());
}

#[test]
fn what_belongs_to_a_lost_row_is_lost_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    drop(super::opening::open(folder.path(), Schema::Device).unwrap());
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "PRAGMA foreign_keys = 0;
             INSERT INTO profile VALUES ('https://a.example', 'no uuid', 'x', 'file', NULL, 0, 1);
             INSERT INTO front VALUES ('https://a.example', 'no uuid');
             INSERT INTO protection (origin, user_uuid, secrets_in)
             VALUES ('https://a.example', 'no uuid', 'keyring');",
        )
        .unwrap();

    drop(super::opening::open(folder.path(), Schema::Device).unwrap());

    let left: u32 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT (SELECT count(*) FROM front) + (SELECT count(*) FROM protection)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(put_aside_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_cut_off_file_keeps_the_rows_that_are_left() {
    let whole = fs::read(file_in(&filled().await)).unwrap();
    for length in [0, 50, 100, 4096, 5000, 8192, whole.len() / 2, whole.len() - 1] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(file_in(&folder), &whole[..length]).unwrap();

        let store = open(&folder);

        store_list(&store, list("A", 40)).await;
        tap(&store, 'D', 50).await.unwrap().unwrap();
        assert_eq!(put_aside_in(folder.path()).len(), 1, "{length} bytes");
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file_in(&folder), "not a database at all, but long".repeat(99)).unwrap();

    let store = open(&folder);

    store_list(&store, list("A", 40)).await;
    assert!(store.shown(None, |_| SINCE_EVER, 10).await.unwrap().was_put_aside);
}

#[tokio::test]
async fn a_whole_database_of_something_else_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let other = Connection::open(file_in(&folder)).unwrap();
    other.execute_batch("CREATE TABLE music (title TEXT); PRAGMA user_version = 2").unwrap();
    drop(other);

    let store = open(&folder);

    store_list(&store, list("A", 40)).await;
    assert_eq!(put_aside_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn another_profiles_database_is_put_aside_and_nothing_of_it_is_taken_over() {
    let folder = filled().await;
    let other =
        ProfileId { origin: ServerOrigin::parse("https://test.example").unwrap(), ..profile() };

    let store = ProfileStore::open(folder.path(), &other).unwrap();

    assert_eq!(store.changes(SINCE_EVER, 10).await.unwrap(), Vec::new());
    assert_eq!(store.snapshot().await.unwrap(), None);
    assert_eq!(put_aside_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn one_wrong_letter_in_the_owners_name_does_not_make_it_another_profiles() {
    for sql in ["origin = 'https://glve.example'", "digest = 'x'"] {
        let folder = filled().await;
        damage(&folder, &format!("UPDATE profile SET {sql}"));

        let store = open(&folder);

        assert_eq!(store.unsettled_count().await.unwrap(), 1, "{sql}");
    }
}

#[tokio::test]
async fn damage_that_only_a_read_finds_is_mended_after_it() {
    let folder = filled().await;
    let store = open(&folder);
    damage(&folder, "UPDATE change SET base = 'rubbish' WHERE seq = 2");

    let refused = tap(&store, 'D', 40).await;

    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert_eq!(store.changes(SINCE_EVER, 10).await.unwrap()[0].wish, wish('C'));
    tap(&store, 'D', 50).await.unwrap().unwrap();
}

#[tokio::test]
async fn two_that_find_the_damage_put_the_file_aside_once() {
    let folder = filled().await;
    let (one, other) = (open(&folder), open(&folder));
    damage(&folder, "UPDATE change SET base = 'rubbish' WHERE seq = 2");

    let (first, second) = tokio::join!(tap(&one, 'D', 40), tap(&other, 'D', 41));

    assert!(first.is_err() && second.is_err());
    tap(&one, 'D', 50).await.unwrap().unwrap();
    let changes = other.changes(SINCE_EVER, 10).await.unwrap();
    assert_eq!(changes[0].wish, Wish::Activate(wish('D').target().unwrap().clone()));
    assert_eq!(put_aside_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_recovery_that_was_cut_short_is_finished() {
    // The battery is pulled after each step of the exchange.
    for step in 0..4 {
        let folder = filled().await;
        let path = file_in(&folder);
        fs::copy(&path, put_aside::recovered_name(&path)).unwrap();
        fs::write(put_aside::log_of(&path), "").unwrap();
        let damaged = folder.path().join("state.db.damaged-20261125T120000Z");
        if step >= 1 {
            fs::rename(&path, &damaged).unwrap();
        }
        if step >= 2 {
            fs::rename(put_aside::log_of(&path), put_aside::log_of(&damaged)).unwrap();
        }
        if step >= 3 {
            fs::rename(put_aside::recovered_name(&path), &path).unwrap();
        }

        let store = open(&folder);

        assert_eq!(store.unsettled_count().await.unwrap(), 1, "step {step}");
        assert_eq!(put_aside::is_there(folder.path(), Schema::State), step >= 1);
        assert!(!put_aside::recovered_name(&path).exists());
    }
}

#[tokio::test]
async fn a_log_without_its_file_is_not_taken_for_the_new_ones() {
    let folder = filled().await;
    let store = open(&folder);
    tap(&store, 'D', 40).await.unwrap().unwrap();
    let log = fs::read(put_aside::log_of(&file_in(&folder))).unwrap();
    store.close().await;
    fs::remove_file(file_in(&folder)).unwrap();
    fs::write(put_aside::log_of(&file_in(&folder)), &log).unwrap();

    let store = open(&folder);

    assert_eq!(store.changes(SINCE_EVER, 10).await.unwrap(), Vec::new());
    assert!(store.shown(None, |_| SINCE_EVER, 10).await.unwrap().was_put_aside);
    let kept = put_aside::log_of(&put_aside_in(folder.path())[0]);
    assert_eq!(fs::read(kept).unwrap(), log, "the log is kept");
}

/// Flips one bit anywhere, many times over. What was wished is there, or the file was put aside.
#[tokio::test]
async fn a_flipped_bit_anywhere_never_hides_a_waiting_change_silently() {
    let flips = std::env::var("WARESWITCH_TEST_FLIPS").ok().and_then(|text| text.parse().ok());
    let seed = std::env::var("WARESWITCH_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let mut chances = fastrand::Rng::with_seed(seed);
    let whole = fs::read(file_in(&filled().await)).unwrap();
    let (mut kept, mut lost, mut refused) = (0, 0, 0);

    for _ in 0..flips.unwrap_or(200) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = whole.clone();
        let (place, bit) = (chances.usize(..bytes.len()), chances.u8(..8));
        bytes[place] ^= 1 << bit;
        fs::write(file_in(&folder), &bytes).unwrap();
        let about = format!("WARESWITCH_TEST_SEED={seed}: bit {bit} of byte {place}");

        let store = match ProfileStore::open(folder.path(), &profile()) {
            // A flipped version is a newer one, as far as anybody can tell.
            Err(StoreError::TooNew { .. }) if (60..64).contains(&place) => {
                refused += 1;
                continue;
            }
            opened => opened.unwrap_or_else(|error| panic!("{about}: {error}")),
        };
        // What only a read finds is mended after it, so that the next one is right.
        let waiting = match store.changes(SINCE_EVER, 10).await {
            Err(StoreError::Damaged(_)) => store.changes(SINCE_EVER, 10).await,
            read => read,
        };
        let waiting = waiting.unwrap_or_else(|error| panic!("{about}: {error}"));
        let target = waiting.first().and_then(|change| change.wish.target());
        if target.is_some_and(|target| target.warehouse_uuid == warehouse('C')) {
            kept += 1;
        } else {
            assert!(!put_aside_in(folder.path()).is_empty(), "{about}");
            lost += 1;
        }
        store_list(&store, list("A", 50)).await;
        let tapped = match tap(&store, 'D', 60).await {
            Err(StoreError::Damaged(_)) => tap(&store, 'D', 61).await,
            tapped => tapped,
        };
        tapped.unwrap_or_else(|error| panic!("{about}: {error}")).unwrap();
    }

    // Only a flip in the page with the change itself can cost it.
    assert!(kept >= lost * 10, "WARESWITCH_TEST_SEED={seed}: kept {kept}, lost {lost}");
    println!("{kept} kept, {lost} lost, {refused} refused as newer");
}
