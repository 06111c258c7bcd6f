//! Input that nobody means: keys that are stuck, taps that come twice, scans in odd moments.

use i_slint_backend_testing::AccessibleRole;
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, SharedString};
use wareswitch::app::state::{AppState, Command, InVain, NoticeKind, Progress, ServerSetting};
use wareswitch::domain::preferences::{Language, Preference};
use wareswitch::domain::protection::Unlock;
use wareswitch::error::UserErrorKind;
use wareswitch::gui::Page;
use wareswitch::gui::intent::Intent;

use crate::samples::{self, MANY_NAMES, NAMES, Variations};
use crate::screen::Screen;

fn at_home() -> Screen {
    Screen::new(samples::signed_in(&NAMES, &["Warehouse1"]))
}

fn hold(screen: &Screen, key: &str, times: usize) {
    let window = screen.window.component().window();
    window.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
    for _ in 0..times {
        window.dispatch_event(WindowEvent::KeyPressRepeated { text: key.into() });
    }
    window.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
    screen.wait_for_silence();
}

#[test]
fn an_enter_that_is_stuck_is_one_enter() {
    let screen = at_home();
    screen.press_key(Key::DownArrow);

    hold(&screen, &SharedString::from(Key::Return), 200);

    assert_eq!(screen.sent().len(), 1);
}

#[test]
fn a_stuck_key_is_neither_a_scan_nor_a_choice() {
    let screen = at_home();

    hold(&screen, "7", 200);
    hold(&screen, &SharedString::from(Key::F12), 200);

    assert!(screen.sent().is_empty());
    screen.scan("Halle 2");
    assert!(matches!(screen.sent().as_slice(), [Command::Scanned { .. }]));
}

#[test]
fn a_double_tap_never_gives_up_what_waits() {
    let sizes = [(320.0, 533.0), (360.0, 640.0), (800.0, 480.0), (1024.0, 600.0)];
    for (width, height, is_question) in
        sizes.into_iter().flat_map(|(width, height)| [true, false].map(|is| (width, height, is)))
    {
        let screen = Screen::new(if is_question {
            samples::asked("Warehouse2", "Halle 2")
        } else {
            samples::waiting_for("Warehouse2")
        });
        screen.window.handle(Intent::CloseQuestion);
        screen.resize(width, height);
        screen.window.handle(Intent::AskSignOut);
        screen.settle();
        let button = screen.find(AccessibleRole::Button, "Give it up and sign out").unwrap();
        let (place, size) = (button.absolute_position(), button.size());
        let position =
            slint::LogicalPosition::new(place.x + size.width / 2.0, place.y + size.height / 2.0);
        let window = screen.window.component().window();
        for _ in 0..2 {
            let button = slint::platform::PointerEventButton::Left;
            window.dispatch_event(WindowEvent::PointerPressed { position, button });
            window.dispatch_event(WindowEvent::PointerReleased { position, button });
            screen.settle();
        }

        assert!(screen.sent().is_empty(), "{width} x {height}, {is_question}");
    }
}

#[test]
fn an_enter_that_was_meant_for_one_question_does_not_answer_the_next() {
    let screen = Screen::new(samples::asked("Warehouse2", "Halle 2"));
    screen.press_key(Key::DownArrow);
    screen.settle();
    let mut next = samples::asked("Warehouse1", "Halle 2");
    if let Some(profile) = &mut next.profile {
        let mut changes = profile.changes.to_vec();
        changes[0].seq = wareswitch::domain::ids::Seq(10);
        profile.changes = changes.into();
    }

    screen.show(next);
    screen.press_key(Key::Return);
    screen.wait_for_silence();

    assert!(screen.sent().is_empty());
}

#[test]
fn a_double_tap_on_sign_in_signs_in_once() {
    let screen = Screen::new(samples::signed_out());
    screen.fill_in("User name", "harald");
    screen.fill_in("Password", "secret");

    screen.tap_button("Sign in");
    screen.tap_button("Sign in");

    assert_eq!(screen.sent().len(), 1);
}

#[test]
fn a_tap_right_after_the_language_changed_does_what_it_was_meant_for() {
    let screen = at_home();
    for (_, language) in Language::ALL {
        screen.window.handle(Intent::Choose(Preference::Language(language)));
        screen.tap_row("Halle 2");
        let sent = screen.sent();
        assert!(
            matches!(sent.as_slice(), [Command::Choose(_), Command::Activate { .. }]),
            "{language:?}: {sent:?}"
        );
    }
    screen.window.handle(Intent::Choose(Preference::Language(Language::English)));
}

#[test]
fn a_scan_in_the_middle_of_typing_is_told_and_the_field_keeps_what_was_typed() {
    let screen = Screen::new(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));
    screen.tap(AccessibleRole::TextInput, "Search");
    screen.type_text("s");
    screen.press("o");
    screen.wait_less_than_silence();

    screen.scan("4006381333931");

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::ScannedInVain(InVain::Unclear)]),
        "neither switched nor swallowed: {sent:?}"
    );
    let field = screen.find(AccessibleRole::TextInput, "Search").unwrap();
    assert_eq!(field.accessible_value().unwrap_or_default(), "s");
}

#[test]
fn control_codes_within_a_scan_arrive_and_reach_no_control() {
    let screen = at_home();

    screen.scan("Halle\u{1c}\u{1e}\u{1f} 7");

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Scanned { code }] if code == "Halle\u{1c}\u{1e}\u{1f} 7"),
        "{sent:?}"
    );
}

#[test]
fn a_separator_that_is_typed_with_the_control_key_is_a_separator() {
    let screen = at_home();

    screen.type_fast("4144012345000009");
    screen.type_fast_with(Key::Control, "]");
    screen.type_fast("10LOT");
    screen.press_key(Key::Return);

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Scanned { code }] if code == "4144012345000009\u{1d}10LOT"),
        "{sent:?}"
    );
}

#[test]
fn a_scan_at_a_lock_or_before_a_sign_in_is_answered_in_words_without_names() {
    let locked = NoticeKind::NotAccepted(UserErrorKind::Locked);
    let not_signed_in = NoticeKind::NotAccepted(UserErrorKind::NotSignedIn);
    let pin = Unlock::Pin { tries_left: 3 };
    for (state, page, words) in [
        (samples::locked(Unlock::Tap).with_notice(locked, None), None, "Unlock first."),
        (samples::locked(pin).with_notice(locked, None), None, "Unlock first."),
        (samples::locked(pin).with_notice(locked, None), Some(Page::Users), "Unlock first."),
        (samples::locked(pin).with_notice(locked, None), Some(Page::SignIn), "Unlock first."),
        (samples::signed_out().with_notice(not_signed_in, None), None, "Sign in first."),
    ] {
        let screen = Screen::new(state);
        if let Some(page) = page {
            screen.window.handle(Intent::OpenPage(page));
            screen.settle();
        }
        assert!(screen.has_text(words), "{words}: {:?}", screen.labels());
        screen.window.handle(Intent::DismissBar);
        screen.settle();
        assert!(!screen.has_text(words));
    }
}

#[test]
fn what_came_of_a_tap_before_the_lock_names_nobodys_warehouse_at_it() {
    let state = samples::locked(Unlock::Tap).with_notice(NoticeKind::Accepted, Some("Warehouse2"));

    assert!(!Screen::new(state).has_text("Warehouse2"));
}

#[test]
fn what_a_scan_came_to_is_there_to_be_read_over_every_sheet() {
    let refused = NoticeKind::NotAccepted(UserErrorKind::PalletLabel);
    for (width, height) in [(320.0, 533.0), (360.0, 640.0), (1024.0, 600.0)] {
        for (title, state) in [
            ("Somebody switched meanwhile", samples::asked("Warehouse2", "Halle 2")),
            ("Type your code", samples::code_wanted("Warehouse2")),
        ] {
            let screen = Screen::new(state.with_notice(refused, Some("00340123450000000017")));
            screen.resize(width, height);
            let sheet = screen.find(AccessibleRole::Groupbox, title).unwrap();
            let words = screen.find(AccessibleRole::Text, "That is a pallet label").unwrap();

            let end_of_sheet = sheet.absolute_position().y + sheet.size().height;
            assert!(words.absolute_position().y >= end_of_sheet - 0.5, "{title}");
            assert!(words.absolute_position().y + words.size().height <= height + 0.5, "{title}");
            screen.tap_button("OK");
            assert!(screen.has_text(title), "the sheet stays");
        }
    }
}

#[test]
fn a_code_that_is_scanned_at_the_set_up_is_read_as_a_set_up_code_and_answered() {
    let set_up = || AppState { server: ServerSetting::Missing, ..samples::signed_out() };
    let screen = Screen::new(set_up());
    let field = screen.find(AccessibleRole::TextInput, "Server address").unwrap();
    let before = field.accessible_value();

    screen.scan(r#"{"wareswitch":1,"server_url":"https://a.example"}"#);

    let sent = screen.sent();
    let [Command::ReadSetUpCode { text }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(text, r#"{"wareswitch":1,"server_url":"https://a.example"}"#);
    assert_eq!(field.accessible_value(), before, "the field is as it was");
    screen.show(AppState { set_up: Progress::Failed(UserErrorKind::SetUpCode), ..set_up() });
    assert!(screen.has_text("This set-up code can't be used."));
}
