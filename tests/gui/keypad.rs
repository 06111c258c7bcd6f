//! The window's own keys, on a kiosk without a keyboard.

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::state::{AppState, Command, ServerSetting};
use wareswitch::domain::preferences::{Language, Preference};
use wareswitch::gui::intent::Intent;

use crate::samples::{self, MANY_NAMES};
use crate::screen::Screen;

fn on_kiosk(state: AppState) -> Screen {
    let screen = Screen::new(state);
    screen.window.set_keypad(true);
    screen.settle();
    screen
}

fn type_on_keypad(screen: &Screen, keys: &[&str]) {
    for key in keys {
        screen.tap_button(key);
    }
}

fn value(screen: &Screen, label: &str) -> String {
    let field = screen.find(AccessibleRole::TextInput, label).unwrap();
    field.accessible_value().unwrap_or_default().into()
}

fn is_shown(screen: &Screen) -> bool {
    screen.find(AccessibleRole::Button, "Digits and signs").is_some()
}

#[test]
fn somebody_signs_in_without_a_keyboard() {
    let screen = on_kiosk(samples::signed_out());
    assert!(is_shown(&screen), "the user name has the focus at once");

    type_on_keypad(&screen, &["h", "a", "Other letters", "r", "@", "Other letters", "a", "Done"]);
    assert_eq!(value(&screen, "User name"), "har@a");
    let of_password =
        ["Capital letter", "C", "h", "a", "n", "g", "e", "Digits and signs", "1", "2", "3", "4"];
    type_on_keypad(&screen, &of_password);
    type_on_keypad(&screen, &["Erase", "Done"]);

    let sent = screen.sent();
    let [Command::SignIn { username, password }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(username, "har@a");
    assert_eq!(password.expose(), "Change123");
}

#[test]
fn the_keys_are_put_away_by_their_own_key_or_by_a_touch_beside_the_field() {
    let screen = on_kiosk(samples::signed_out());
    screen.resize(411.0, 823.0);
    screen.tap_button("Hide the keys");
    assert!(!is_shown(&screen));
    screen.tap(AccessibleRole::TextInput, "User name");
    assert!(is_shown(&screen));

    screen.resize(320.0, 533.0);
    screen.touch(300.0, 78.0);

    assert!(!is_shown(&screen));
    assert!(screen.sent().is_empty());
    screen.tap(AccessibleRole::TextInput, "Password");
    assert!(is_shown(&screen));
}

#[test]
fn keys_of_the_window_are_never_a_scan_however_fast_they_come() {
    let screen = on_kiosk(samples::signed_out());

    // The clock of the keys stands still: faster than any scanner.
    type_on_keypad(&screen, &["a", "b", "c", "d", "e", "f", "Done"]);

    assert!(screen.sent().is_empty());
    assert_eq!(value(&screen, "User name"), "abcdef");
}

#[test]
fn a_scanner_still_scans_beside_the_keys_and_the_field_keeps_its_text() {
    let screen = on_kiosk(samples::signed_out());
    type_on_keypad(&screen, &["a", "b"]);

    screen.scan("4006381333931");

    let sent = screen.sent();
    assert!(matches!(sent.as_slice(), [Command::Scanned { .. }]), "{sent:?}");
    assert_eq!(value(&screen, "User name"), "ab");
}

#[test]
fn the_keys_are_there_only_where_something_is_typed() {
    let screen = on_kiosk(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));
    assert!(!is_shown(&screen));

    screen.tap(AccessibleRole::TextInput, "Search");
    assert!(is_shown(&screen));
    type_on_keypad(&screen, &["h", "a", "l"]);
    assert_eq!(screen.rows(), ["Halle 2"], "there is room for one");
    screen.tap_button("Done");

    assert!(!is_shown(&screen), "the list is in front");
    assert!(screen.find(AccessibleRole::Tab, "Warehouses").is_some());
}

#[test]
fn the_keys_go_with_the_page_that_wanted_them() {
    let screen = on_kiosk(samples::signed_out());
    assert!(is_shown(&screen));

    screen.show(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));

    assert!(!is_shown(&screen));
}

#[test]
fn a_device_with_keys_of_its_own_shows_none() {
    let screen = Screen::new(samples::signed_out());
    screen.tap(AccessibleRole::TextInput, "User name");

    assert!(!is_shown(&screen));
}

#[test]
fn an_address_is_typed_and_connected_to() {
    let screen = on_kiosk(AppState { server: ServerSetting::Missing, ..samples::signed_out() });
    screen.press_key(Key::End);

    let keys = ["g", "Digits and signs", ".", "Other letters", "d", "e", "Done"];
    type_on_keypad(&screen, &keys);

    let sent = screen.sent();
    let [Command::SetServer { address }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(address, "https://g.de");
}

#[test]
fn the_field_that_is_typed_into_stays_in_view_above_the_keys() {
    for (width, height) in [(320.0, 533.0), (360.0, 640.0), (800.0, 480.0), (1024.0, 600.0)] {
        let screen = on_kiosk(samples::signed_out());
        screen.resize(width, height);

        for label in ["User name", "Password", "User name"] {
            if label == "Password" {
                screen.tap_button("Done");
            }
            let field = screen.find(AccessibleRole::TextInput, label).unwrap();
            if label == "User name" {
                field.mock_single_click(slint::platform::PointerEventButton::Left);
            }
            screen.settle();
            let keys = screen.find(AccessibleRole::Groupbox, "Keys").unwrap();
            let bottom = field.absolute_position().y + field.size().height;
            assert!(
                field.absolute_position().y >= 60.0 && bottom <= keys.absolute_position().y,
                "{width} x {height} {label}: {:?} {bottom}",
                keys.absolute_position()
            );
        }
    }
}

#[test]
fn the_letters_follow_the_language() {
    let screen = on_kiosk(samples::signed_out());
    screen.resize(1024.0, 600.0);
    let x = |label| screen.find(AccessibleRole::Button, label).unwrap().absolute_position().x;
    assert!(x("y") > x("t"), "QWERTY");

    screen.window.handle(Intent::Choose(Preference::Language(Language::German)));
    screen.settle();

    let key_of_y = screen.find(AccessibleRole::Button, "y").unwrap().absolute_position();
    let key_of_a = screen.find(AccessibleRole::Button, "a").unwrap().absolute_position();
    assert!(key_of_y.y > key_of_a.y, "QWERTZ");
}
