//! Where values come from: files, variables, options.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::value::Raw;
use super::{KEYS, Problem};

/// The largest configuration file read, in bytes.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Who set a value, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Nobody.
    Default,
    /// IT, in `/etc/wareswitch/config.toml`.
    System,
    /// The user's file, or the one named by `--config`.
    User,
    /// `WARESWITCH_*`.
    Environment,
    /// An option.
    CommandLine,
    /// IT, in `/etc/wareswitch/policy.toml`: nobody else may change it.
    Policy,
}

/// One value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, as in a file.
    pub key: String,
    /// Who set it.
    pub layer: Layer,
    /// Where, for people.
    pub place: String,
    /// The value.
    pub raw: Raw,
}

/// The contents of all sources; those that don't exist are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

impl Layers {
    /// Adds the text of a file.
    pub fn add_file(&mut self, layer: Layer, path: &Path, text: &str) {
        let name = path.display();
        match DeTable::parse(text) {
            Ok(table) => {
                for (key, value) in table.into_inner() {
                    let line = line_at(text, key.span().start);
                    self.entries.push(Entry {
                        key: key.into_inner().into_owned(),
                        layer,
                        place: format!("{name}, line {line}"),
                        raw: raw(&value.into_inner()),
                    });
                }
            }
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(text, span.start));
                self.problems.push(Problem {
                    place: format!("{name}, line {line}"),
                    reason: error.message().to_owned(),
                });
            }
        }
    }

    /// Notes a file that is there and can't be read.
    pub fn add_unreadable(&mut self, path: &Path, reason: &str) {
        self.problems.push(Problem {
            place: path.display().to_string(),
            reason: format!("the file can't be read: {reason}"),
        });
    }

    /// Adds every known variable: `server_url` is `WARESWITCH_SERVER_URL`, and so on.
    pub fn add_environment(&mut self, variable: impl Fn(&str) -> Option<String>) {
        for key in KEYS {
            let name = format!("WARESWITCH_{}", key.to_ascii_uppercase());
            if let Some(text) = variable(&name) {
                self.entries.push(Entry {
                    key: (*key).to_owned(),
                    layer: Layer::Environment,
                    place: name,
                    raw: Raw::Text(text),
                });
            }
        }
    }

    /// Adds an option of the command line.
    pub fn add_option(&mut self, key: &str, option: &str, text: String) {
        self.entries.push(Entry {
            key: key.to_owned(),
            layer: Layer::CommandLine,
            place: option.to_owned(),
            raw: Raw::Text(text),
        });
    }

    /// The values, the strongest layer last, and what could not be read.
    pub(super) fn into_entries(mut self) -> (Vec<Entry>, Vec<Problem>) {
        self.entries.sort_by_key(|entry| entry.layer);
        (self.entries, self.problems)
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::Array(items) => {
            let items: Option<Vec<String>> =
                items.iter().map(|item| scalar(item.get_ref())).collect();
            items.map_or(Raw::Other, Raw::List)
        }
        DeValue::Table(table) => {
            let entries: Option<BTreeMap<String, String>> = table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), scalar(value.get_ref())?)))
                .collect();
            entries.map_or(Raw::Other, Raw::Table)
        }
        scalar_value => scalar(scalar_value).map_or(Raw::Other, Raw::Text),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
