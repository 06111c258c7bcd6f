//! What the window shows, as plain values.

pub use super::scanner_test::{AdviceKind, AdviceView, ArrivedView, ScannerTestView};
pub use super::times::{DayView, TimeView};
use crate::app::state::{DemoState, NewCode, PinSettings, SecretsNote};
use crate::domain::change::ChangeState;
use crate::domain::connection::TlsProblem;
use crate::domain::ids::{Seq, UserUuid, WarehouseUuid};
use crate::error::UserErrorKind;
use crate::gui::controller::typed_digits::TypedDigits;
use crate::gui::controller::window_state::{Appearance, Page};

/// The whole window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowView {
    /// The page in front.
    pub page: Page,
    /// How it stands with the server.
    pub strip: StripView,
    /// A matter that can wait a little.
    pub banner: Option<BannerView>,
    /// What the last tap came to.
    pub bar: Option<BarView>,
    /// The question that is open and was not put aside.
    pub question: Option<QuestionView>,
    /// The sheet that asks for a code of the second factor.
    pub code: Option<CodeView>,
    /// The warehouses.
    pub home: HomeView,
    /// The changes.
    pub outbox: OutboxView,
    /// The form for the server's address.
    pub set_up: FormView,
    /// The form for user name and password.
    pub sign_in: FormView,
    /// The server.
    pub server: ServerView,
    /// Whoever is known on this device.
    pub users: Vec<UserView>,
    /// The page on which a PIN is typed.
    pub pin: PinView,
    /// What a scanned set-up code brings.
    pub set_up_code: Option<SetUpCodeView>,
    /// What a scanner sent on its test page.
    pub scanner_test: ScannerTestView,
    /// The settings.
    pub settings: SettingsView,
    /// Why nothing on the device could be opened.
    pub unopened: Option<UserErrorKind>,
    /// The demo's switches.
    pub demo: Option<DemoState>,
    /// Whom to ask, in IT's own words.
    pub support_text: String,
}

/// The status strip: always one kind, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripView {
    /// Which.
    pub kind: StripKind,
    /// How many changes wait.
    pub waiting: usize,
    /// Since when it stands so, where that helps.
    pub since: Option<TimeView>,
    /// When the list was fetched.
    pub list_from: Option<TimeView>,
}

/// The kinds of the status strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripKind {
    /// There is no usable server address.
    NotSetUp,
    /// Nobody is signed in.
    SignedOut,
    /// The very first list is awaited.
    Fetching,
    /// Nothing waits.
    AllSent,
    /// A change is on its way, or will be at once.
    Sending,
    /// Nobody can be reached.
    Offline,
    /// The token is over.
    SignInAgain,
    /// The second factor's code is wanted.
    NeedsCode,
    /// A question is open.
    NeedsDecision,
    /// The server has several active and nothing waits.
    TwoActive,
    /// A change was refused and the worker has not seen it.
    Refused,
    /// The server answers, but not usefully.
    ServerTrouble,
    /// A captive portal stands between.
    WifiSignIn,
    /// The proxy wants a sign-in.
    ProxySignIn,
    /// Something else answers there.
    WrongServer,
    /// The connection can't be trusted.
    Unsafe(TlsProblem),
    /// The account may not switch.
    NotAllowed,
    /// The server does not know the account any more.
    AccountUnknown,
    /// Nothing can be saved.
    CannotSave,
}

/// What stands above the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BannerView {
    /// Nothing is sent before somebody signs in.
    SignInAgain,
    /// The token ends soon.
    TokenEnds {
        /// In how many minutes.
        minutes: u32,
    },
    /// A damaged file was put aside.
    StorageRecovered,
    /// Nothing is sent before the keyring is unlocked.
    KeyringOutOfReach,
    /// Changes wait for a server that the device was set up for before.
    OtherServers {
        /// How many.
        waiting: usize,
    },
}

/// The line at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarView {
    /// What happened.
    pub kind: BarKind,
    /// The warehouse concerned, if one is.
    pub name: Option<String>,
    /// What can be undone.
    pub undo: Option<Seq>,
}

/// The kinds of the line at the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// A switch that can be undone.
    Switched,
    /// A leave that can be undone.
    Left,
    /// A wish is safely recorded.
    Accepted,
    /// It was so already.
    AlreadySo,
    /// The same code was scanned again within a second.
    SameScan,
    /// A scan was longer than any code.
    LongScan,
    /// A scan did not arrive as a whole.
    UnclearScan,
    /// A wish was taken back.
    Undone,
    /// Nothing was recorded.
    NotAccepted(UserErrorKind),
    /// The server refused, some time after the tap.
    RefusedLater,
    /// Somebody made another warehouse active.
    ActiveElsewhere,
    /// A tap went through although another warehouse had become active meanwhile.
    Replaced,
    /// A PIN was set.
    PinSet,
    /// The PIN was removed.
    PinRemoved,
}

/// Somebody who is known on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    /// Who.
    pub user: UserUuid,
    /// The name typed at sign-in.
    pub name: String,
    /// How many changes of theirs wait.
    pub waiting: usize,
    /// Whether theirs is the profile that was open last.
    pub is_in_front: bool,
    /// Whether only the password opens it.
    pub takes_password: bool,
}

/// The page on which a PIN is typed, or a locked profile is opened by a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinView {
    /// What it asks for.
    pub step: PinStepView,
    /// Whose profile is opened.
    pub name: String,
    /// How many digits are typed.
    pub typed: usize,
    /// Whether they can be a PIN.
    pub can_submit: bool,
    /// Whether it is being checked.
    pub is_busy: bool,
    /// Why it has to be typed again.
    pub error: Option<UserErrorKind>,
    /// How often it may still be tried, once it was wrong.
    pub tries_left: Option<u32>,
    /// Whether there is a page to go back to.
    pub can_go_back: bool,
}

/// What the page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinStepView {
    /// A tap.
    Tap,
    /// The PIN that opens the profile.
    Unlock,
    /// The PIN until now.
    Current,
    /// A new one.
    New,
    /// The new one again.
    Repeat,
}

/// A question to the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionView {
    /// The change in question.
    pub seq: Seq,
    /// Whether it is asked because the wish is old, rather than because somebody switched.
    pub is_stale: bool,
    /// The wished warehouse; `None` if the wish was to leave.
    pub wished: Option<String>,
    /// The names of what is active on the server.
    pub active: Vec<String>,
    /// When it was wished.
    pub wished_at: Option<TimeView>,
}

/// The sheet that asks for a code of the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// What is typed of it.
    pub typed: TypedDigits,
    /// Whether the last one is being tried.
    pub is_busy: bool,
    /// Whether the last one was not accepted.
    pub is_refused: bool,
    /// How having a new one sent goes.
    pub new_code: NewCode,
}

/// The page of warehouses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeView {
    /// The card and the rows.
    pub rows: Vec<RowView>,
    /// Which row the arrow keys chose.
    pub selected: Option<usize>,
    /// Whether there are enough to search.
    pub is_search_shown: bool,
    /// Why there are none.
    pub empty: Option<EmptyView>,
}

/// Why there is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyView {
    /// None was fetched yet.
    NeverSynced,
    /// The server has none for this user.
    NoneAssigned,
}

/// One row of the page, or the card on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowView {
    /// The warehouse; `None` for what stands for none.
    pub warehouse: Option<WarehouseUuid>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RowKind,
    /// What is special about it.
    pub mark: Option<RowMark>,
    /// The digit key that switches to it.
    pub digit: Option<u8>,
}

impl RowView {
    /// Whether it can be switched to.
    pub fn is_choice(&self) -> bool {
        self.kind == RowKind::Open
    }
}

/// The kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The card of the active warehouse.
    Active,
    /// The card that says that none is active.
    NothingActive,
    /// The card that says that several are.
    TwoActive,
    /// A warehouse to switch to.
    Open,
    /// A closed warehouse.
    Closed,
    /// The search found nothing.
    NoMatch,
}

/// What is special about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowMark {
    /// Not on the server yet.
    WillBeSent,
    /// On its way.
    Sending,
    /// The worker is asked.
    NeedsDecision,
    /// Active on the server until what waits is sent.
    StillActive,
    /// One of several that the server has active.
    OneOfTwo,
}

/// The page of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxView {
    /// All, the newest first.
    pub changes: Vec<ChangeRow>,
    /// Whether there is something to send.
    pub can_send_now: bool,
    /// How many wait or were refused unseen.
    pub attention: usize,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Which.
    pub seq: Seq,
    /// The wished warehouse; `None` if the wish was to leave.
    pub name: Option<String>,
    /// Where it stands.
    pub state: ChangeState,
    /// When it was recorded.
    pub recorded_at: Option<TimeView>,
    /// How often it was sent.
    pub attempts: u32,
    /// Why it stands there.
    pub reason: Option<ReasonKind>,
    /// The warehouses that the reason speaks of.
    pub reason_names: Vec<String>,
    /// The server's code and words, for support.
    pub small_print: String,
    /// Whether it can be taken back.
    pub can_undo: bool,
    /// Whether it waits for an answer.
    pub can_decide: bool,
    /// Whether it was refused and not seen.
    pub can_mark_seen: bool,
}

/// The kinds of reasons, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// No longer assigned.
    NoLongerAssigned,
    /// Closed.
    WarehouseClosed,
    /// Refused by the server.
    ServerRefused,
    /// Somebody switched.
    SwitchedMeanwhile,
    /// Old.
    Stale,
    /// Left, but active elsewhere.
    ActiveElsewhere,
    /// Another one was active.
    Replaced,
    /// Undone.
    Undone,
    /// The worker stayed with the server's word.
    Theirs,
    /// Given up at sign-out.
    SignedOut,
}

/// A form that takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormView {
    /// Whether an answer is awaited.
    pub is_busy: bool,
    /// Why the last try came to nothing.
    pub error: Option<UserErrorKind>,
    /// Whether there is a page to go back to.
    pub can_go_back: bool,
}

/// The server, as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerView {
    /// The whole address.
    pub text: String,
    /// The host alone.
    pub host: String,
    /// Why it can't be used, for support.
    pub problem: String,
    /// Whether others can read what is sent.
    pub is_cleartext: bool,
    /// Whether no policy forbids changing it.
    pub can_change: bool,
}

/// What a scanned set-up code brings, before anybody agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUpCodeView {
    /// The server; empty if that stays as it is.
    pub host: String,
    /// Whether the way there is not protected.
    pub is_cleartext: bool,
    /// Whether somebody signed it whom the device trusts.
    pub is_signed: bool,
    /// How many settings there are beside the address.
    pub others: usize,
}

/// The page of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsView {
    /// Theme and language.
    pub appearance: Appearance,
    /// Who is signed in.
    pub username: String,
    /// The sheet for signing out.
    pub sign_out: SignOutView,
    /// How many changes wait.
    pub waiting: usize,
    /// What can be done about the PIN.
    pub pin: PinSettings,
    /// Where the secrets are.
    pub secrets: SecretsNote,
    /// Where the report for support was saved; empty before that.
    pub report: String,
}

/// The steps of signing out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOutView {
    /// Not asked for.
    Closed,
    /// A plain question.
    NothingWaits,
    /// Send first, or give up?
    SomethingWaits,
    /// Answer the open question first, or keep it?
    QuestionOpen,
    /// Really give up?
    Sure,
}
