//! What a tap or a key leads to.

use std::time::Duration;

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::state::{
    AppState, Command, Decision, DemoState, NewCode, NoticeKind, Progress, SecondFactor,
};
use wareswitch::domain::change::Origin;
use wareswitch::domain::ids::Seq;
use wareswitch::error::UserErrorKind;

use crate::samples::{self, CLOSED, MANY_NAMES, NAMES, Variations};
use crate::screen::Screen;

fn at_home() -> Screen {
    Screen::new(samples::signed_in(&NAMES, &["Warehouse1"]))
}

fn assert_activates(screen: &Screen, name: &str) {
    let sent = screen.sent();
    let [Command::Activate { warehouse, origin: Origin::Tap }] = sent.as_slice() else {
        panic!("expected a switch to {name}, got {sent:?}");
    };
    assert_eq!(*warehouse, samples::warehouse(name));
}

fn assert_sends_nothing(screen: &Screen) {
    let sent = screen.sent();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn a_tap_on_a_row_switches_without_a_question() {
    let screen = at_home();

    screen.tap_row("Spryker MER000001 Warehouse 1");

    assert_activates(&screen, "Spryker MER000001 Warehouse 1");
}

#[test]
fn a_screen_readers_action_on_a_row_switches_too() {
    let screen = at_home();

    screen.find(AccessibleRole::ListItem, "Halle 2").unwrap().invoke_accessible_default_action();

    assert_activates(&screen, "Halle 2");
}

#[test]
fn a_digit_key_switches_to_the_row_with_that_digit() {
    let screen = at_home();

    screen.press("1");
    screen.wait_for_silence();

    assert_activates(&screen, "Halle 2");
}

#[test]
fn arrows_and_enter_switch() {
    let screen = at_home();

    screen.press_key(Key::DownArrow);
    screen.press_key(Key::DownArrow);
    screen.press_key(Key::UpArrow);
    screen.press_key(Key::Return);

    assert_activates(&screen, "Halle 2");
}

#[test]
fn a_closed_warehouse_says_so_and_sends_nothing() {
    let screen =
        Screen::new(samples::signed_in(&["Warehouse1", "Warehouse2", CLOSED], &["Warehouse1"]));

    let row = screen.find(AccessibleRole::ListItem, CLOSED).unwrap();
    screen.tap_row(CLOSED);
    row.invoke_accessible_default_action();

    assert_sends_nothing(&screen);
    assert_eq!(row.accessible_enabled(), Some(false));
    assert!(row.accessible_label().unwrap().contains("closed"));
}

#[test]
fn the_active_warehouse_can_be_left() {
    let screen = at_home();

    screen.tap_button("Leave warehouse");

    assert!(matches!(screen.sent().as_slice(), [Command::Leave]));
}

#[test]
fn a_tap_can_be_undone_from_the_bar() {
    let screen = Screen::new(samples::waiting_for("Warehouse2"));
    assert!(screen.has_text("Switched to Warehouse2"));

    screen.tap_button("Undo");

    assert!(matches!(screen.sent().as_slice(), [Command::Undo { seq: Seq(9) }]));
}

#[test]
fn a_waiting_switch_says_will_be_sent_until_it_is_confirmed() {
    let screen = Screen::new(samples::waiting_for("Warehouse2"));
    assert!(screen.has_text("You are active in Warehouse2, will be sent"));
    assert!(screen.has_text("Offline, 1 will be sent"));

    screen.show(samples::signed_in(&NAMES, &["Warehouse2"]));

    assert!(!screen.has_text("will be sent"));
    assert!(screen.has_text("All sent"));
}

#[test]
fn the_search_narrows_the_list_and_its_rows_still_switch() {
    let screen = Screen::new(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));

    screen.tap(AccessibleRole::TextInput, "Search");
    screen.type_text("hALLE 10");
    assert_eq!(screen.rows(), ["Halle 10"]);
    screen.tap_row("Halle 10");

    assert_activates(&screen, "Halle 10");
    assert!(screen.rows().len() > 1, "the search is over once it did its work");
    screen.press("1");
    screen.wait_for_silence();
    assert_activates(&screen, "Budget Cameras MER000005 Warehouse 1");
}

#[test]
fn digits_in_the_search_are_typed_and_not_taken_as_rows() {
    let screen = Screen::new(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));

    screen.tap(AccessibleRole::TextInput, "Search");
    screen.press("1");
    screen.wait_for_silence();

    assert_sends_nothing(&screen);
}

#[test]
fn enter_leads_from_the_search_to_the_list() {
    let screen = Screen::new(samples::signed_in(&MANY_NAMES, &["Warehouse1"]));
    screen.tap(AccessibleRole::TextInput, "Search");
    screen.type_text("sony");

    screen.press_key(Key::Return);
    screen.press_key(Key::DownArrow);
    screen.press_key(Key::Return);

    assert_activates(&screen, "Sony Experts MER000006 Warehouse 1");
}

fn assert_answers(button: &str, expected: Decision) {
    let screen = Screen::new(samples::asked("Warehouse2", "Halle 2"));

    screen.tap_button(button);

    let sent = screen.sent();
    let [Command::Decide { seq: Seq(9), decision }] = sent.as_slice() else {
        panic!("{button}: {sent:?}");
    };
    assert_eq!(*decision, expected);
}

#[test]
fn switching_as_wished_answers_a_question() {
    assert_answers("Switch to Warehouse2", Decision::Mine);
}

#[test]
fn staying_answers_a_question() {
    assert_answers("Stay in Halle 2", Decision::Theirs);
}

#[test]
fn a_question_is_answered_with_arrows_and_enter_but_never_by_enter_alone() {
    let screen = Screen::new(samples::asked("Warehouse2", "Halle 2"));

    screen.press_key(Key::Return);
    assert_sends_nothing(&screen);
    screen.press_key(Key::DownArrow);
    screen.settle();
    screen.press_key(Key::DownArrow);
    screen.settle();
    screen.press_key(Key::Return);

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Decide { decision: Decision::Theirs, .. }]),
        "{sent:?}"
    );
}

#[test]
fn a_question_put_aside_comes_back_from_the_strip() {
    let screen = Screen::new(samples::asked("Warehouse2", "Halle 2"));

    screen.press_key(Key::Escape);
    screen.settle();
    assert!(screen.find(AccessibleRole::Button, "Stay in").is_none());
    screen.tap_button("This needs you");

    assert!(screen.find(AccessibleRole::Button, "Stay in").is_some());
    assert_sends_nothing(&screen);
}

fn type_harald_in(screen: &Screen) {
    screen.tap(AccessibleRole::TextInput, "User name");
    screen.type_text("harald@spryker.com");
    screen.press_key(Key::Return);
    screen.type_text("change123");
}

#[test]
fn signing_in_sends_name_and_password_once_and_forgets_the_password() {
    let screen = Screen::new(samples::signed_out());

    type_harald_in(&screen);
    screen.tap_button("Sign in");

    let sent = screen.sent();
    let [Command::SignIn { username, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(username, "harald@spryker.com");
    screen.tap_button("Sign in");
    assert_sends_nothing(&screen);
}

#[test]
fn enter_in_the_password_signs_in() {
    let screen = Screen::new(samples::signed_out());

    type_harald_in(&screen);
    screen.press_key(Key::Return);

    assert!(matches!(screen.sent().as_slice(), [Command::SignIn { .. }]));
}

#[test]
fn a_refused_sign_in_says_why() {
    let sign_in = Progress::Failed(UserErrorKind::SignInRefused);

    let screen = Screen::new(AppState { sign_in, ..samples::signed_out() });

    assert!(screen.has_text("User name or password is wrong."));
}

#[test]
fn a_token_that_is_over_leads_to_the_sign_in_and_back_without_losing_the_list() {
    let over = AppState { is_token_over: true, ..samples::signed_in(&NAMES, &["Warehouse1"]) };
    let screen = Screen::new(over);
    screen.tap_row("Halle 2");
    assert_activates(&screen, "Halle 2");

    screen.tap_button("Sign in");
    assert!(screen.find(AccessibleRole::TextInput, "Password").is_some());
    screen.tap_button("Back");

    assert!(screen.find(AccessibleRole::ListItem, "Halle 2").is_some());
}

#[test]
fn the_address_is_sent_as_typed() {
    let server = wareswitch::app::state::ServerSetting::Missing;
    let screen = Screen::new(AppState { server, ..samples::signed_out() });

    screen.tap(AccessibleRole::TextInput, "Server address");
    screen.press_key(Key::End);
    screen.type_text("glue.example");
    screen.tap_button("Connect");

    let sent = screen.sent();
    let [Command::SetServer { address }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(address, "https://glue.example");
}

#[test]
fn the_outbox_sends_takes_back_and_marks_as_understood() {
    let state = samples::signed_in(&NAMES, &["Warehouse1"]).with_changes(samples::history());
    let screen = Screen::new(state);
    screen.resize(360.0, 1200.0);

    screen.tap(AccessibleRole::Tab, "Outbox (2)");
    screen.tap_button("Send now");
    screen.tap_button("Undo");
    screen.tap_button("Understood");

    let sent = screen.sent();
    assert!(
        matches!(
            sent.as_slice(),
            [Command::SendNow, Command::Undo { seq: Seq(9) }, Command::MarkSeen { seq: Seq(7) }]
        ),
        "{sent:?}"
    );
}

#[test]
fn signing_out_offers_to_send_first_and_asks_twice_before_giving_up() {
    let screen = Screen::new(samples::waiting_for("Warehouse2"));
    screen.resize(360.0, 2_000.0);
    screen.tap(AccessibleRole::Tab, "Settings");

    screen.resize(360.0, 1800.0);
    screen.tap_button("Sign out");
    assert!(screen.find(AccessibleRole::Button, "Send first, then sign out").is_some());
    screen.tap_button("Give it up and sign out");
    assert_sends_nothing(&screen);
    screen.tap_button("Yes, give it up");

    assert!(matches!(screen.sent().as_slice(), [Command::SignOut { discard: true }]));
}

#[test]
fn good_news_goes_away_and_bad_news_stays_until_it_is_read() {
    let state = samples::signed_in(&NAMES, &["Warehouse1"]);
    let screen = Screen::new(state.clone().with_notice(NoticeKind::AlreadySo, None));
    assert!(screen.has_text("It is so already"));
    screen.wait(Duration::from_secs(6));
    assert!(!screen.has_text("It is so already"));

    let mut bad = state.with_notice(NoticeKind::NotAccepted(UserErrorKind::StorageFull), None);
    bad.notice.as_mut().unwrap().number = 2;
    screen.show(bad);
    screen.wait(Duration::from_secs(6));
    assert!(screen.has_text("the disk is full"));
    screen.tap_button("OK");

    assert!(!screen.has_text("the disk is full"));
}

#[test]
fn the_language_changes_at_once() {
    let screen = at_home();
    screen.resize(360.0, 2_000.0);
    screen.tap(AccessibleRole::Tab, "Settings");

    screen.resize(360.0, 1800.0);
    screen.tap(AccessibleRole::RadioButton, "Deutsch");
    assert!(screen.find(AccessibleRole::Button, "Abmelden").is_some());
    assert!(screen.has_text("Alles gesendet"));
    screen.tap(AccessibleRole::RadioButton, "English");

    assert!(screen.find(AccessibleRole::Button, "Sign out").is_some());
}

#[test]
fn the_demos_switches_are_there_only_in_the_demo() {
    let screen = at_home();
    assert!(screen.find(AccessibleRole::Switch, "").is_none());
    let demo = Some(DemoState { is_offline: false });

    screen.show(AppState { demo, ..samples::signed_in(&NAMES, &["Warehouse1"]) });
    screen.tap(AccessibleRole::Switch, "No network");
    screen.tap_button("Other device switches");

    let sent = screen.sent();
    assert!(
        matches!(sent.as_slice(), [Command::DemoOffline(true), Command::DemoOtherDevice]),
        "{sent:?}"
    );
}

#[test]
fn rows_are_high_and_far_enough_apart_for_gloves() {
    let screen = at_home();

    let mut rows: Vec<_> = screen
        .rows()
        .iter()
        .filter_map(|label| screen.find(AccessibleRole::ListItem, label))
        .map(|row| (row.absolute_position(), row.size()))
        .collect();
    rows.sort_by(|one, other| one.0.y.total_cmp(&other.0.y));

    assert!(rows.len() >= 3);
    for (position, size) in &rows {
        assert!(size.height >= 72.0, "{size:?}");
        assert!(position.x <= 16.0 && position.x + size.width >= 344.0, "{position:?} {size:?}");
    }
    for pair in rows.windows(2) {
        assert!(pair[1].0.y - (pair[0].0.y + pair[0].1.height) >= 8.0 - 0.01, "{pair:?}");
    }
}

#[test]
fn a_long_list_follows_the_arrow_keys() {
    let names: Vec<String> = (1..=60).map(|number| format!("Halle {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let screen = Screen::new(samples::signed_in(&names, &["Halle 1"]));

    for _ in 0..40 {
        screen.press_key(Key::DownArrow);
        screen.settle();
    }

    let row = screen.find(AccessibleRole::ListItem, "Halle 41").expect("the row is there");
    let bottom = row.absolute_position().y + row.size().height;
    assert!(row.absolute_position().y >= 60.0 && bottom <= 640.0 - 60.0, "{bottom}");
}

fn code_sheet() -> Screen {
    Screen::new(samples::code_wanted("Warehouse2"))
}

fn assert_enters(screen: &Screen, digits: &str) {
    let sent = screen.sent();
    let [Command::EnterCode(code)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(code.expose(), digits);
}

#[test]
fn a_code_is_typed_on_big_keys_and_sent() {
    let screen = code_sheet();
    assert!(screen.has_text("Type your code"));

    for digit in ["1", "2", "0", "4", "9"] {
        screen.tap_button(digit);
    }
    screen.tap_button("Erase");
    assert!(screen.has_text("1204"));
    screen.tap_button("Send code");

    assert_enters(&screen, "1204");
    assert!(screen.has_text("No digit typed yet"), "no code is kept");
}

#[test]
fn a_code_is_typed_on_the_devices_own_keys() {
    let screen = code_sheet();

    for digit in ["1", "2", "0", "7"] {
        screen.press(digit);
        screen.wait_for_silence();
    }
    screen.press_key(Key::Backspace);
    screen.press_key(Key::Return);

    assert_enters(&screen, "120");
}

#[test]
fn a_scan_is_no_code() {
    let screen = code_sheet();

    screen.type_text("12");
    screen.scan("4006381333931");

    let sent = screen.sent();
    assert!(matches!(sent.as_slice(), [Command::Scanned { .. }]), "{sent:?}");
    assert!(screen.has_text("12"));
}

#[test]
fn a_new_code_can_be_asked_for_and_what_comes_of_it_is_told() {
    let screen = code_sheet();

    screen.tap_button("Send me a new code");
    assert!(matches!(screen.sent().as_slice(), [Command::SendNewCode]));

    let with = |new_code| AppState {
        second_factor: SecondFactor { new_code, ..SecondFactor::default() },
        ..samples::code_wanted("Warehouse2")
    };
    screen.show(with(NewCode::Sent));
    assert!(screen.has_text("A new code is on its way"));
    screen.show(with(NewCode::Failed(UserErrorKind::ServerUnreachable)));
    assert!(screen.has_text("The server can't be reached"));
}

#[test]
fn a_wrong_code_says_so_and_a_right_one_closes_the_sheet() {
    let screen = code_sheet();

    let second_factor = SecondFactor { is_code_refused: true, ..SecondFactor::default() };
    screen.show(AppState { second_factor, ..samples::code_wanted("Warehouse2") });
    assert!(screen.has_text("This code is wrong or too old"));

    screen.show(samples::signed_in(&NAMES, &["Warehouse2"]));
    assert!(!screen.has_text("Type your code"));
}

#[test]
fn the_code_can_wait_and_the_strip_asks_for_it_again() {
    let screen = code_sheet();

    screen.tap_button("Later");
    assert!(!screen.has_text("Type your code"));
    screen.tap_row("Halle 2");
    assert_activates(&screen, "Halle 2");

    screen.tap_button("A code is needed");
    assert!(screen.has_text("Type your code"));
}
