//! Raw values, and reading them as what a key needs. Every error says what is allowed, and repeats
//! nothing of the value: what was typed by mistake may be a secret.

use crate::scanner::keyboard_wedge::Terminator;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::decide::OnConflict;
use crate::domain::ids::ServerOrigin;
pub use crate::domain::preferences::{Language, TextScale, Theme, Volume};
pub use crate::domain::protection::{PinRule, SecretStoreChoice};

use super::set_up_key::SetUpKey;

/// The longest duration that can be set: longer ones are slips of the pen.
const DURATION_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// The shortest and longest pause between two keys of one scan that can be set.
const SCAN_GAP: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// The longest scan that can be set, in characters.
const SCAN_LENGTH_MAX: usize = 4096;
/// The longest prefix of a scan, in characters.
const SCAN_PREFIX_MAX: usize = 16;
/// The longest name of an intent's action or extra, in characters.
const SCAN_INTENT_MAX: usize = 200;
/// Most aliases read.
const ALIASES_MAX: usize = 10_000;
/// The longest code that an alias can have, in characters.
const ALIAS_CODE_MAX: usize = 512;
/// Most items of any list.
const ITEMS_MAX: usize = 64;
/// The longest host name, in characters (RFC 1035).
const HOST_MAX: usize = 253;
/// The longest path, in bytes (Linux's own limit).
const PATH_BYTES_MAX: usize = 4096;
/// The longest text shown to workers, in characters.
const SUPPORT_TEXT_MAX: usize = 500;

/// A value as it stands in a file, a variable or an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// A text; numbers and booleans are texts too, since variables know nothing else.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A table of texts.
    Table(BTreeMap<String, String>),
    /// Anything else, such as a date.
    Other,
}

impl Raw {
    /// The text.
    ///
    /// # Errors
    /// If it is none, or empty.
    pub fn text(&self) -> Result<String, String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            Self::Text(_) => Err("the value is empty".into()),
            Self::List(_) | Self::Table(_) | Self::Other => Err("a text is expected".into()),
        }
    }

    /// The list; a text is a list separated by commas.
    ///
    /// # Errors
    /// If it is neither, or too long.
    pub fn list(&self) -> Result<Vec<String>, String> {
        let items: Vec<String> = match self {
            Self::List(items) => items.clone(),
            Self::Text(text) => parts(text).map(str::to_owned).collect(),
            Self::Table(_) | Self::Other => return Err("a list of texts is expected".into()),
        };
        if items.len() > ITEMS_MAX {
            return Err(format!("at most {ITEMS_MAX} items are allowed"));
        }
        Ok(items)
    }

    /// The table; a text such as `A-17=uuid, B-4=uuid` is one.
    ///
    /// # Errors
    /// If it is neither.
    fn table(&self) -> Result<BTreeMap<String, String>, String> {
        let wrong = || "a table of codes and warehouse uuids is expected".to_owned();
        match self {
            Self::Table(table) => Ok(table.clone()),
            Self::Text(text) => parts(text)
                .map(|part| {
                    let (code, uuid) = part.rsplit_once('=').ok_or_else(wrong)?;
                    Ok((code.trim().to_owned(), uuid.trim().to_owned()))
                })
                .collect(),
            Self::List(_) | Self::Other => Err(wrong()),
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what went wrong for good.
    Error,
    /// What somebody should look at, too.
    Warn,
    /// What happened.
    Info,
    /// What support asks for.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The name, as a filter of the log wants it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Whether the window shows keys of its own. A scanner looks like a keyboard to the system, so that
/// nobody can tell whether there is one to type with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keypad {
    /// On a kiosk.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Languages that the window speaks, as in a file.
pub const LANGUAGES: &[&str] = &["en", "de", "pl", "ro", "fr", "nl", "it", "es"];

pub(super) const ON_CONFLICT: &[(&str, OnConflict)] =
    &[("ask", OnConflict::Ask), ("mine", OnConflict::Mine), ("theirs", OnConflict::Theirs)];
pub(super) const PIN_RULES: &[(&str, PinRule)] =
    &[("optional", PinRule::Optional), ("required", PinRule::Required), ("off", PinRule::Off)];
pub(super) const SECRET_STORES: &[(&str, SecretStoreChoice)] = &[
    ("auto", SecretStoreChoice::Auto),
    ("keyring", SecretStoreChoice::Keyring),
    ("file", SecretStoreChoice::File),
];
pub(super) const KEYPADS: &[(&str, Keypad)] =
    &[("auto", Keypad::Auto), ("on", Keypad::On), ("off", Keypad::Off)];
pub(super) const THEMES: &[(&str, Theme)] = &Theme::ALL;

fn one_of<T: Copy>(raw: &Raw, known: &[(&str, T)]) -> Result<T, String> {
    let text = raw.text()?;
    let found = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("allowed are {}", names.join(", "))
    })
}

pub(super) fn server_url(raw: &Raw) -> Result<Option<ServerOrigin>, String> {
    ServerOrigin::parse(&raw.text()?).map(Some).map_err(|error| error.to_string())
}

pub(super) fn path(raw: &Raw) -> Result<Option<PathBuf>, String> {
    let text = raw.text()?;
    if text.len() > PATH_BYTES_MAX || text.contains('\0') {
        return Err("the path of a file is expected".into());
    }
    Ok(Some(PathBuf::from(text)))
}

pub(super) fn hosts(raw: &Raw) -> Result<Vec<String>, String> {
    let hosts = raw.list()?;
    let is_name = |host: &String| {
        !host.is_empty()
            && host.len() <= HOST_MAX
            && host.chars().all(|one| one.is_ascii_alphanumeric() || "-.:[]".contains(one))
    };
    if !hosts.iter().all(is_name) {
        return Err("exact host names are expected, without http://, port or asterisk".into());
    }
    Ok(hosts)
}

pub(super) fn set_up_keys(raw: &Raw) -> Result<Vec<SetUpKey>, String> {
    let keys = raw.list()?.iter().map(|text| SetUpKey::parse(text)).collect::<Option<Vec<_>>>();
    keys.ok_or_else(|| "public keys as 'wareswitch config keygen' prints them are expected".into())
}

pub(super) fn on_conflict(raw: &Raw) -> Result<OnConflict, String> {
    one_of(raw, ON_CONFLICT)
}

pub(super) fn pin(raw: &Raw) -> Result<PinRule, String> {
    one_of(raw, PIN_RULES)
}

pub(super) fn secret_store(raw: &Raw) -> Result<SecretStoreChoice, String> {
    one_of(raw, SECRET_STORES)
}

pub(super) fn theme(raw: &Raw) -> Result<Theme, String> {
    one_of(raw, THEMES)
}

pub(super) fn keypad(raw: &Raw) -> Result<Keypad, String> {
    one_of(raw, KEYPADS)
}

pub(super) fn log_level(raw: &Raw) -> Result<LogLevel, String> {
    one_of(raw, &LogLevel::ALL.map(|level| (level.as_str(), level)))
}

pub(super) fn language(raw: &Raw) -> Result<Option<String>, String> {
    let spoken = LANGUAGES.iter().map(|language| (*language, Some(*language)));
    let known: Vec<_> = std::iter::once(("auto", None)).chain(spoken).collect();
    Ok(one_of(raw, &known)?.map(str::to_owned))
}

pub(super) fn boolean(raw: &Raw) -> Result<bool, String> {
    one_of(raw, &[("true", true), ("false", false)])
}

/// `"90s"`, `"10m"`, `"8h"`, `"250ms"`.
pub(super) fn duration(raw: &Raw) -> Result<Duration, String> {
    let text = raw.text()?;
    let wrong = || "a duration such as \"90s\", \"10m\" or \"8h\" is expected".to_owned();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let milliseconds = match text.chars().skip(digits.len()).collect::<String>().trim() {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    let duration = Duration::from_millis(milliseconds.ok_or_else(wrong)?);
    if duration > DURATION_MAX {
        return Err("the longest duration allowed is a year".into());
    }
    Ok(duration)
}

pub(super) fn idle_lock(raw: &Raw) -> Result<Option<Duration>, String> {
    if raw.text().is_ok_and(|text| text.eq_ignore_ascii_case("off")) {
        return Ok(None);
    }
    match duration(raw) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => Err("a duration such as \"5m\", or \"off\", is expected".into()),
    }
}

pub(super) fn text_scale(raw: &Raw) -> Result<TextScale, String> {
    let wrong = || "a number from 1.0 to 2.0 is expected".to_owned();
    let text = raw.text()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_number = !fraction.is_empty() && fraction.chars().all(|one| one.is_ascii_digit());
    let whole: u16 = whole.parse().map_err(|_| wrong())?;
    let hundredths: String = fraction.chars().chain("00".chars()).take(2).collect();
    let hundredths: u16 = hundredths.parse().map_err(|_| wrong())?;
    match whole.checked_mul(100).and_then(|whole| whole.checked_add(hundredths)) {
        Some(percent) if is_number => TextScale::of_percent(percent).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

pub(super) fn sound(raw: &Raw) -> Result<Volume, String> {
    let volume = raw.text()?.parse().ok().and_then(Volume::of_percent);
    volume.ok_or_else(|| "a whole number from 0 to 100 is expected".into())
}

pub(super) fn scan_gap(raw: &Raw) -> Result<Duration, String> {
    let (shortest, longest) = SCAN_GAP;
    match duration(raw) {
        Ok(gap) if gap >= shortest && gap <= longest => Ok(gap),
        _ => Err("a duration from \"5ms\" to \"1s\" is expected".into()),
    }
}

pub(super) fn scan_length(raw: &Raw) -> Result<usize, String> {
    match raw.text()?.parse() {
        Ok(length) if (1..=SCAN_LENGTH_MAX).contains(&length) => Ok(length),
        _ => Err(format!("a whole number from 1 to {SCAN_LENGTH_MAX} is expected")),
    }
}

pub(super) fn scan_prefix(raw: &Raw) -> Result<Option<String>, String> {
    match raw {
        Raw::Text(text) if text.is_empty() => Ok(None),
        Raw::Text(text) if text.chars().count() <= SCAN_PREFIX_MAX => Ok(Some(text.clone())),
        _ => Err(format!("a text of at most {SCAN_PREFIX_MAX} characters is expected")),
    }
}

pub(super) fn scan_intent(raw: &Raw) -> Result<Option<String>, String> {
    let name = raw.text()?;
    if name.chars().count() > SCAN_INTENT_MAX || name.contains(|one: char| one.is_whitespace()) {
        return Err(format!(
            "a name of at most {SCAN_INTENT_MAX} characters without blanks is expected"
        ));
    }
    Ok(Some(name))
}

pub(super) fn scan_terminators(raw: &Raw) -> Result<Vec<Terminator>, String> {
    let known = Terminator::ALL.map(|terminator| (terminator.as_str(), terminator));
    let named: Result<Vec<_>, _> =
        raw.list()?.into_iter().map(|name| one_of(&Raw::Text(name), &known)).collect();
    match named {
        Ok(named) if !named.is_empty() => Ok(named),
        _ => Err("a list of \"CR\", \"LF\" and \"Tab\" is expected".into()),
    }
}

pub(super) fn aliases(raw: &Raw) -> Result<BTreeMap<String, Uuid>, String> {
    let table = raw.table()?;
    if table.len() > ALIASES_MAX {
        return Err(format!("at most {ALIASES_MAX} aliases are allowed"));
    }
    let alias = |(code, text): (String, String)| match Uuid::try_parse(&text) {
        _ if code.is_empty() || code.chars().count() > ALIAS_CODE_MAX => {
            Err(format!("a code has 1 to {ALIAS_CODE_MAX} characters"))
        }
        Ok(uuid) => Ok((code, uuid)),
        Err(_) => Err(format!("the alias '{}' does not name a warehouse uuid", shortened(&code))),
    };
    table.into_iter().map(alias).collect()
}

pub(super) fn support_text(raw: &Raw) -> Result<Option<String>, String> {
    let text = raw.text()?;
    if text.chars().count() > SUPPORT_TEXT_MAX {
        return Err(format!("at most {SUPPORT_TEXT_MAX} characters are allowed"));
    }
    Ok(Some(text.chars().filter(|one| !one.is_control() || *one == '\n').collect()))
}

/// Enough of a value to recognise it, without flooding or steering a terminal.
pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}
