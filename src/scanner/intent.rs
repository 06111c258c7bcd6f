//! Scans that Android's vendors send as broadcasts, as a table: action, extra, kind of value.
//!
//! Sources: Zebra TechDocs 'Intent Output'; the receivers of libpretixui (`HardwareScanner.kt`) and
//! of enioka_scan, both read in November 2026. Any app on the device can send the same broadcast, so
//! what comes is a code like any other: read, never obeyed.

/// How the code stands in the extra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraKind {
    /// A text.
    Text,
    /// Bytes of a text, with another extra that holds their number if one is named.
    Bytes {
        /// The extra with the number of bytes that count; `None`: all of them.
        length: Option<&'static str>,
    },
}

/// Where a scanner's broadcast has the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentSource {
    /// The intent's action.
    pub action: String,
    /// The extra that holds the code.
    pub extra: String,
    /// What the extra is.
    pub kind: ExtraKind,
}

/// The value of an extra, as it comes out of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtraValue {
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number.
    Number(i64),
}

/// The action that our own DataWedge profile is set up to send.
pub const OWN_ACTION: &str = "com.wareswitch.SCAN";

/// The longest code that is taken over, in bytes.
const BYTES_MAX: usize = 16 * 1024;

/// Every vendor: action, extra, kind.
const VENDORS: &[(&str, &str, ExtraKind)] = &[
    // Zebra DataWedge: the action is whatever the profile says.
    (OWN_ACTION, "com.symbol.datawedge.data_string", ExtraKind::Text),
    // Honeywell, claimed by the app, and as 'Scan to Intent'.
    (OWN_ACTION, "data", ExtraKind::Text),
    ("com.honeywell.intent.action.SCAN_RESULT", "decode_rslt", ExtraKind::Text),
    ("com.proglove.api.BARCODE", "com.proglove.api.extra.BARCODE_DATA", ExtraKind::Text),
    ("nlscan.action.SCANNER_RESULT", "SCAN_BARCODE1", ExtraKind::Text),
    (
        "kr.co.bluebird.android.bbapi.action.BARCODE_CALLBACK_DECODING_DATA",
        "EXTRA_BARCODE_DECODING_DATA",
        ExtraKind::Bytes { length: None },
    ),
    ("com.sunmi.scanner.ACTION_DATA_CODE_RECEIVED", "data", ExtraKind::Text),
    // M3 and SEUIC share an action and differ by the extra.
    ("com.android.server.scannerservice.broadcast", "m3scannerdata", ExtraKind::Text),
    ("com.android.server.scannerservice.broadcast", "scannerdata", ExtraKind::Text),
    // LECOM; the spelling is theirs.
    ("scan.rcv.message", "barocode", ExtraKind::Bytes { length: Some("length") }),
    (
        "com.datalogic.decodewedge.decode_action",
        "com.datalogic.decode.intentwedge.barcode_string",
        ExtraKind::Text,
    ),
];

/// Every source there is, and the one that IT added for a vendor that is not known here: it is asked
/// first.
pub fn sources(added: Option<IntentSource>) -> Vec<IntentSource> {
    let known = VENDORS.iter().map(|(action, extra, kind)| IntentSource {
        action: (*action).to_owned(),
        extra: (*extra).to_owned(),
        kind: *kind,
    });
    added.into_iter().chain(known).collect()
}

/// The code in a broadcast; `None` if no source fits, or it holds no code. `extra` looks an extra up
/// by its name.
pub fn code_in(
    sources: &[IntentSource],
    action: &str,
    extra: impl Fn(&str) -> Option<ExtraValue>,
) -> Option<String> {
    sources
        .iter()
        .filter(|source| source.action == action)
        .find_map(|source| read(source, &extra))
        .filter(|code| !code.is_empty() && code.len() <= BYTES_MAX)
}

fn read(source: &IntentSource, extra: &impl Fn(&str) -> Option<ExtraValue>) -> Option<String> {
    let bytes = match (extra(&source.extra)?, source.kind) {
        // Firmware changes its mind between text and bytes from one version to the next.
        (ExtraValue::Text(text), _) => return Some(text),
        (ExtraValue::Bytes(bytes), ExtraKind::Text | ExtraKind::Bytes { length: None }) => bytes,
        (ExtraValue::Bytes(bytes), ExtraKind::Bytes { length: Some(name) }) => {
            let length = match extra(name) {
                Some(ExtraValue::Number(length)) => usize::try_from(length).ok()?,
                _ => bytes.len(),
            };
            bytes.into_iter().take(length).collect()
        }
        (ExtraValue::Number(_), _) => return None,
    };
    Some(String::from_utf8(bytes).unwrap_or_else(|error| {
        // ISO 8859-1, the default of linear codes: each byte is its character.
        error.into_bytes().into_iter().map(char::from).collect()
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn received(action: &str, extras: &[(&str, ExtraValue)]) -> Option<String> {
        let extras: BTreeMap<&str, ExtraValue> = extras.iter().cloned().collect();
        code_in(&sources(None), action, |name| extras.get(name).cloned())
    }

    fn text(text: &str) -> ExtraValue {
        ExtraValue::Text(text.into())
    }

    fn bytes(bytes: &[u8]) -> ExtraValue {
        ExtraValue::Bytes(bytes.into())
    }

    #[test]
    fn each_vendors_broadcast_is_understood() {
        for (action, extra, kind) in VENDORS {
            let value = match kind {
                ExtraKind::Text => text("Halle 2"),
                ExtraKind::Bytes { .. } => bytes(b"Halle 2"),
            };

            let code = received(action, &[(*extra, value)]);

            assert_eq!(code.as_deref(), Some("Halle 2"), "{action}");
        }
    }

    #[test]
    fn only_the_bytes_that_count_are_read() {
        let extras = [("barocode", bytes(b"Halle 2\0\0\0")), ("length", ExtraValue::Number(7))];

        assert_eq!(received("scan.rcv.message", &extras).as_deref(), Some("Halle 2"));
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_western_letters() {
        let extras = [("barocode", bytes(b"L\xfcbeck"))];

        assert_eq!(received("scan.rcv.message", &extras).as_deref(), Some("L\u{fc}beck"));
    }

    #[test]
    fn a_vendor_that_is_not_known_can_be_added() {
        let added = IntentSource {
            action: "acme.SCAN".into(),
            extra: "acme.code".into(),
            kind: ExtraKind::Text,
        };
        let look_up = |name: &str| (name == "acme.code").then(|| text("Halle 2"));

        assert_eq!(code_in(&sources(None), "acme.SCAN", look_up), None);
        assert_eq!(
            code_in(&sources(Some(added)), "acme.SCAN", look_up).as_deref(),
            Some("Halle 2")
        );
    }

    #[test]
    fn what_holds_no_code_is_none() {
        let data = "com.symbol.datawedge.data_string";
        let cases = [
            ("other.ACTION", text("Halle 2")),
            (OWN_ACTION, text("")),
            (OWN_ACTION, ExtraValue::Number(7)),
            (OWN_ACTION, text(&"x".repeat(BYTES_MAX + 1))),
        ];
        for (action, value) in cases {
            assert_eq!(received(action, &[(data, value.clone())]), None, "{action}");
        }
        assert_eq!(received(OWN_ACTION, &[]), None);
        let negative = [("barocode", bytes(b"x")), ("length", ExtraValue::Number(-1))];
        assert_eq!(received("scan.rcv.message", &negative), None);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(value in any::<Vec<u8>>(), length in any::<i64>()) {
            let extras = [("barocode", bytes(&value)), ("length", ExtraValue::Number(length))];

            received("scan.rcv.message", &extras);
        }
    }
}
