//! Android's managed configuration: what a device management sets, and nobody on the device can
//! change. It arrives as JSON, with `_` for the `.` of a key.

use std::path::Path;

use serde_json::{Map, Value};

use super::KEYS;
use super::layers::{FILE_BYTES_MAX, Layer, Layers};
use super::value::Raw;

/// Where its values stand, for people.
const PLACE: &str = "managed configuration";
/// The text of a whole `policy.toml`, since not every console knows every single key.
const SETTINGS: &str = "settings";
/// The text of a certificate authority, since no console puts files where an app can read them.
const CA_PEM: &str = "ca_pem";

/// What a device management set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Managed {
    /// The certificate authority, to be kept in a file.
    pub ca_pem: Option<String>,
    settings: Option<String>,
    values: Vec<(String, Raw)>,
}

/// Reads it. What is empty is as if it were not there: consoles send every key they show.
///
/// # Errors
/// A sentence for IT, if it is no JSON object or too long.
pub fn read(json: &str) -> Result<Managed, String> {
    let is_too_long = u64::try_from(json.len()).is_ok_and(|length| length > FILE_BYTES_MAX);
    let values: Map<String, Value> = Some(json)
        .filter(|_| !is_too_long)
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or("it can't be read, so that nothing of it has an effect")?;
    let mut managed = Managed::default();
    for (name, value) in values {
        let Some(raw) = raw(value) else { continue };
        match (name.as_str(), raw) {
            (CA_PEM, Raw::Text(text)) => managed.ca_pem = Some(text),
            (SETTINGS, Raw::Text(text)) => managed.settings = Some(text),
            (name, raw) => managed.values.push((key_of(name), raw)),
        }
    }
    Ok(managed)
}

impl Layers {
    /// Adds the managed configuration as policy; a single key goes before the same one in
    /// `settings`. `ca_file` is where its certificate authority was put.
    pub fn add_managed(&mut self, managed: Managed, ca_file: Option<&Path>) {
        if let Some(settings) = &managed.settings {
            self.add_file(Layer::Policy, Path::new("managed configuration, settings"), settings);
        }
        if let Some(path) = ca_file {
            self.add_policy("ca_file", PLACE, Raw::Text(path.display().to_string()));
        }
        for (key, raw) in managed.values {
            self.add_policy(&key, PLACE, raw);
        }
    }

    /// Notes that there is one, and that it can't be used.
    pub fn add_unreadable_managed(&mut self, reason: &str) {
        self.add_unreadable(Path::new(PLACE), reason);
    }
}

/// The key that a name means; the name itself if it is none, to be told of.
fn key_of(name: &str) -> String {
    let known = KEYS.iter().find(|key| key.replace('.', "_") == name);
    known.map_or_else(|| name.to_owned(), |key| (*key).to_owned())
}

fn raw(value: Value) -> Option<Raw> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then_some(Raw::Text(text)),
        Value::Bool(value) => Some(Raw::Text(value.to_string())),
        Value::Number(number) => Some(Raw::Text(number.to_string())),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            Some(texts.map_or(Raw::Other, Raw::List))
        }
        Value::Object(_) => Some(Raw::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Loaded, load};
    use crate::domain::protection::PinRule;

    fn loaded(json: &str) -> Loaded {
        let mut layers = Layers::default();
        layers.add_option("server_url", "--server-url", "https://weaker.example.com".into());
        layers.add_managed(read(json).unwrap(), None);
        load(layers)
    }

    #[test]
    fn what_a_device_management_sets_is_policy_and_locked() {
        let loaded = loaded(
            r#"{"server_url":"https://glue.example.com","scan_min_length":6,"pin":"required",
                "cleartext_hosts":["shop.test"],"aliases":"A-17=00000000-0000-0000-0000-000000000002"}"#,
        );
        let config = loaded.config;

        assert_eq!(loaded.problems, []);
        assert_eq!(config.server_url.value.unwrap().to_string(), "https://glue.example.com");
        assert!(config.server_url.layer == Layer::Policy && config.pin.is_locked());
        assert_eq!(config.pin.value, PinRule::Required);
        assert_eq!(config.scan_min_length.value, 6);
        assert_eq!(config.cleartext_hosts.value, ["shop.test"]);
        assert!(config.aliases.value.contains_key("A-17"));
    }

    #[test]
    fn what_is_empty_changes_nothing() {
        let loaded = loaded(r#"{"server_url":"","pin":" ","idle_lock":null,"aliases":[]}"#);

        assert_eq!(loaded.config.server_url.layer, Layer::CommandLine);
        assert_eq!(loaded.config.pin, Config::default().pin);
        assert_eq!((loaded.problems, loaded.warnings), (Vec::new(), Vec::new()));
    }

    #[test]
    fn all_settings_can_come_as_one_text_and_a_single_key_goes_before_it() {
        let loaded =
            loaded(r#"{"settings":"pin = \"off\"\nscan.gap = \"80ms\"","pin":"required"}"#);

        assert_eq!(loaded.config.pin.value, PinRule::Required);
        assert_eq!(loaded.config.scan_gap.value.as_millis(), 80);
        assert_eq!(loaded.config.scan_gap.place, "managed configuration, settings, line 2");
    }

    #[test]
    fn a_slip_is_told_and_the_rest_holds() {
        let loaded = loaded(r#"{"pin":"maybe","idle_lock":{"x":1},"servr_url":"x","sound":"20"}"#);
        let told: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();

        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|text| text.starts_with("managed configuration: ")), "{told:?}");
        assert!(loaded.warnings.iter().any(|warning| warning.contains("is 'server_url' meant?")));
        assert_eq!(loaded.config.sound.value.percent(), 20);
    }

    #[test]
    fn a_certificate_authority_comes_as_text_and_counts_by_its_file() {
        let managed = read(r#"{"ca_pem":"-----BEGIN CERTIFICATE-----"}"#).unwrap();
        assert_eq!(managed.ca_pem.as_deref(), Some("-----BEGIN CERTIFICATE-----"));

        let mut layers = Layers::default();
        layers.add_managed(managed, Some(Path::new("ca.pem")));
        let config = load(layers).config;
        assert_eq!(config.ca_file.value.as_deref(), Some(Path::new("ca.pem")));
        assert!(config.ca_file.is_locked());
    }

    #[test]
    fn what_is_no_configuration_is_refused_as_a_whole() {
        let long = format!(r#"{{"support_text":"{}"}}"#, "x".repeat(1024 * 1024));
        for json in ["", "unreadable", "[]", &long] {
            assert!(read(json).is_err());
        }
        assert_eq!(read("{}"), Ok(Managed::default()));
    }

    /// The restrictions that a console shows are the keys that are obeyed, and no other.
    #[test]
    fn each_restriction_is_obeyed() {
        let xml = include_str!("../../assets/android/res/xml/app_restrictions.xml");
        let mut count = 0;
        for name in xml.split("android:key=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            count += 1;
            let is_obeyed = [SETTINGS, CA_PEM].contains(&name) || KEYS.contains(&&*key_of(name));
            assert!(is_obeyed, "{name}");
        }
        assert!(count > 20);
    }
}
