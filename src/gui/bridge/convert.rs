//! From the presenter's values to Slint's.

use slint::SharedString;

use super::ui;
use crate::app::state::{DemoState, NewCode, SecretsNote};
use crate::domain::change::ChangeState;
use crate::domain::connection::TlsProblem;
use crate::domain::ids::Seq;
use crate::error::UserErrorKind;
use crate::gui::controller::window_state::{Language, Page, Theme};
use crate::gui::presenter::view;

/// A number that Slint can hold.
pub(super) fn int(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn id(seq: Option<Seq>) -> SharedString {
    seq.map(|seq| seq.to_string().into()).unwrap_or_default()
}

fn text(text: Option<&String>) -> SharedString {
    text.map(SharedString::from).unwrap_or_default()
}

/// Two enums with the same names, one of ours and one of Slint's.
macro_rules! same_names {
    ($from:ty => $to:ty: $($name:ident),* $(,)?) => {
        impl From<$from> for $to {
            fn from(kind: $from) -> Self {
                match kind {
                    $(<$from>::$name => Self::$name,)*
                }
            }
        }
    };
}

pub(super) use same_names;

same_names!(Page => ui::PageKind: SetUp, SignIn, Home, Outbox, Settings, Users, Unlock, Pin,
    ScannerTest, Unopened);
same_names!(ui::PageKind => Page: SetUp, SignIn, Home, Outbox, Settings, Users, Unlock, Pin,
    ScannerTest, Unopened);
same_names!(Theme => ui::ThemeChoice: Auto, Light, Dark, Sunlight);
same_names!(ui::ThemeChoice => Theme: Auto, Light, Dark, Sunlight);
same_names!(Language => ui::LanguageChoice: Auto, English, German, Polish, Romanian, French, Dutch,
    Italian, Spanish);
same_names!(ui::LanguageChoice => Language: Auto, English, German, Polish, Romanian, French, Dutch,
    Italian, Spanish);
same_names!(view::RowKind => ui::RowKind:
    Active, NothingActive, TwoActive, Open, Closed, NoMatch);
same_names!(view::RowMark => ui::RowMark:
    WillBeSent, Sending, NeedsDecision, StillActive, OneOfTwo);
same_names!(view::EmptyView => ui::EmptyKind: NeverSynced, NoneAssigned);
same_names!(ChangeState => ui::ChangeStateKind:
    Queued, Sending, NeedsDecision, Confirmed, Superseded, Rejected, Discarded);
same_names!(view::ReasonKind => ui::ReasonKind:
    NoLongerAssigned, WarehouseClosed, ServerRefused, SwitchedMeanwhile, Stale, ActiveElsewhere,
    Replaced, Undone, Theirs, SignedOut);
same_names!(view::SignOutView => ui::SignOutStep: Closed, NothingWaits, SomethingWaits, QuestionOpen, Sure);
same_names!(view::PinStepView => ui::PinStepKind: Tap, Unlock, Current, New, Repeat);
same_names!(SecretsNote => ui::SecretsKind: Nobody, InFile, InKeyring, OutOfReach);
same_names!(UserErrorKind => ui::ErrorKind:
    StorageFull, StorageReadOnly, StorageBusy, StorageDamaged, StorageTooNew, StorageFailed,
    NotSignedIn, SignInRefused, SignInAgain, NeedsCode, KeyringLocked, Locked,
    PinWrong, PinBlocked, PinUnfit, PinMismatch, CodeRefused, NotAllowed,
    AccountUnknown, ServerNameUnknown, NothingAnswers, ServerUnreachable, ServerTrouble, WifiSignIn, ProxySignIn, WrongServer,
    TlsClock, TlsExpired, TlsAuthority, TlsName, TlsFailed, AddressNotAllowed, SetUpCode,
    SetUpCodeNotTrusted, SetUpCodeReplaced, ChangesWait, Configuration,
    NeverSynced, NotAssigned, WarehouseClosed, UnknownWarehouse, PalletLabel, ArticleLabel,
    PartyCode, AmbiguousWarehouse, NoSuchChange,
    NotPossible, SecondWindow, Usage, Internal);

impl From<Option<view::EmptyView>> for ui::EmptyKind {
    fn from(empty: Option<view::EmptyView>) -> Self {
        empty.map_or(Self::None, Into::into)
    }
}

pub(super) fn error(kind: Option<UserErrorKind>) -> ui::ErrorKind {
    kind.map_or(ui::ErrorKind::None, Into::into)
}

impl From<view::StripKind> for ui::StripKind {
    fn from(kind: view::StripKind) -> Self {
        match kind {
            view::StripKind::NotSetUp => Self::NotSetUp,
            view::StripKind::SignedOut => Self::SignedOut,
            view::StripKind::Fetching => Self::Fetching,
            view::StripKind::AllSent => Self::AllSent,
            view::StripKind::Sending => Self::Sending,
            view::StripKind::Offline => Self::Offline,
            view::StripKind::SignInAgain => Self::SignInAgain,
            view::StripKind::NeedsCode => Self::NeedsCode,
            view::StripKind::NeedsDecision => Self::NeedsDecision,
            view::StripKind::TwoActive => Self::TwoActive,
            view::StripKind::Refused => Self::Refused,
            view::StripKind::ServerTrouble => Self::ServerTrouble,
            view::StripKind::WifiSignIn => Self::WifiSignIn,
            view::StripKind::WrongServer => Self::WrongServer,
            view::StripKind::ProxySignIn => Self::ProxySignIn,
            view::StripKind::Unsafe(TlsProblem::ClockWrong) => Self::TlsClock,
            view::StripKind::Unsafe(TlsProblem::Expired) => Self::TlsExpired,
            view::StripKind::Unsafe(TlsProblem::UnknownAuthority) => Self::TlsAuthority,
            view::StripKind::Unsafe(TlsProblem::NameMismatch) => Self::TlsName,
            view::StripKind::Unsafe(TlsProblem::Other) => Self::TlsOther,
            view::StripKind::NotAllowed => Self::NotAllowed,
            view::StripKind::AccountUnknown => Self::AccountUnknown,
            view::StripKind::CannotSave => Self::CannotSave,
        }
    }
}

impl From<&view::StripView> for ui::StripView {
    fn from(strip: &view::StripView) -> Self {
        Self {
            kind: strip.kind.into(),
            waiting: int(strip.waiting),
            since: strip.since.as_ref().into(),
            list_from: strip.list_from.as_ref().into(),
        }
    }
}

impl From<Option<view::BannerView>> for ui::BannerView {
    fn from(banner: Option<view::BannerView>) -> Self {
        let (kind, number) = match banner {
            None => (ui::BannerKind::None, 0),
            Some(view::BannerView::SignInAgain) => (ui::BannerKind::SignInAgain, 0),
            Some(view::BannerView::TokenEnds { minutes }) => {
                (ui::BannerKind::TokenEnds, i32::try_from(minutes).unwrap_or(i32::MAX))
            }
            Some(view::BannerView::StorageRecovered) => (ui::BannerKind::StorageRecovered, 0),
            Some(view::BannerView::KeyringOutOfReach) => (ui::BannerKind::KeyringOutOfReach, 0),
            Some(view::BannerView::OtherServers { waiting }) => {
                (ui::BannerKind::OtherServers, int(waiting))
            }
        };
        Self { kind, number }
    }
}

impl From<Option<&view::BarView>> for ui::BarView {
    fn from(bar: Option<&view::BarView>) -> Self {
        let Some(bar) = bar else { return Self::default() };
        let (kind, failure) = match bar.kind {
            view::BarKind::Switched => (ui::BarKind::Switched, None),
            view::BarKind::Left => (ui::BarKind::Left, None),
            view::BarKind::Accepted => (ui::BarKind::Accepted, None),
            view::BarKind::AlreadySo => (ui::BarKind::AlreadySo, None),
            view::BarKind::SameScan => (ui::BarKind::SameScan, None),
            view::BarKind::LongScan => (ui::BarKind::LongScan, None),
            view::BarKind::UnclearScan => (ui::BarKind::UnclearScan, None),
            view::BarKind::Undone => (ui::BarKind::Undone, None),
            view::BarKind::NotAccepted(failure) => (ui::BarKind::NotAccepted, Some(failure)),
            view::BarKind::RefusedLater => (ui::BarKind::RefusedLater, None),
            view::BarKind::ActiveElsewhere => (ui::BarKind::ActiveElsewhere, None),
            view::BarKind::Replaced => (ui::BarKind::Replaced, None),
            view::BarKind::PinSet => (ui::BarKind::PinSet, None),
            view::BarKind::PinRemoved => (ui::BarKind::PinRemoved, None),
        };
        Self {
            kind,
            name: text(bar.name.as_ref()),
            error: error(failure),
            undo_id: id(bar.undo),
            is_failure: matches!(
                kind,
                ui::BarKind::NotAccepted
                    | ui::BarKind::RefusedLater
                    | ui::BarKind::LongScan
                    | ui::BarKind::UnclearScan
            ),
        }
    }
}

impl From<Option<&view::SetUpCodeView>> for ui::SetUpCodeView {
    fn from(code: Option<&view::SetUpCodeView>) -> Self {
        let Some(code) = code else { return Self::default() };
        Self {
            is_open: true,
            host: code.host.as_str().into(),
            is_cleartext: code.is_cleartext,
            is_signed: code.is_signed,
            others: int(code.others),
        }
    }
}

impl From<Option<&view::TimeView>> for ui::TimeView {
    fn from(time: Option<&view::TimeView>) -> Self {
        let Some(time) = time else { return Self::default() };
        let (kind, date) = match time.day {
            view::DayView::Today => (ui::DayKind::Today, None),
            view::DayView::Yesterday => (ui::DayKind::Yesterday, None),
            view::DayView::Date { day, month, year: None } => {
                (ui::DayKind::ThisYear, Some((day, month, 0)))
            }
            view::DayView::Date { day, month, year: Some(year) } => {
                (ui::DayKind::OtherYear, Some((day, month, year)))
            }
        };
        let (day, month, year) = date.unwrap_or_default();
        Self {
            kind,
            clock: time.clock.as_str().into(),
            day: day.into(),
            month: month.into(),
            year: year.into(),
        }
    }
}

impl From<Option<&view::QuestionView>> for ui::QuestionView {
    fn from(question: Option<&view::QuestionView>) -> Self {
        let Some(question) = question else { return Self::default() };
        Self {
            kind: if question.is_stale {
                ui::QuestionKind::Stale
            } else {
                ui::QuestionKind::SwitchedMeanwhile
            },
            id: id(Some(question.seq)),
            wished: text(question.wished.as_ref()),
            active: question.active.join(", ").into(),
            wished_at: question.wished_at.as_ref().into(),
        }
    }
}

impl From<Option<&view::CodeView>> for ui::CodeView {
    fn from(code: Option<&view::CodeView>) -> Self {
        let Some(code) = code else { return Self::default() };
        let (new_code, failure) = match code.new_code {
            NewCode::NotAsked => (ui::NewCodeKind::NotAsked, None),
            NewCode::Asked => (ui::NewCodeKind::Asked, None),
            NewCode::Sent => (ui::NewCodeKind::Sent, None),
            NewCode::Failed(kind) => (ui::NewCodeKind::Failed, Some(kind)),
        };
        let refusal = code.is_refused.then_some(UserErrorKind::CodeRefused);
        Self {
            is_open: true,
            digits: code.typed.digits().into(),
            is_busy: code.is_busy,
            new_code,
            error: error(refusal.or(failure)),
        }
    }
}

impl From<&view::RowView> for ui::RowItem {
    fn from(row: &view::RowView) -> Self {
        Self {
            id: row.warehouse.map(|uuid| uuid.to_string().into()).unwrap_or_default(),
            name: text(Some(&row.name)),
            kind: row.kind.into(),
            mark: row.mark.map_or(ui::RowMark::None, Into::into),
            digit: row.digit.map_or(0, i32::from),
        }
    }
}

impl From<&view::ChangeRow> for ui::ChangeItem {
    fn from(change: &view::ChangeRow) -> Self {
        Self {
            id: id(Some(change.seq)),
            name: text(change.name.as_ref()),
            state: change.state.into(),
            recorded_at: change.recorded_at.as_ref().into(),
            attempts: i32::try_from(change.attempts).unwrap_or(i32::MAX),
            reason: change.reason.map_or(ui::ReasonKind::None, Into::into),
            reason_names: change.reason_names.join(", ").into(),
            small_print: text(Some(&change.small_print)),
            can_undo: change.can_undo,
            can_decide: change.can_decide,
            can_mark_seen: change.can_mark_seen,
        }
    }
}

impl From<view::FormView> for ui::FormView {
    fn from(form: view::FormView) -> Self {
        Self { is_busy: form.is_busy, error: error(form.error), can_go_back: form.can_go_back }
    }
}

impl From<&view::ServerView> for ui::ServerView {
    fn from(server: &view::ServerView) -> Self {
        Self {
            text: text(Some(&server.text)),
            host: text(Some(&server.host)),
            problem: text(Some(&server.problem)),
            is_cleartext: server.is_cleartext,
            can_change: server.can_change,
        }
    }
}

impl From<&view::SettingsView> for ui::SettingsView {
    fn from(settings: &view::SettingsView) -> Self {
        Self {
            theme: settings.appearance.theme.into(),
            language: settings.appearance.language.into(),
            text_scale: i32::from(settings.appearance.text_scale.percent()),
            volume: i32::from(settings.appearance.volume.percent()),
            is_theme_locked: settings.appearance.locked.theme,
            is_language_locked: settings.appearance.locked.language,
            is_text_scale_locked: settings.appearance.locked.text_scale,
            is_volume_locked: settings.appearance.locked.volume,
            username: text(Some(&settings.username)),
            sign_out: settings.sign_out.into(),
            waiting: int(settings.waiting),
            can_set_pin: settings.pin.can_set,
            can_remove_pin: settings.pin.can_remove,
            has_pin: settings.pin.is_set,
            secrets: settings.secrets.into(),
            report: text(Some(&settings.report)),
        }
    }
}

impl From<Option<DemoState>> for ui::DemoView {
    fn from(demo: Option<DemoState>) -> Self {
        Self { is_shown: demo.is_some(), is_offline: demo.is_some_and(|demo| demo.is_offline) }
    }
}

impl From<&view::UserView> for ui::UserItem {
    fn from(user: &view::UserView) -> Self {
        Self {
            id: user.user.to_string().into(),
            name: text(Some(&user.name)),
            waiting: int(user.waiting),
            is_in_front: user.is_in_front,
            takes_password: user.takes_password,
        }
    }
}

impl From<&view::PinView> for ui::PinView {
    fn from(pin: &view::PinView) -> Self {
        Self {
            step: pin.step.into(),
            name: text(Some(&pin.name)),
            typed: int(pin.typed),
            can_submit: pin.can_submit,
            is_busy: pin.is_busy,
            error: error(pin.error),
            tries_left: pin.tries_left.map_or(-1, |left| i32::try_from(left).unwrap_or(i32::MAX)),
            can_go_back: pin.can_go_back,
        }
    }
}
