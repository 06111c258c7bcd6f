//! Opening a file: new, old, newer, half made, by many at once.

use std::fs;

use rusqlite::Connection;

use super::connection::{Schema, connect, version_of};
use super::error::StoreError;
use super::opening::open;
use super::tests::{profile, store_list, tap};
use super::{DeviceStore, Owner, ProfileStore, profile_folder};
use crate::domain::testing::list;

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_version_of_a_schema_is_the_number_of_its_migrations() {
    for schema in [Schema::State, Schema::Device] {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(folder.path(), schema).unwrap();

        assert_eq!(version_of(&opened.connection).unwrap(), schema.version(), "{schema:?}");
    }
}

#[test]
fn a_closed_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();

    drop(open(folder.path(), Schema::State).unwrap());

    assert_eq!(names_in(folder.path()), ["in_use.lock", "state.db"]);
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_nothing_in_its_folder_changes() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), Schema::State).unwrap());
    let file = folder.path().join("state.db");
    let newer = Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let (before, names) = (fs::read(&file).unwrap(), names_in(folder.path()));

    let refused = open(folder.path(), Schema::State);

    let Err(StoreError::TooNew { found, known }) = refused else { panic!("{refused:?}") };
    assert_eq!((found, known), (99, Schema::State.version()));
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(names_in(folder.path()), names);
}

#[test]
fn a_newer_version_that_stands_only_in_the_log_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), Schema::State).unwrap());
    let file = folder.path().join("state.db");
    let newer = connect(&file).unwrap();
    super::connection::checkpoint_on_close(&newer, false).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let log = folder.path().join("state.db-wal");
    let before = (fs::read(&file).unwrap(), fs::read(&log).unwrap());

    let refused = open(folder.path(), Schema::State);

    assert!(matches!(refused, Err(StoreError::TooNew { .. })), "{refused:?}");
    assert_eq!((fs::read(&file).unwrap(), fs::read(&log).unwrap()), before);
}

#[test]
fn many_that_open_a_new_file_at_once_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let opening: Vec<_> =
            (0..8).map(|_| scope.spawn(|| open(folder.path(), Schema::State))).collect();

        for opened in opening {
            opened.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_first_file_that_was_not_finished_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("state.db.creating"), "half a data").unwrap();

    drop(open(folder.path(), Schema::State).unwrap());

    assert_eq!(names_in(folder.path()), ["in_use.lock", "state.db"]);
}

#[test]
fn every_commit_is_on_the_disk_before_it_counts() {
    let folder = tempfile::tempdir().unwrap();
    let connection = open(folder.path(), Schema::State).unwrap().connection;

    let synchronous: i64 =
        connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    let journal: String =
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();

    assert_eq!((synchronous, journal.as_str()), (2, "wal"));
}

/// The commented schema and what the migrations make of an empty file say the same.
#[test]
fn the_written_schema_is_that_of_a_migrated_file() {
    let written = include_str!("schema.sql");
    let (state, device) = written.split_at(written.find("-- device.db").unwrap());
    for (schema, text) in [(Schema::State, state), (Schema::Device, device)] {
        let folder = tempfile::tempdir().unwrap();
        let migrated = open(folder.path(), schema).unwrap().connection;
        let read = Connection::open_in_memory().unwrap();
        read.execute_batch(text).unwrap();

        assert_eq!(columns_and_indexes(&read), columns_and_indexes(&migrated), "{schema:?}");
    }
}

/// Every column with all its properties, every index with its columns.
fn columns_and_indexes(connection: &Connection) -> Vec<String> {
    connection
        .prepare(
            "SELECT item.name || ' ' || part.cid || ' ' || part.name || ' ' || ifnull(part.type, '-') || ' '
                    || part.\"notnull\" || ' ' || ifnull(part.dflt_value, '-') || ' ' || part.pk
             FROM sqlite_schema AS item JOIN pragma_table_info(item.name) AS part
             UNION ALL
             SELECT tbl_name || ' ' || item.name || ' ' || ifnull(part.name, '-') || ' '
                    || ifnull(item.sql LIKE '%WHERE%', 0)
             FROM sqlite_schema AS item JOIN pragma_index_info(item.name) AS part
             UNION ALL
             SELECT item.name || ' refers to ' || part.\"table\" || ' ' || part.\"from\"
             FROM sqlite_schema AS item JOIN pragma_foreign_key_list(item.name) AS part
             UNION ALL
             SELECT item.name || ' has ' || (length(sql) - length(replace(sql, 'CHECK', '')))
                    || (sql LIKE '%AUTOINCREMENT%') || (sql LIKE '%STRICT%')
             FROM sqlite_schema AS item WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
             ORDER BY 1",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

const RELEASED: [(Schema, &[u8]); 2] = [
    (Schema::State, include_bytes!("../../tests/fixtures/state-0001.db")),
    (Schema::Device, include_bytes!("../../tests/fixtures/device-0001.db")),
];

/// Every row of every table, as text.
fn dump(connection: &Connection, table: &str, columns: &str) -> Vec<String> {
    let sql = format!("SELECT json_array({columns}) FROM \"{table}\" ORDER BY rowid");
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn an_example_of_every_released_schema_is_upgraded_with_all_its_rows() {
    for (schema, bytes) in RELEASED {
        let folder = tempfile::tempdir().unwrap();
        let old_file = folder.path().join("old.db");
        fs::write(&old_file, bytes).unwrap();
        fs::write(schema.path_in(folder.path()), bytes).unwrap();

        let new = open(folder.path(), schema).unwrap().connection;

        assert_eq!(version_of(&new).unwrap(), schema.version());
        let old = Connection::open(old_file).unwrap();
        let tables: Vec<String> = dump(&old, "sqlite_schema", "type, name")
            .iter()
            .filter_map(|row| row.strip_prefix("[\"table\",\"")?.strip_suffix("\"]"))
            .map(ToOwned::to_owned)
            .collect();
        assert!(tables.len() >= 2, "{tables:?}");
        for table in tables {
            let columns: Vec<String> = old
                .prepare("SELECT name FROM pragma_table_info(?1)")
                .unwrap()
                .query_map([&table], |row| row.get::<_, String>(0))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            let columns = columns.join(", ");
            assert_eq!(dump(&new, &table, &columns), dump(&old, &table, &columns), "{table}");
        }
    }
}

#[tokio::test]
async fn an_upgraded_profile_has_its_changes_in_every_state() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("state.db"), RELEASED[0].1).unwrap();
    let profile = {
        let file = Connection::open(folder.path().join("state.db")).unwrap();
        file.query_row("SELECT * FROM profile", [], super::rows::profile_id).unwrap()
    };

    let store = ProfileStore::open(folder.path(), &profile).unwrap();

    let changes = store.changes(super::tests::SINCE_EVER, 100).await.unwrap();
    let states: Vec<String> =
        changes.iter().rev().map(|change| format!("{:?}", change.state)).collect();
    assert_eq!(
        states,
        ["Confirmed", "Rejected", "Discarded", "Superseded", "Queued", "Sending", "NeedsDecision"]
    );
}

#[tokio::test]
async fn a_lost_device_database_is_rebuilt_from_the_folders() {
    let data = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(&profile_folder(data.path(), &profile()), &profile()).unwrap();
    store.set_owner(Owner { username: "harald".into(), is_signed_out: false }).await.unwrap();

    let device = DeviceStore::open(data.path()).unwrap();

    let known = device.profile_in_front(&profile().origin).await.unwrap().unwrap();
    assert_eq!((known.profile, known.username.as_str()), (profile(), "harald"));
}

#[tokio::test]
async fn a_user_who_signed_out_is_not_put_in_front_by_a_rebuilt_device_database() {
    let data = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(&profile_folder(data.path(), &profile()), &profile()).unwrap();
    store.set_owner(Owner { username: "harald".into(), is_signed_out: true }).await.unwrap();

    let device = DeviceStore::open(data.path()).unwrap();

    assert_eq!(device.profile_in_front(&profile().origin).await.unwrap(), None);
    assert!(device.known_profiles().await.unwrap()[0].is_signing_out);
}

#[tokio::test]
async fn wiping_removes_the_folder() {
    let data = tempfile::tempdir().unwrap();
    let folder = profile_folder(data.path(), &profile());
    let store = ProfileStore::open(&folder, &profile()).unwrap();

    assert_eq!(store.wipe().await.unwrap(), super::Wiped::Removed);

    assert!(!folder.exists());
}

#[tokio::test]
async fn wiping_what_another_has_open_empties_it_and_the_other_writes_into_no_ghost() {
    let data = tempfile::tempdir().unwrap();
    let folder = profile_folder(data.path(), &profile());
    let (own, others) = (
        ProfileStore::open(&folder, &profile()).unwrap(),
        ProfileStore::open(&folder, &profile()).unwrap(),
    );
    store_list(&others, list("A", 10)).await;
    tap(&others, 'B', 20).await.unwrap().unwrap();

    assert_eq!(own.wipe().await.unwrap(), super::Wiped::Emptied);

    assert_eq!(others.unsettled_count().await.unwrap(), 0);
    store_list(&others, list("A", 30)).await;
    others.close().await;
    let again = ProfileStore::open(&folder, &profile()).unwrap();
    assert!(again.snapshot().await.unwrap().is_some(), "it is the file that has the name");
    assert_eq!(again.wipe().await.unwrap(), super::Wiped::Removed);
}
