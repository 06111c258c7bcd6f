//! Values as `config show` tells them: what could stand in a file.

use crate::scanner::keyboard_wedge::Terminator;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::decide::OnConflict;
use crate::domain::ids::ServerOrigin;

use super::set_up_key::SetUpKey;
use super::value::{
    KEYPADS, Keypad, LogLevel, ON_CONFLICT, PIN_RULES, PinRule, SECRET_STORES, SecretStoreChoice,
    THEMES, TextScale, Theme, Volume,
};

fn name_of<T: PartialEq>(value: &T, known: &[(&str, T)]) -> Value {
    known
        .iter()
        .find(|(_, candidate)| candidate == value)
        .map_or(Value::Null, |(name, _)| Value::from(*name))
}

pub(super) fn server(origin: &Option<ServerOrigin>) -> Value {
    json!(origin.as_ref().map(ToString::to_string))
}

pub(super) fn path(path: &Option<PathBuf>) -> Value {
    json!(path.as_ref().map(|path| path.display().to_string()))
}

pub(super) fn list(items: &[String]) -> Value {
    json!(items)
}

pub(super) fn set_up_keys(keys: &[SetUpKey]) -> Value {
    json!(keys.iter().map(ToString::to_string).collect::<Vec<_>>())
}

pub(super) fn on_conflict(value: &OnConflict) -> Value {
    name_of(value, ON_CONFLICT)
}

/// The largest unit that leaves a whole number.
pub(super) fn duration(duration: &Duration) -> Value {
    let milliseconds = duration.as_millis();
    let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    let whole =
        units.iter().find(|(unit, _)| milliseconds > 0 && milliseconds.is_multiple_of(*unit));
    json!(whole.map_or("0s".to_owned(), |(unit, name)| format!("{}{name}", milliseconds / unit)))
}

pub(super) fn idle_lock(value: &Option<Duration>) -> Value {
    value.as_ref().map_or(json!("off"), duration)
}

pub(super) fn pin(value: &PinRule) -> Value {
    name_of(value, PIN_RULES)
}

pub(super) fn secret_store(value: &SecretStoreChoice) -> Value {
    name_of(value, SECRET_STORES)
}

pub(super) fn language(value: &Option<String>) -> Value {
    json!(value.as_deref().unwrap_or("auto"))
}

pub(super) fn theme(value: &Theme) -> Value {
    name_of(value, THEMES)
}

pub(super) fn keypad(value: &Keypad) -> Value {
    name_of(value, KEYPADS)
}

pub(super) fn text_scale(value: &TextScale) -> Value {
    json!(f64::from(value.percent()) / 100.0)
}

pub(super) fn sound(value: &Volume) -> Value {
    json!(value.percent())
}

pub(super) fn number(value: &usize) -> Value {
    json!(value)
}

pub(super) fn optional_text(value: &Option<String>) -> Value {
    json!(value)
}

pub(super) fn terminators(value: &[Terminator]) -> Value {
    json!(value.iter().map(|terminator| terminator.as_str()).collect::<Vec<_>>())
}

pub(super) fn aliases(value: &BTreeMap<String, Uuid>) -> Value {
    json!(value.iter().map(|(code, uuid)| (code, uuid.to_string())).collect::<BTreeMap<_, _>>())
}

pub(super) fn boolean(value: &bool) -> Value {
    json!(value)
}

pub(super) fn log_level(value: &LogLevel) -> Value {
    json!(value.as_str())
}
