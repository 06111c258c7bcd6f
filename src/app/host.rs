//! The thread that the app lives on while the window is open, so that the window waits for nothing.

use std::sync::{Arc, Mutex, mpsc as std_mpsc};
use std::thread;

use tokio::sync::mpsc;

use crate::config::Config;
use crate::domain::time::Moment;
use crate::error::{UserError, UserErrorKind};

use super::device::Device;
use super::outside::Outside;
use super::platform::Platform;
use super::state::{AppState, Command};
use super::worker::{DemoSwitches, Input, Mailbox, Publish, Worker, server_setting};

/// What the app needs to start.
pub struct Parts {
    /// What is configured.
    pub config: Config,
    /// The doors to the device.
    pub platform: Arc<dyn Platform>,
    /// Opens the device; called again if it failed and a person tries again.
    pub open: Box<dyn Fn() -> Result<Device, UserError> + Send>,
    /// Settings and reports.
    pub outside: Box<dyn Outside>,
    /// The demo's switches.
    pub demo: Option<Box<dyn DemoSwitches>>,
    /// Is told every new state, from the app's thread.
    pub publish: Publish,
}

/// The running app. It ends with the last handle.
#[derive(Clone)]
pub struct Host {
    inbox: mpsc::UnboundedSender<Input>,
}

/// The state to begin with, once what is on the device has been read.
pub struct FirstState(std_mpsc::Receiver<Arc<AppState>>);

impl FirstState {
    /// Waits for it: milliseconds, without any network.
    ///
    /// # Errors
    /// If the app ended before.
    pub fn wait(self) -> Result<Arc<AppState>, UserError> {
        self.0.recv().map_err(|_| UserError::internal("The app ended before it had started."))
    }
}

impl Host {
    /// Starts the app, which reads what is on the device while its caller does something else.
    ///
    /// # Errors
    /// If there can't be a thread.
    pub fn start(parts: Parts) -> Result<(Self, FirstState), UserError> {
        let (inbox, receiver) = mpsc::unbounded_channel();
        let (tell_first, first) = std_mpsc::sync_channel(1);
        let own_inbox = inbox.downgrade();
        thread::Builder::new()
            .name("app".into())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                match runtime {
                    Ok(runtime) => {
                        runtime.block_on(serve(parts, own_inbox, receiver, tell_first));
                        // A thread may still wait for a lock that another process holds.
                        runtime.shutdown_background();
                    }
                    Err(error) => tracing::error!(%error, "the app's runtime could not be made"),
                }
            })
            .map_err(|error| UserError::internal(format!("No thread could be made: {error}.")))?;
        Ok((Self { inbox }, FirstState(first)))
    }

    /// Passes on what a person asks for. Never waits.
    pub fn send(&self, command: Command) {
        if self.inbox.send(Input::Command(command)).is_err() {
            tracing::error!("the app has stopped");
        }
    }
}

async fn serve(
    parts: Parts,
    inbox: mpsc::WeakUnboundedSender<Input>,
    mut receiver: mpsc::UnboundedReceiver<Input>,
    tell_first: std_mpsc::SyncSender<Arc<AppState>>,
) {
    let Parts { config, platform, open, outside, demo, publish } = parts;
    let tell_first = Mutex::new(Some(tell_first));
    let publish: Publish = Box::new(move |state| {
        let first = tell_first.lock().map(|mut first| first.take());
        match first {
            // The window is gone already if this fails.
            Ok(Some(first)) => drop(first.send(state)),
            _ => publish(state),
        }
    });
    let device = loop {
        match open() {
            Ok(device) => break device,
            // Until somebody tries again there is nothing but the sentence that says so.
            Err(error) => {
                tracing::error!(%error, "what is kept on the device could not be opened");
                publish(Arc::new(unopened(&config, platform.as_ref(), error.kind())));
                if receiver.recv().await.is_none() {
                    return;
                }
            }
        }
    };
    let worker = Worker::start(device, Mailbox(inbox), publish, outside, demo).await;
    worker.run(receiver).await;
}

fn unopened(config: &Config, platform: &dyn Platform, kind: UserErrorKind) -> AppState {
    AppState {
        unopened: Some(kind),
        support_text: config.support_text.value.clone(),
        ..AppState::new(server_setting(config), Moment::new(platform.clock().read(), None))
    }
}
