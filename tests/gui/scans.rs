//! A scanner that acts as a keyboard, on every page and over every sheet.

use std::time::Duration;

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::state::{Command, InVain, NoticeKind};
use wareswitch::error::UserErrorKind;

use crate::samples::{self, MANY_NAMES, NAMES, Variations};
use crate::screen::Screen;

fn at_home() -> Screen {
    Screen::new(samples::signed_in(&NAMES, &["Warehouse1"]))
}

fn with_search() -> Screen {
    let screen = Screen::new(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));
    screen.tap(AccessibleRole::TextInput, "Search");
    screen
}

fn searched(screen: &Screen) -> String {
    let field = screen.find(AccessibleRole::TextInput, "Search").unwrap();
    field.accessible_value().unwrap_or_default().into()
}

fn assert_scanned(screen: &Screen, codes: &[&str]) {
    let sent = screen.sent();
    let scanned: Vec<&str> = sent
        .iter()
        .map(|command| match command {
            Command::Scanned { code } => code.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(scanned, codes);
}

#[test]
fn a_scan_is_taken_on_every_page_and_over_every_sheet() {
    let screen = at_home();
    for (name, state) in [
        ("home", samples::signed_in(&NAMES, &["Warehouse1"])),
        ("question", samples::asked("Warehouse2", "Halle 2")),
        ("waiting", samples::waiting_for("Warehouse2")),
        ("signed out", samples::signed_out()),
    ] {
        screen.show(state);

        screen.scan("WH-Berlin:01");

        let sent = screen.sent();
        assert!(
            matches!(sent.as_slice(), [Command::Scanned { code }] if code == "WH-Berlin:01"),
            "{name}: {sent:?}"
        );
        screen.wait(Duration::from_secs(2));
    }
}

#[test]
fn the_digits_of_a_scan_choose_no_row_and_its_enter_neither() {
    let screen = at_home();
    screen.press_key(Key::DownArrow);

    screen.scan("14006381333931");

    assert_scanned(&screen, &["14006381333931"]);
}

#[test]
fn a_scan_into_a_text_field_leaves_the_field_as_it_was() {
    let screen = with_search();
    screen.type_text("so");

    screen.scan("4012345000009");

    assert_scanned(&screen, &["4012345000009"]);
    assert_eq!(searched(&screen), "so");
}

#[test]
fn a_scan_without_an_enter_is_recognised_by_the_silence_after_it() {
    let screen = with_search();

    screen.type_fast("4012345000009");
    screen.wait_for_silence();

    assert_scanned(&screen, &["4012345000009"]);
    assert_eq!(searched(&screen), "");
}

#[test]
fn slow_typing_into_a_field_is_never_a_scan() {
    let screen = with_search();

    screen.type_text("sony experts");

    assert_scanned(&screen, &[]);
    assert_eq!(searched(&screen), "sony experts");
}

#[test]
fn two_scans_at_once_are_taken_in_their_order() {
    let screen = at_home();

    screen.scan("Halle 2");
    screen.scan("Halle 3");

    assert_scanned(&screen, &["Halle 2", "Halle 3"]);
}

#[test]
fn the_same_scan_again_at_once_is_told_and_nothing_else() {
    let screen = at_home();

    screen.scan("Halle 2");
    screen.scan("Halle 2");

    let sent = screen.sent();
    assert!(
        matches!(
            sent.as_slice(),
            [Command::Scanned { .. }, Command::ScannedInVain(InVain::SameAgain)]
        ),
        "{sent:?}"
    );
}

#[test]
fn a_scan_of_5000_characters_is_refused_and_the_field_is_as_it_was() {
    let screen = with_search();
    screen.type_text("so");

    screen.scan(&"x".repeat(5_000));

    let sent = screen.sent();
    assert!(matches!(sent.as_slice(), [Command::ScannedInVain(InVain::TooLong)]), "{sent:?}");
    assert_eq!(searched(&screen), "so");
}

#[test]
fn emoji_and_separators_within_a_scan_arrive_as_they_are() {
    let screen = at_home();

    screen.scan("Halle \u{1f4e6}\u{1d}7");

    assert_scanned(&screen, &["Halle \u{1f4e6}\u{1d}7"]);
}

#[test]
fn what_was_scanned_in_vain_is_said_with_what_was_read() {
    let state = samples::signed_in(&NAMES, &["Warehouse1"]);
    let refused = NoticeKind::NotAccepted(UserErrorKind::NotAssigned);
    let screen = Screen::new(state.with_notice(refused, Some("Halle 7")));

    assert!(screen.has_text("Halle 7 is not assigned to you."));
}
