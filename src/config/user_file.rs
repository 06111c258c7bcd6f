//! Changing some values of the user's file without touching the rest of it.

use serde_json::{Map, Value as Json};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value, value};

use super::layers::ALIASES;

/// The text with these settings in it, each as a key with its value; keys of tables have a dot.
/// Comments and everything else stay as they are.
///
/// # Errors
/// If the text is no TOML.
pub fn with_settings(text: &str, settings: &[(String, Json)]) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    for (key, new) in settings {
        let Some(new) = toml_value(new) else { continue };
        match key.split_once('.') {
            Some((table, member)) => {
                if document.get(table).is_some_and(|item| !item.is_table_like()) {
                    document.remove(table);
                }
                let table = document.entry(table).or_insert(Item::Table(Table::new()));
                if let Some(table) = table.as_table_like_mut() {
                    put(table, member, new);
                }
            }
            None => put(document.as_table_mut(), key, new),
        }
    }
    Ok(document.to_string())
}

/// What stands there already keeps the comments before it.
fn put(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key) {
        Some(old) => *old = value(new),
        None => {
            table.insert(key, value(new));
        }
    }
}

/// The settings in the text of a file, by key; keys of tables have a dot.
///
/// # Errors
/// If the text is no TOML.
pub fn settings_of(text: &str) -> Result<Map<String, Json>, toml::de::Error> {
    let document: Map<String, Json> = toml::from_str(text)?;
    let mut settings = Map::new();
    for (key, member) in document {
        match member {
            Json::Object(members) if key != ALIASES => {
                let members =
                    members.into_iter().map(|(name, json)| (format!("{key}.{name}"), json));
                settings.extend(members);
            }
            member => {
                settings.insert(key, member);
            }
        }
    }
    Ok(settings)
}

fn toml_value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(is_so) => (*is_so).into(),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Json::Array(items) => Value::Array(items.iter().filter_map(toml_value).collect::<Array>()),
        Json::Object(members) => {
            let members = members.iter().filter_map(|(key, json)| Some((key, toml_value(json)?)));
            Value::InlineTable(members.collect::<InlineTable>())
        }
    })
}
