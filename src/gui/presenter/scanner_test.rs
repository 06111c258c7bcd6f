//! What the scanner's test page shows.

use crate::app::Misreading;
use crate::app::state::{AppState, ScanMeaning};
use crate::app::trial::{Advice, End, Outcome, visible};
use crate::domain::view::ProfileView;
use crate::error::UserErrorKind;
use crate::gui::controller::window_state::{ScanTest, WindowState};

/// How much of what arrived is shown, in characters.
const SHOWN_MAX: usize = 120;

/// The scanner's test page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannerTestView {
    /// How the last scan arrived.
    pub arrived: Option<ArrivedView>,
    /// What it means, once that is known.
    pub meaning: Option<ScanMeaning>,
    /// What there is to change.
    pub advice: Vec<AdviceView>,
}

/// How a scan arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedView {
    /// Its characters, all of them visible.
    pub text: String,
    /// How many there were.
    pub length: usize,
    /// The mean pause between two of them, in milliseconds.
    pub mean_ms: u128,
    /// The longest one.
    pub longest_ms: u128,
    /// How it ended.
    pub end: End,
    /// What it was taken for.
    pub outcome: Outcome,
}

/// Something to change about a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdviceView {
    /// What.
    pub kind: AdviceKind,
    /// Milliseconds or characters.
    pub number: u64,
    /// A key or a prefix.
    pub text: String,
}

/// The kinds of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdviceKind {
    /// There is nothing to change.
    AllWell,
    /// `scan.gap` is too short.
    LongGap,
    /// No key ends a code.
    NoTerminator,
    /// `scan.terminators` lacks a key.
    OtherTerminator,
    /// Shorter than `scan.min_length`.
    TooShort,
    /// Longer than `scan.max_length`.
    TooLong,
    /// The configured prefix is missing.
    NoPrefix,
    /// A prefix is there that is not configured.
    UnexpectedPrefix,
    /// A key was held down.
    HeldKey,
    /// It was typed by hand.
    ByHand,
    /// The scanner types for another keyboard.
    KeyboardLayout,
    /// Caps Lock is on.
    CapsLock,
    /// Each code arrives twice.
    Doubled,
}

pub(super) fn scanner_test(
    state: &AppState,
    profile: Option<&ProfileView>,
    window: &WindowState,
) -> ScannerTestView {
    if profile.is_none() {
        return ScannerTestView::default();
    }
    let test = window.scan_test.as_ref();
    let tried = state
        .tried_scan
        .as_ref()
        .filter(|tried| test.is_none_or(|test| test.tried_before != Some(tried.number)));
    let meaning = tried.map(|tried| tried.meaning.clone());
    let mut advice: Vec<AdviceView> = test.iter().flat_map(|test| &test.advice).map(of).collect();
    advice.extend(tried.and_then(|tried| tried.misreading.as_ref()).map(of_misreading));
    let is_scan =
        test.is_none_or(|test| matches!(test.report.outcome, Outcome::Scan | Outcome::SameAgain));
    let is_known = meaning
        .as_ref()
        .is_some_and(|meaning| *meaning != ScanMeaning::Nothing(UserErrorKind::UnknownWarehouse));
    if advice.is_empty() && is_scan && is_known {
        advice.push(AdviceView { kind: AdviceKind::AllWell, number: 0, text: String::new() });
    }
    ScannerTestView { arrived: test.map(arrived), meaning, advice }
}

fn arrived(test: &ScanTest) -> ArrivedView {
    let report = &test.report;
    ArrivedView {
        text: visible(&report.text, SHOWN_MAX),
        length: report.length,
        mean_ms: report.mean_gap.as_millis(),
        longest_ms: report.longest_gap.as_millis(),
        end: report.end,
        outcome: report.outcome,
    }
}

fn of(advice: &Advice) -> AdviceView {
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (kind, number, text) = match *advice {
        Advice::LongGap(gap) => {
            (AdviceKind::LongGap, u64::try_from(gap.as_millis()).unwrap_or(u64::MAX), "")
        }
        Advice::NoTerminator => (AdviceKind::NoTerminator, 0, ""),
        Advice::OtherTerminator(key) => (AdviceKind::OtherTerminator, 0, key.as_str()),
        Advice::TooShort(least) => (AdviceKind::TooShort, number(least), ""),
        Advice::TooLong(most) => (AdviceKind::TooLong, number(most), ""),
        Advice::NoPrefix => (AdviceKind::NoPrefix, 0, ""),
        Advice::HeldKey => (AdviceKind::HeldKey, 0, ""),
        Advice::ByHand => (AdviceKind::ByHand, 0, ""),
    };
    AdviceView { kind, number, text: text.to_owned() }
}

fn of_misreading(misreading: &Misreading) -> AdviceView {
    let (kind, text) = match misreading {
        Misreading::KeyboardLayout => (AdviceKind::KeyboardLayout, String::new()),
        Misreading::CapsLock => (AdviceKind::CapsLock, String::new()),
        Misreading::Doubled => (AdviceKind::Doubled, String::new()),
        Misreading::Prefix(prefix) => (AdviceKind::UnexpectedPrefix, visible(prefix, SHOWN_MAX)),
    };
    AdviceView { kind, number: 0, text }
}
