//! Set-up codes: what a device scans to be set up, instead of somebody typing an address.
//!
//! A code is JSON: `{"wareswitch":1,"content":{"issued":1764061200,"settings":{...}},"signature":"..."}`.
//! `settings` has the keys of a configuration file, those of tables with a dot. The signature is
//! Ed25519 over `SIGNED_PREFIX` and the very bytes of `content`, so that nothing is ever written
//! anew to be checked. A code holds no secrets: it hangs on a wall.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::domain::ids::ServerOrigin;

use super::keys::Config;
use super::layers::{Entry, Layer};
use super::set_up_key::{SetUpKey, SigningKey};
use super::value::{Raw, shortened};
use super::{KEYS, KEYS_OF_IT, check_cleartext};

/// The largest code read, in bytes: what a QR code still holds on a poor print.
pub const CODE_BYTES_MAX: usize = 2048;
/// The version written and understood.
const VERSION: u64 = 1;
/// What stands before the content when it is signed: a signature made for another purpose is none.
const SIGNED_PREFIX: &[u8] = b"wareswitch set-up 1\n";

/// A code that may be used: what it brings, and how far it can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// The server that it names.
    pub server: Option<ServerOrigin>,
    /// What it sets, the address too, as it could stand in a file.
    pub settings: Vec<(String, Value)>,
    /// When it was made, in seconds since 1970; `None` if nobody that the device trusts signed it.
    pub issued: Option<i64>,
}

impl SetUp {
    /// Whether somebody signed it whom the device trusts.
    pub fn is_signed(&self) -> bool {
        self.issued.is_some()
    }
}

/// Why a code is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetUpRefused {
    /// It is something else, or damaged.
    #[error("this is not a set-up code, or it is damaged")]
    NotACode,
    /// It was made for a newer version.
    #[error("this set-up code is for a newer version of Wareswitch")]
    Newer,
    /// It holds something that is no setting; it may be a secret.
    #[error("this set-up code holds '{0}', which is not a setting")]
    NotASetting(String),
    /// It holds a setting that a code must not make.
    #[error("a set-up code must not set '{0}'")]
    KeyOfIt(String),
    /// A value can't be used.
    #[error("this set-up code holds a '{key}' that can't be used: {reason}")]
    Value {
        /// The key.
        key: String,
        /// What is allowed.
        reason: String,
    },
    /// The device knows who may sign codes, and this one is not signed.
    #[error("this set-up code is not signed, and this device takes only signed ones")]
    NotSigned,
    /// Somebody else signed it, or it was changed since.
    #[error("this set-up code was signed by somebody unknown, or changed since")]
    Stranger,
    /// More than the address, and nobody answers for it.
    #[error("this set-up code sets more than the address, and this device knows nobody who may")]
    MoreThanTheAddress,
}

/// The part that tells the version.
#[derive(Deserialize)]
struct Version {
    wareswitch: u64,
}

/// A whole code.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    wareswitch: u64,
    #[serde(borrow)]
    content: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// What is signed.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    issued: i64,
    settings: Map<String, Value>,
}

/// Whether a scan is meant to be a set-up code, be it a good one or not.
pub fn looks_like_code(text: &str) -> bool {
    let inner = text.trim_start().strip_prefix('{').unwrap_or_default();
    inner.trim_start().starts_with("\"wareswitch\"")
}

/// Reads a code as a device with this configuration may use it.
///
/// # Errors
/// Why it may not.
pub fn read(text: &str, present: &Config) -> Result<SetUp, SetUpRefused> {
    if text.len() > CODE_BYTES_MAX {
        return Err(SetUpRefused::NotACode);
    }
    let Version { wareswitch } = serde_json::from_str(text).map_err(|_| SetUpRefused::NotACode)?;
    if wareswitch > VERSION {
        return Err(SetUpRefused::Newer);
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| SetUpRefused::NotACode)?;
    let is_signed = check_signature(&envelope, &present.set_up_keys.value)?;
    let content: Content =
        serde_json::from_str(envelope.content.get()).map_err(|_| SetUpRefused::NotACode)?;
    let config = checked(&content.settings, present)?;
    if !is_signed && content.settings.keys().any(|key| key != "server_url") {
        return Err(SetUpRefused::MoreThanTheAddress);
    }
    let names_server = content.settings.contains_key("server_url");
    Ok(SetUp {
        server: config.server_url.value.filter(|_| names_server),
        settings: content.settings.into_iter().collect(),
        issued: is_signed.then_some(content.issued),
    })
}

/// Whether a trusted key signed it; a device that trusts nobody can't tell.
fn check_signature(envelope: &Envelope<'_>, trusted: &[SetUpKey]) -> Result<bool, SetUpRefused> {
    if trusted.is_empty() {
        return Ok(false);
    }
    let signature = envelope.signature.as_deref().ok_or(SetUpRefused::NotSigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| SetUpRefused::Stranger)?;
    let message = signed_bytes(envelope.content.get());
    let is_by = |key: &SetUpKey| {
        UnparsedPublicKey::new(&ED25519, key.as_bytes()).verify(&message, &signature).is_ok()
    };
    if trusted.iter().any(is_by) { Ok(true) } else { Err(SetUpRefused::Stranger) }
}

fn signed_bytes(content: &str) -> Vec<u8> {
    [SIGNED_PREFIX, content.as_bytes()].concat()
}

/// The configuration as it would be, if every setting can be used.
fn checked(settings: &Map<String, Value>, present: &Config) -> Result<Config, SetUpRefused> {
    let mut config = present.clone();
    if settings.is_empty() {
        return Err(SetUpRefused::NotACode);
    }
    for (key, value) in settings {
        if !KEYS.contains(&key.as_str()) {
            return Err(SetUpRefused::NotASetting(shortened(key)));
        }
        if KEYS_OF_IT.contains(&key.as_str()) {
            return Err(SetUpRefused::KeyOfIt(key.clone()));
        }
        let refused = |reason| SetUpRefused::Value { key: key.clone(), reason };
        let place = "the set-up code".to_owned();
        let entry = Entry { key: key.clone(), layer: Layer::User, place, raw: raw(value) };
        config.take(&entry).unwrap_or(Ok(())).map_err(refused)?;
        if let (Some(origin), "server_url") = (&config.server_url.value, key.as_str()) {
            check_cleartext(origin, &present.cleartext_hosts.value).map_err(refused)?;
        }
    }
    Ok(config)
}

fn raw(value: &Value) -> Raw {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let read = match value {
        Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>().map(Raw::List),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| Some((key.clone(), scalar(value)?)))
            .collect::<Option<_>>()
            .map(Raw::Table),
        other => scalar(other).map(Raw::Text),
    };
    read.unwrap_or(Raw::Other)
}

/// Makes a code of these settings, signed if there is a key.
///
/// # Errors
/// If a device could not use it, or it is too large.
pub fn compose(
    settings: Map<String, Value>,
    issued: i64,
    key: Option<&SigningKey>,
) -> Result<String, SetUpRefused> {
    let content = serde_json::to_string(&Content { issued, settings })
        .and_then(RawValue::from_string)
        .map_err(|_| SetUpRefused::NotACode)?;
    let signature = key.map(|key| STANDARD.encode(key.sign(&signed_bytes(content.get()))));
    let envelope = Envelope { wareswitch: VERSION, content: &content, signature };
    let code = serde_json::to_string(&envelope).map_err(|_| SetUpRefused::NotACode)?;
    let mut device = Config::default();
    device.set_up_keys.value = key.map(SigningKey::public).into_iter().collect();
    read(&code, &device)?;
    Ok(code)
}

#[cfg(test)]
mod tests;
