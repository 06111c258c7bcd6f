//! What IT, the user and the command line set, and which of them won (design section 8).
//!
//! [`layers`] reads each source into raw values with the place they come from, [`value`] reads a
//! raw value as what a key needs, [`keys`] is the table of keys, and [`load`] lays the layers over
//! each other. [`set_up`] reads codes that a device scans. A value that can't be used is a [`Problem`]: a command ends by it, the window takes
//! the value as absent and says so.

pub mod keys;
pub mod layers;
pub mod managed;
pub mod set_up;
pub mod set_up_key;
mod show;
pub mod user_file;
pub mod value;

use std::fmt;

use crate::domain::ids::ServerOrigin;

pub use keys::{Config, KEYS, Setting, Shown};
use layers::{Entry, Layer, Layers};
use value::shortened;

/// The keys that decide whom the device trusts: a user must not be able to set them.
pub const KEYS_OF_IT: &[&str] = &["cleartext_hosts", "set_up_keys"];
/// Most problems, and most warnings, that are told one by one.
const TOLD_MAX: usize = 20;

/// A value, or a whole file, that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: file and line, variable, or option.
    pub place: String,
    /// The key, if it is about one.
    pub key: Option<String>,
    /// What stands there, shortened; `None` if it may hold a secret.
    pub found: Option<String>,
    /// What is wrong and what is allowed.
    pub reason: String,
}

impl Problem {
    /// A problem with a whole file.
    pub fn of_file(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), key: None, found: None, reason: reason.into() }
    }

    fn of_value(entry: &Entry, reason: String) -> Self {
        Self {
            place: entry.place.clone(),
            key: Some(shortened(&entry.key)),
            // An address may hold a password.
            found: entry.raw.text().ok().filter(|_| entry.key != "server_url"),
            reason,
        }
    }

    /// The same for a log: what was typed by mistake may be a secret.
    pub fn without_value(&self) -> Self {
        Self { found: None, ..self.clone() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, key, found, reason } = self;
        match (key, found) {
            (Some(key), Some(found)) => {
                write!(formatter, "{place}: {key} can't be '{}': {reason}", shortened(found))
            }
            (Some(key), None) => write!(formatter, "{place}: {key}: {reason}"),
            (None, _) => write!(formatter, "{place}: {reason}"),
        }
    }
}

impl std::error::Error for Problem {}

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
    let (entries, problems, warnings) = layers.into_parts();
    let mut loaded = Loaded { problems, warnings, ..Loaded::default() };
    for entry in &entries {
        loaded.take(entry);
    }
    loaded.check_together();
    shorten(&mut loaded.problems, |count| {
        Problem::of_file("and more", format!("{count} further values can't be used"))
    });
    shorten(&mut loaded.warnings, |count| format!("and {count} further warnings"));
    loaded
}

impl Loaded {
    fn take(&mut self, entry: &Entry) {
        let is_of_it = KEYS_OF_IT.contains(&entry.key.as_str());
        let taken = if is_of_it && !matches!(entry.layer, Layer::Policy | Layer::System) {
            Err("only the policy and the system's configuration may set it".to_owned())
        } else {
            match self.config.take(entry) {
                Some(taken) => taken,
                None => {
                    // Looking for the nearest name takes time, and a hostile file has many.
                    let unknown = match self.warnings.len() {
                        0..TOLD_MAX => format!("{}: {}", entry.place, unknown_key(&entry.key)),
                        _ => String::new(),
                    };
                    self.warnings.push(unknown);
                    return;
                }
            }
        };
        let problem = taken.err().map(|reason| Problem::of_value(entry, reason));
        if entry.key == "server_url" {
            self.config.unusable_server.clone_from(&problem);
            if problem.is_some() {
                // Not the address of a weaker layer: nobody expects to sign in there.
                self.config.server_url = Setting::default_of(None);
            }
        }
        self.problems.extend(problem);
    }

    /// What one value alone can't tell.
    fn check_together(&mut self) {
        let config = &mut self.config;
        let server = &config.server_url;
        if let Some(origin) = &server.value
            && let Err(reason) = check_cleartext(origin, &config.cleartext_hosts.value)
        {
            let key = Some("server_url".to_owned());
            let problem = Problem { place: server.place.clone(), key, found: None, reason };
            config.unusable_server = Some(problem.clone());
            config.server_url = Setting::default_of(None);
            self.problems.push(problem);
        }
        if config.scan_min_length.value > config.scan_max_length.value {
            let (fewest, most) = (&config.scan_min_length, &config.scan_max_length);
            let later = if fewest.layer >= most.layer { &fewest.place } else { &most.place };
            self.problems.push(Problem {
                place: later.clone(),
                key: Some("scan.min_length".into()),
                found: Some(config.scan_min_length.value.to_string()),
                reason: format!(
                    "it is more than scan.max_length, {}",
                    config.scan_max_length.value
                ),
            });
            let Config { scan_min_length, scan_max_length, .. } = Config::default();
            (config.scan_min_length, config.scan_max_length) = (scan_min_length, scan_max_length);
        }
    }
}

fn shorten<T>(told: &mut Vec<T>, rest: impl Fn(usize) -> T) {
    if told.len() > TOLD_MAX {
        let count = told.len() - TOLD_MAX;
        told.truncate(TOLD_MAX);
        told.push(rest(count));
    }
}

fn unknown_key(key: &str) -> String {
    let key = shortened(key);
    match nearest(&key, KEYS) {
        Some(known) => format!("the key '{key}' is not known; is '{known}' meant?"),
        None => format!("the key '{key}' is not known and has no effect"),
    }
}

/// The name that somebody may have meant.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8)
        .map(|(_, known)| known)
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
    Err(format!("http:// would send passwords to {} unprotected; use https://", origin.host()))
}

#[cfg(test)]
mod tests;
