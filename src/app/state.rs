//! What the app tells the window, and what the window asks of the app.
//!
//! The window holds no truth of its own: it shows the latest [`AppState`] and sends [`Command`]s.
//! Everything here is plain values, so that a presenter can be tested without a window.

use std::path::PathBuf;

use crate::config::set_up::SetUp;
use crate::domain::change::Origin;
use crate::domain::ids::{ProfileId, Seq, ServerOrigin, WarehouseUuid};
use crate::domain::preferences::Preference;
use crate::domain::time::Moment;
use crate::domain::view::ProfileView;
use crate::error::UserErrorKind;
use crate::glue::{Password, SecondFactorCode};
use crate::scanner::misreading::Misreading;
use crate::session::pin::Pin;

use super::device::KnownUser;

/// Everything the window shows, as one value. A newer one replaces an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppState {
    /// The server that the device is set up for.
    pub server: ServerSetting,
    /// The users known on this device for this server, the last one first.
    pub users: Vec<KnownUser>,
    /// Whether names are hidden until somebody opens a profile.
    pub is_locked: bool,
    /// How opening a profile goes.
    pub unlocking: Progress,
    /// What can be done about the PIN of the profile in front.
    pub pin: PinSettings,
    /// How setting it goes.
    pub setting_pin: Progress,
    /// Where the secrets of the profile in front are.
    pub secrets: SecretsNote,
    /// Changes that wait for a server that the device was set up for before.
    pub other_servers: usize,
    /// How the sign-in that was asked for goes.
    pub sign_in: Progress,
    /// How the set-up that was asked for goes.
    pub set_up: Progress,
    /// What a scanned set-up code brings, until somebody agrees or not.
    pub set_up_code: Option<SetUp>,
    /// What the last scan on the scanner's test page came to.
    pub tried_scan: Option<TriedScan>,
    /// Where the report for support was saved.
    pub report: Option<PathBuf>,
    /// The profile in front; `None` while nobody is signed in.
    pub profile: Option<ProfileView>,
    /// Whether the token is over, so that only signing in again sends anything.
    pub is_token_over: bool,
    /// How asking for the code of the second factor goes.
    pub second_factor: SecondFactor,
    /// Whole minutes until the token ends, once that is less than 30.
    pub token_ends_in_minutes: Option<u32>,
    /// The change that can be undone from the bar, for 5 s after a tap.
    pub undo: Option<Seq>,
    /// Why what is kept on this device could not be opened. There is nothing else to show then, and
    /// any command tries again.
    pub unopened: Option<UserErrorKind>,
    /// What the latest command came to, until the next one.
    pub notice: Option<Notice>,
    /// The instant this was put together, for ages.
    pub now: Moment,
    /// Whom to ask, in IT's own words.
    pub support_text: Option<String>,
    /// The switches of the demo; `None` outside it.
    pub demo: Option<DemoState>,
}

impl AppState {
    /// What there is to show before anything was read.
    pub fn new(server: ServerSetting, now: Moment) -> Self {
        Self {
            server,
            users: Vec::new(),
            is_locked: false,
            unlocking: Progress::Idle,
            pin: PinSettings::default(),
            setting_pin: Progress::Idle,
            secrets: SecretsNote::Nobody,
            other_servers: 0,
            sign_in: Progress::Idle,
            set_up: Progress::Idle,
            set_up_code: None,
            tried_scan: None,
            report: None,
            profile: None,
            is_token_over: false,
            second_factor: SecondFactor::default(),
            token_ends_in_minutes: None,
            undo: None,
            unopened: None,
            notice: None,
            now,
            support_text: None,
            demo: None,
        }
    }
}

/// The server address as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerSetting {
    /// None yet: the set-up page is shown.
    Missing,
    /// There is one, and it can't be used; the sentence for support says why.
    Unusable {
        /// Where it is configured.
        text: String,
        /// Why it can't be used, in English.
        problem: String,
    },
    /// A server.
    Set {
        /// Its address.
        origin: ServerOrigin,
        /// Whether a policy forbids changing it.
        is_locked: bool,
    },
}

/// How something that takes time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing asked for, or done.
    Idle,
    /// Under way.
    Busy,
    /// It came to nothing.
    Failed(UserErrorKind),
}

/// How asking for the code of the second factor goes, while the server wants one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whether the last code was not accepted.
    pub is_code_refused: bool,
    /// How having a new code sent goes.
    pub new_code: NewCode,
}

/// How having a new code sent goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewCode {
    /// Not asked for.
    #[default]
    NotAsked,
    /// The server is being asked.
    Asked,
    /// The server sent one.
    Sent,
    /// The server did not.
    Failed(UserErrorKind),
}

/// What can be done about a PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PinSettings {
    /// Whether IT allows PINs.
    pub can_set: bool,
    /// Whether it may be taken away.
    pub can_remove: bool,
    /// Whether there is one.
    pub is_set: bool,
    /// Whether IT wants one and there is none.
    pub must_be_set: bool,
    /// Whether it takes the old one to set a new one.
    pub needs_current: bool,
}

/// Where the secrets of the profile in front are, as far as the worker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretsNote {
    /// Nobody is in front.
    Nobody,
    /// In a file that only this user of the system can read.
    InFile,
    /// In the keyring.
    InKeyring,
    /// In a keyring that is locked or does not answer: nothing is sent until it does.
    OutOfReach,
}

/// What a command of the worker came to. Each has its sound, vibration and colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Counts up, so that the same outcome twice is noticed twice.
    pub number: u64,
    /// What happened.
    pub kind: NoticeKind,
    /// The warehouse concerned, if one is.
    pub warehouse_name: Option<String>,
}

/// What a scan would have come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedScan {
    /// Counts up.
    pub number: u64,
    /// What it means.
    pub meaning: ScanMeaning,
    /// What may have happened to it on its way.
    pub misreading: Option<Misreading>,
}

/// What a scanned code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanMeaning {
    /// The user's warehouse with this name.
    Warehouse(String),
    /// A set-up code, be it a good one or not.
    SetUpCode,
    /// None of the user's warehouses; the kind says what it is instead.
    Nothing(UserErrorKind),
}

/// The kinds of outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A wish is safely recorded and will be sent.
    Accepted,
    /// It is so already.
    AlreadySo,
    /// The same code was scanned again at once; nothing follows from it.
    SameScan,
    /// A scan was longer than any code.
    LongScan,
    /// A scan did not arrive as a whole.
    UnclearScan,
    /// A wish was taken back.
    Undone,
    /// Nothing was recorded; the kind says why.
    NotAccepted(UserErrorKind),
    /// The server refused, some time after the tap.
    RefusedLater,
    /// The worker is active in another warehouse than they left: somebody switched meanwhile.
    ActiveElsewhere,
    /// A tap went through although another warehouse had become active meanwhile.
    Replaced,
    /// A PIN was set.
    PinSet,
    /// The PIN was removed.
    PinRemoved,
}

/// The demo's two switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoState {
    /// Whether the demo's server can't be reached.
    pub is_offline: bool,
}

/// What a person asks of the app.
#[derive(Debug)]
pub enum Command {
    /// Use this server from now on.
    SetServer {
        /// The address as typed.
        address: String,
    },
    /// Offer what this set-up code brings.
    ReadSetUpCode {
        /// The code as scanned.
        text: String,
    },
    /// Set the device up as the offered code says.
    UseSetUpCode,
    /// Forget the offered code.
    DropSetUpCode,
    /// Save the report for support.
    SaveReport,
    /// Get a token for this user.
    SignIn {
        /// The user name as typed.
        username: String,
        /// The password, for one request.
        password: Password,
    },
    /// Make a warehouse active.
    Activate {
        /// Which.
        warehouse: WarehouseUuid,
        /// How it was pointed at.
        origin: Origin,
    },
    /// A code was scanned: make the warehouse active that it means.
    Scanned {
        /// The code as it was read.
        code: String,
    },
    /// A scan from which nothing follows.
    ScannedInVain(InVain),
    /// The scanner's test page is in front, or no longer: scans switch nothing meanwhile.
    TestScanner(bool),
    /// A code was scanned on the scanner's test page: say what it means, and do nothing.
    TryScan {
        /// The code as it was read.
        code: String,
    },
    /// Be active in no warehouse.
    Leave,
    /// Take a change back.
    Undo {
        /// Which.
        seq: Seq,
    },
    /// Answer a question.
    Decide {
        /// The change in question.
        seq: Seq,
        /// The answer.
        decision: Decision,
    },
    /// A rejection has been understood.
    MarkSeen {
        /// Of which change.
        seq: Seq,
    },
    /// Send what waits and fetch the list, now.
    SendNow,
    /// The worker typed a code of the second factor.
    EnterCode(SecondFactorCode),
    /// Have the server send a new code.
    SendNewCode,
    /// Somebody touched the window: a list older than `list_max_age` is fetched.
    Touched,
    /// The window is in front again, or no longer.
    InFront(bool),
    /// Hide all names until somebody opens a profile.
    Lock,
    /// Open the profile of somebody who is known on the device.
    Unlock {
        /// Whose.
        profile: ProfileId,
        /// Their PIN, if it takes one.
        pin: Option<Pin>,
    },
    /// Set, change or remove the PIN of the profile in front.
    SetPin {
        /// The PIN until now, if there is one.
        current: Option<Pin>,
        /// The new one; `None` removes it.
        new: Option<Pin>,
    },
    /// Have the person asked to unlock the keyring.
    UnlockKeyring,
    /// Keep a choice of the person in front.
    Choose(Preference),
    /// Sign the user out; with `discard` even if a change waits.
    SignOut {
        /// Give up what waits.
        discard: bool,
    },
    /// Only in the demo: cut or restore the network.
    DemoOffline(bool),
    /// Only in the demo: another device makes another warehouse active.
    DemoOtherDevice,
}

/// Why nothing follows from a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InVain {
    /// The same code was scanned again at once.
    SameAgain,
    /// It is longer than any code.
    TooLong,
    /// Keys may be missing, or a person's among them.
    Unclear,
}

/// The two answers to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Switch as wished.
    Mine,
    /// Stay with what the server has.
    Theirs,
}
