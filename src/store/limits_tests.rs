//! A history of any length slows nobody down, and what is forgotten of it is old and done.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::Schema;
use super::tests::{SINCE_EVER, open, store_list, tap};
use super::{ProfileStore, opening, outbox, retention};
use crate::domain::ids::Seq;
use crate::domain::testing::{at, list, warehouse};
use crate::domain::time::UnixMillis;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// The server's time of the first change.
const BEGIN_MS: i64 = 1_000 * DAY_MS;

/// A closed database whose worker has settled this many changes, a thousand a day.
fn long_history(changes: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder));
    fill(&Connection::open(folder.path().join("state.db")).unwrap(), changes);
    folder
}

fn fill(connection: &Connection, changes: u32) {
    connection
        .execute(
            "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1),
                  settled(n, ms) AS (SELECT n, ?2 + n * 86400 FROM number)
             INSERT INTO change (seq, change_id, kind, assignment_id, warehouse_uuid,
                 warehouse_name, origin, base, shown_before_is_server_word, state, recorded_at,
                 settled_at, settled_calendar_ms, attempts)
             SELECT n, printf('10000000-0000-0000-0000-%012d', n), 'activate',
                 '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000042',
                 'Warehouse' || n, 'tap', '[]', 1, 'confirmed', moment, moment, ms, 1
             FROM (SELECT n, ms, json_object('boot', '00000000-0000-0000-0000-000000000001',
                 'since_boot_ns', n, 'server_ms', ms, 'wall_ms', ms) AS moment FROM settled)",
            (changes, BEGIN_MS),
        )
        .unwrap();
}

/// The plans of a query, as SQLite tells them.
fn plans(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let count = statement.parameter_count();
    let mut rows = statement.query(rusqlite::params_from_iter(vec![1; count])).unwrap();
    let mut plans = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plans.push(row.get("detail").unwrap());
    }
    plans
}

#[test]
fn no_query_of_a_tap_a_start_or_the_outbox_page_reads_the_whole_history() {
    let folder = long_history(10);
    let connection = opening::open(folder.path(), Schema::State).unwrap().connection;

    for sql in outbox::STATEMENTS {
        for plan in plans(&connection, sql) {
            let is_scan = plan.contains("SCAN change") || plan.contains("SCAN attempt");
            // Of the unsettled there is a handful; a limit ends a walk that needs no sorting.
            let is_short = plan.contains("_unsettled") || sql.contains("DESC LIMIT");
            assert!(!is_scan || is_short, "{sql}: {plan}");
            assert!(!sql.contains("LIMIT") || !plan.contains("TEMP B-TREE FOR ORDER"), "{sql}");
        }
    }
}

/// A ratio, since machines are noisy.
#[tokio::test]
async fn a_hundred_thousand_settled_changes_slow_no_tap() {
    let (short, long) = (tempfile::tempdir().unwrap(), long_history(100_000));
    let [short, long] = [open(&short), open(&long)];
    let mut fastest = [Duration::MAX; 2];
    for (store, fastest) in [&short, &long].into_iter().zip(&mut fastest) {
        store_list(store, list("A", 10)).await;
        for second in 0..30 {
            let begun = Instant::now();
            let letter = if second % 2 == 0 { 'B' } else { 'C' };
            tap(store, letter, 20 + second).await.unwrap().unwrap();
            store.shown(None, |_| SINCE_EVER, 1).await.unwrap();
            *fastest = begun.elapsed().min(*fastest);
        }
    }

    // Ten times would be far more than noise, and far less than reading the history takes.
    assert!(fastest[1] < fastest[0] * 10, "{fastest:?}");
}

#[tokio::test]
async fn the_outbox_page_has_the_newest_and_what_waits() {
    let folder = long_history(2_000);
    let store = open(&folder);
    store_list(&store, list("A", 10)).await;
    tap(&store, 'B', 20).await.unwrap().unwrap();

    let all = store.changes(SINCE_EVER, 500).await.unwrap();
    let since_later = store.changes(UnixMillis(i64::MAX), 500).await.unwrap();

    let numbers: Vec<i64> = all.iter().map(|change| change.seq.0).collect();
    assert_eq!(numbers, (1_502..=2_001).rev().collect::<Vec<_>>());
    assert_eq!(since_later.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [2_001]);
}

#[tokio::test]
async fn a_rejection_that_nobody_understood_is_shown_whatever_the_clock_says() {
    let folder = long_history(20);
    Connection::open(folder.path().join("state.db"))
        .unwrap()
        .execute("UPDATE change SET state = 'rejected' WHERE seq = 5", [])
        .unwrap();

    let ten_years_on = open(&folder).changes(UnixMillis(i64::MAX), 500).await.unwrap();

    assert_eq!(ten_years_on.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [5]);
}

fn forget_all(folder: &tempfile::TempDir, before: i64) -> (u32, i64, i64) {
    let mut connection = opening::open(folder.path(), Schema::State).unwrap().connection;
    let mut steps = 0;
    while retention::step(&mut connection, UnixMillis(before)).unwrap() {
        steps += 1;
    }
    let (count, first) = connection
        .query_row("SELECT count(*), min(seq) FROM change", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    (steps, count, first)
}

#[test]
fn what_settled_long_ago_is_forgotten_in_small_steps() {
    let folder = long_history(1_500);

    // The first thousand settled before the second day.
    let (steps, count, first) = forget_all(&folder, BEGIN_MS + DAY_MS);

    assert_eq!((count, first), (501, 1_000));
    assert!(steps >= 5, "{steps}");
}

#[test]
fn what_waits_or_may_have_an_effect_yet_is_never_forgotten() {
    let folder = long_history(300);
    let connection = Connection::open(folder.path().join("state.db")).unwrap();
    connection
        .execute_batch(
            "UPDATE change SET state = 'queued', settled_at = NULL, settled_calendar_ms = NULL
             WHERE seq IN (7, 250);
             INSERT INTO attempt (change_seq, assignment_id, warehouse_uuid, wanted_active, sent_at,
                 outcome, is_settled)
             SELECT 8, assignment_id, warehouse_uuid, 1, recorded_at, '\"unknown\"', 0
             FROM change WHERE seq = 8;",
        )
        .unwrap();
    drop(connection);

    forget_all(&folder, i64::MAX);

    let connection = Connection::open(folder.path().join("state.db")).unwrap();
    let left: Vec<i64> = connection
        .prepare("SELECT seq FROM change ORDER BY seq")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(left, [7, 8, 250, 300], "the newest is kept, whatever it is");
}

#[test]
fn a_clock_of_the_device_makes_nothing_old() {
    let folder = long_history(300);
    let connection = Connection::open(folder.path().join("state.db")).unwrap();
    // The device believed in 1970 and never heard the server's time.
    connection
        .execute_batch(
            "UPDATE change SET settled_calendar_ms = 0,
                 settled_at = json_set(settled_at, '$.server_ms', NULL, '$.wall_ms', 0)",
        )
        .unwrap();
    drop(connection);

    let (steps, count, _) = forget_all(&folder, i64::MAX);

    assert_eq!((steps, count), (0, 300));
}

#[tokio::test]
async fn a_number_is_never_given_twice_even_when_all_before_it_is_forgotten() {
    let folder = long_history(300);
    forget_all(&folder, i64::MAX);
    let store: ProfileStore = open(&folder);
    store_list(&store, list("A", 10)).await;

    tap(&store, 'B', 20).await.unwrap().unwrap();

    let waiting = store.changes(SINCE_EVER, 1).await.unwrap().remove(0);
    assert_eq!((waiting.seq, waiting.recorded_at), (Seq(301), at(20)));
    assert_eq!(waiting.wish.target().unwrap().warehouse_uuid, warehouse('B'));
}
