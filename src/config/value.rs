//! Raw values, and reading them as what a key needs. Every error says what is allowed.

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::decide::OnConflict;

/// The longest duration that can be set: longer ones are slips of the pen.
const DURATION_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// Most aliases read.
const ALIASES_MAX: usize = 10_000;

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
    /// If it is neither.
    pub fn list(&self) -> Result<Vec<String>, String> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Text(text) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(items.map(str::to_owned).collect())
            }
            Self::Table(_) | Self::Other => Err("a list of texts is expected".into()),
        }
    }
}

/// The colours of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// The hardest contrast, for the yard.
    Sunlight,
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

fn one_of<T: Copy>(raw: &Raw, known: &[(&str, T)]) -> Result<T, String> {
    let text = raw.text()?;
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("'{}' is not one of {}", shortened(&text), names.join(", "))
    })
}

pub(super) fn on_conflict(raw: &Raw) -> Result<OnConflict, String> {
    one_of(
        raw,
        &[("ask", OnConflict::Ask), ("mine", OnConflict::Mine), ("theirs", OnConflict::Theirs)],
    )
}

pub(super) fn theme(raw: &Raw) -> Result<Theme, String> {
    let known = [
        ("auto", Theme::Auto),
        ("light", Theme::Light),
        ("dark", Theme::Dark),
        ("sunlight", Theme::Sunlight),
    ];
    one_of(raw, &known)
}

pub(super) fn log_level(raw: &Raw) -> Result<LogLevel, String> {
    let known = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];
    one_of(raw, &known.map(|level| (level.as_str(), level)))
}

/// Languages that the window speaks.
pub(super) fn language(raw: &Raw) -> Result<Option<String>, String> {
    let known = [("auto", None), ("en", Some("en")), ("de", Some("de"))];
    Ok(one_of(raw, &known)?.map(str::to_owned))
}

/// `"90s"`, `"10m"`, `"8h"`, `"250ms"`.
pub(super) fn duration(raw: &Raw) -> Result<Duration, String> {
    let text = raw.text()?;
    let wrong =
        || format!("'{}' is no duration such as \"90s\", \"10m\" or \"8h\"", shortened(&text));
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

pub(super) fn aliases(raw: &Raw) -> Result<BTreeMap<String, Uuid>, String> {
    let Raw::Table(table) = raw else {
        return Err("a table of codes and warehouse uuids is expected".into());
    };
    if table.len() > ALIASES_MAX {
        return Err(format!("at most {ALIASES_MAX} aliases are allowed"));
    }
    let uuid = |(code, text): (&String, &String)| match Uuid::try_parse(text) {
        Ok(uuid) => Ok((code.clone(), uuid)),
        Err(_) => Err(format!("the alias '{}' does not name a warehouse uuid", shortened(code))),
    };
    table.iter().map(uuid).collect()
}

/// Enough of a value to recognise it, without flooding a terminal.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}
