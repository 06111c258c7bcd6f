use super::window_state::{Language, Theme};
use super::*;
use crate::app::state::{Decision, NoticeKind};
use crate::domain::ids::Seq;
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

#[test]
fn a_digit_switches_to_the_row_that_shows_it() {
    let mut controller = at_home();

    assert!(controller.key(Key::Text(Some(1))).0);
    let command = controller.handle(Intent::KeysSilent);

    assert_eq!(activated(command), Some(samples::warehouse("Halle 2")));
}

#[test]
fn a_scanned_code_switches_to_nothing() {
    let mut controller = at_home();
    controller.key(Key::Down);

    for digit in [Some(4), None, None, Some(1)] {
        controller.key(Key::Text(digit));
    }
    let (_, command) = controller.key(Key::Enter);

    assert_eq!(activated(command), None);
    assert_eq!(activated(controller.handle(Intent::KeysSilent)), None);
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

    controller.key(Key::Text(Some(1)));

    assert!(controller.handle(Intent::KeysSilent).is_none());
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
fn another_person_begins_at_home_with_the_same_looks() {
    let mut controller = at_home();
    controller.handle(Intent::ChooseTheme(Theme::Dark));
    controller.handle(Intent::ChooseLanguage(Language::German));
    controller.handle(Intent::OpenPage(Page::Outbox));

    controller.take_state(Arc::new(samples::signed_out()));

    let appearance = Appearance { theme: Theme::Dark, language: Language::German };
    assert_eq!(controller.window(), &WindowState { appearance, ..WindowState::default() });
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
    assert_eq!(Language::of_locale("pl_PL"), Language::English);
}
