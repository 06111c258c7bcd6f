//! The table of keys: name, type, default, how a value is read, how it is shown. Everything that
//! depends on which keys there are is made from it.

use crate::scanner::keyboard_wedge::Terminator;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::decide::OnConflict;
use crate::domain::ids::ServerOrigin;

use super::layers::{Entry, Layer};
use super::set_up_key::SetUpKey;
use super::value::{self, Keypad, LogLevel, PinRule, SecretStoreChoice, TextScale, Theme, Volume};
use super::{Problem, show};

/// A value with the layer that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value that holds.
    pub value: T,
    /// Who set it.
    pub layer: Layer,
    /// Where, for people: file and line, variable or option; empty for a default.
    pub place: String,
}

impl<T> Setting<T> {
    pub(super) fn default_of(value: T) -> Self {
        Self { value, layer: Layer::Default, place: String::new() }
    }

    /// Whether nobody but IT's policy may change it.
    pub fn is_locked(&self) -> bool {
        self.layer == Layer::Policy
    }

    fn take(&mut self, entry: &Entry, value: Result<T, String>) -> Result<(), String> {
        *self = Self { value: value?, layer: entry.layer, place: entry.place.clone() };
        Ok(())
    }
}

/// A setting as it is told: `config show`, the support bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The key.
    pub key: &'static str,
    /// The value that holds; null for none.
    pub value: serde_json::Value,
    /// Who set it.
    pub layer: Layer,
    /// Where; empty for a default.
    pub place: String,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:literal $field:ident: $type:ty = $default:expr, $read:path, $show:path;)*) => {
        /// Every key that this version obeys.
        pub const KEYS: &[&str] = &[$($name,)*];

        /// Everything that is configured.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Config {
            $($(#[$doc])* pub $field: Setting<$type>,)*
            /// A server address that is set and can't be used.
            pub unusable_server: Option<Problem>,
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($field: Setting::default_of($default),)* unusable_server: None }
            }
        }

        impl Config {
            /// Takes a value over; `None` if the key is not known, an error that says what is
            /// allowed if the value can't be used.
            pub(super) fn take(&mut self, entry: &Entry) -> Option<Result<(), String>> {
                match entry.key.as_str() {
                    $($name => Some(self.$field.take(entry, $read(&entry.raw))),)*
                    _ => None,
                }
            }

            /// Every key with its value and where that comes from.
            pub fn shown(&self) -> Vec<Shown> {
                vec![$(Shown {
                    key: $name,
                    value: $show(&self.$field.value),
                    layer: self.$field.layer,
                    place: self.$field.place.clone(),
                },)*]
            }
        }
    };
}

keys! {
    /// The Glue backend; `None` before set-up.
    "server_url" server_url: Option<ServerOrigin> = None, value::server_url, show::server;
    /// Certificates trusted beside the system's.
    "ca_file" ca_file: Option<PathBuf> = None, value::path, show::path;
    /// Hosts that may be spoken to without TLS; IT alone names them.
    "cleartext_hosts" cleartext_hosts: Vec<String> = Vec::new(), value::hosts, show::list;
    /// Who may sign a set-up code; IT alone names them.
    "set_up_keys" set_up_keys: Vec<SetUpKey> = SetUpKey::of_package(), value::set_up_keys, show::set_up_keys;
    /// What becomes of a wish if somebody else switched meanwhile.
    "on_conflict" on_conflict: OnConflict = OnConflict::Ask, value::on_conflict, show::on_conflict;
    /// From which age on a wish is asked about.
    "stale_after" stale_after: Duration = seconds(8 * 3600), value::duration, show::duration;
    /// How long a PATCH of unknown outcome may still take effect.
    "late_effect" late_effect: Duration = seconds(90), value::duration, show::duration;
    /// Over how long the devices of a site spread their first request after a reconnect.
    "sync_spread" sync_spread: Duration = seconds(5), value::duration, show::duration;
    /// From which age on a list is fetched again at a touch.
    "list_max_age" list_max_age: Duration = seconds(600), value::duration, show::duration;
    /// After how long without a touch names are hidden; `None`: never.
    "idle_lock" idle_lock: Option<Duration> = Some(seconds(300)), value::idle_lock, show::idle_lock;
    /// Whether users unlock with a PIN.
    "pin" pin: PinRule = PinRule::Optional, value::pin, show::pin;
    /// Where tokens are kept.
    "secret_store" secret_store: SecretStoreChoice = SecretStoreChoice::Auto,
        value::secret_store, show::secret_store;
    /// The language of the window; `None`: the system's.
    "language" language: Option<String> = None, value::language, show::language;
    /// The colours of the window.
    "theme" theme: Theme = Theme::Auto, value::theme, show::theme;
    /// The size of texts.
    "text_scale" text_scale: TextScale = TextScale::NORMAL, value::text_scale, show::text_scale;
    /// How loud sounds are.
    "sound" sound: Volume = Volume::DEFAULT, value::sound, show::sound;
    /// The longest pause between two keys of one scan.
    "scan.gap" scan_gap: Duration = Duration::from_millis(60), value::scan_gap, show::duration;
    /// The fewest characters of a scan.
    "scan.min_length" scan_min_length: usize = 4, value::scan_length, show::number;
    /// The most characters of a scan.
    "scan.max_length" scan_max_length: usize = 512, value::scan_length, show::number;
    /// What the scanner puts before each code; `None`: nothing.
    "scan.prefix" scan_prefix: Option<String> = None, value::scan_prefix, show::optional_text;
    /// The keys that end a scan.
    "scan.terminators" scan_terminators: Vec<Terminator> = Terminator::ALL.to_vec(),
        value::scan_terminators, show::terminators;
    /// The action of the broadcasts of a scanner that is not known (Android).
    "scan.intent_action" scan_intent_action: Option<String> = None,
        value::scan_intent, show::optional_text;
    /// The extra of those broadcasts that holds the code.
    "scan.intent_extra" scan_intent_extra: Option<String> = None,
        value::scan_intent, show::optional_text;
    /// Codes on walls and badges, and the warehouses they mean.
    "aliases" aliases: BTreeMap<String, Uuid> = BTreeMap::new(), value::aliases, show::aliases;
    /// Whether the window fills the screen and has no way out.
    "kiosk" kiosk: bool = false, value::boolean, show::boolean;
    /// Whether the window shows keys of its own where something is to be typed (Linux).
    "keypad" keypad: Keypad = Keypad::Auto, value::keypad, show::keypad;
    /// How much is logged.
    "log_level" log_level: LogLevel = LogLevel::Info, value::log_level, show::log_level;
    /// Whom to ask, shown with errors.
    "support_text" support_text: Option<String> = None, value::support_text, show::optional_text;
}

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}
