//! The commands.

use std::io::{Read, Write};

use crate::app::device::{Counts, Device, WaitingElsewhere};
use crate::app::profile::{Profile, SecretsState};
use crate::app::state::Decision;
use crate::app::{Password, SecondFactorCode, Seconds, kind_of_connection};
use crate::domain::change::{Change, ChangeState, Origin};
use crate::domain::connection::Connection;
use crate::domain::ids::{Seq, WarehouseUuid};
use crate::domain::outbox::{Recorded, Undone};
use crate::domain::view::{ProfileView, Storage};
use crate::error::{UserError, UserErrorKind, exit_code};

use super::args::{Command, OutboxAction};
use super::json::{
    ActiveDocument, ChangeDocument, ListDocument, OneChangeDocument, OutboxCountsDocument,
    OutboxDocument, ProfileDocument, SecretsDocument, SignInDocument, SignOutDocument,
    SnapshotDocument, StatusDocument, SyncDocument, connection_name, storage_name, timestamp,
};
use super::text::Document;

/// The longest password or code read from standard input, in bytes.
const SECRET_BYTES_MAX: usize = 4096;

/// What a command came to: what is printed, and the exit code.
pub struct Outcome {
    /// What is printed on standard output.
    pub document: Document,
    /// How the process ends.
    pub exit_code: u8,
}

impl Outcome {
    /// Everything went well.
    pub fn done(document: impl Into<Document>) -> Self {
        Self { document: document.into(), exit_code: exit_code::DONE }
    }
}

/// Runs a command on a device.
///
/// # Errors
/// What went wrong; its exit code is the command's.
pub async fn run(device: &Device, command: Command) -> Result<Outcome, UserError> {
    match command {
        Command::SignIn { user, .. } => sign_in(device, &user).await,
        Command::Status => status(device).await,
        Command::List => {
            let profile = open(device).await?;
            Ok(Outcome::done(ListDocument::from(&profile.view().await?)))
        }
        Command::Switch { warehouse, offline } => switch(device, &warehouse, offline).await,
        Command::Leave { offline } => {
            let profile = open(device).await?;
            let recorded = profile.leave(Origin::Command).await?;
            settle(&profile, recorded, offline).await
        }
        Command::Outbox { action } => outbox(device, action.unwrap_or(OutboxAction::List)).await,
        Command::Sync { mfa_code_stdin } => sync(device, mfa_code_stdin).await,
        Command::SignOut { discard } => sign_out(device, discard).await,
        Command::Config { .. }
        | Command::SupportBundle { .. }
        | Command::Completions { .. }
        | Command::Man { .. } => Err(UserError::internal("This command needs no device.")),
        #[cfg(feature = "sandbox")]
        Command::Demo { .. } | Command::Sandbox(_) | Command::Panic | Command::Drive => {
            Err(UserError::internal("This command needs no device."))
        }
    }
}

/// The profile in front, with what a dead process left on its way put right.
async fn open(device: &Device) -> Result<Profile, UserError> {
    let profile = device.signed_in_profile().await?;
    profile.recover().await?;
    Ok(profile)
}

async fn sign_in(device: &Device, user: &str) -> Result<Outcome, UserError> {
    device.origin()?;
    let password = password_from_stdin()?;
    let profile = device.sign_in(user, password).await?;
    // The list is fetched at once, and signing in succeeded even if that does not.
    if let Err(error) = profile.run_round_after_sign_in().await {
        tracing::warn!(%error, "the list could not be fetched after signing in");
    }
    let document = SignInDocument {
        profile: ProfileDocument::new(profile.id().user, profile.username()),
        token_expires_in_s: profile.token_expires_in().await?.unwrap_or_default(),
    };
    Ok(Outcome::done(document))
}

/// What `status` tells even where the files can't be read: that is what it is asked for then.
async fn status(device: &Device) -> Result<Outcome, UserError> {
    match status_as_read(device).await {
        Err(error) if error.kind().is_of_disk() => {
            tracing::error!(%error, "the files can't be read");
            let known = device.known_in_front().await.ok().flatten();
            let profile =
                known.map(|known| ProfileDocument::new(known.profile.user, known.username));
            let server_url = device.config().server_url.value.as_ref().map(ToString::to_string);
            let (elsewhere, storage) = (WaitingElsewhere::default(), Storage::Failed);
            Ok(Outcome::done(status_without_view(profile, server_url, elsewhere, storage)))
        }
        status => status,
    }
}

async fn status_as_read(device: &Device) -> Result<Outcome, UserError> {
    let elsewhere = device.waiting_elsewhere().await?;
    let server_url = device.config().server_url.value.as_ref().map(ToString::to_string);
    let profile = match server_url {
        Some(_) => device.profile_in_front().await?,
        None => None,
    };
    let Some(profile) = profile else {
        let storage = device.storage();
        return Ok(Outcome::done(status_without_view(None, server_url, elsewhere, storage)));
    };
    profile.recover().await?;
    let view = profile.view().await?;
    let secrets = profile.secrets_state().await;
    // A keyring that does not answer is asked once, and its silence is not the end of the token.
    let (token_expires_in_s, is_over) = match secrets {
        SecretsState::Ok | SecretsState::Damaged => {
            (profile.token_expires_in().await?, profile.is_token_over().await?)
        }
        _ => (None, false),
    };
    let mut status = status_of(&view, server_url, token_expires_in_s, is_over, elsewhere);
    status.secrets =
        Some(SecretsDocument { store: profile.secrets_in().as_str(), state: secrets.as_str() });
    Ok(Outcome::done(status))
}

fn status_without_view(
    profile: Option<ProfileDocument>,
    server_url: Option<String>,
    elsewhere: WaitingElsewhere,
    storage: Storage,
) -> StatusDocument {
    StatusDocument {
        profile,
        server_url,
        connection: connection_name(Connection::Unknown),
        connection_sentence: sentence_of(Connection::Unknown),
        token_expires_in_s: None,
        server_active: None,
        server_active_all: Vec::new(),
        shown_active: None,
        outbox: elsewhere.into(),
        snapshot: None,
        storage: storage_name(storage),
        secrets: None,
    }
}

fn status_of(
    view: &ProfileView,
    server_url: Option<String>,
    token_expires_in_s: Option<Seconds>,
    is_token_over: bool,
    elsewhere: WaitingElsewhere,
) -> StatusDocument {
    let counts = Counts::of(view.changes.iter());
    let snapshot = view.snapshot.as_ref();
    let active: Vec<_> = view.rows().into_iter().filter(|row| row.is_active).collect();
    let shown: Vec<_> =
        view.rows().into_iter().filter(|row| view.is_shown_active(row.warehouse.uuid)).collect();
    let waiting_target = view.waiting().and_then(|change| change.wish.target());
    let connection = if is_token_over { Connection::SignInAgain } else { view.sync.connection };
    StatusDocument {
        profile: Some(ProfileDocument::new(view.profile.user, view.username.clone())),
        server_url,
        connection: connection_name(connection),
        connection_sentence: sentence_of(connection),
        token_expires_in_s,
        server_active: only(&active).map(ActiveDocument::from),
        server_active_all: active.iter().map(|row| ActiveDocument::from(*row)).collect(),
        // The wished warehouse is shown even if a later list no longer has it.
        shown_active: waiting_target
            .map(ActiveDocument::from)
            .or_else(|| only(&shown).map(ActiveDocument::from)),
        outbox: OutboxCountsDocument {
            waiting: counts.waiting,
            needs_decision: counts.needs_decision,
            rejected_unseen: counts.rejected_unseen,
            ..elsewhere.into()
        },
        snapshot: snapshot.map(|snapshot| SnapshotDocument {
            fetched_at: timestamp(&snapshot.fetched_at),
            count: snapshot.assignments.len(),
        }),
        storage: storage_name(view.storage),
        secrets: None,
    }
}

fn only<'a, T>(items: &[&'a T]) -> Option<&'a T> {
    match items {
        [item] => Some(item),
        _ => None,
    }
}

async fn switch(device: &Device, reference: &str, offline: bool) -> Result<Outcome, UserError> {
    let profile = open(device).await?;
    let warehouse: WarehouseUuid = profile.resolve(reference, device.config()).await?;
    let recorded = profile.switch_to(warehouse, Origin::Command).await?;
    settle(&profile, recorded, offline).await
}

/// Tries to send what was recorded, and tells how it stands then.
async fn settle(
    profile: &Profile,
    recorded: Recorded,
    offline: bool,
) -> Result<Outcome, UserError> {
    // What was recorded is recorded, even if nothing can be sent: the failure must not look as if
    // nothing had been saved.
    if !offline && let Err(error) = profile.run_round_for(recorded).await {
        tracing::error!(%error, kind = error.kind().as_str(), "the change could not be sent");
    }
    match recorded {
        Recorded::AlreadySo => Ok(Outcome::done(OneChangeDocument {
            change: None,
            retry_after_s: profile.retry_after().await?,
        })),
        Recorded::New(seq)
        | Recorded::AlreadyWaiting(seq)
        | Recorded::DecidedMine(seq)
        | Recorded::DecidedTheirs(seq) => {
            let change = profile.change(seq).await?;
            Ok(Outcome {
                exit_code: exit_code_of(&change),
                document: OneChangeDocument {
                    change: Some(ChangeDocument::from(&change)),
                    retry_after_s: profile.retry_after().await?,
                }
                .into(),
            })
        }
    }
}

fn exit_code_of(change: &Change) -> u8 {
    match change.state {
        ChangeState::Confirmed | ChangeState::Discarded => exit_code::DONE,
        ChangeState::Rejected | ChangeState::Superseded => exit_code::FAILED,
        ChangeState::Queued | ChangeState::Sending | ChangeState::NeedsDecision => {
            exit_code::WAITING
        }
    }
}

async fn outbox(device: &Device, action: OutboxAction) -> Result<Outcome, UserError> {
    let profile = open(device).await?;
    let seq = match action {
        OutboxAction::List => {
            let changes = profile.changes().await?;
            let changes = changes.iter().map(ChangeDocument::from).collect();
            return Ok(Outcome::done(OutboxDocument { changes }));
        }
        OutboxAction::Undo { seq } => match profile.undo(Seq(seq)).await? {
            Undone::TakenBack(seq) => seq,
            Undone::WishedAgain(Recorded::AlreadySo) => Seq(seq),
            Undone::WishedAgain(
                Recorded::New(seq)
                | Recorded::AlreadyWaiting(seq)
                | Recorded::DecidedMine(seq)
                | Recorded::DecidedTheirs(seq),
            ) => seq,
        },
        OutboxAction::Seen { seq } => profile.mark_seen(Seq(seq)).await?,
        OutboxAction::Decide { seq, answer } => {
            let decision = if answer.mine { Decision::Mine } else { Decision::Theirs };
            profile.decide(Seq(seq), decision).await?
        }
    };
    let change = profile.change(seq).await?;
    Ok(Outcome::done(OneChangeDocument {
        change: Some(ChangeDocument::from(&change)),
        retry_after_s: None,
    }))
}

async fn sync(device: &Device, has_code: bool) -> Result<Outcome, UserError> {
    let profile = open(device).await?;
    let code = if has_code { code_from_stdin()? } else { None };
    let report = profile.sync(code).await?;
    let view = profile.view().await?;
    let counts = Counts::of(view.changes.iter());
    let moved = |state| report.moved.iter().filter(|change| change.state == state).count();
    let connection =
        if profile.is_token_over().await? { Connection::SignInAgain } else { view.sync.connection };
    if report.has_storage_failed {
        return Err(UserErrorKind::StorageFailed.into());
    }
    Ok(Outcome {
        exit_code: exit_code_of_sync(connection, counts.waiting, report.has_begun),
        document: SyncDocument {
            sent: report.sent,
            confirmed: moved(ChangeState::Confirmed),
            rejected: moved(ChangeState::Rejected),
            waiting: counts.waiting,
            needs_decision: counts.needs_decision,
            connection: connection_name(connection),
            connection_sentence: match connection {
                Connection::NeedsCode if report.is_code_refused => {
                    UserErrorKind::CodeRefused.sentence()
                }
                _ => sentence_of(connection),
            },
            retry_after_s: profile.retry_after().await?,
        }
        .into(),
    })
}

/// The first that fits, as the design's section 13 lists them. Where another process did not let go
/// of the right to send in time, nothing was asked, so nothing is done yet.
fn exit_code_of_sync(connection: Connection, waiting: usize, has_begun: bool) -> u8 {
    match connection {
        Connection::SignInAgain | Connection::NeedsCode => exit_code::SIGN_IN_AGAIN,
        Connection::Offline => exit_code::SERVER_UNREACHABLE,
        Connection::Online if waiting == 0 && has_begun => exit_code::DONE,
        _ => exit_code::WAITING,
    }
}

async fn sign_out(device: &Device, discard: bool) -> Result<Outcome, UserError> {
    let profile = open(device).await?;
    let has_work = Counts::of(profile.changes().await?.iter()) != Counts::default();
    if !discard
        && has_work
        && let Err(error) = profile.sync(None).await
    {
        // Signing out is never blocked: what could not be sent is kept.
        tracing::error!(%error, "what waits could not be sent");
    }
    let signed_out = device.sign_out(&profile, discard).await?;
    Ok(Outcome::done(SignOutDocument {
        removed: signed_out.is_removed,
        waiting: signed_out.waiting,
    }))
}

/// Reads a password from standard input.
fn password_from_stdin() -> Result<Password, UserError> {
    let text = line_from_stdin()?;
    if text.is_empty() {
        return Err(UserError::usage("Standard input was empty."));
    }
    Ok(Password::new(text))
}

/// Reads a code of the second factor from standard input. None is as good as no code: the server
/// says whether it wants one.
fn code_from_stdin() -> Result<Option<SecondFactorCode>, UserError> {
    let text = line_from_stdin()?;
    let is_blank = text.trim().is_empty();
    let code = SecondFactorCode::new(text);
    Ok((!is_blank).then_some(code))
}

/// Reads one secret from standard input, without the line end. It has room from the start, so that
/// no copy is left behind by growing.
fn line_from_stdin() -> Result<String, UserError> {
    let mut text = String::with_capacity(SECRET_BYTES_MAX + 1);
    std::io::stdin()
        .lock()
        .take(SECRET_BYTES_MAX as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|_| UserError::usage("Standard input could not be read."))?;
    // A part of a password is another password, and must not be tried.
    if text.len() > SECRET_BYTES_MAX {
        return Err(UserError::usage("Standard input held more than any password."));
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}

/// Prints what a command came to.
///
/// # Errors
/// If standard output is gone.
pub fn print(outcome: &Outcome, as_json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    outcome.document.write(&mut out, as_json)?;
    out.flush()
}

/// How it stands with the server, for people.
fn sentence_of(connection: Connection) -> &'static str {
    match connection {
        Connection::Online => "The server answers.",
        Connection::Unknown => "The server was not asked yet.",
        other => kind_of_connection(other).sentence(),
    }
}
