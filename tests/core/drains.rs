//! What it costs the server and the radio when a device comes back, however much was tapped while it
//! was away.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;
use wareswitch::app::platform::Platform;
use wareswitch::clock::SharedClock;
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::{ChangeId, ProfileId, ServerOrigin, UserUuid, WarehouseUuid};
use wareswitch::domain::judge::Rules;
use wareswitch::domain::outbox::{Recording, record_switch};
use wareswitch::domain::time::Moment;
use wareswitch::glue::{AccessToken, GlueClient, GlueSettings};
use wareswitch::platform::SystemPlatform;
use wareswitch::sandbox::{
    Control, Sandbox, Seed, SeedAssignment, SeedUser, SeedWarehouse, Settings,
};
use wareswitch::session::secret_store::StoredToken;
use wareswitch::store::{PlayedDisk, ProfileStore, Scope, StoreError};
use wareswitch::sync::driver::{Driver, Parts};
use wareswitch::sync::machine::Trigger;
use wareswitch::sync::ports::{Server, TokioRuntime};

const TAPS: u128 = 10_000;
/// By so many bytes the signature of a server's token (RS256) is longer than that of the sandbox's.
const LONGER_SIGNATURE: u64 = 342 - 43;
const WAREHOUSES: u128 = 10;
const WORKER: Uuid = Uuid::from_u128(7);

/// A disk that only works.
#[derive(Debug)]
pub(crate) struct QuickDisk;

impl PlayedDisk for QuickDisk {
    fn before(&self) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn after(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

/// A device with its own line to the server.
struct World {
    _sandbox: Sandbox,
    _folder: tempfile::TempDir,
    control: Control,
    bytes: Arc<AtomicU64>,
    platform: SystemPlatform,
    store: ProfileStore,
    engine: Driver,
}

/// The worker has ten warehouses with names as long as in a shop, and is active in the first.
fn seed() -> Seed {
    let number = |base: u128| (0..WAREHOUSES).map(move |number| Uuid::from_u128(base + number));
    Seed {
        users: vec![SeedUser {
            uuid: Some(WORKER),
            username: "harald@spryker.com".into(),
            password: "change123".into(),
            first_name: "Harald".into(),
            last_name: "Schmidt".into(),
            is_warehouse_user: true,
            is_active: true,
            mfa: None,
        }],
        warehouses: number(100)
            .map(|uuid| SeedWarehouse {
                uuid: Some(uuid),
                name: format!("Spryker MER0000{:02} Warehouse 1", uuid.as_u128() % 100),
                is_active: true,
            })
            .collect(),
        assignments: number(100)
            .zip(number(200))
            .map(|(warehouse_uuid, uuid)| SeedAssignment {
                uuid: Some(uuid),
                user_uuid: WORKER,
                warehouse_uuid,
                is_active: warehouse_uuid == Uuid::from_u128(100),
            })
            .collect(),
    }
}

impl World {
    /// A device that has just fetched its list.
    async fn with_list() -> Self {
        let sandbox = Sandbox::start(seed()).await.unwrap();
        let control = sandbox.control();
        let (address, bytes) = count_bytes_to(sandbox.origin()).await;
        let platform = SystemPlatform::new();
        let folder = tempfile::tempdir().unwrap();
        let origin = ServerOrigin::parse(&address).unwrap();
        let profile = ProfileId { origin: origin.clone(), user: UserUuid::new(WORKER) };
        let store = ProfileStore::in_memory(&profile, Arc::new(QuickDisk)).unwrap();
        let settings = GlueSettings { origin, extra_ca_pem: None, limits: Default::default() };
        let client = Arc::new(GlueClient::new(settings, platform.clock()).unwrap());
        let token = control.token_for(WORKER).unwrap();
        let mut engine = engine(profile, &store, client, token, folder.path()).await;
        engine.run_round(Trigger::SignedIn).await;
        control.clear_requests();
        bytes.store(0, Ordering::Relaxed);
        Self { _sandbox: sandbox, _folder: folder, control, bytes, platform, store, engine }
    }

    /// The worker taps one warehouse after another while there is no network.
    async fn tap(&self, warehouses: impl Iterator<Item = u128>) {
        for number in warehouses {
            let warehouse = WarehouseUuid::new(Uuid::from_u128(100 + number));
            tap(&self.store, self.platform.clock(), warehouse).await;
        }
    }

    /// The network is back: the requests that follow, such as `GET PATCH GET`.
    async fn drain(&mut self) -> String {
        self.engine.run_round(Trigger::SendNow).await;
        assert_eq!(self.store.unsettled_count().await.unwrap(), 0);
        let requests = self.control.requests();
        requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// The engine of a profile that is signed in and has nothing around it.
pub(crate) async fn engine(
    profile: ProfileId,
    store: &ProfileStore,
    server: Arc<dyn Server>,
    token: String,
    folder: &Path,
) -> Driver {
    let platform = SystemPlatform::new();
    let token = StoredToken {
        access: AccessToken::new(token),
        refresh: None,
        expires_in: None,
        received_at: Moment::new(platform.clock().read(), None),
        is_over: false,
    };
    let parts = Parts {
        profile,
        store: store.clone(),
        server,
        lock: platform.sender_lock(folder),
        secrets: platform.secrets(folder).file,
        clock: platform.clock(),
        runtime: Arc::new(TokioRuntime),
        rules: Rules::default(),
        sync_spread: Default::default(),
        listener: Box::new(|_| {}),
    };
    Driver::new(parts, Some(token)).await.unwrap()
}

/// A tap, as far as the database.
pub(crate) async fn tap(store: &ProfileStore, clock: SharedClock, warehouse: WarehouseUuid) {
    let scope = Scope { warehouse: Some(warehouse), ..Scope::default() };
    let recorded = store.transact(scope, move |outbox| {
        let now = Moment::new(clock.read(), outbox.sync.anchor.as_ref());
        let id = ChangeId::new(Uuid::now_v7());
        record_switch(outbox, Recording { origin: Origin::Tap, now, id })
    });
    recorded.await.unwrap().unwrap();
}

/// A line to a server, and how many bytes went over it both ways.
async fn count_bytes_to(origin: String) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let bytes = Arc::new(AtomicU64::new(0));
    let (counted, server) = (Arc::clone(&bytes), origin.replace("http://", ""));
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&server).await.unwrap();
            let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
            tokio::spawn(pass_on(from_near, to_far, Arc::clone(&counted)));
            tokio::spawn(pass_on(from_far, to_near, Arc::clone(&counted)));
        }
    });
    (address, bytes)
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    counted: Arc<AtomicU64>,
) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        counted.fetch_add(length as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn ten_thousand_taps_cost_three_requests_and_ten_kibibytes() {
    let mut world = World::with_list().await;
    world.tap((1..=TAPS).map(|tap| tap % (WAREHOUSES - 1) + 1)).await;
    assert_eq!(world.bytes(), 0, "a tap needs no network");

    assert_eq!(world.drain().await, "GET PATCH GET");

    // Three tokens, which a server signs with a longer key than the sandbox.
    let bytes = world.bytes() + 3 * LONGER_SIGNATURE;
    assert!(bytes <= 10 * 1024, "{bytes} bytes");
}

#[tokio::test]
async fn where_answers_are_packed_the_same_costs_less() {
    let mut world = World::with_list().await;
    world.control.set_settings(Settings { gzip: true, ..Settings::default() }).unwrap();
    world.tap((1..=TAPS).map(|tap| tap % (WAREHOUSES - 1) + 1)).await;

    assert_eq!(world.drain().await, "GET PATCH GET");

    assert!(world.bytes() <= 6 * 1024, "{} bytes", world.bytes());
}

#[tokio::test]
async fn ten_thousand_taps_that_end_where_they_began_send_nothing() {
    let mut world = World::with_list().await;
    world.tap((1..=TAPS).map(|tap| tap % WAREHOUSES)).await;

    assert_eq!(world.drain().await, "GET");
}
