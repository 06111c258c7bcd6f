use super::window_state::{Language, Locked, Theme};
use super::*;
use std::time::Duration;

use crate::app::keyboard_wedge::{SILENCE, Terminator, WedgeKey};
use crate::app::state::{Decision, NoticeKind};
use crate::domain::connection::Connection;
use crate::domain::ids::Seq;
use crate::domain::preferences::{Preference, Preferences, Volume};
use crate::gui::samples::{self, MANY_NAMES, NAMES, Variations};

fn controller(state: AppState) -> Controller {
    Controller::new(Arc::new(state), Appearance::default())
}

fn at_home() -> Controller {
    controller(samples::signed_in(&NAMES, &["Warehouse1"]))
}

fn activated(command: Option<Command>) -> Option<WarehouseUuid> {
    match command {
        Some(Command::Activate { warehouse, origin: Origin::Tap }) => Some(warehouse),
        _ => None,
    }
}

/// A person presses a key that no text field wants, and waits.
fn press_alone(controller: &mut Controller, digit: u8) -> Option<Command> {
    let at = Duration::from_secs(9);
    controller.capture(WedgeKey::Character(char::from(b'0' + digit)), at);
    controller.key(Key::Text(Some(digit)));
    controller.keys_silent(at + SILENCE).command
}

/// A scanner types, with nothing in focus.
fn scan(controller: &mut Controller, code: &str) -> Captured {
    let mut at = Duration::from_secs(9);
    for character in code.chars() {
        at += Duration::from_millis(5);
        controller.capture(WedgeKey::Character(character), at);
        controller
            .key(Key::Text(character.to_digit(10).and_then(|digit| u8::try_from(digit).ok())));
    }
    controller.capture(WedgeKey::Terminator(Terminator::Cr), at + Duration::from_millis(5))
}

#[test]
fn a_digit_switches_to_the_row_that_shows_it() {
    let command = press_alone(&mut at_home(), 1);

    assert_eq!(activated(command), Some(samples::warehouse("Halle 2")));
}

#[test]
fn a_scan_goes_to_the_app_whatever_is_in_front() {
    let with_question = controller(samples::asked("Warehouse2", "Halle 2"));
    for mut controller in [at_home(), with_question] {
        controller.key(Key::Down);

        let captured = scan(&mut controller, "4012");

        assert!(captured.is_swallowed && captured.restore_texts);
        assert!(matches!(captured.command, Some(Command::Scanned { code }) if code == "4012"));
    }
}

/// A character by its number, as a scanner types it with Alt held down.
fn type_number(controller: &mut Controller, character: char, at: Duration) -> bool {
    let mut has_begun = controller.capture(WedgeKey::Other, at).remember_texts;
    // Its digits come at the pace of any key, which is too slow for one key as a whole.
    let mut at = at;
    for digit in format!("{:04}", u32::from(character)).chars().filter_map(|one| one.to_digit(10)) {
        at += Duration::from_millis(20);
        let captured = controller.capture_alt_digit(u8::try_from(digit).unwrap(), at);
        assert!(captured.is_swallowed, "no control gets the digit");
        has_begun |= captured.remember_texts;
    }
    has_begun
}

#[test]
fn a_code_whose_separator_comes_as_a_number_arrives_whole() {
    let (mut controller, mut at) = (at_home(), Duration::from_secs(9));
    for part in ["4144012345000009", "\u{1d}", "10LOT"] {
        for character in part.chars() {
            at += Duration::from_millis(5);
            if character == '\u{1d}' {
                type_number(&mut controller, character, at);
                at += Duration::from_millis(80);
            } else {
                controller.capture(WedgeKey::Character(character), at);
            }
        }
    }

    let captured = controller.capture(WedgeKey::Terminator(Terminator::Cr), at);

    let code = "4144012345000009\u{1d}10LOT";
    assert!(
        matches!(captured.command, Some(Command::Scanned { code: scanned }) if scanned == code)
    );
}

#[test]
fn a_code_that_comes_in_numbers_alone_is_a_scan_after_a_silence_too() {
    let (mut controller, mut at) = (at_home(), Duration::from_secs(9));
    let mut begun = 0;
    for character in "WH-A:1".chars() {
        at += Duration::from_millis(20);
        begun += usize::from(type_number(&mut controller, character, at));
        at += Duration::from_millis(80);
        assert!(controller.has_keys_running());
    }
    assert_eq!(begun, 1, "the texts are remembered once");

    let captured = controller.keys_silent(at + SILENCE);

    assert!(captured.restore_texts && !controller.has_keys_running());
    assert!(matches!(captured.command, Some(Command::Scanned { code }) if code == "WH-A:1"));
}

#[test]
fn digits_answer_the_sheet_in_front() {
    let decided = |digit| {
        let mut controller = controller(samples::asked("Warehouse2", "Halle 2"));
        press_alone(&mut controller, digit)
    };
    assert!(matches!(decided(1), Some(Command::Decide { decision: Decision::Mine, .. })));
    assert!(matches!(decided(2), Some(Command::Decide { decision: Decision::Theirs, .. })));
    assert!(decided(3).is_none(), "no row behind it is chosen");

    let mut controller = controller(samples::waiting_for("Warehouse2"));
    controller.handle(Intent::OpenPage(Page::Settings));
    controller.handle(Intent::AskSignOut);
    assert!(press_alone(&mut controller, 2).is_none());
    assert_eq!(controller.window().sign_out, SignOut::Sure);
    assert!(press_alone(&mut controller, 1).is_none());
    assert_eq!(controller.window().sign_out, SignOut::Closed);
    controller.handle(Intent::AskSignOut);
    press_alone(&mut controller, 2);
    let given_up = press_alone(&mut controller, 2);
    assert!(matches!(given_up, Some(Command::SignOut { discard: true })));
}

#[test]
fn a_digit_is_no_answer_to_a_question_that_came_while_it_was_pressed() {
    let mut controller = at_home();
    let at = Duration::from_secs(9);
    controller.capture(WedgeKey::Character('1'), at);
    controller.key(Key::Text(Some(1)));

    controller.take_state(Arc::new(samples::asked("Warehouse2", "Halle 2")));

    assert!(controller.keys_silent(at + SILENCE).command.is_none());
}

#[test]
fn a_tap_on_the_strip_leads_to_what_waits_and_else_fetches_the_list() {
    let mut controller = at_home();
    assert!(matches!(controller.handle(Intent::OpenStrip), Some(Command::SendNow)));

    controller.take_state(Arc::new(samples::waiting_for("Warehouse2")));
    assert!(controller.handle(Intent::OpenStrip).is_none());
    assert_eq!(controller.window().page, Some(Page::Outbox));
}

#[test]
fn a_code_too_short_to_be_one_chooses_nothing() {
    let mut controller = at_home();
    controller.key(Key::Down);

    let captured = scan(&mut controller, "41");
    let (is_used, command) = controller.key(Key::Enter);

    assert!(!captured.is_swallowed && captured.command.is_none());
    assert!(is_used && command.is_none());
}

#[test]
fn arrows_and_enter_choose_a_row_and_stop_at_both_ends() {
    let mut controller = at_home();

    assert!(controller.key(Key::Down).0);
    assert!(!controller.key(Key::Up).0);
    assert!(controller.key(Key::Down).0);
    let (_, command) = controller.key(Key::Enter);

    assert_eq!(activated(command), Some(samples::warehouse("Spryker MER000001 Warehouse 1")));
}

#[test]
fn enter_does_nothing_before_a_row_was_chosen() {
    let (is_used, command) = at_home().key(Key::Enter);

    assert!(!is_used && command.is_none());
}

#[test]
fn keys_do_not_reach_the_list_below_a_question() {
    let mut controller = controller(samples::asked("Warehouse2", "Halle 2"));

    assert!(press_alone(&mut controller, 3).is_none(), "there is no third answer");
    assert!(!controller.key(Key::Down).0);
}

#[test]
fn back_goes_one_step_at_a_time_and_ends_at_home() {
    let mut controller = controller(samples::signed_in(&MANY_NAMES, &[]));
    controller.handle(Intent::Search("halle".into()));
    controller.handle(Intent::OpenPage(Page::Settings));
    controller.handle(Intent::AskSignOut);

    assert!(controller.key(Key::Back).0);
    assert_eq!(controller.window().sign_out, SignOut::Closed);
    assert!(controller.key(Key::Back).0);
    assert_eq!(controller.window().page, None);
    assert!(controller.key(Key::Back).0);
    assert_eq!(controller.window().search, "");
    assert!(!controller.key(Key::Back).0);
}

#[test]
fn giving_up_what_waits_takes_a_second_tap() {
    let mut controller = controller(samples::waiting_for("Warehouse2"));
    controller.handle(Intent::AskSignOut);

    assert!(controller.handle(Intent::SignOut { discard: true }).is_none());
    let command = controller.handle(Intent::SignOut { discard: true });

    assert!(matches!(command, Some(Command::SignOut { discard: true })));
}

#[test]
fn signing_out_with_what_waits_sent_first_takes_one_tap() {
    let mut controller = controller(samples::waiting_for("Warehouse2"));
    controller.handle(Intent::AskSignOut);

    let command = controller.handle(Intent::SignOut { discard: false });

    assert!(matches!(command, Some(Command::SignOut { discard: false })));
    assert_eq!(controller.window().sign_out, SignOut::Closed);
}

#[test]
fn the_sign_in_page_goes_away_once_it_did_its_work() {
    let over = AppState { is_token_over: true, ..samples::signed_in(&NAMES, &[]) };
    let busy = AppState { sign_in: Progress::Busy, ..over.clone() };
    let mut controller = controller(over);
    controller.handle(Intent::OpenPage(Page::SignIn));

    controller.take_state(Arc::new(busy));
    assert_eq!(controller.window().page, Some(Page::SignIn));
    controller.take_state(Arc::new(samples::signed_in(&NAMES, &[])));

    assert_eq!(controller.window().page, None);
}

#[test]
fn another_person_begins_at_home_with_looks_of_their_own() {
    let mut controller = at_home();
    controller.handle(Intent::Choose(Preference::Theme(Theme::Dark)));
    controller.handle(Intent::OpenPage(Page::Outbox));

    controller.take_state(Arc::new(samples::signed_out()));

    assert_eq!(controller.window(), &WindowState::default());
}

#[test]
fn a_choice_is_shown_at_once_and_kept_by_the_app() {
    let mut controller = at_home();

    let command = controller.handle(Intent::Choose(Preference::Language(Language::Polish)));

    assert!(matches!(command, Some(Command::Choose(Preference::Language(Language::Polish)))));
    assert_eq!(controller.window().appearance_for(controller.state()).language, Language::Polish);
}

#[test]
fn what_policy_has_locked_stays_whatever_was_chosen() {
    let locked = Locked { theme: true, ..Locked::default() };
    let configured = Appearance { theme: Theme::Sunlight, locked, ..Appearance::default() };
    let chosen = Preferences {
        theme: Some(Theme::Dark),
        volume: Volume::of_percent(0),
        ..Preferences::default()
    };

    let appearance = configured.as_preferred(&chosen);

    assert_eq!((appearance.theme, appearance.volume.percent()), (Theme::Sunlight, 0));
}

#[test]
fn the_strip_leads_to_the_question_that_was_put_aside() {
    let mut controller = controller(samples::asked("Warehouse2", "Halle 2"));
    controller.handle(Intent::CloseQuestion);
    assert_eq!(controller.window().closed_question, Some(Seq(9)));

    controller.handle(Intent::OpenStrip);

    assert_eq!(controller.window().closed_question, None);
}

#[test]
fn the_strip_leads_to_the_outbox_while_something_waits() {
    let mut controller = controller(samples::waiting_for("Warehouse2"));

    controller.handle(Intent::OpenStrip);

    assert_eq!(controller.window().page, Some(Page::Outbox));
}

#[test]
fn the_strip_leads_to_the_sign_in_when_it_asks_for_it() {
    let over = || AppState { is_token_over: true, ..samples::waiting_for("Warehouse2") };
    let refused = samples::waiting_for("Warehouse2").with_connection(Connection::SignInAgain);
    for state in [over(), refused] {
        let mut controller = controller(state);

        controller.handle(Intent::OpenStrip);

        assert_eq!(controller.window().page, Some(Page::SignIn));
    }
    let mut controller = controller(over().with_changes(samples::history()));

    controller.handle(Intent::OpenStrip);

    assert_eq!(controller.window().page, Some(Page::Outbox), "it speaks of what was refused");
}

#[test]
fn news_that_was_read_stays_away_until_there_is_other_news() {
    let state = samples::signed_in(&NAMES, &[]).with_notice(NoticeKind::RefusedLater, None);
    let mut controller = controller(state);

    controller.handle(Intent::DismissBar);

    assert_eq!(controller.window().dismissed_notice, Some(1));
}

#[test]
fn an_answer_is_handed_on() {
    let mut controller = controller(samples::asked("Warehouse2", "Halle 2"));

    let command = controller.handle(Intent::Decide(Seq(9), Decision::Theirs));

    assert!(matches!(command, Some(Command::Decide { seq: Seq(9), decision: Decision::Theirs })));
}

#[test]
fn the_language_follows_the_locale() {
    assert_eq!(Language::of_locale("de_AT.UTF-8"), Language::German);
    assert_eq!(Language::of_locale("de"), Language::German);
    assert_eq!(Language::of_locale("C.UTF-8"), Language::English);
    assert_eq!(Language::of_locale("pl_PL"), Language::Polish);
    assert_eq!(Language::of_locale("cs_CZ"), Language::English);
}

#[test]
fn an_address_without_a_scheme_means_the_safe_one() {
    for (typed, meant) in [
        ("glue.example", "https://glue.example"),
        (" glue.example:8443 ", "https://glue.example:8443"),
        ("https://glue.example", "https://glue.example"),
        ("http://localhost:80", "http://localhost:80"),
    ] {
        let command = at_home().handle(Intent::Connect(typed.into()));

        assert!(
            matches!(&command, Some(Command::SetServer { address }) if address == meant),
            "{command:?}"
        );
    }
}
