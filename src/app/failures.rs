//! From what went wrong inside to what people are told: the one place that knows both.

use crate::domain::connection::{Connection, TlsProblem};
use crate::domain::outbox::ActionRefused;
use crate::error::{UserError, UserErrorKind};
use crate::glue::{GlueFailure, GlueSetupError};
use crate::scanner::code::Unresolved;
use crate::session::secret_store::SecretStoreError;
use crate::session::sign_in::SignInError;
use crate::store::StoreError;

impl From<StoreError> for UserError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Full => UserErrorKind::StorageFull,
            StoreError::ReadOnly => UserErrorKind::StorageReadOnly,
            StoreError::Busy => UserErrorKind::StorageBusy,
            StoreError::Damaged(_) => UserErrorKind::StorageDamaged,
            StoreError::TooNew { .. } => UserErrorKind::StorageTooNew,
            _ => UserErrorKind::StorageFailed,
        };
        tracing::warn!(%error, "the database refused");
        kind.into()
    }
}

impl From<SecretStoreError> for UserError {
    fn from(error: SecretStoreError) -> Self {
        tracing::warn!(%error, "the secret store refused");
        match error {
            SecretStoreError::Missing => Self::new(
                UserErrorKind::KeyringLocked,
                "There is no keyring (Secret Service) on this device; see the key secret_store.",
            ),
            error if error.is_passing() => UserErrorKind::KeyringLocked.into(),
            _ => UserErrorKind::StorageFailed.into(),
        }
    }
}

impl From<ActionRefused> for UserError {
    fn from(refused: ActionRefused) -> Self {
        match refused {
            ActionRefused::NeverSynced => UserErrorKind::NeverSynced,
            ActionRefused::NotAssigned => UserErrorKind::NotAssigned,
            ActionRefused::Closed => UserErrorKind::WarehouseClosed,
            ActionRefused::NoSuchChange => UserErrorKind::NoSuchChange,
            ActionRefused::NotPossible => UserErrorKind::NotPossible,
        }
        .into()
    }
}

impl From<GlueSetupError> for UserError {
    fn from(error: GlueSetupError) -> Self {
        Self::configuration(format!("The connection can't be set up: {error}."))
    }
}

impl From<SignInError> for UserError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => UserErrorKind::SignInRefused.into(),
            SignInError::NoUserInToken => Self::new(
                UserErrorKind::NotAllowed,
                "The server's token names no user that can have warehouses.",
            ),
            SignInError::Failure(failure) => (&failure).into(),
        }
    }
}

impl From<&GlueFailure> for UserError {
    fn from(failure: &GlueFailure) -> Self {
        match failure {
            GlueFailure::Refused { code, message } => {
                Self::new(UserErrorKind::SignInRefused, message).with_reference(code)
            }
            other => kind_of_connection(other.connection()).into(),
        }
    }
}

/// The error that a connection in this state is, for whoever asked for something just now.
pub fn kind_of_connection(connection: Connection) -> UserErrorKind {
    match connection {
        Connection::Unknown | Connection::Online | Connection::ServerTrouble => {
            UserErrorKind::ServerTrouble
        }
        Connection::Offline => UserErrorKind::ServerUnreachable,
        Connection::SignInAgain => UserErrorKind::SignInAgain,
        Connection::NeedsCode => UserErrorKind::NeedsCode,
        Connection::WifiSignIn => UserErrorKind::WifiSignIn,
        Connection::ProxySignIn => UserErrorKind::ProxySignIn,
        Connection::WrongServer => UserErrorKind::WrongServer,
        Connection::TlsFailed(TlsProblem::ClockWrong) => UserErrorKind::TlsClock,
        Connection::TlsFailed(TlsProblem::Expired) => UserErrorKind::TlsExpired,
        Connection::TlsFailed(TlsProblem::UnknownAuthority) => UserErrorKind::TlsAuthority,
        Connection::TlsFailed(TlsProblem::NameMismatch) => UserErrorKind::TlsName,
        Connection::TlsFailed(TlsProblem::Other) => UserErrorKind::TlsFailed,
        Connection::NotAllowed => UserErrorKind::NotAllowed,
        Connection::AccountUnknown => UserErrorKind::AccountUnknown,
    }
}

impl From<Unresolved> for UserError {
    fn from(unresolved: Unresolved) -> Self {
        let kind = match unresolved {
            Unresolved::NotAssigned(_) => UserErrorKind::NotAssigned,
            Unresolved::Ambiguous => UserErrorKind::AmbiguousWarehouse,
            Unresolved::Pallet => UserErrorKind::PalletLabel,
            Unresolved::Article => UserErrorKind::ArticleLabel,
            Unresolved::Party => UserErrorKind::PartyCode,
            Unresolved::Unknown => UserErrorKind::UnknownWarehouse,
        };
        kind.into()
    }
}
