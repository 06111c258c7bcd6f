//! The fixed shapes of `--json` (design section 13). Adding members is fine, renaming is not.

use serde::Serialize;

use crate::app::Seconds;
use crate::app::device::WaitingElsewhere;
use crate::domain::assignment::Assignment;
use crate::domain::change::{Change, ChangeState, Origin, Reason, Target, Wish};
use crate::domain::connection::Connection;
use crate::domain::time::{Moment, UnixMillis};
use crate::domain::view::{ProfileView, Storage};
use crate::error::UserError;

/// `{"error":{"kind","message"}}`.
#[derive(Debug, Serialize)]
pub struct ErrorDocument {
    error: ErrorBody,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl From<&UserError> for ErrorDocument {
    fn from(error: &UserError) -> Self {
        Self {
            error: ErrorBody {
                kind: error.kind().as_str(),
                message: error.message().to_owned(),
                reference: error.reference().map(str::to_owned),
            },
        }
    }
}

/// An active assignment: the design's `A`.
#[derive(Debug, Serialize)]
pub struct ActiveDocument {
    assignment_id: String,
    warehouse_uuid: String,
    warehouse_name: String,
}

impl From<&Assignment> for ActiveDocument {
    fn from(assignment: &Assignment) -> Self {
        Self {
            assignment_id: assignment.id.to_string(),
            warehouse_uuid: assignment.warehouse.uuid.to_string(),
            warehouse_name: assignment.warehouse.name.clone(),
        }
    }
}

impl From<&Target> for ActiveDocument {
    fn from(target: &Target) -> Self {
        Self {
            assignment_id: target.assignment_id.to_string(),
            warehouse_uuid: target.warehouse_uuid.to_string(),
            warehouse_name: target.warehouse_name.clone(),
        }
    }
}

impl ActiveDocument {
    /// The warehouse's name.
    pub fn name(&self) -> &str {
        &self.warehouse_name
    }
}

/// A change: the design's `C`.
#[derive(Debug, Serialize)]
pub struct ChangeDocument {
    seq: i64,
    change_id: String,
    kind: &'static str,
    origin: &'static str,
    assignment_id: Option<String>,
    warehouse_uuid: Option<String>,
    warehouse_name: Option<String>,
    state: &'static str,
    reason: Option<ReasonDocument>,
    attempts: u32,
    recorded_at: String,
    settled_at: Option<String>,
    superseded_by: Option<i64>,
    seen: bool,
}

#[derive(Debug, Serialize)]
struct ReasonDocument {
    kind: &'static str,
    code: Option<String>,
    message: Option<String>,
}

impl From<&Change> for ChangeDocument {
    fn from(change: &Change) -> Self {
        let target = change.wish.target();
        Self {
            seq: change.seq.0,
            change_id: change.id.to_string(),
            kind: match change.wish {
                Wish::Activate(_) => "activate",
                Wish::Leave => "leave",
            },
            origin: origin_name(change.origin),
            assignment_id: target.map(|target| target.assignment_id.to_string()),
            warehouse_uuid: target.map(|target| target.warehouse_uuid.to_string()),
            warehouse_name: target.map(|target| target.warehouse_name.clone()),
            state: state_name(change.state),
            reason: change.reason.as_ref().map(ReasonDocument::from),
            attempts: change.attempts,
            recorded_at: timestamp(&change.recorded_at),
            settled_at: change.settled_at.as_ref().map(timestamp),
            superseded_by: change.superseded_by.map(|seq| seq.0),
            seen: change.is_seen,
        }
    }
}

impl ChangeDocument {
    /// One line for people.
    pub fn line(&self) -> String {
        let wish = match &self.warehouse_name {
            Some(name) => format!("activate {name}"),
            None => "leave".to_owned(),
        };
        let reason = self.reason.as_ref().map(|reason| {
            let details = [reason.code.as_deref(), reason.message.as_deref()];
            let details: Vec<&str> = details.into_iter().flatten().collect();
            format!(" ({}: {})", reason.kind.replace('_', " "), details.join(" "))
        });
        format!(
            "{:>4}  {}  {:<14} {wish}{}",
            self.seq,
            self.recorded_at,
            self.state.replace('_', " "),
            reason.unwrap_or_default().replace(": )", ")")
        )
    }
}

impl From<&Reason> for ReasonDocument {
    fn from(reason: &Reason) -> Self {
        let named = |kind, names: &[String]| (kind, None, Some(names.join(", ")));
        let (kind, code, message) = match reason {
            Reason::NoLongerAssigned => ("no_longer_assigned", None, None),
            Reason::WarehouseClosed => ("warehouse_closed", None, None),
            Reason::ServerRefused { code, message } => {
                ("server_refused", Some(code.clone()), Some(message.clone()))
            }
            Reason::SwitchedMeanwhile { warehouse_names } => {
                named("switched_meanwhile", warehouse_names)
            }
            Reason::Stale { warehouse_names } => named("stale", warehouse_names),
            Reason::ActiveElsewhere { warehouse_names } => {
                named("active_elsewhere", warehouse_names)
            }
            Reason::Replaced { warehouse_names } => named("replaced", warehouse_names),
            Reason::Undone => ("undone", None, None),
            Reason::Theirs => ("theirs", None, None),
            Reason::SignedOut => ("signed_out", None, None),
        };
        Self { kind, code, message }
    }
}

/// The name of a reason with the server's code, as far as that is a code, for support.
pub fn reason_name(reason: &Reason) -> String {
    let ReasonDocument { kind, code, .. } = ReasonDocument::from(reason);
    let is_code = |code: &String| code.len() <= 8 && code.chars().all(char::is_alphanumeric);
    match code.filter(is_code) {
        Some(code) => format!("{kind} {code}"),
        None => kind.to_owned(),
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Tap => "tap",
        Origin::Scan => "scan",
        Origin::Command => "command",
        Origin::Undo => "undo",
        Origin::Repair => "repair",
    }
}

/// The name of a state, as scripts know it.
pub fn state_name(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Queued => "queued",
        ChangeState::Sending => "sending",
        ChangeState::NeedsDecision => "needs_decision",
        ChangeState::Confirmed => "confirmed",
        ChangeState::Superseded => "superseded",
        ChangeState::Rejected => "rejected",
        ChangeState::Discarded => "discarded",
    }
}

/// The name of a connection, as scripts know it.
pub fn connection_name(connection: Connection) -> &'static str {
    match connection {
        Connection::Unknown => "unknown",
        Connection::Online => "online",
        Connection::Offline => "offline",
        Connection::SignInAgain => "sign_in_again",
        Connection::NeedsCode => "needs_code",
        Connection::ServerTrouble => "server_trouble",
        Connection::WifiSignIn | Connection::ProxySignIn => "wifi_sign_in",
        Connection::WrongServer => "wrong_server",
        Connection::TlsFailed(_) => "tls_failed",
        Connection::NotAllowed | Connection::AccountUnknown => "not_allowed",
    }
}

/// The name of a state of the files, as scripts know it.
pub fn storage_name(storage: Storage) -> &'static str {
    match storage {
        Storage::Ok => "ok",
        Storage::Recovered => "recovered",
        Storage::Failed => "failed",
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub fn timestamp(moment: &Moment) -> String {
    let UnixMillis(millis) = moment.calendar();
    jiff::Timestamp::from_millisecond(millis)
        .map(|timestamp| format!("{timestamp:.3}"))
        .unwrap_or_default()
}

/// `{"user_uuid","username"}`.
#[derive(Debug, Serialize)]
pub struct ProfileDocument {
    user_uuid: String,
    username: String,
}

impl ProfileDocument {
    /// Of a profile and its user name.
    pub fn new(user_uuid: impl ToString, username: impl Into<String>) -> Self {
        Self { user_uuid: user_uuid.to_string(), username: username.into() }
    }
}

impl ProfileDocument {
    /// The user name.
    pub fn username(&self) -> &str {
        &self.username
    }
}

/// What `sign-in` prints.
#[derive(Debug, Serialize)]
pub struct SignInDocument {
    /// Who is signed in now.
    pub profile: ProfileDocument,
    /// How long the token lasts.
    pub token_expires_in_s: Seconds,
}

/// What `status` prints.
#[derive(Debug, Serialize)]
pub struct StatusDocument {
    /// The profile in front.
    pub profile: Option<ProfileDocument>,
    /// The configured server.
    pub server_url: Option<String>,
    /// See [`connection_name`].
    pub connection: &'static str,
    /// The same for people.
    #[serde(skip)]
    pub connection_sentence: &'static str,
    /// How long the token lasts, if that is known.
    pub token_expires_in_s: Option<Seconds>,
    /// What the server has active, if it is one.
    pub server_active: Option<ActiveDocument>,
    /// Everything that the server has active.
    pub server_active_all: Vec<ActiveDocument>,
    /// What the worker sees as active.
    pub shown_active: Option<ActiveDocument>,
    /// The counts.
    pub outbox: OutboxCountsDocument,
    /// The last list.
    pub snapshot: Option<SnapshotDocument>,
    /// See [`storage_name`].
    pub storage: &'static str,
    /// Where the profile's secrets are.
    pub secrets: Option<SecretsDocument>,
}

/// Where a profile's secrets are, and whether they can be had.
#[derive(Debug, Serialize)]
pub struct SecretsDocument {
    /// `keyring` or `file`.
    pub store: &'static str,
    /// `ok`, `locked`, `slow`, `missing`, `damaged` or `failed`.
    pub state: &'static str,
}

/// The counts of `status`.
#[derive(Debug, Default, Serialize)]
pub struct OutboxCountsDocument {
    /// Changes that wait to be sent, or are on their way.
    pub waiting: usize,
    /// Open questions.
    pub needs_decision: usize,
    /// Rejections that nobody has acknowledged.
    pub rejected_unseen: usize,
    /// Changes that wait for a server other than the configured one.
    pub other_servers: usize,
    /// Those of other users of this server.
    pub other_users: usize,
}

impl From<WaitingElsewhere> for OutboxCountsDocument {
    fn from(elsewhere: WaitingElsewhere) -> Self {
        let WaitingElsewhere { other_servers, other_users } = elsewhere;
        Self { other_servers, other_users, ..Self::default() }
    }
}

/// The list of `status`.
#[derive(Debug, Serialize)]
pub struct SnapshotDocument {
    /// When it was fetched.
    pub fetched_at: String,
    /// How many assignments it holds.
    pub count: usize,
}

/// What `list` prints.
#[derive(Debug, Serialize)]
pub struct ListDocument {
    fetched_at: Option<String>,
    assignments: Vec<RowDocument>,
}

/// A row of `list`.
#[derive(Debug, Serialize)]
pub struct RowDocument {
    assignment_id: String,
    warehouse_uuid: String,
    warehouse_name: String,
    warehouse_is_active: bool,
    is_active: bool,
    shown_active: bool,
    waiting: bool,
}

impl ListDocument {
    /// The rows, in the order of the screen.
    pub fn rows(&self) -> &[RowDocument] {
        &self.assignments
    }
}

impl RowDocument {
    /// The warehouse's name.
    pub fn name(&self) -> &str {
        &self.warehouse_name
    }

    /// Whether the worker sees it as active.
    pub fn is_shown_active(&self) -> bool {
        self.shown_active
    }

    /// What there is to say about it.
    pub fn remark(&self) -> &'static str {
        match (self.waiting, self.warehouse_is_active) {
            (true, _) => " (will be sent)",
            (false, false) => " (closed)",
            (false, true) => "",
        }
    }
}

impl From<&ProfileView> for ListDocument {
    fn from(view: &ProfileView) -> Self {
        let row = |assignment: &&Assignment| {
            let warehouse = assignment.warehouse.uuid;
            let waiting = view.waiting().and_then(|change| change.wish.target());
            RowDocument {
                assignment_id: assignment.id.to_string(),
                warehouse_uuid: warehouse.to_string(),
                warehouse_name: assignment.warehouse.name.clone(),
                warehouse_is_active: assignment.warehouse.is_active,
                is_active: assignment.is_active,
                shown_active: view.is_shown_active(warehouse),
                waiting: waiting.is_some_and(|target| target.warehouse_uuid == warehouse),
            }
        };
        Self {
            fetched_at: view.snapshot.as_ref().map(|snapshot| timestamp(&snapshot.fetched_at)),
            assignments: view.rows().iter().map(row).collect(),
        }
    }
}

/// What `outbox` prints.
#[derive(Debug, Serialize)]
pub struct OutboxDocument {
    /// Newest first.
    pub changes: Vec<ChangeDocument>,
}

/// What the commands print that are about one change.
#[derive(Debug, Serialize)]
pub struct OneChangeDocument {
    /// The change that stands now; none if it was so already.
    pub change: Option<ChangeDocument>,
    /// How long the server asked to be left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<Seconds>,
}

/// What `sync` prints.
#[derive(Debug, Serialize)]
pub struct SyncDocument {
    /// PATCHes that left.
    pub sent: u32,
    /// Changes confirmed by this run.
    pub confirmed: usize,
    /// Changes rejected in this run.
    pub rejected: usize,
    /// Changes that wait still.
    pub waiting: usize,
    /// Open questions.
    pub needs_decision: usize,
    /// See [`connection_name`].
    pub connection: &'static str,
    /// The same for people.
    #[serde(skip)]
    pub connection_sentence: &'static str,
    /// How long the server asked to be left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<Seconds>,
}

/// What `sign-out` prints.
#[derive(Debug, Serialize)]
pub struct SignOutDocument {
    /// Whether everything of the user is gone from this device.
    pub removed: bool,
    /// Changes that are sent first.
    pub waiting: usize,
}
