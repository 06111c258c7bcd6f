//! The code in what a scanner's service sent. Any app can send the same, so that it has limits, and
//! is a code like any other.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::scanner::intent::{ExtraValue, IntentSource, code_in};

/// The longest broadcast that is read, in bytes.
const BYTES_MAX: usize = 256 * 1024;
/// The same code within this time is the same scan: a trigger that bounced, or a service that sends
/// a broadcast and starts the activity, too.
const REPEAT: Duration = Duration::from_secs(1);

/// What a broadcast came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// A code.
    Scan(String),
    /// The same code as within the last second.
    SameAgain,
}

/// Hears the broadcasts of scanners.
#[derive(Debug)]
pub struct Listener {
    sources: Vec<IntentSource>,
    last: Option<(String, Duration)>,
}

impl Listener {
    /// Listens to these.
    pub fn new(sources: Vec<IntentSource>) -> Self {
        Self { sources, last: None }
    }

    /// Every action to listen to, once each.
    pub fn actions(&self) -> Vec<&str> {
        let mut actions: Vec<&str> =
            self.sources.iter().map(|source| source.action.as_str()).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }

    /// Reads a broadcast: its action, and its extras as JSON, bytes as `{"base64"}`. `at` is time of
    /// any clock that does not run backwards. `None` if there is no code in it.
    pub fn hear(&mut self, action: &str, extras: &str, at: Duration) -> Option<Broadcast> {
        if extras.len() > BYTES_MAX {
            return None;
        }
        let extras: Map<String, Value> = serde_json::from_str(extras).ok()?;
        let code = code_in(&self.sources, action, |name| value(extras.get(name)?))?;
        let is_repeat = self
            .last
            .as_ref()
            .is_some_and(|(last, then)| *last == code && at.saturating_sub(*then) < REPEAT);
        if is_repeat {
            return Some(Broadcast::SameAgain);
        }
        self.last = Some((code.clone(), at));
        Some(Broadcast::Scan(code))
    }
}

fn value(json: &Value) -> Option<ExtraValue> {
    match json {
        Value::String(text) => Some(ExtraValue::Text(text.clone())),
        Value::Number(number) => number.as_i64().map(ExtraValue::Number),
        Value::Object(bytes) => {
            let text = bytes.get("base64")?.as_str()?;
            STANDARD.decode(text).ok().map(ExtraValue::Bytes)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::intent::{OWN_ACTION, sources};

    const ZEBRA: &str = r#"{"com.symbol.datawedge.data_string":"Halle 2","other":true}"#;

    fn listener() -> Listener {
        Listener::new(sources(None))
    }

    fn scan(code: &str) -> Option<Broadcast> {
        Some(Broadcast::Scan(code.into()))
    }

    #[test]
    fn texts_and_bytes_are_read() {
        let cases = [
            (OWN_ACTION, ZEBRA),
            ("scan.rcv.message", r#"{"barocode":{"base64":"SGFsbGUgMgAA"},"length":7}"#),
        ];
        for (action, extras) in cases {
            assert_eq!(
                listener().hear(action, extras, Duration::ZERO),
                scan("Halle 2"),
                "{action}"
            );
        }
    }

    #[test]
    fn the_same_code_at_once_is_the_same_scan_and_later_a_new_one() {
        let mut listener = listener();
        let mut at = |millis| listener.hear(OWN_ACTION, ZEBRA, Duration::from_millis(millis));

        assert_eq!(at(0), scan("Halle 2"));
        assert_eq!(at(400), Some(Broadcast::SameAgain));
        // Counted from the scan: a trigger that never stops is heard once a second.
        assert_eq!(at(1_000), scan("Halle 2"));
    }

    #[test]
    fn another_code_at_once_is_another_scan() {
        let mut listener = listener();
        let other = r#"{"com.symbol.datawedge.data_string":"Halle 3"}"#;

        assert_eq!(listener.hear(OWN_ACTION, ZEBRA, Duration::ZERO), scan("Halle 2"));
        assert_eq!(listener.hear(OWN_ACTION, other, Duration::ZERO), scan("Halle 3"));
    }

    #[test]
    fn what_is_no_scan_is_none() {
        let long = format!(r#"{{"com.symbol.datawedge.data_string":"{}"}}"#, "x".repeat(BYTES_MAX));
        for extras in ["", "[]", "{}", r#"{"com.symbol.datawedge.data_string":null}"#, &long] {
            assert_eq!(listener().hear(OWN_ACTION, extras, Duration::ZERO), None);
        }
        let no_base64 = r#"{"barocode":{"base64":"%"}}"#;
        assert_eq!(listener().hear("scan.rcv.message", no_base64, Duration::ZERO), None);
        assert_eq!(listener().hear("android.intent.action.VIEW", ZEBRA, Duration::ZERO), None);
    }

    #[test]
    fn each_action_is_listened_to_once() {
        let listener = listener();
        let actions = listener.actions();

        assert!(actions.contains(&OWN_ACTION));
        assert_eq!(actions.iter().filter(|action| **action == OWN_ACTION).count(), 1);
    }
}
