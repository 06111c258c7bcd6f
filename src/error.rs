//! Failures as people are told of them: a kind that the window translates, a sentence for the
//! command line, and a reference for support. Never a secret, never a raw answer of a server.

use std::fmt;

/// How a process ends; scripts rely on these (the values of `sysexits.h` where one fits).
pub mod exit_code {
    /// Done.
    pub const DONE: u8 = 0;
    /// Refused or failed.
    pub const FAILED: u8 = 1;
    /// The command was not understood.
    pub const USAGE: u8 = 2;
    /// Nobody answered (`EX_UNAVAILABLE`).
    pub const SERVER_UNREACHABLE: u8 = 69;
    /// A fault of the program itself (`EX_SOFTWARE`).
    pub const INTERNAL: u8 = 70;
    /// A window is open already (`EX_CANTCREAT`).
    pub const SECOND_WINDOW: u8 = 73;
    /// Nothing could be saved (`EX_IOERR`).
    pub const STORAGE: u8 = 74;
    /// Recorded, but not there yet (`EX_TEMPFAIL`).
    pub const WAITING: u8 = 75;
    /// A person must sign in, or type a code (`EX_NOPERM`).
    pub const SIGN_IN_AGAIN: u8 = 77;
    /// The configuration can't be used (`EX_CONFIG`).
    pub const CONFIGURATION: u8 = 78;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident => $name:literal, $code:ident, $sentence:literal;)*) => {
        /// What went wrong, as far as a person has to tell it apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum UserErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl UserErrorKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name that scripts see.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How a command that fails by this ends.
            pub const fn exit_code(self) -> u8 {
                match self { $(Self::$kind => exit_code::$code,)* }
            }

            /// One English sentence for the person at the command line.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $sentence,)* }
            }
        }
    };
}

kinds! {
    /// The disk has no room.
    StorageFull => "storage_full", STORAGE,
        "Nothing was saved: the disk is full.";
    /// The disk or the file may not be written.
    StorageReadOnly => "storage_read_only", STORAGE,
        "Nothing was saved: the files can't be written.";
    /// Another process holds the database and did not let go in time.
    StorageBusy => "storage_busy", STORAGE,
        "Nothing was saved: another process holds the database.";
    /// The database is damaged.
    StorageDamaged => "storage_damaged", STORAGE,
        "Nothing was saved: the database is damaged.";
    /// The database was made by a newer version of the app.
    StorageTooNew => "storage_too_new", STORAGE,
        "The database was made by a newer version of Wareswitch; install that one.";
    /// Any other fault of the disk.
    StorageFailed => "storage_failed", STORAGE,
        "Nothing was saved: the disk reported an error.";
    /// Nobody is signed in.
    NotSignedIn => "not_signed_in", SIGN_IN_AGAIN,
        "Nobody is signed in on this device.";
    /// User name or password were not accepted.
    SignInRefused => "sign_in_refused", SIGN_IN_AGAIN,
        "The server did not accept this user name and password.";
    /// The token is over.
    SignInAgain => "sign_in_again", SIGN_IN_AGAIN,
        "Sign in again to go on sending.";
    /// The server wants a code of the second factor.
    NeedsCode => "needs_code", SIGN_IN_AGAIN,
        "The server wants a code of the second factor.";
    /// The keyring with the tokens is locked, or does not answer.
    KeyringLocked => "keyring_locked", SIGN_IN_AGAIN,
        "The keyring is locked or does not answer; unlock it and try again.";
    /// The window is locked.
    Locked => "locked", FAILED,
        "The window is locked.";
    /// That was not the PIN.
    PinWrong => "pin_wrong", FAILED,
        "That is not the PIN.";
    /// The PIN was tried too often.
    PinBlocked => "pin_blocked", SIGN_IN_AGAIN,
        "The PIN was wrong too often; only the password helps now.";
    /// What was typed as a new PIN can't be one.
    PinUnfit => "pin_unfit", FAILED,
        "A PIN has 4 to 12 digits and is no row such as 1234.";
    /// The server did not take the code of the second factor.
    CodeRefused => "code_refused", SIGN_IN_AGAIN,
        "The server did not accept this code.";
    /// What was typed again was not the same PIN.
    PinMismatch => "pin_mismatch", FAILED,
        "The second PIN was not the same as the first.";
    /// The account may not do this.
    NotAllowed => "not_allowed", FAILED,
        "This account may not switch warehouses; ask IT.";
    /// The server does not know the account any more.
    AccountUnknown => "account_unknown", FAILED,
        "The server no longer knows this account; ask IT.";
    /// Nobody answered.
    ServerUnreachable => "server_unreachable", SERVER_UNREACHABLE,
        "The server can't be reached.";
    /// The name in the server's address means nothing here.
    ServerNameUnknown => "server_name_unknown", SERVER_UNREACHABLE,
        "The name of this server is not known here.";
    /// The name in the address is known, and nothing answers there.
    NothingAnswers => "nothing_answers", SERVER_UNREACHABLE,
        "Nothing answers at this address.";
    /// The server answered, but not usefully.
    ServerTrouble => "server_trouble", WAITING,
        "The server is in trouble; it is tried again later.";
    /// Something between here and the server wants a sign-in of its own.
    WifiSignIn => "wifi_sign_in", WAITING,
        "This network wants a sign-in of its own before it lets anything through.";
    /// The proxy wants a sign-in.
    ProxySignIn => "proxy_sign_in", WAITING,
        "The proxy of this network wants a sign-in; ask IT.";
    /// What answered is no Glue backend, or one too old.
    WrongServer => "wrong_server", WAITING,
        "What answers at this address is not a Glue backend that is understood.";
    /// The connection can't be made safe, since the clock is wrong.
    TlsClock => "tls_failed", SERVER_UNREACHABLE,
        "Nothing was sent: the date or time of this device is wrong, so no certificate can be \
         checked.";
    /// The connection can't be made safe: the certificate is over.
    TlsExpired => "tls_failed", SERVER_UNREACHABLE,
        "Nothing was sent: the server's certificate has expired, or the date of this device is \
         wrong.";
    /// The connection can't be made safe: nobody known vouches for the server.
    TlsAuthority => "tls_failed", SERVER_UNREACHABLE,
        "Nothing was sent: the server's certificate is from an authority that this device does \
         not know (see ca_file).";
    /// The connection can't be made safe: the certificate is somebody else's.
    TlsName => "tls_failed", SERVER_UNREACHABLE,
        "Nothing was sent: the server's certificate is made out for another name.";
    /// The connection can't be made safe for another reason.
    TlsFailed => "tls_failed", SERVER_UNREACHABLE,
        "Nothing was sent: the connection to the server can't be made safe.";
    /// The address is none, or would send secrets in the clear.
    AddressNotAllowed => "address_not_allowed", CONFIGURATION,
        "This server address can't be used.";
    /// What was scanned is no set-up code, or one that can't be used.
    SetUpCode => "set_up_code", CONFIGURATION,
        "This set-up code can't be used.";
    /// Nobody that the device trusts answers for the set-up code.
    SetUpCodeNotTrusted => "set_up_code_not_trusted", CONFIGURATION,
        "This set-up code was not signed by your IT.";
    /// A newer set-up code was used on this device.
    SetUpCodeReplaced => "set_up_code_replaced", CONFIGURATION,
        "This set-up code was replaced by a newer one.";
    /// The server can't be changed while something waits for the present one.
    ChangesWait => "changes_wait", FAILED,
        "Changes wait for the present server; send them first.";
    /// The configuration can't be used.
    Configuration => "configuration", CONFIGURATION,
        "The configuration can't be used.";
    /// The list was never fetched, so nothing is known that could be chosen.
    NeverSynced => "never_synced", FAILED,
        "The list of warehouses was never fetched on this device.";
    /// The warehouse is not one of the user's.
    NotAssigned => "not_assigned", FAILED,
        "This warehouse is not assigned to you.";
    /// The warehouse is closed.
    WarehouseClosed => "warehouse_closed", FAILED,
        "This warehouse is closed.";
    /// No warehouse is known by that name or code.
    UnknownWarehouse => "unknown_warehouse", FAILED,
        "No warehouse is known by this name or code.";
    /// The code is the label of a logistic unit.
    PalletLabel => "pallet_label", FAILED,
        "That is a pallet label (00), not a warehouse.";
    /// The code is the label of an article.
    ArticleLabel => "article_label", FAILED,
        "That is an article (01), not a warehouse.";
    /// The code is a GLN in another role than a place.
    PartyCode => "party_code", FAILED,
        "That is a party code, not this place.";
    /// More than one warehouse goes by that name.
    AmbiguousWarehouse => "ambiguous_warehouse", FAILED,
        "More than one warehouse has this name; use its uuid.";
    /// No change has that number.
    NoSuchChange => "no_such_change", FAILED,
        "There is no such change.";
    /// The change is past the point where this was possible.
    NotPossible => "not_possible", FAILED,
        "This is not possible for the change any more.";
    /// A window is open already.
    SecondWindow => "second_window", SECOND_WINDOW,
        "Wareswitch is open already.";
    /// The command was not understood.
    Usage => "usage", USAGE,
        "The command was not understood.";
    /// A fault of the program.
    Internal => "internal", INTERNAL,
        "Something went wrong inside Wareswitch.";
}

impl UserErrorKind {
    /// Whether the disk or a file is at fault, and not the version of the program.
    pub const fn is_of_disk(self) -> bool {
        matches!(
            self,
            Self::StorageFull
                | Self::StorageReadOnly
                | Self::StorageBusy
                | Self::StorageDamaged
                | Self::StorageFailed
        )
    }

    /// Whether the same action may work later without anybody changing anything.
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::StorageBusy
                | Self::ServerUnreachable
                | Self::ServerNameUnknown
                | Self::NothingAnswers
                | Self::ServerTrouble
                | Self::WifiSignIn
                | Self::ProxySignIn
        )
    }
}

/// A failure, ready to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    kind: UserErrorKind,
    message: Option<String>,
    reference: Option<String>,
}

impl UserError {
    /// A failure with a sentence of its own, where the kind's says too little.
    pub fn new(kind: UserErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: Some(message.into()), reference: None }
    }

    /// The command was not understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(UserErrorKind::Usage, message)
    }

    /// The configuration can't be used.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(UserErrorKind::Configuration, message)
    }

    /// A fault of the program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(UserErrorKind::Internal, message)
    }

    /// Adds what support needs to find the matter again, such as the server's code.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> UserErrorKind {
        self.kind
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_else(|| self.kind.sentence())
    }

    /// What support needs to find the matter again.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

impl From<UserErrorKind> for UserError {
    fn from(kind: UserErrorKind) -> Self {
        Self { kind, message: None, reference: None }
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message())?;
        match &self.reference {
            Some(reference) => write!(formatter, " ({reference})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UserError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_name_and_a_whole_sentence_of_its_own() {
        let sentences: BTreeSet<&str> =
            UserErrorKind::ALL.iter().map(|kind| kind.sentence()).collect();
        let is_tls = |kind: &&UserErrorKind| kind.as_str() == "tls_failed";
        let others: Vec<_> = UserErrorKind::ALL.iter().filter(|kind| !is_tls(kind)).collect();
        let names: BTreeSet<&str> = others.iter().map(|kind| kind.as_str()).collect();

        assert_eq!(sentences.len(), UserErrorKind::ALL.len());
        // Scripts see one name for all faults of TLS; people are told apart what they can do.
        assert_eq!(names.len(), others.len());
        for kind in UserErrorKind::ALL {
            assert!(kind.sentence().ends_with('.'), "{kind:?}");
            assert_ne!(kind.exit_code(), exit_code::DONE, "{kind:?}");
        }
    }

    #[test]
    fn a_reference_for_support_stands_behind_the_sentence() {
        let error = UserError::from(UserErrorKind::NotAllowed).with_reference("5204");

        assert!(error.to_string().ends_with("ask IT. (5204)"));
    }
}
