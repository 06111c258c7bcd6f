//! From the tap to the row that is on the disk, against the least that SQLite can do for it.

use std::time::Duration;

use rusqlite::Connection;
use wareswitch::app::profile::Profile;
use wareswitch::domain::change::Origin;
use wareswitch::sandbox::Sandbox;

use crate::table::{self, Table, time};
use crate::world;

const TURNS: usize = 1_000;
/// The length of the long history.
const SETTLED: u32 = 100_000;
/// What a tap may take, for nearly all of them and for half.
const LIMITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(10));

/// An insert of a row as long as that of a tap into the same table, with the pragmas of the app, and
/// nothing else.
struct Bare(Connection);

impl Bare {
    fn open(profile: &Profile) -> Self {
        let connection = Connection::open(world::database(profile)).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA temp_store = MEMORY;",
            )
            .unwrap();
        Self(connection)
    }

    fn insert(&self) {
        let mut statement = self.0.prepare_cached(INSERT).unwrap();
        statement.execute([uuid::Uuid::now_v7().to_string()]).unwrap();
    }
}

const INSERT: &str = r#"
    INSERT INTO change (change_id, kind, assignment_id, warehouse_uuid, warehouse_name, origin, base,
        shown_before, shown_before_is_server_word, state, recorded_at, settled_at,
        settled_calendar_ms, superseded_by)
    VALUES (?1, 'activate', '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000042', 'Spryker MER000001 Warehouse 1', 'tap',
        '["00000000-0000-0000-0000-000000000042"]', '"leave"', 0, 'superseded',
        '{"boot":"00000000-0000-0000-0000-000000000001","since_boot_ns":1,"server_ms":1,"wall_ms":1}',
        '{"boot":"00000000-0000-0000-0000-000000000001","since_boot_ns":1,"server_ms":1,"wall_ms":1}',
        1, 1)"#;

pub(crate) fn measure(table: &mut Table) {
    let runtime = world::runtime();
    let folders = [(); 3].map(|()| world::folder());
    let sandbox = runtime.block_on(Sandbox::start(world::seed(100))).unwrap();
    let [other, profiles @ ..] = folders
        .each_ref()
        .map(|folder| runtime.block_on(world::sign_in(&sandbox.origin(), folder.path())));
    let bare = Bare::open(&other);
    add_history(&profiles[1]);
    let tap = |profile: &Profile, number: &mut usize| {
        *number += 1;
        let warehouse = world::warehouse(1 + *number % 2);
        runtime.block_on(profile.switch_to(warehouse, Origin::Tap)).unwrap();
    };
    let ask = |profile: &Profile| {
        runtime.block_on(profile.store().unsettled_count()).unwrap();
    };
    let [mut short, mut long] = [0, 0];
    let [insert, question, short, long] = table::measure(
        TURNS,
        [
            &mut || bare.insert(),
            &mut || ask(&profiles[0]),
            &mut || tap(&profiles[0], &mut short),
            &mut || tap(&profiles[1], &mut long),
        ],
    );
    let beside = ("bare insert", &insert);
    table.compare("tap to durable", &short, beside, "1.30 x");
    table.compare(format!("the same after {SETTLED} settled changes"), &long, beside, "1.30 x");
    // Part of each tap: the database has a thread of its own, so that no other waits for the disk.
    table.compare("a question to the store's thread", &question, beside, "");
    let (nearly_all, half) = LIMITS;
    let limits = format!("{}, {}", time(half), time(nearly_all));
    let quantiles = format!("99 %: {}", time(short.at(0.99)));
    table.note("tap to durable", time(short.median()), quantiles, "", limits);
}

/// Writes changes that settled long ago into a profile's file.
fn add_history(profile: &Profile) {
    let connection = Connection::open(world::database(profile)).unwrap();
    connection
        .execute(
            "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
             INSERT INTO change (seq, change_id, kind, assignment_id, warehouse_uuid,
                 warehouse_name, origin, base, shown_before_is_server_word, state, recorded_at,
                 settled_at, settled_calendar_ms, attempts)
             SELECT n, printf('10000000-0000-0000-0000-%012d', n), 'activate',
                 '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000042',
                 'Warehouse' || n, 'tap', '[]', 1, 'confirmed', moment, moment, n, 1
             FROM (SELECT n, json_object('boot', '00000000-0000-0000-0000-000000000001',
                 'since_boot_ns', n, 'server_ms', n, 'wall_ms', n) AS moment FROM number)",
            [SETTLED],
        )
        .unwrap();
}
