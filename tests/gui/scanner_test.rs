//! The page on which a scanner is tried.

use std::time::Duration;

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::Misreading;
use wareswitch::app::keyboard_wedge::{Terminator, WedgeSettings};
use wareswitch::app::state::{AppState, Command, ScanMeaning, TriedScan};
use wareswitch::error::UserErrorKind;

use crate::samples::{self, NAMES};
use crate::screen::Screen;

fn signed_in() -> AppState {
    samples::signed_in(&NAMES, &["Warehouse1"])
}

fn page() -> Screen {
    let screen = Screen::new(signed_in());
    screen.tap(AccessibleRole::Tab, "Settings");
    screen.tap_button("Test the scanner");
    assert!(matches!(screen.sent().as_slice(), [Command::TestScanner(true)]));
    screen
}

fn answer(screen: &Screen, meaning: ScanMeaning, misreading: Option<Misreading>) {
    let tried_scan = Some(TriedScan { number: 1, meaning, misreading });
    screen.show(AppState { tried_scan, ..signed_in() });
}

fn assert_tried(screen: &Screen, expected: &str) {
    let sent = screen.sent();
    let [Command::TryScan { code }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(code, expected);
}

#[test]
fn it_shows_what_arrived_and_switches_nothing() {
    let screen = page();

    screen.scan("4144012345000009\u{1d}10LOT");

    assert_tried(&screen, "4144012345000009\u{1d}10LOT");
    answer(&screen, ScanMeaning::Warehouse("Halle 2".into()), None);
    for words in [
        "It arrived as: 4144012345000009<GS>10LOT",
        "It was taken for: A scan",
        "Length: 22 characters",
        "From key to key: 4 ms, at most 4 ms",
        "It ended: with Enter",
        "It means: Halle 2",
        "All is well with this scanner.",
    ] {
        assert!(screen.has_text(words), "{words}: {:?}", screen.labels());
    }
}

#[test]
fn the_same_code_again_is_tried_again() {
    let screen = page();
    screen.scan("Halle 2");
    assert_tried(&screen, "Halle 2");

    screen.scan("Halle 2");

    assert_tried(&screen, "Halle 2");
    assert!(screen.has_text("The same scan again"));
}

#[test]
fn a_scanner_without_a_terminator_is_told_what_to_change() {
    let screen = page();

    screen.type_fast("4012345000009");
    screen.wait_for_silence();

    assert!(screen.has_text("Set the scanner to send Enter after each code"));
    assert!(screen.has_text("It ended: with silence"));
}

#[test]
fn keys_that_come_too_slowly_name_the_setting() {
    let screen = page();

    screen.type_fast("40123450");
    screen.wait_less_than_silence();
    screen.scan("00009");

    assert!(screen.has_text("A scan with a pause in it"));
    assert!(screen.has_text("Ask IT to set scan.gap to 120 ms."), "{:?}", screen.labels());
}

#[test]
fn keys_that_are_no_scan_are_shown_too() {
    let screen = page();
    screen.window.set_scanner(WedgeSettings {
        terminators: vec![Terminator::Tab],
        ..WedgeSettings::default()
    });

    screen.scan("4012345000009");

    assert!(screen.has_text("Typing, not a scan"));
    assert!(screen.has_text("Codes end with CR."), "{:?}", screen.labels());
}

#[test]
fn a_code_that_was_changed_on_its_way_says_how() {
    let screen = page();
    for (misreading, words) in [
        (Misreading::KeyboardLayout, "Letters or signs are exchanged."),
        (Misreading::CapsLock, "Turn Caps Lock off."),
        (Misreading::Doubled, "Each code arrives twice."),
        (Misreading::Prefix("\u{2}".into()), "Before the code stands <STX>."),
    ] {
        answer(&screen, ScanMeaning::Nothing(UserErrorKind::UnknownWarehouse), Some(misreading));
        assert!(screen.has_text(words), "{words}");
        assert!(screen.has_text("It means: No warehouse is known by this code."));
        assert!(!screen.has_text("All is well"));
    }
}

#[test]
fn an_older_answer_is_not_shown_for_a_newer_scan() {
    let screen = page();
    screen.scan("Halle 2");
    answer(&screen, ScanMeaning::Warehouse("Halle 2".into()), None);

    screen.scan("Halle 3");

    assert!(screen.has_text("It arrived as: Halle 3"));
    assert!(!screen.has_text("It means: Halle 2"));
}

#[test]
fn leaving_the_page_ends_the_test_and_scans_switch_again() {
    let screen = page();
    screen.scan("Halle 2");
    screen.sent();

    screen.press_key(Key::Escape);
    screen.settle();

    let choice = screen.find(AccessibleRole::RadioButton, "Light");
    assert!(choice.is_some(), "back to where it came from");
    assert!(matches!(screen.sent().as_slice(), [Command::TestScanner(false)]));
    screen.wait(Duration::from_secs(2));
    screen.scan("Halle 2");
    assert!(matches!(screen.sent().as_slice(), [Command::Scanned { .. }]));
}

#[test]
fn the_lock_ends_the_test() {
    let screen = page();
    screen.scan("Halle 2");
    screen.sent();

    screen.show(samples::locked(wareswitch::domain::protection::Unlock::Tap));

    assert!(!screen.has_text("It arrived as"));
    screen.wait(Duration::from_secs(2));
    screen.scan("Halle 2");
    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::TestScanner(false), Command::Scanned { .. }]),
        "{sent:?}"
    );
}
