//! The scene: a sandbox on a thread of its own, a temporary data folder, a signed-in demo user.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use uuid::Uuid;

use crate::app::Password;
use crate::app::device::Device;
use crate::app::host::{FirstState, Host, Parts};
use crate::app::platform::Platform;
use crate::app::worker::{DemoSwitches, Publish};
use crate::config::Config;
use crate::domain::ids::ServerOrigin;
use crate::domain::protection::SecretStoreChoice;
use crate::error::UserError;
use crate::sandbox::{Control, SAMPLE_PASSWORD, Sandbox, Seed};

/// The demo user, one of the sample users of Spryker's demo shops.
const USERNAME: &str = "harald@spryker.com";

/// Everything that the demo plays on. Dropping it stops the server and removes the folder.
pub struct Stage {
    control: Control,
    folder: tempfile::TempDir,
    config: Config,
    platform: Arc<dyn Platform>,
    user: Uuid,
    _server: Server,
}

/// A sandbox on its thread; dropping it ends both.
struct Server {
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Stage {
    /// Starts the server, signs the demo user in and fetches the list.
    ///
    /// # Errors
    /// If there is no room for a folder, or no port.
    pub fn build(platform: Arc<dyn Platform>) -> Result<Self, UserError> {
        let (server, origin, control) = start_server()?;
        let folder = tempfile::Builder::new()
            .prefix("wareswitch-demo-")
            .tempdir()
            .map_err(|error| failed(&format!("there is no room for its files: {error}")))?;
        let mut config = Config::default();
        config.server_url.value = ServerOrigin::parse(&origin).ok();
        // Nothing of the demo stays, and nobody's own keyring is asked for its sake.
        config.secret_store.value = SecretStoreChoice::File;
        let user = prepare_user(&control)?;
        let stage = Self { control, folder, config, platform, user, _server: server };
        stage.sign_in()?;
        stage.control.clear_requests();
        Ok(stage)
    }

    /// The server's other side.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The demo user.
    pub fn user(&self) -> Uuid {
        self.user
    }

    /// Starts the app on this stage, as the window does.
    ///
    /// # Errors
    /// If there can't be a thread.
    pub fn open_app(&self, publish: Publish) -> Result<(Host, FirstState), UserError> {
        let opening = Opening {
            config: self.config.clone(),
            data_dir: self.folder.path().to_owned(),
            platform: Arc::clone(&self.platform),
        };
        let config = self.config.clone();
        Host::start(Parts {
            config: self.config.clone(),
            platform: Arc::clone(&self.platform),
            open: Box::new(move || opening.open()),
            // The demo has one server.
            outside: Box::new(move |_: &ServerOrigin| Ok(config.clone())),
            demo: Some(Box::new(Switches { control: self.control.clone(), user: self.user })),
            publish,
        })
    }

    /// The folder of the demo's files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn sign_in(&self) -> Result<(), UserError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&error.to_string()))?;
        runtime.block_on(async {
            let device = Device::open(
                self.config.clone(),
                self.folder.path().to_owned(),
                Arc::clone(&self.platform),
            )?;
            let profile = device.sign_in(USERNAME, Password::new(SAMPLE_PASSWORD.into())).await?;
            profile.run_round_after_sign_in().await?;
            Ok(())
        })
    }
}

struct Opening {
    config: Config,
    data_dir: PathBuf,
    platform: Arc<dyn Platform>,
}

impl Opening {
    fn open(&self) -> Result<Device, UserError> {
        Device::open(self.config.clone(), self.data_dir.clone(), Arc::clone(&self.platform))
    }
}

fn failed(reason: &str) -> UserError {
    UserError::internal(format!("The demo can't start: {reason}."))
}

fn start_server() -> Result<(Server, String, Control), UserError> {
    let (started, starting) = mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            match Sandbox::start(Seed::sample()).await {
                Ok(sandbox) => {
                    let _ = started.send(Ok((sandbox.origin(), sandbox.control())));
                    // Resolves when the stage is dropped.
                    let _ = stopped.await;
                }
                Err(error) => {
                    let _ = started.send(Err(error.to_string()));
                }
            }
        });
    };
    thread::Builder::new()
        .name("sandbox".into())
        .spawn(serve)
        .map_err(|error| failed(&error.to_string()))?;
    let (origin, control) = starting
        .recv()
        .map_err(|_| failed("the server ended before it had started"))?
        .map_err(|error| failed(&error))?;
    Ok((Server { _stop: stop }, origin, control))
}

/// Gives the demo user every warehouse there is, so that there is something to choose from.
fn prepare_user(control: &Control) -> Result<Uuid, UserError> {
    let user = control
        .users()
        .into_iter()
        .find(|user| user.username == USERNAME)
        .ok_or_else(|| failed("its user is missing"))?
        .uuid;
    let has = |warehouse: Uuid| {
        control
            .assignments()
            .iter()
            .any(|row| row.user_uuid == user && row.warehouse_uuid == warehouse)
    };
    let missing: Vec<Uuid> =
        control.warehouses().iter().map(|row| row.uuid).filter(|uuid| !has(*uuid)).collect();
    for warehouse in missing {
        control.assign(user, warehouse).map_err(|error| failed(&error))?;
    }
    Ok(user)
}

struct Switches {
    control: Control,
    user: Uuid,
}

impl DemoSwitches for Switches {
    fn set_offline(&self, is_offline: bool) {
        self.control.set_offline(is_offline);
    }

    fn switch_on_other_device(&self) {
        if let Some(warehouse) = another_warehouse(&self.control, self.user) {
            self.control.activate_elsewhere(self.user, warehouse);
        }
    }
}

/// An open warehouse of the user that is not active on the server.
fn another_warehouse(control: &Control, user: Uuid) -> Option<Uuid> {
    let open: Vec<Uuid> = control
        .warehouses()
        .into_iter()
        .filter(|warehouse| warehouse.is_active)
        .map(|warehouse| warehouse.uuid)
        .collect();
    control
        .assignments()
        .into_iter()
        .filter(|row| row.user_uuid == user && !row.is_active)
        .map(|row| row.warehouse_uuid)
        .find(|warehouse| open.contains(warehouse))
}
