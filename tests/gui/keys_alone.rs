//! A shift by keys alone, as on a device with a keypad and no hand free for the screen.

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::state::{AppState, Command, Decision, PinSettings, ServerSetting};
use wareswitch::domain::ids::Seq;
use wareswitch::domain::protection::Unlock;

use crate::samples::{self, MANY_NAMES, NAMES, Variations};
use crate::screen::Screen;

/// Handhelds with a keypad have small screens.
fn on_keypad_device(state: AppState) -> Screen {
    let screen = Screen::new(state);
    screen.resize(320.0, 533.0);
    screen
}

fn enter(screen: &Screen) {
    screen.press_key(Key::Return);
    screen.settle();
    screen.wait_for_silence();
}

#[test]
fn somebody_signs_in() {
    let screen = on_keypad_device(samples::signed_out());

    screen.type_text("harald");
    screen.press_key(Key::DownArrow);
    screen.wait_for_silence();
    screen.type_text("secret");
    screen.focus_by(Key::DownArrow, "Show");
    enter(&screen);
    screen.focus_by(Key::Tab, "Sign in");
    enter(&screen);

    let sent = screen.sent();
    let [Command::SignIn { username, password }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((username.as_str(), password.expose()), ("harald", "secret"));
}

#[test]
fn a_warehouse_is_switched_to_and_that_is_undone() {
    let screen = on_keypad_device(samples::signed_in(&NAMES, &["Warehouse1"]));
    screen.press_key(Key::DownArrow);
    enter(&screen);
    assert!(matches!(screen.sent().as_slice(), [Command::Activate { .. }]));

    screen.show(samples::waiting_for("Halle 2"));
    screen.focus_by(Key::RightArrow, "Undo");
    enter(&screen);

    assert!(matches!(screen.sent().as_slice(), [Command::Undo { seq: Seq(9) }]));
}

#[test]
fn a_scan_is_heard_after_the_button_with_the_focus_is_gone() {
    let screen = on_keypad_device(samples::waiting_for("Halle 2"));
    screen.focus_by(Key::RightArrow, "Undo");
    screen.show(samples::signed_in(&NAMES, &["Warehouse1"]));

    screen.scan("Halle 2");

    assert!(matches!(screen.sent().as_slice(), [Command::Scanned { .. }]));
}

#[test]
fn the_warehouse_is_left_and_the_window_locked() {
    let screen = on_keypad_device(samples::signed_in(&NAMES, &["Warehouse1"]));

    screen.focus_by(Key::Tab, "Leave warehouse");
    enter(&screen);
    screen.focus_by(Key::Backtab, "Lock, or switch user");
    enter(&screen);

    assert!(matches!(screen.sent().as_slice(), [Command::Leave, Command::Lock]));
}

#[test]
fn a_list_is_searched() {
    let screen = on_keypad_device(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));

    screen.focus_by(Key::Tab, "Search");
    screen.type_text("sony");
    enter(&screen);
    screen.press_key(Key::DownArrow);
    enter(&screen);

    assert!(matches!(screen.sent().as_slice(), [Command::Activate { .. }]));
}

#[test]
fn a_question_is_decided_and_nothing_behind_it_gets_a_key() {
    for (steps, expected) in [(1, Decision::Mine), (2, Decision::Theirs), (3, Decision::Mine)] {
        for key in [Key::DownArrow, Key::RightArrow, Key::Tab] {
            let screen = on_keypad_device(samples::asked("Warehouse2", "Halle 2"));
            for _ in 0..steps {
                screen.press_key(key);
                screen.wait_for_silence();
            }
            enter(&screen);

            let sent = screen.sent();
            let [Command::Decide { decision, .. }] = sent.as_slice() else { panic!("{sent:?}") };
            assert_eq!(*decision, expected, "{steps} {key:?}");
        }
    }
}

#[test]
fn a_digit_answers_a_question_as_it_stands_there() {
    for (digit, expected) in [("1", Decision::Mine), ("2", Decision::Theirs)] {
        let screen = on_keypad_device(samples::asked("Warehouse2", "Halle 2"));

        screen.type_text(digit);

        let sent = screen.sent();
        let [Command::Decide { decision, .. }] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!(*decision, expected);
    }
}

#[test]
fn a_long_question_is_read_to_its_end_before_the_answers() {
    let long = "Budget Cameras MER000005 Warehouse 1, second floor, behind the blue gate";
    let screen = on_keypad_device(samples::asked(long, "Halle 2"));
    screen.resize(320.0, 240.0);

    for _ in 0..9 {
        screen.press_key(Key::DownArrow);
        screen.wait_for_silence();
        if screen.focused().starts_with("Switch to") {
            break;
        }
        assert!(screen.sent().is_empty());
    }
    assert!(screen.focused().starts_with("Switch to"), "{}", screen.focused());
    enter(&screen);

    assert!(matches!(screen.sent().as_slice(), [Command::Decide { .. }]));
}

#[test]
fn a_device_is_set_up() {
    let missing = AppState { server: ServerSetting::Missing, ..samples::signed_out() };
    let screen = on_keypad_device(missing);

    screen.type_text("glue.example");
    screen.focus_by(Key::DownArrow, "Connect");
    enter(&screen);

    let sent = screen.sent();
    let [Command::SetServer { address }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(address, "https://glue.example");
}

#[test]
fn a_set_up_code_is_agreed_to_but_never_by_the_enter_of_the_scanner() {
    let screen = on_keypad_device(samples::set_up_code_offered());
    enter(&screen);
    assert!(screen.sent().is_empty());

    screen.type_text("1");

    assert!(matches!(screen.sent().as_slice(), [Command::UseSetUpCode]));
}

#[test]
fn a_pin_is_set() {
    let pin = PinSettings { can_set: true, ..PinSettings::default() };
    let screen = on_keypad_device(AppState { pin, ..samples::signed_in(&NAMES, &["Warehouse1"]) });
    screen.focus_by(Key::Tab, "Settings");
    enter(&screen);
    screen.focus_by(Key::DownArrow, "Set a PIN");
    enter(&screen);

    for _ in 0..2 {
        screen.type_text("25");
        screen.type_text("80");
        enter(&screen);
    }

    let sent = screen.sent();
    let [Command::SetPin { current: None, new: Some(_) }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
}

#[test]
fn a_code_is_sent_a_new_one_asked_for_and_the_sheet_put_aside() {
    let screen = on_keypad_device(samples::code_wanted("Warehouse2"));
    screen.type_text("12049");
    screen.press_key(Key::Backspace);
    enter(&screen);
    let sent = screen.sent();
    let [Command::EnterCode(code)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(code.expose(), "1204");

    screen.focus_by(Key::DownArrow, "Send me a new code");
    enter(&screen);
    assert!(matches!(screen.sent().as_slice(), [Command::SendNewCode]));
    screen.focus_by(Key::DownArrow, "Later");
    enter(&screen);

    assert!(!screen.has_text("Type your code"));
}

#[test]
fn the_outbox_is_gone_through() {
    let state = samples::signed_in(&NAMES, &["Warehouse1"]).with_changes(samples::history());
    let screen = on_keypad_device(state);

    screen.focus_by(Key::RightArrow, "Outbox");
    enter(&screen);
    screen.focus_by(Key::Tab, "Send now");
    enter(&screen);
    while screen.find(AccessibleRole::Button, "Understood").is_none() {
        screen.press_key(Key::DownArrow);
        screen.wait_for_silence();
    }
    screen.focus_by(Key::Tab, "Understood");
    enter(&screen);

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::SendNow, Command::MarkSeen { seq: Seq(7) }]),
        "{sent:?}"
    );
    screen.press_key(Key::Escape);
    screen.settle();
    assert!(screen.has_text("You are active in"), "Escape leads home");
}

#[test]
fn the_language_is_chosen_and_somebody_signs_out_in_every_way() {
    for (label, discards) in [("Send first", false), ("Give it up", true)] {
        let screen = on_keypad_device(samples::waiting_for("Warehouse2"));
        screen.focus_by(Key::Tab, "Settings");
        enter(&screen);
        screen.focus_by(Key::Tab, "English");
        enter(&screen);
        screen.focus_by(Key::DownArrow, "Sign out");
        enter(&screen);
        screen.focus_by(Key::DownArrow, label);
        enter(&screen);
        if discards {
            assert_eq!(screen.focused(), "", "a second Enter agrees to nothing");
            enter(&screen);
            screen.focus_by(Key::UpArrow, "Yes, give it up");
            enter(&screen);
        }

        let sent = screen.sent();
        let [Command::Choose(_), Command::SignOut { discard }] = sent.as_slice() else {
            panic!("{label}: {sent:?}")
        };
        assert_eq!(*discard, discards);
    }
}

#[test]
fn a_profile_is_opened_with_its_pin_even_while_the_server_wants_a_code() {
    let mut state = samples::locked(Unlock::Pin { tries_left: 5 });
    if let Some(profile) = &mut state.profile {
        let needs_code = wareswitch::domain::connection::Connection::NeedsCode;
        profile.sync.set_connection(needs_code, samples::moment(5));
    }
    let screen = on_keypad_device(state);

    screen.type_text("2580");
    enter(&screen);

    let sent = screen.sent();
    let [Command::Unlock { pin: Some(_), .. }] = sent.as_slice() else { panic!("{sent:?}") };
}

#[test]
fn somebody_else_takes_the_device() {
    let screen = on_keypad_device(samples::locked(Unlock::Pin { tries_left: 5 }));
    screen.focus_by(Key::DownArrow, "Other user");
    enter(&screen);
    screen.focus_by(Key::DownArrow, "martha@video-king.nl");
    enter(&screen);

    assert!(matches!(screen.sent().as_slice(), [Command::Unlock { pin: None, .. }]));
}

#[test]
fn the_strip_leads_to_the_question_that_was_put_aside() {
    let screen = on_keypad_device(samples::asked("Warehouse2", "Halle 2"));
    screen.press_key(Key::Escape);
    screen.settle();
    assert!(!screen.has_text("Stay in Halle 2"));

    screen.focus_by(Key::RightArrow, "This needs you");
    enter(&screen);

    assert!(screen.has_text("Stay in Halle 2"));
}
