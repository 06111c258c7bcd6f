//! What the app costs, as counts that are the same on every machine: how often a tap and a round ask
//! for memory, which grows with whatever they do in vain. How often a tap waits for the disk and how
//! often a round asks the server is counted elsewhere (`tests/crash/power.rs`, `drains.rs`).

use std::sync::{Arc, Mutex};

use allocation_counter::measure;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;
use wareswitch::app::platform::Platform;
use wareswitch::clock::SharedClock;
use wareswitch::domain::assignment::{Assignment, Warehouse};
use wareswitch::domain::change::Attempt;
use wareswitch::domain::ids::{AssignmentId, ProfileId, ServerOrigin, UserUuid, WarehouseUuid};
use wareswitch::domain::time::UnixMillis;
use wareswitch::glue::{
    AccessToken, Exchange, GlueFailure, ListExtent, RefreshToken, SecondFactorCode, Token,
};
use wareswitch::platform::SystemPlatform;
use wareswitch::store::ProfileStore;
use wareswitch::sync::driver::Driver;
use wareswitch::sync::machine::Trigger;
use wareswitch::sync::ports::{BoxFuture, Server};

use crate::drains::{self, QuickDisk};

const WAREHOUSES: u128 = 10;
/// A tenth more than it is. Whoever makes it less lowers these; whoever makes it more says why.
const TAP_AT_MOST: u64 = 90;
const ROUND_AT_MOST: u64 = 580;

/// A server that is asked by a call, so that nothing but the app itself is counted.
struct Near {
    assignments: Mutex<Vec<Assignment>>,
    clock: SharedClock,
}

impl Near {
    fn answer<T: Send + 'static>(
        &self,
        result: Result<T, GlueFailure>,
    ) -> BoxFuture<'_, Exchange<T>> {
        let now = self.clock.read();
        Box::pin(std::future::ready(Exchange {
            result,
            server_date: Some(UnixMillis(1_795_600_800_000)),
            asked_at: now,
            answered_at: now,
        }))
    }
}

impl Server for Near {
    fn assignments<'a>(
        &'a self,
        _token: &'a AccessToken,
        _user: UserUuid,
        _extent: ListExtent,
    ) -> BoxFuture<'a, Exchange<Vec<Assignment>>> {
        self.answer(Ok(self.assignments.lock().unwrap().clone()))
    }

    fn refresh<'a>(&'a self, _refresh: &'a RefreshToken) -> BoxFuture<'a, Exchange<Token>> {
        self.answer(Err(GlueFailure::TokenOver))
    }

    fn patch<'a>(
        &'a self,
        _token: &'a AccessToken,
        attempt: &'a Attempt,
        _code: Option<&'a SecondFactorCode>,
    ) -> BoxFuture<'a, Exchange<()>> {
        for assignment in self.assignments.lock().unwrap().iter_mut() {
            assignment.is_active = assignment.id == attempt.assignment_id && attempt.wanted_active;
        }
        self.answer(Ok(()))
    }
}

/// A device whose disk, server and app are on this one thread.
struct World {
    runtime: Runtime,
    clock: SharedClock,
    store: ProfileStore,
    engine: Driver,
    _folder: tempfile::TempDir,
}

impl World {
    fn with_list() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (folder, clock) = (tempfile::tempdir().unwrap(), SystemPlatform::new().clock());
        let profile = ProfileId {
            origin: ServerOrigin::parse("https://glue.example").unwrap(),
            user: UserUuid::new(Uuid::from_u128(7)),
        };
        let store = ProfileStore::in_memory(&profile, Arc::new(QuickDisk)).unwrap();
        let assignments = (0..WAREHOUSES).map(|number| Assignment {
            id: AssignmentId::new(Uuid::from_u128(200 + number)),
            warehouse: Warehouse {
                uuid: warehouse(number),
                name: format!("Spryker MER{number:06} Warehouse 1"),
                is_active: true,
            },
            is_active: number == 0,
        });
        let server =
            Near { assignments: Mutex::new(assignments.collect()), clock: Arc::clone(&clock) };
        let engine = runtime.block_on(async {
            let token = "a token".to_owned();
            let mut engine =
                drains::engine(profile, &store, Arc::new(server), token, folder.path()).await;
            engine.run_round(Trigger::SignedIn).await;
            engine
        });
        Self { runtime, clock, store, engine, _folder: folder }
    }

    fn tap(&self, number: u128) {
        let tap = drains::tap(&self.store, Arc::clone(&self.clock), warehouse(number));
        self.runtime.block_on(tap);
    }

    fn round(&mut self) {
        self.runtime.block_on(self.engine.run_round(Trigger::SendNow));
    }

    /// How often a tap on another warehouse asks for memory.
    fn cost_of_tap(&self, number: u128) -> u64 {
        measure(|| self.tap(number)).count_total
    }
}

fn warehouse(number: u128) -> WarehouseUuid {
    WarehouseUuid::new(Uuid::from_u128(100 + number))
}

#[test]
fn a_tap_asks_for_memory_as_often_whatever_came_before_it() {
    let world = World::with_list();
    (1..10).for_each(|number| world.tap(number));

    let early = world.cost_of_tap(1);
    (0..1_000).for_each(|number| world.tap(number % 9 + 1));
    let late = world.cost_of_tap(2);

    assert!(early <= TAP_AT_MOST, "{early}");
    assert_eq!(early, late);
}

#[test]
fn a_round_asks_for_memory_as_often_however_much_was_tapped_before_it() {
    let mut world = World::with_list();
    for number in 1..4 {
        world.tap(number);
        world.round();
    }

    world.tap(4);
    let few = measure(|| world.round()).count_total;
    (0..1_000).for_each(|number| world.tap(number % 9));
    world.tap(5);
    let many = measure(|| world.round()).count_total;

    assert!(few <= ROUND_AT_MOST, "{few}");
    assert_eq!(few, many);
}
