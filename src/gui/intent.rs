//! What a person does in the window, before it is known what follows from it.

use super::controller::window_state::Page;
use crate::app::Password;
use crate::app::keyboard_wedge::Scan;
use crate::app::state::{Decision, InVain};
use crate::domain::ids::{Seq, UserUuid, WarehouseUuid};
use crate::domain::preferences::Preference;

/// One action of a person, or of a timer that stands for their silence.
#[derive(Debug)]
pub enum Intent {
    /// A warehouse was tapped.
    Activate(WarehouseUuid),
    /// 'Leave warehouse' was tapped.
    Leave,
    /// 'Undo' was tapped.
    Undo(Seq),
    /// A question was answered.
    Decide(Seq, Decision),
    /// A button of the sheet in front, counted from 0.
    Answer(usize),
    /// A question was put aside.
    CloseQuestion,
    /// 'Understood' was tapped.
    MarkSeen(Seq),
    /// 'Send now' was tapped.
    SendNow,
    /// A digit of the second factor's code was typed.
    CodeDigit(u8),
    /// Its last digit was taken back.
    EraseCodeDigit,
    /// It is complete.
    SubmitCode,
    /// 'Send me a new code' was tapped.
    SendNewCode,
    /// The sheet for it was put aside.
    CloseCode,
    /// The line at the bottom was read, or is old.
    DismissBar,
    /// A page was chosen.
    OpenPage(Page),
    /// The status strip was tapped.
    OpenStrip,
    /// Back.
    Back,
    /// The search was edited.
    Search(String),
    /// The window was touched.
    Touched,
    /// An address was typed.
    Connect(String),
    /// User name and password were typed.
    SignIn {
        /// The user name.
        username: String,
        /// The password.
        password: Password,
    },
    /// The offered set-up code is to be used.
    UseSetUpCode,
    /// The offered set-up code is not to be used.
    DropSetUpCode,
    /// 'Save report' was tapped.
    SaveReport,
    /// The window shall look, speak or sound otherwise.
    Choose(Preference),
    /// 'Sign out' was tapped.
    AskSignOut,
    /// It was thought better of.
    CancelSignOut,
    /// It was chosen how to sign out.
    SignOut {
        /// Giving up what waits.
        discard: bool,
    },
    /// A scanner typed a code.
    Scanned(Scan),
    /// A scanner typed something from which nothing follows.
    ScannedInVain(InVain),
    /// The device changes hands: the window is locked, and whoever is known is shown.
    HandOver,
    /// Somebody who is not known wants to sign in.
    SignInAnother,
    /// Somebody who is known wants to open their profile.
    ChooseUser(UserUuid),
    /// A digit of a PIN was typed.
    PinDigit(u8),
    /// The last digit of a PIN was taken back.
    ErasePinDigit,
    /// The PIN is typed.
    SubmitPin,
    /// A PIN is to be set or changed.
    OpenPin,
    /// The PIN is to be removed.
    RemovePin,
    /// Before signing out, the open question is answered.
    AnswerFirst,
    /// Somebody wants to be asked to unlock the keyring.
    UnlockKeyring,
    /// The demo's network switch.
    DemoOffline(bool),
    /// The demo's other device.
    DemoOtherDevice,
}

/// A key that no control wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// One that writes something; the digit if it is one.
    Text(Option<u8>),
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Enter.
    Enter,
    /// Backspace or Delete.
    Erase,
    /// Escape, or the device's back key.
    Back,
    /// Anything else.
    Other,
}
