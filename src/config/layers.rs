//! Where values come from: files, variables, options.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::value::Raw;
use super::{KEYS, Problem};

/// How every variable of the program begins.
const VARIABLE_PREFIX: &str = "WARESWITCH_";
/// Variables that are no keys.
const OTHER_VARIABLES: &[&str] = &["WARESWITCH_DATA_DIR"];
/// The table of a file whose members are no keys.
pub(super) const ALIASES: &str = "aliases";

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
    /// IT, in `/etc/wareswitch/policy.toml` or by a device management: nobody else may change it.
    Policy,
}

impl Layer {
    /// The name that scripts see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::System => "system",
            Self::User => "user",
            Self::Environment => "environment",
            Self::CommandLine => "command_line",
            Self::Policy => "policy",
        }
    }
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
    warnings: Vec<String>,
}

impl Layers {
    /// Adds the text of a file.
    pub fn add_file(&mut self, layer: Layer, path: &Path, text: &str) {
        match DeTable::parse(text) {
            Ok(table) => {
                let source = Source { layer, path, lines: &Lines::of(text) };
                self.add_table(&source, "", table.get_ref());
            }
            Err(error) => {
                let line = error.span().map_or(1, |span| Lines::of(text).at(span.start));
                let place = format!("{}, line {line}", path.display());
                self.problems.push(Problem::of_file(place, error.message()));
            }
        }
    }

    fn add_table(&mut self, source: &Source<'_>, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            match value.get_ref() {
                DeValue::Table(inner) if prefix.is_empty() && name != ALIASES => {
                    self.add_table(source, &format!("{name}."), inner);
                }
                value => self.entries.push(Entry {
                    key: name,
                    layer: source.layer,
                    place: source.place(key.span().start),
                    raw: raw(value),
                }),
            }
        }
    }

    /// Notes a file that is there and can't be read.
    pub fn add_unreadable(&mut self, path: &Path, reason: &str) {
        let reason = format!("the file can't be read: {reason}");
        self.problems.push(Problem::of_file(path.display().to_string(), reason));
    }

    /// Adds every variable of the program: `server_url` is `WARESWITCH_SERVER_URL`, `scan.gap` is
    /// `WARESWITCH_SCAN_GAP`, and so on.
    pub fn add_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(VARIABLE_PREFIX) else { continue };
            if let Some(key) = KEYS.iter().find(|key| variable_of(key) == name) {
                let (key, layer, raw) = ((*key).to_owned(), Layer::Environment, Raw::Text(text));
                self.entries.push(Entry { key, layer, place: name, raw });
            } else if !OTHER_VARIABLES.contains(&name.as_str()) {
                let name = super::value::shortened(&name);
                let nearest = super::nearest(&rest.to_ascii_lowercase(), KEYS);
                self.warnings.push(match nearest.map(variable_of) {
                    Some(nearest) => {
                        format!("the variable {name} is not known; is {nearest} meant?")
                    }
                    None => format!("the variable {name} is not known and has no effect"),
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

    /// Adds one value of the policy.
    pub(super) fn add_policy(&mut self, key: &str, place: &str, raw: Raw) {
        let (key, place) = (key.to_owned(), place.to_owned());
        self.entries.push(Entry { key, layer: Layer::Policy, place, raw });
    }

    /// The values, the strongest layer last; what could not be read; what has no effect.
    pub(super) fn into_parts(mut self) -> (Vec<Entry>, Vec<Problem>, Vec<String>) {
        self.entries.sort_by_key(|entry| entry.layer);
        (self.entries, self.problems, self.warnings)
    }
}

/// The variable of a key.
pub fn variable_of(key: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

/// A file that is being read.
struct Source<'a> {
    layer: Layer,
    path: &'a Path,
    lines: &'a Lines,
}

impl Source<'_> {
    fn place(&self, offset: usize) -> String {
        format!("{}, line {}", self.path.display(), self.lines.at(offset))
    }
}

/// Where the lines of a text end, so that a file of many keys is not counted anew for each.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect(),
        )
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
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
