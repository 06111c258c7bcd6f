//! The control side for Rust code: what tests and the demo see and do behind the server's back.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::watch;
use uuid::Uuid;

use super::code_flow::CodeFlow;
use super::faults::{FAULTS_MAX, Fault};
use super::rows::{Assignment, User, Warehouse};
use super::seed::{Seed, SeedAssignment};
use super::settings::Settings;
use super::state::State;
use super::tokens::TokenMint;

/// How many requests are remembered; older ones are forgotten.
const LOG_LENGTH_MAX: usize = 10_000;

/// A request that reached the server, without secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedRequest {
    /// GET, POST and so on.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As sent; empty if there was none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// What was answered; 0 if the connection was closed, or the answer isn't known yet.
    pub status: u16,
    /// A few headers; those with secrets only as a word.
    pub headers: Map<String, Value>,
    /// JSON as such, else text; null if empty. A sign-in holds only grant type and user name.
    pub body: Value,
}

/// What to change about a user; what is none stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPatch {
    /// The live flag; scopes of tokens stay as issued.
    pub is_warehouse_user: Option<bool>,
    /// Whether signing in is allowed.
    pub is_active: Option<bool>,
    /// The new password.
    pub password: Option<String>,
    /// The code of the second factor; null or an empty text switches it off.
    #[serde(default, deserialize_with = "some")]
    pub mfa: Option<Option<String>>,
}

/// Tells a member that is null from one that isn't there.
fn some<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

/// Everything that requests read and change.
#[derive(Debug)]
pub(super) struct Inner {
    seed: Seed,
    /// Users, warehouses, assignments.
    pub state: State,
    /// How the server behaves.
    pub settings: Settings,
    /// What goes wrong, in order.
    pub faults: Vec<Fault>,
    /// Makes and checks tokens.
    pub tokens: TokenMint,
    /// The codes of browser apps that are signing in.
    pub codes: CodeFlow,
    log: VecDeque<(u64, LoggedRequest)>,
    last_logged: u64,
}

/// What the server and its controls share.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    offline: watch::Sender<bool>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(seed: Seed) -> std::io::Result<Self> {
        let state = State::from_seed(&seed).map_err(std::io::Error::other)?;
        let inner = Inner {
            seed,
            state,
            settings: Settings::default(),
            faults: Vec::new(),
            tokens: TokenMint::new()?,
            codes: CodeFlow::default(),
            log: VecDeque::new(),
            last_logged: 0,
        };
        Ok(Self { inner: Mutex::new(inner), offline: watch::Sender::new(false) })
    }

    /// The data. Never held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells when the network goes and comes.
    pub(super) fn offline(&self) -> watch::Receiver<bool> {
        self.offline.subscribe()
    }
}

impl Inner {
    /// Remembers a request, and returns the number under which its status can be added.
    pub(super) fn log(&mut self, request: LoggedRequest) -> u64 {
        self.last_logged += 1;
        if self.log.len() >= LOG_LENGTH_MAX {
            self.log.pop_front();
        }
        self.log.push_back((self.last_logged, request));
        self.last_logged
    }

    /// Adds what was answered.
    pub(super) fn log_status(&mut self, number: u64, status: u16) {
        if let Some((_, request)) = self.log.iter_mut().rev().find(|(other, _)| *other == number) {
            request.status = status;
        }
    }
}

/// A handle to a running sandbox. Clones control the same one.
#[derive(Clone, Debug)]
pub struct Control {
    pub(super) shared: Arc<Shared>,
}

impl Control {
    /// Back to the seed, with default settings, no faults and no requests. Tokens stay good.
    pub fn reset(&self) {
        {
            let mut inner = self.shared.lock();
            // The seed made a state before, so it does again.
            if let Ok(state) = State::from_seed(&inner.seed) {
                inner.state = state;
            }
            inner.settings = Settings::default();
            inner.faults.clear();
            inner.log.clear();
        }
        self.shared.offline.send_replace(false);
    }

    /// The requests that reached the server, oldest first, without those of the control side.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.iter().map(|(_, request)| request.clone()).collect()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        self.shared.lock().log.clear();
    }

    /// The faults still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.lock().faults.clone()
    }

    /// Replaces the faults. More than 1000 are not taken.
    pub fn set_faults(&self, mut faults: Vec<Fault>) {
        faults.truncate(FAULTS_MAX);
        self.shared.lock().faults = faults;
    }

    /// How the server behaves.
    pub fn settings(&self) -> Settings {
        self.shared.lock().settings.clone()
    }

    /// Changes how the server behaves.
    ///
    /// # Errors
    /// A sentence, if [`Settings::check`] finds a value that no real server has.
    pub fn set_settings(&self, settings: Settings) -> Result<(), String> {
        settings.check()?;
        let offline = settings.offline;
        self.shared.lock().settings = settings;
        self.shared.offline.send_replace(offline);
        Ok(())
    }

    /// Takes the network away, or gives it back. Open connections are closed at once.
    pub fn set_offline(&self, offline: bool) {
        self.shared.lock().settings.offline = offline;
        self.shared.offline.send_replace(offline);
    }

    /// All users.
    pub fn users(&self) -> Vec<User> {
        self.shared.lock().state.users().to_vec()
    }

    /// Changes a user. None: there is no such user.
    pub fn patch_user(&self, uuid: Uuid, patch: UserPatch) -> Option<User> {
        let mut inner = self.shared.lock();
        let user = inner.state.user_mut(&uuid)?;
        user.is_warehouse_user = patch.is_warehouse_user.unwrap_or(user.is_warehouse_user);
        user.is_active = patch.is_active.unwrap_or(user.is_active);
        if let Some(password) = patch.password {
            user.password = password;
        }
        if let Some(mfa) = patch.mfa {
            user.mfa = mfa.filter(|code| !code.is_empty());
            user.mfa_first_used_at = None;
        }
        Some(user.clone())
    }

    /// Takes a user away with all their assignments. False: there was none.
    pub fn remove_user(&self, uuid: Uuid) -> bool {
        self.shared.lock().state.remove_user(&uuid)
    }

    /// All warehouses.
    pub fn warehouses(&self) -> Vec<Warehouse> {
        self.shared.lock().state.warehouses().to_vec()
    }

    /// Renames, opens or closes a warehouse. None: there is no such warehouse.
    pub fn patch_warehouse(
        &self,
        uuid: Uuid,
        name: Option<String>,
        is_active: Option<bool>,
    ) -> Option<Warehouse> {
        let mut inner = self.shared.lock();
        let warehouse = inner.state.warehouse_mut(&uuid)?;
        if let Some(name) = name {
            warehouse.name = name;
        }
        warehouse.is_active = is_active.unwrap_or(warehouse.is_active);
        Some(warehouse.clone())
    }

    /// All assignments.
    pub fn assignments(&self) -> Vec<Assignment> {
        self.shared.lock().state.assignments().to_vec()
    }

    /// Assigns, as the Back Office does. The new row has a new id, also if the pair was there
    /// before.
    ///
    /// # Errors
    /// A sentence, if it is there already or user or warehouse aren't.
    pub fn assign(&self, user: Uuid, warehouse: Uuid) -> Result<Assignment, String> {
        self.shared.lock().state.add_assignment(&SeedAssignment {
            uuid: None,
            user_uuid: user,
            warehouse_uuid: warehouse,
            is_active: false,
        })
    }

    /// Sets `isActive` of one row and of no other. None: there is no such row.
    pub fn patch_assignment(&self, uuid: Uuid, is_active: bool) -> Option<Assignment> {
        let mut inner = self.shared.lock();
        let assignment = inner.state.assignment_mut(&uuid)?;
        assignment.is_active = is_active;
        Some(assignment.clone())
    }

    /// Takes an assignment away, as the Back Office does. False: there was none.
    pub fn remove_assignment(&self, uuid: Uuid) -> bool {
        self.shared.lock().state.remove_assignment(&uuid)
    }

    /// Makes another assignment of the user the active one, as another device would. False: there
    /// is no such assignment.
    pub fn activate_elsewhere(&self, user: Uuid, warehouse: Uuid) -> bool {
        self.shared.lock().state.activate(&user, &warehouse)
    }

    /// Ends the life of every access token given so far; later ones are good.
    pub fn expire_tokens(&self) {
        self.shared.lock().tokens.expire_all();
    }

    /// A token for a user without signing in. None: there is no such user.
    pub fn token_for(&self, user: Uuid) -> Option<String> {
        let mut inner = self.shared.lock();
        let life_s = inner.settings.token_life_s;
        let user = inner.state.user(&user)?.clone();
        Some(inner.tokens.for_user(&user, &user.scopes(), life_s))
    }

    /// A token for a warehouse without signing in. None: there is no such warehouse.
    pub fn token_for_warehouse(&self, warehouse: Uuid) -> Option<String> {
        let mut inner = self.shared.lock();
        let life_s = inner.settings.token_life_s;
        let number = inner.state.warehouse(&warehouse)?.number;
        Some(inner.tokens.for_warehouse(number, life_s).0)
    }

    /// A good token of neither a user nor a warehouse, such as a shop customer's.
    pub fn token_without_user(&self) -> String {
        let mut inner = self.shared.lock();
        let life_s = inner.settings.token_life_s;
        inner.tokens.for_nobody(life_s)
    }
}
