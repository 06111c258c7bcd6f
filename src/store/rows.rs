//! The shapes in the columns. A value that this app never writes reads as damage, not as a panic.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::StoredMoment;
use crate::domain::assignment::{ActiveSet, Assignment, Warehouse};
use crate::domain::change::{
    Attempt, AttemptOutcome, Change, ChangeState, Origin, Reason, Target, Wish,
};
use crate::domain::connection::{Connection, SyncState, TlsProblem};
use crate::domain::ids::{
    AssignmentId, AttemptId, ChangeId, ProfileId, Seq, ServerOrigin, UserUuid, WarehouseUuid,
};
use crate::domain::time::{BootId, Moment, ServerAnchor, UnixMillis};

/// A [`ServerAnchor`] as JSON.
#[derive(Serialize, Deserialize)]
struct AnchorJson {
    boot: Uuid,
    since_boot_ns: u64,
    server_ms: i64,
}

/// A wish as JSON: `{"activate": {...}}` or `"leave"`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WishJson {
    Activate { assignment_id: Uuid, warehouse_uuid: Uuid, warehouse_name: String },
    Leave,
}

/// A [`Reason`] as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReasonJson {
    NoLongerAssigned,
    WarehouseClosed,
    ServerRefused { code: String, message: String },
    SwitchedMeanwhile { warehouse_names: Vec<String> },
    Stale { warehouse_names: Vec<String> },
    ActiveElsewhere { warehouse_names: Vec<String> },
    Replaced { warehouse_names: Vec<String> },
    Undone,
    Theirs,
    SignedOut,
}

/// An [`AttemptOutcome`] as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeJson {
    Unknown,
    Accepted,
    NotFound,
    Refused { code: String, message: String },
    NoEffect,
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Plain structs of texts and numbers: writing them as JSON can't fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn moment_text(moment: &Moment) -> String {
    json(&StoredMoment::from(moment))
}

pub(super) fn anchor_text(anchor: &ServerAnchor) -> String {
    json(&AnchorJson {
        boot: anchor.boot_id.0,
        since_boot_ns: nanoseconds(anchor.since_boot),
        server_ms: anchor.server.0,
    })
}

pub(super) fn set_text(set: &ActiveSet) -> String {
    json(&set.iter().map(|warehouse| *warehouse.as_uuid()).collect::<Vec<Uuid>>())
}

pub(super) fn wish_text(wish: &Wish) -> String {
    json(&match wish {
        Wish::Activate(target) => WishJson::Activate {
            assignment_id: *target.assignment_id.as_uuid(),
            warehouse_uuid: *target.warehouse_uuid.as_uuid(),
            warehouse_name: target.warehouse_name.clone(),
        },
        Wish::Leave => WishJson::Leave,
    })
}

pub(super) fn reason_text(reason: &Reason) -> String {
    json(&match reason.clone() {
        Reason::NoLongerAssigned => ReasonJson::NoLongerAssigned,
        Reason::WarehouseClosed => ReasonJson::WarehouseClosed,
        Reason::ServerRefused { code, message } => ReasonJson::ServerRefused { code, message },
        Reason::SwitchedMeanwhile { warehouse_names } => {
            ReasonJson::SwitchedMeanwhile { warehouse_names }
        }
        Reason::Stale { warehouse_names } => ReasonJson::Stale { warehouse_names },
        Reason::ActiveElsewhere { warehouse_names } => {
            ReasonJson::ActiveElsewhere { warehouse_names }
        }
        Reason::Replaced { warehouse_names } => ReasonJson::Replaced { warehouse_names },
        Reason::Undone => ReasonJson::Undone,
        Reason::Theirs => ReasonJson::Theirs,
        Reason::SignedOut => ReasonJson::SignedOut,
    })
}

fn reason(json: ReasonJson) -> Reason {
    match json {
        ReasonJson::NoLongerAssigned => Reason::NoLongerAssigned,
        ReasonJson::WarehouseClosed => Reason::WarehouseClosed,
        ReasonJson::ServerRefused { code, message } => Reason::ServerRefused { code, message },
        ReasonJson::SwitchedMeanwhile { warehouse_names } => {
            Reason::SwitchedMeanwhile { warehouse_names }
        }
        ReasonJson::Stale { warehouse_names } => Reason::Stale { warehouse_names },
        ReasonJson::ActiveElsewhere { warehouse_names } => {
            Reason::ActiveElsewhere { warehouse_names }
        }
        ReasonJson::Replaced { warehouse_names } => Reason::Replaced { warehouse_names },
        ReasonJson::Undone => Reason::Undone,
        ReasonJson::Theirs => Reason::Theirs,
        ReasonJson::SignedOut => Reason::SignedOut,
    }
}

pub(super) fn outcome_text(outcome: &AttemptOutcome) -> String {
    json(&match outcome.clone() {
        AttemptOutcome::Unknown => OutcomeJson::Unknown,
        AttemptOutcome::Accepted => OutcomeJson::Accepted,
        AttemptOutcome::NotFound => OutcomeJson::NotFound,
        AttemptOutcome::Refused { code, message } => OutcomeJson::Refused { code, message },
        AttemptOutcome::NoEffect => OutcomeJson::NoEffect,
    })
}

/// Text that stands for one value of an enum each, both ways.
macro_rules! names {
    ($to:ident, $from:ident, $type:ty, $($value:path => $name:literal),* $(,)?) => {
        pub(super) const fn $to(value: $type) -> &'static str {
            match value { $($value => $name,)* }
        }

        fn $from(name: &str) -> Option<$type> {
            match name { $($name => Some($value),)* _ => None }
        }
    };
}

names! {
    origin_name, origin_of, Origin,
    Origin::Tap => "tap",
    Origin::Scan => "scan",
    Origin::Command => "command",
    Origin::Undo => "undo",
    Origin::Repair => "repair",
}

names! {
    state_name, state_of, ChangeState,
    ChangeState::Queued => "queued",
    ChangeState::Sending => "sending",
    ChangeState::NeedsDecision => "needs_decision",
    ChangeState::Confirmed => "confirmed",
    ChangeState::Superseded => "superseded",
    ChangeState::Rejected => "rejected",
    ChangeState::Discarded => "discarded",
}

pub(super) const fn connection_name(connection: Connection) -> &'static str {
    match connection {
        Connection::Unknown => "unknown",
        Connection::Online => "online",
        Connection::Offline => "offline",
        Connection::SignInAgain => "sign_in_again",
        Connection::NeedsCode => "needs_code",
        Connection::ServerTrouble => "server_trouble",
        Connection::WifiSignIn => "wifi_sign_in",
        Connection::WrongServer => "wrong_server",
        Connection::ProxySignIn => "proxy_sign_in",
        Connection::TlsFailed(TlsProblem::ClockWrong) => "tls_clock_wrong",
        Connection::TlsFailed(TlsProblem::Expired) => "tls_expired",
        Connection::TlsFailed(TlsProblem::UnknownAuthority) => "tls_unknown_authority",
        Connection::TlsFailed(TlsProblem::NameMismatch) => "tls_name_mismatch",
        Connection::TlsFailed(TlsProblem::Other) => "tls_other",
        Connection::NotAllowed => "not_allowed",
        Connection::AccountUnknown => "account_unknown",
    }
}

fn connection_of(name: &str) -> Option<Connection> {
    let all = [
        Connection::Unknown,
        Connection::Online,
        Connection::Offline,
        Connection::SignInAgain,
        Connection::NeedsCode,
        Connection::ServerTrouble,
        Connection::WifiSignIn,
        Connection::WrongServer,
        Connection::ProxySignIn,
        Connection::TlsFailed(TlsProblem::ClockWrong),
        Connection::TlsFailed(TlsProblem::Expired),
        Connection::TlsFailed(TlsProblem::UnknownAuthority),
        Connection::TlsFailed(TlsProblem::NameMismatch),
        Connection::TlsFailed(TlsProblem::Other),
        Connection::NotAllowed,
        Connection::AccountUnknown,
    ];
    all.into_iter().find(|connection| connection_name(*connection) == name)
}

/// The value of a column is none that this app writes.
fn damaged(column: &str) -> rusqlite::Error {
    let text = format!("unknown value in column {column}");
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, text.into())
}

fn name<T>(
    row: &Row<'_>,
    column: &str,
    known: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    known(&text).ok_or_else(|| damaged(column))
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| damaged(column))
}

fn parsed_some<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| damaged(column))).transpose()
}

fn moment(row: &Row<'_>, column: &str) -> rusqlite::Result<Moment> {
    parsed::<StoredMoment>(row, column).map(Moment::from)
}

pub(super) fn moment_some(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Moment>> {
    Ok(parsed_some::<StoredMoment>(row, column)?.map(Moment::from))
}

fn set(uuids: Vec<Uuid>) -> ActiveSet {
    uuids.into_iter().map(WarehouseUuid::new).collect()
}

/// A uuid in a text column.
pub(super) fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    uuid_at(row, column, column)
}

/// The same, where the column's place is known.
fn uuid_at(row: &Row<'_>, place: impl RowIndex, column: &str) -> rusqlite::Result<Uuid> {
    Uuid::try_parse(row.get_ref(place)?.as_str()?).map_err(|_| damaged(column))
}

/// A user on a server, from columns of those names.
pub(super) fn profile_id(row: &Row<'_>) -> rusqlite::Result<ProfileId> {
    let origin: String = row.get("origin")?;
    let origin = ServerOrigin::parse(&origin).map_err(|_| damaged("origin"))?;
    Ok(ProfileId { origin, user: UserUuid::new(uuid(row, "user_uuid")?) })
}

fn wish(row: &Row<'_>) -> rusqlite::Result<Wish> {
    let kind: String = row.get("kind")?;
    match kind.as_str() {
        "leave" => Ok(Wish::Leave),
        "activate" => Ok(Wish::Activate(target(row)?)),
        _ => Err(damaged("kind")),
    }
}

/// A warehouse with its assignment, from columns of those names.
pub(super) fn target(row: &Row<'_>) -> rusqlite::Result<Target> {
    Ok(Target {
        assignment_id: AssignmentId::new(uuid(row, "assignment_id")?),
        warehouse_uuid: WarehouseUuid::new(uuid(row, "warehouse_uuid")?),
        warehouse_name: row.get("warehouse_name")?,
    })
}

/// The columns of `change` that say what was wished, and when. They never change.
pub(super) const WISH_COLUMNS: [&str; 5] =
    ["change_id", "kind", "warehouse_uuid", "warehouse_name", "recorded_at"];

/// A digest of what stands in [`WISH_COLUMNS`].
pub(super) fn wish_digest<'a>(columns: impl Iterator<Item = Option<&'a str>>) -> i64 {
    let mut text = String::new();
    for column in columns {
        text.push_str(column.unwrap_or_default());
        // Stands in none of them.
        text.push('\n');
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let first = digest.as_ref().iter().take(8);
    first.fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

/// Whether a row of `change` still says what was wished.
fn check_wish(row: &Row<'_>) -> rusqlite::Result<()> {
    let Some(digest) = row.get::<_, Option<i64>>("wish_digest")? else { return Ok(()) };
    let columns = WISH_COLUMNS.map(|column| row.get::<_, Option<String>>(column));
    let columns = columns.into_iter().collect::<rusqlite::Result<Vec<_>>>()?;
    if wish_digest(columns.iter().map(Option::as_deref)) == digest {
        Ok(())
    } else {
        Err(damaged("wish_digest"))
    }
}

/// A row of `change`.
pub(super) fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    check_wish(row)?;
    let shown_before = parsed_some::<WishJson>(row, "shown_before")?.map(|wish| match wish {
        WishJson::Leave => Wish::Leave,
        WishJson::Activate { assignment_id, warehouse_uuid, warehouse_name } => {
            Wish::Activate(Target {
                assignment_id: AssignmentId::new(assignment_id),
                warehouse_uuid: WarehouseUuid::new(warehouse_uuid),
                warehouse_name,
            })
        }
    });
    Ok(Change {
        seq: Seq(row.get("seq")?),
        id: ChangeId::new(uuid(row, "change_id")?),
        wish: wish(row)?,
        origin: name(row, "origin", origin_of)?,
        base: set(parsed(row, "base")?),
        shown_before,
        shown_before_is_server_word: row.get("shown_before_is_server_word")?,
        state: name(row, "state", state_of)?,
        reason: parsed_some::<ReasonJson>(row, "reason")?.map(reason),
        question: parsed_some(row, "question")?.map(set),
        decided_at: moment_some(row, "decided_at")?,
        recorded_at: moment(row, "recorded_at")?,
        settled_at: moment_some(row, "settled_at")?,
        superseded_by: row.get::<_, Option<i64>>("superseded_by")?.map(Seq),
        attempts: row.get("attempts")?,
        is_seen: row.get("is_seen")?,
    })
}

/// A row of `attempt`.
pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let outcome = match parsed::<OutcomeJson>(row, "outcome")? {
        OutcomeJson::Unknown => AttemptOutcome::Unknown,
        OutcomeJson::Accepted => AttemptOutcome::Accepted,
        OutcomeJson::NotFound => AttemptOutcome::NotFound,
        OutcomeJson::Refused { code, message } => AttemptOutcome::Refused { code, message },
        OutcomeJson::NoEffect => AttemptOutcome::NoEffect,
    };
    Ok(Attempt {
        id: AttemptId(row.get("id")?),
        change: Seq(row.get("change_seq")?),
        assignment_id: AssignmentId::new(uuid(row, "assignment_id")?),
        warehouse_uuid: WarehouseUuid::new(uuid(row, "warehouse_uuid")?),
        wanted_active: row.get("wanted_active")?,
        sent_at: moment(row, "sent_at")?,
        answered_at: moment_some(row, "answered_at")?,
        outcome,
        is_settled: row.get("is_settled")?,
    })
}

/// What [`assignment`] reads of the table of that name. By their places: ten thousand rows are read at
/// a start, and looking for a column by its name takes longer than reading it.
pub(super) const ASSIGNMENT_COLUMNS: &str =
    "assignment_id, warehouse_uuid, warehouse_name, warehouse_is_active, is_active";

/// An assignment, from [`ASSIGNMENT_COLUMNS`].
pub(super) fn assignment(row: &Row<'_>) -> rusqlite::Result<Assignment> {
    Ok(Assignment {
        id: AssignmentId::new(uuid_at(row, 0, "assignment_id")?),
        warehouse: Warehouse {
            uuid: WarehouseUuid::new(uuid_at(row, 1, "warehouse_uuid")?),
            name: row.get(2)?,
            is_active: row.get(3)?,
        },
        is_active: row.get(4)?,
    })
}

/// The row of `sync_state`.
pub(super) fn sync_state(row: &Row<'_>) -> rusqlite::Result<SyncState> {
    let anchor = parsed_some::<AnchorJson>(row, "anchor")?.map(|anchor| ServerAnchor {
        server: UnixMillis(anchor.server_ms),
        boot_id: BootId(anchor.boot),
        since_boot: Duration::from_nanos(anchor.since_boot_ns),
    });
    Ok(SyncState {
        connection: name(row, "connection", connection_of)?,
        connection_since: moment_some(row, "connection_since")?,
        server_failures: row.get("server_failures")?,
        write_failures: row.get("write_failures")?,
        backoff_until: moment_some(row, "backoff_until")?,
        retry_after_until: moment_some(row, "retry_after_until")?,
        anchor,
    })
}

/// A moment in a column given by place.
pub(super) fn moment_at(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Moment> {
    let text: String = row.get(column)?;
    serde_json::from_str::<StoredMoment>(&text).map(Moment::from).map_err(|_| damaged("moment"))
}

/// Whether a text is one that this app writes into a column of that kind.
macro_rules! validities {
    ($($name:ident => $json:ty;)*) => {
        $(pub(super) fn $name(text: &str) -> bool {
            serde_json::from_str::<$json>(text).is_ok()
        })*
    };
}

validities! {
    is_moment => StoredMoment;
    is_anchor => AnchorJson;
    is_set => Vec<Uuid>;
    is_wish => WishJson;
    is_reason => ReasonJson;
    is_outcome => OutcomeJson;
}

pub(super) fn is_origin(text: &str) -> bool {
    origin_of(text).is_some()
}

pub(super) fn is_state(text: &str) -> bool {
    state_of(text).is_some()
}

pub(super) fn is_connection(text: &str) -> bool {
    connection_of(text).is_some()
}
