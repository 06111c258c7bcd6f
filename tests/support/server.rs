//! The server in miniature, on a thread of its own, with what tests ask of it.

use std::thread::JoinHandle;

use tokio::sync::oneshot;
use uuid::Uuid;
use wareswitch::sandbox::{
    Control, Fault, FaultKind, Options, Sandbox, Seed, Settings, TlsIdentity, UserPatch,
};

/// A warehouse user of Warehouse1 and Warehouse2, and of Warehouse3, which is closed.
pub(crate) const HARALD: &str = "harald@spryker.com";
/// A warehouse user of two other warehouses.
pub(crate) const MARTHA: &str = "martha@video-king.nl";
/// Everybody's password.
pub(crate) const PASSWORD: &str = wareswitch::sandbox::SAMPLE_PASSWORD;

const LIST: &str = "/warehouse-user-assignments";

/// A running server; it stops when it is dropped.
pub(crate) struct Server {
    origin: String,
    control: Control,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one with the sample data.
    pub(crate) fn start() -> Self {
        Self::start_with(Seed::sample())
    }

    /// Starts one with this data.
    pub(crate) fn start_with(seed: Seed) -> Self {
        Self::start_as(Options::new(seed))
    }

    /// Starts one that serves HTTPS with this certificate.
    pub(crate) fn start_with_tls(identity: TlsIdentity) -> Self {
        Self::start_as(Options { tls: Some(identity), ..Options::new(Seed::sample()) })
    }

    fn start_as(options: Options) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let sandbox = Sandbox::start_with(options).await.unwrap();
                tell.send((sandbox.origin(), sandbox.control())).unwrap();
                // Told, or left behind by a test that failed.
                let _ = stopped.await;
            });
        });
        let (origin, control) = told.recv().unwrap();
        Self { origin, control, stop: Some(stop), thread: Some(thread) }
    }

    /// Its address.
    pub(crate) fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Its control side.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// The methods of the requests about assignments, oldest first, such as `GET PATCH GET`.
    pub(crate) fn methods(&self) -> String {
        let requests = self.control.requests();
        let about_assignments = requests.iter().filter(|request| request.path.starts_with(LIST));
        about_assignments.map(|request| request.method.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// How many PATCHes reached it.
    pub(crate) fn patches(&self) -> usize {
        self.control.requests().iter().filter(|request| request.method == "PATCH").count()
    }

    /// How many requests for the list reached it.
    pub(crate) fn looks(&self) -> usize {
        self.methods().split(' ').filter(|method| *method == "GET").count()
    }

    /// The names of the warehouses that a user is active in.
    pub(crate) fn active_of(&self, username: &str) -> Vec<String> {
        let user = self.user(username);
        let assignments = self.control.assignments();
        let own = assignments.iter().filter(|row| row.user_uuid == user && row.is_active);
        own.map(|row| self.name_of(row.warehouse_uuid)).collect()
    }

    fn name_of(&self, warehouse: Uuid) -> String {
        let warehouses = self.control.warehouses();
        warehouses.into_iter().find(|row| row.uuid == warehouse).unwrap().name
    }

    /// The id of a user.
    pub(crate) fn user(&self, username: &str) -> Uuid {
        let users = self.control.users();
        users.iter().find(|user| user.username == username).unwrap().uuid
    }

    /// The id of a warehouse.
    pub(crate) fn warehouse(&self, name: &str) -> Uuid {
        let warehouses = self.control.warehouses();
        warehouses.iter().find(|warehouse| warehouse.name == name).unwrap().uuid
    }

    /// The id of an assignment.
    pub(crate) fn assignment(&self, username: &str, warehouse: &str) -> Uuid {
        let (user, warehouse) = (self.user(username), self.warehouse(warehouse));
        let assignments = self.control.assignments();
        let mut own = assignments.iter().filter(|row| row.user_uuid == user);
        own.find(|row| row.warehouse_uuid == warehouse).unwrap().uuid
    }

    /// Harald switches on another device.
    pub(crate) fn switch_elsewhere(&self, warehouse: &str) {
        let (user, warehouse) = (self.user(HARALD), self.warehouse(warehouse));
        assert!(self.control.activate_elsewhere(user, warehouse));
    }

    /// The Back Office takes a warehouse away from Harald.
    pub(crate) fn take_away(&self, warehouse: &str) {
        assert!(self.control.remove_assignment(self.assignment(HARALD, warehouse)));
    }

    /// The Back Office gives a warehouse to Harald. Returns the id of the assignment.
    pub(crate) fn give(&self, warehouse: &str) -> String {
        let (user, warehouse) = (self.user(HARALD), self.warehouse(warehouse));
        self.control.assign(user, warehouse).unwrap().uuid.to_string()
    }

    /// Changes how it behaves from now on.
    pub(crate) fn set_up(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.control.settings();
        change(&mut settings);
        self.control.set_settings(settings).unwrap();
    }

    /// The grant types of the requests for a token, oldest first, such as `password refresh_token`.
    pub(crate) fn grants(&self) -> String {
        let requests = self.control.requests();
        let tokens = requests.iter().filter(|request| request.path == "/token");
        tokens
            .filter_map(|request| request.body["grant_type"].as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Harald needs this code from now on.
    pub(crate) fn ask_for_code(&self, code: &str) {
        let patch = UserPatch { mfa: Some(Some(code.to_owned())), ..UserPatch::default() };
        self.control.patch_user(self.user(HARALD), patch).unwrap();
    }

    /// What goes wrong from now on, instead of what went wrong before.
    pub(crate) fn go_wrong(&self, faults: impl IntoIterator<Item = Fault>) {
        self.control.set_faults(faults.into_iter().collect());
    }

    /// Nothing goes wrong any more.
    pub(crate) fn recover(&self) {
        self.control.set_faults(Vec::new());
        self.control.set_offline(false);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let joined = thread.join();
            assert!(joined.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

/// The fault, for requests of the list only.
pub(crate) fn on_list(fault: Fault) -> Fault {
    Fault { method: Some("GET".to_owned()), path: Some(LIST.to_owned()), ..fault }
}

/// The fault, for PATCHes only.
pub(crate) fn on_patch(fault: Fault) -> Fault {
    Fault { method: Some("PATCH".to_owned()), ..fault }
}

/// The fault, for sign-ins only.
pub(crate) fn on_token(fault: Fault) -> Fault {
    Fault { path: Some("/token".to_owned()), ..fault }
}

/// The fault, for requests to send a new code of the second factor only.
pub(crate) fn on_new_code(fault: Fault) -> Fault {
    Fault { path: Some("/multi-factor-auth-trigger".to_owned()), ..fault }
}

/// An answer of Glue with a status and one error.
pub(crate) fn failing(status: u16, code: Option<&str>, message: &str) -> FaultKind {
    let error = serde_json::json!({ "code": code, "status": status, "message": message });
    let body = serde_json::json!({ "errors": [error] });
    let headers = serde_json::json!({ "Content-Type": "application/vnd.api+json" });
    let headers = headers.as_object().unwrap().clone();
    FaultKind::Status { status, headers, body: Some(body.to_string()) }
}
