//! Which values a column may hold, and what takes the place of one that can't be read any more.

use rusqlite::types::Value;
use uuid::Uuid;

use super::rows;

/// A row as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row<'a> {
    /// The table.
    pub table: &'a str,
    /// The names of its columns.
    pub columns: &'a [String],
    /// Its values, in the same order.
    pub values: Vec<Value>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mended<'a> {
    /// Every value is one that this app writes.
    AsItWas(Row<'a>),
    /// Some had to be replaced.
    InPart(Row<'a>),
    /// What matters can't be read.
    Lost,
}

/// What takes the place of a value.
#[derive(Clone, Copy)]
enum Instead {
    Null,
    Number(i64),
    Text(&'static str),
    /// A uuid that nobody else has.
    NewUuid,
    /// Nothing: without this value the row says nothing.
    Nothing,
}

/// A column, what it may hold, and what is put in its place.
type Rule = (&'static str, fn(&Value) -> bool, Instead);

/// A moment of which nothing is known: its age is unknown, so a wish made then is asked about.
const UNKNOWN_MOMENT: &str = r#"{"boot":"00000000-0000-0000-0000-000000000000","since_boot_ns":0,"server_ms":null,"wall_ms":0}"#;
const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

const CHANGE: &[Rule] = &[
    ("seq", is_number, Instead::Nothing),
    ("change_id", is_uuid, Instead::NewUuid),
    ("kind", is_kind, Instead::Text("")),
    ("assignment_id", is_uuid_or_null, Instead::Text(NO_UUID)),
    ("warehouse_uuid", is_uuid_or_null, Instead::Nothing),
    ("warehouse_name", is_text_or_null, Instead::Text("")),
    ("origin", is_origin, Instead::Text("tap")),
    ("base", is_set, Instead::Text("[]")),
    ("shown_before", is_wish_or_null, Instead::Null),
    ("shown_before_is_server_word", is_flag, Instead::Number(0)),
    ("state", is_state, Instead::Text("")),
    ("reason", is_reason_or_null, Instead::Null),
    ("question", is_set_or_null, Instead::Null),
    ("decided_at", is_moment_or_null, Instead::Null),
    ("recorded_at", is_moment, Instead::Text(UNKNOWN_MOMENT)),
    ("settled_at", is_moment_or_null, Instead::Text(UNKNOWN_MOMENT)),
    ("settled_calendar_ms", is_number_or_null, Instead::Null),
    ("superseded_by", is_number_or_null, Instead::Null),
    ("attempts", is_count, Instead::Number(0)),
    ("is_seen", is_flag, Instead::Number(0)),
];

const ATTEMPT: &[Rule] = &[
    ("id", is_number, Instead::Nothing),
    ("change_seq", is_number, Instead::Nothing),
    ("assignment_id", is_uuid, Instead::Text(NO_UUID)),
    ("warehouse_uuid", is_uuid, Instead::Nothing),
    ("wanted_active", is_flag, Instead::Number(1)),
    ("sent_at", is_moment, Instead::Text(UNKNOWN_MOMENT)),
    ("answered_at", is_moment_or_null, Instead::Null),
    ("outcome", is_outcome, Instead::Text("\"unknown\"")),
    ("is_settled", is_flag, Instead::Number(0)),
];

/// What the server said or what is only of use if all of it is right: whole or not at all.
const SNAPSHOT: &[Rule] = &[("fetched_at", is_moment, Instead::Text(UNKNOWN_MOMENT))];
const ASSIGNMENT: &[Rule] = &[
    ("assignment_id", is_uuid, Instead::Nothing),
    ("warehouse_uuid", is_uuid, Instead::Nothing),
    ("warehouse_name", is_text, Instead::Nothing),
];
const SYNC_STATE: &[Rule] = &[
    ("connection", is_connection, Instead::Nothing),
    ("connection_since", is_moment_or_null, Instead::Null),
    ("server_failures", is_count, Instead::Number(0)),
    ("write_failures", is_count, Instead::Number(0)),
    ("backoff_until", is_moment_or_null, Instead::Null),
    ("retry_after_until", is_moment_or_null, Instead::Null),
    ("anchor", is_anchor_or_null, Instead::Null),
];
const PROFILE: &[Rule] =
    &[("user_uuid", is_uuid, Instead::Nothing), ("signed_in_at", is_moment_or_null, Instead::Null)];

/// Replaces what this app never writes.
pub(super) fn mend(mut row: Row<'_>) -> Mended<'_> {
    let rules = match row.table {
        "change" => CHANGE,
        "attempt" => ATTEMPT,
        "snapshot" => SNAPSHOT,
        "assignment" => ASSIGNMENT,
        "sync_state" => SYNC_STATE,
        "profile" => PROFILE,
        _ => &[],
    };
    let mut is_mended = false;
    for (name, is_valid, instead) in rules {
        let Some(value) = row.value_mut(name) else { continue };
        if is_valid(value) {
            continue;
        }
        is_mended = true;
        *value = match instead {
            Instead::Null => Value::Null,
            Instead::Number(number) => Value::Integer(*number),
            Instead::Text(text) => Value::Text((*text).to_owned()),
            Instead::NewUuid => Value::Text(Uuid::now_v7().to_string()),
            Instead::Nothing => return Mended::Lost,
        };
    }
    if row.table == "change" {
        is_mended |= row.distrust_changed_wish();
        match row.make_consistent() {
            Some(was_mended) => is_mended |= was_mended,
            None => return Mended::Lost,
        }
    }
    if is_mended { Mended::InPart(row) } else { Mended::AsItWas(row) }
}

impl Row<'_> {
    fn value_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.columns.iter().position(|column| column == name)?;
        self.values.get_mut(place)
    }

    fn is_null(&self, name: &str) -> bool {
        let place = self.columns.iter().position(|column| column == name);
        place.and_then(|place| self.values.get(place)) == Some(&Value::Null)
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Some(place) = self.value_mut(name) {
            *place = value;
        }
    }

    /// A wish that is not what was recorded may be for another warehouse: as if made at an unknown
    /// time, it is asked about and never sent by itself. True if that is so.
    fn distrust_changed_wish(&mut self) -> bool {
        let Some(Value::Integer(digest)) = self.value_mut("wish_digest").cloned() else {
            return false;
        };
        if digest == self.wish_digest() {
            return false;
        }
        self.set("recorded_at", text(UNKNOWN_MOMENT));
        true
    }

    fn wish_digest(&mut self) -> i64 {
        let columns = rows::WISH_COLUMNS.map(|column| match self.value_mut(column) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        });
        rows::wish_digest(columns.iter().map(Option::as_deref))
    }

    /// Makes the columns of a change agree with each other; `None` if what was wished is lost.
    /// True if something had to be changed.
    fn make_consistent(&mut self) -> Option<bool> {
        let before = self.values.clone();
        let kind = self.value_mut("kind").cloned();
        match (kind, self.is_null("warehouse_uuid")) {
            (Some(kind), true) if kind == text("activate") => return None,
            (_, true) => self.set("kind", text("leave")),
            (_, false) => {
                self.set("kind", text("activate"));
                self.set_if_null("assignment_id", NO_UUID);
                self.set_if_null("warehouse_name", "");
            }
        }
        let state = self.value_mut("state").cloned();
        let has_end = state.as_ref().is_some_and(is_end);
        let has_no_state = state == Some(text(""));
        if has_end || (has_no_state && !self.is_null("settled_at")) {
            // Settled, however: nothing that is over is sent again because its row was damaged.
            self.set_if_null("settled_at", UNKNOWN_MOMENT);
            if has_no_state {
                self.set("state", text("superseded"));
            }
        } else {
            self.set("settled_at", Value::Null);
            self.set("settled_calendar_ms", Value::Null);
            if has_no_state || self.is_null("question") && state == Some(text("needs_decision")) {
                self.set("state", text("queued"));
            }
        }
        let is_mended = before != self.values;
        if !self.is_null("wish_digest") {
            let digest = self.wish_digest();
            self.set("wish_digest", Value::Integer(digest));
        }
        Some(is_mended)
    }

    fn set_if_null(&mut self, name: &str, instead: &str) {
        if self.is_null(name) {
            self.set(name, text(instead));
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn holds(value: &Value, is_valid: impl Fn(&str) -> bool) -> bool {
    matches!(value, Value::Text(text) if is_valid(text))
}

fn holds_or_null(value: &Value, is_valid: impl Fn(&str) -> bool) -> bool {
    *value == Value::Null || holds(value, is_valid)
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Integer(number) if (0..i64::MAX / 2).contains(number))
}

fn is_number_or_null(value: &Value) -> bool {
    matches!(value, Value::Integer(_) | Value::Null)
}

fn is_count(value: &Value) -> bool {
    matches!(value, Value::Integer(number) if u32::try_from(*number).is_ok())
}

fn is_flag(value: &Value) -> bool {
    matches!(value, Value::Integer(0 | 1))
}

fn is_text(value: &Value) -> bool {
    holds(value, |_| true)
}

fn is_text_or_null(value: &Value) -> bool {
    holds_or_null(value, |_| true)
}

fn is_uuid(value: &Value) -> bool {
    holds(value, |text| Uuid::try_parse(text).is_ok())
}

fn is_uuid_or_null(value: &Value) -> bool {
    *value == Value::Null || is_uuid(value)
}

fn is_kind(value: &Value) -> bool {
    holds(value, |text| matches!(text, "activate" | "leave"))
}

fn is_origin(value: &Value) -> bool {
    holds(value, rows::is_origin)
}

fn is_state(value: &Value) -> bool {
    holds(value, rows::is_state)
}

fn is_end(value: &Value) -> bool {
    holds(value, |text| matches!(text, "confirmed" | "superseded" | "rejected" | "discarded"))
}

fn is_connection(value: &Value) -> bool {
    holds(value, rows::is_connection)
}

fn is_set(value: &Value) -> bool {
    holds(value, rows::is_set)
}

fn is_set_or_null(value: &Value) -> bool {
    holds_or_null(value, rows::is_set)
}

fn is_wish_or_null(value: &Value) -> bool {
    holds_or_null(value, rows::is_wish)
}

fn is_reason_or_null(value: &Value) -> bool {
    holds_or_null(value, rows::is_reason)
}

fn is_outcome(value: &Value) -> bool {
    holds(value, rows::is_outcome)
}

fn is_moment(value: &Value) -> bool {
    holds(value, rows::is_moment)
}

fn is_moment_or_null(value: &Value) -> bool {
    holds_or_null(value, rows::is_moment)
}

fn is_anchor_or_null(value: &Value) -> bool {
    holds_or_null(value, rows::is_anchor)
}
