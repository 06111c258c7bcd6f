//! What IT, the user and the command line set, and which of them won (design section 8).
//!
//! [`layers`] reads each source into raw values with the place they come from, [`value`] reads a
//! raw value as what a key needs, and [`load`] lays the layers over each other. A value that can't
//! be used is a [`Problem`]: a command ends by it, the window takes the value as absent and says so.

pub mod layers;
pub mod user_file;
pub mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::decide::OnConflict;
use crate::domain::ids::ServerOrigin;

use layers::{Entry, Layer, Layers};
use value::{LogLevel, Raw, Theme};

/// Every key that this version obeys.
pub const KEYS: &[&str] = &[
    "server_url",
    "ca_file",
    "cleartext_hosts",
    "on_conflict",
    "stale_after",
    "late_effect",
    "sync_spread",
    "list_max_age",
    "language",
    "theme",
    "aliases",
    "log_level",
];

/// A value with the layer that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value that holds.
    pub value: T,
    /// Who set it.
    pub layer: Layer,
}

impl<T> Setting<T> {
    fn default_of(value: T) -> Self {
        Self { value, layer: Layer::Default }
    }

    /// Whether nobody but IT's policy may change it.
    pub fn is_locked(&self) -> bool {
        self.layer == Layer::Policy
    }
}

/// Everything that is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The Glue backend; `None` before set-up.
    pub server_url: Setting<Option<ServerOrigin>>,
    /// Certificates trusted beside the system's.
    pub ca_file: Setting<Option<PathBuf>>,
    /// Hosts that may be spoken to without TLS.
    pub cleartext_hosts: Setting<Vec<String>>,
    /// What becomes of a wish if somebody else switched meanwhile.
    pub on_conflict: Setting<OnConflict>,
    /// From which age on a wish is asked about.
    pub stale_after: Setting<Duration>,
    /// How long a PATCH of unknown outcome may still take effect.
    pub late_effect: Setting<Duration>,
    /// Over how long the devices of a site spread their first request after a reconnect.
    pub sync_spread: Setting<Duration>,
    /// From which age on a list is fetched again at a touch.
    pub list_max_age: Setting<Duration>,
    /// The language of the window; `None`: the system's.
    pub language: Setting<Option<String>>,
    /// The colours of the window.
    pub theme: Setting<Theme>,
    /// Codes on walls and badges, and the warehouses they mean.
    pub aliases: Setting<BTreeMap<String, Uuid>>,
    /// How much is logged.
    pub log_level: Setting<LogLevel>,
    /// A server address that is set and can't be used.
    pub unusable_server: Option<Problem>,
}

impl Default for Config {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            server_url: Setting::default_of(None),
            ca_file: Setting::default_of(None),
            cleartext_hosts: Setting::default_of(Vec::new()),
            on_conflict: Setting::default_of(OnConflict::Ask),
            stale_after: Setting::default_of(seconds(8 * 3600)),
            late_effect: Setting::default_of(seconds(90)),
            sync_spread: Setting::default_of(seconds(5)),
            list_max_age: Setting::default_of(seconds(600)),
            language: Setting::default_of(None),
            theme: Setting::default_of(Theme::Auto),
            aliases: Setting::default_of(BTreeMap::new()),
            log_level: Setting::default_of(LogLevel::Info),
            unusable_server: None,
        }
    }
}

/// A value, or a whole file, that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Problem {
    /// Where it stands: file and line, variable, or option.
    pub place: String,
    /// What is wrong and what is allowed.
    pub reason: String,
}

/// What came of reading all layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What holds; a value with a problem is as if it were not there.
    pub config: Config,
    /// What can't be used.
    pub problems: Vec<Problem>,
    /// What is there and has no effect.
    pub warnings: Vec<String>,
}

/// Lays the layers over each other, the strongest last.
pub fn load(layers: Layers) -> Loaded {
    let (entries, problems) = layers.into_entries();
    let mut loaded = Loaded { problems, ..Loaded::default() };
    // Which hosts may be spoken to in the clear decides whether an address may be used.
    let (hosts, others): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.key == "cleartext_hosts");
    for entry in hosts.into_iter().chain(others) {
        loaded.take(entry);
    }
    loaded
}

impl Loaded {
    fn take(&mut self, entry: Entry) {
        let Entry { key, layer, place, raw } = entry;
        let config = &mut self.config;
        let taken = match key.as_str() {
            "server_url" => {
                let hosts = config.cleartext_hosts.value.clone();
                let address = server_url(&raw, &hosts);
                let problem = address.as_ref().err().cloned();
                config.unusable_server =
                    problem.map(|reason| Problem { place: place.clone(), reason });
                set(&mut config.server_url, layer, address.map(Some))
            }
            "ca_file" => {
                set(&mut config.ca_file, layer, raw.text().map(|text| Some(PathBuf::from(text))))
            }
            "cleartext_hosts" if matches!(layer, Layer::Policy | Layer::System) => {
                set(&mut config.cleartext_hosts, layer, raw.list())
            }
            "cleartext_hosts" => {
                Err("only the policy and the system's configuration may set cleartext_hosts".into())
            }
            "on_conflict" => set(&mut config.on_conflict, layer, value::on_conflict(&raw)),
            "stale_after" => set(&mut config.stale_after, layer, value::duration(&raw)),
            "late_effect" => set(&mut config.late_effect, layer, value::duration(&raw)),
            "sync_spread" => set(&mut config.sync_spread, layer, value::duration(&raw)),
            "list_max_age" => set(&mut config.list_max_age, layer, value::duration(&raw)),
            "language" => set(&mut config.language, layer, value::language(&raw)),
            "theme" => set(&mut config.theme, layer, value::theme(&raw)),
            "aliases" => set(&mut config.aliases, layer, value::aliases(&raw)),
            "log_level" => set(&mut config.log_level, layer, value::log_level(&raw)),
            unknown => {
                self.warnings.push(format!("{place}: {}", unknown_key(unknown)));
                Ok(())
            }
        };
        if let Err(reason) = taken {
            self.problems.push(Problem { place, reason });
        }
    }
}

fn set<T>(setting: &mut Setting<T>, layer: Layer, value: Result<T, String>) -> Result<(), String> {
    *setting = Setting { value: value?, layer };
    Ok(())
}

fn unknown_key(key: &str) -> String {
    let nearest = KEYS
        .iter()
        .map(|known| (strsim::jaro_winkler(known, key), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8);
    match nearest {
        Some((_, known)) => format!("the key '{key}' is not known; is '{known}' meant?"),
        None => format!("the key '{key}' is not known and has no effect"),
    }
}

fn server_url(raw: &Raw, cleartext_hosts: &[String]) -> Result<ServerOrigin, String> {
    let origin =
        ServerOrigin::parse(&raw.text()?).map_err(|error| format!("server_url: {error}"))?;
    check_cleartext(&origin, cleartext_hosts)?;
    Ok(origin)
}

/// Refuses to send passwords where others can read them: `http://` is for this very machine and
/// for the hosts that IT named.
///
/// # Errors
/// The sentence for whoever set the address.
pub fn check_cleartext(origin: &ServerOrigin, cleartext_hosts: &[String]) -> Result<(), String> {
    let is_named = cleartext_hosts.iter().any(|host| host.eq_ignore_ascii_case(origin.host()));
    if !origin.is_cleartext() || origin.is_loopback() || is_named {
        return Ok(());
    }
    Err(format!(
        "server_url: http:// would send passwords to {} unprotected; use https://",
        origin.host()
    ))
}

#[cfg(test)]
mod tests;
