//! The window on Android, where the system says where data belongs, a device management configures,
//! and scans come as broadcasts.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::app::host::Host;
use crate::app::state::{Command, InVain};
use crate::cli::args::GlobalOptions;
use crate::config::layers::Layers;
use crate::config::{Config, managed};
use crate::gui::{Appearance, Language};
use crate::platform::android::broadcast::{Broadcast, Listener};
use crate::platform::android::java::{self, Happening};
use crate::platform::durable_file;
use crate::scanner::intent::{ExtraKind, IntentSource, sources};

/// The certificate authority of the managed configuration, in the data folder.
const CA_FILE: &str = "managed-ca.pem";
/// The user's own file, in the data folder.
const CONFIG_FILE: &str = "config.toml";

/// Opens the window. `fallback` is the folder for data where another activity than ours started the
/// program.
pub fn open(fallback: Option<PathBuf>) {
    let data_dir = java::start().map(|start| start.data_folder).or(fallback);
    let Some(data_dir) = data_dir else {
        tracing::error!("the system names no folder for data");
        return;
    };
    let global = GlobalOptions {
        config: None,
        data_dir: Some(data_dir),
        server_url: None,
        json: false,
        verbose: 1,
    };
    if let Err(error) = super::window::open(&global) {
        tracing::error!(%error, "the window ended");
    }
    // Whoever listens keeps the app alive.
    java::stop_listening();
}

/// The user's own file.
pub(super) fn user_file(global: &GlobalOptions) -> Option<PathBuf> {
    global.data_dir.as_ref().map(|folder| folder.join(CONFIG_FILE))
}

/// Adds what a device management set.
pub(super) fn add_managed(layers: &mut Layers, global: &GlobalOptions) {
    let Some(start) = java::start() else { return };
    let managed = match managed::read(&start.managed_configuration) {
        Ok(managed) => managed,
        Err(reason) => return layers.add_unreadable_managed(&reason),
    };
    let kept = managed.ca_pem.as_deref().zip(global.data_dir.as_deref());
    let ca_file = match kept.map(|(pem, folder)| keep_ca(folder, pem)).transpose() {
        Ok(path) => path,
        Err(error) => {
            layers.add_unreadable_managed(&format!("ca_pem can't be kept: {error}"));
            None
        }
    };
    layers.add_managed(managed, ca_file.as_deref());
}

/// Keeps the certificate authority where the client reads one: in a file.
fn keep_ca(data_dir: &Path, pem: &str) -> std::io::Result<PathBuf> {
    let path = data_dir.join(CA_FILE);
    if std::fs::read(&path).ok().as_deref() != Some(pem.as_bytes()) {
        std::fs::create_dir_all(data_dir)?;
        durable_file::replace(&path, pem.as_bytes())?;
    }
    Ok(path)
}

/// The language of the device in the place of 'as the system has it'.
pub(super) fn with_language_of_device(appearance: Appearance) -> Appearance {
    match (appearance.language, java::start()) {
        (Language::Auto, Some(start)) => {
            Appearance { language: Language::of_locale(&start.locale), ..appearance }
        }
        _ => appearance,
    }
}

/// The scanner that IT named, if one is.
pub(super) fn added_scanner(config: &Config) -> Option<IntentSource> {
    let (action, extra) = (&config.scan_intent_action.value, &config.scan_intent_extra.value);
    let (action, extra) = action.clone().zip(extra.clone())?;
    Some(IntentSource { action, extra, kind: ExtraKind::Text })
}

/// Passes scans, and whether the window is in front, on to the app.
pub(super) fn connect(host: &Host, added: Option<IntentSource>) {
    let listener = Listener::new(sources(added));
    java::listen_for_scans(&listener.actions());
    let (host, listener) = (host.clone(), Mutex::new(listener));
    let started = std::time::Instant::now();
    java::listen(move |happening| match happening {
        Happening::InFront(is_in_front) => host.send(Command::InFront(is_in_front)),
        Happening::Broadcast { action, extras } => {
            let heard = listener
                .lock()
                .ok()
                .and_then(|mut listener| listener.hear(&action, &extras, started.elapsed()));
            match heard {
                Some(Broadcast::Scan(code)) => host.send(Command::Scanned { code }),
                Some(Broadcast::SameAgain) => host.send(Command::ScannedInVain(InVain::SameAgain)),
                None => tracing::debug!("a broadcast holds no code"),
            }
        }
    });
}
