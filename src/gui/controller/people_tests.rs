//! Handing the device over, and the PIN, as fingers meet them.

use super::window_state::{PinProblem, PinStep};
use super::*;
use crate::domain::ids::UserUuid;
use crate::domain::protection::{PIN_TRIES_MAX, Unlock};
use crate::error::UserErrorKind;
use crate::gui::presenter::view::PinStepView;
use crate::gui::samples::{self, NAMES};

const WITH_PIN: Unlock = Unlock::Pin { tries_left: PIN_TRIES_MAX };

fn controller(state: AppState) -> Controller {
    Controller::new(Arc::new(state), Appearance::default())
}

fn user(controller: &Controller, name: &str) -> UserUuid {
    let users = &controller.state().users;
    users.iter().find(|user| user.username.starts_with(name)).unwrap().profile.user
}

fn page(controller: &Controller) -> Page {
    presenter::page(controller.state(), controller.window())
}

fn choose(controller: &mut Controller, name: &str) -> Option<Command> {
    let id = user(controller, name);
    controller.handle(Intent::ChooseUser(id))
}

fn type_pin(controller: &mut Controller, digits: &str) -> Option<Command> {
    for digit in digits.bytes() {
        controller.handle(Intent::PinDigit(digit - b'0'));
    }
    controller.handle(Intent::SubmitPin)
}

/// Who is to be opened, and whether with a PIN.
fn unlocked(command: Option<Command>) -> Option<(UserUuid, bool)> {
    match command {
        Some(Command::Unlock { profile, pin }) => Some((profile.user, pin.is_some())),
        _ => None,
    }
}

/// Whether the old PIN and a new one are handed on.
fn set(command: Option<Command>) -> Option<(bool, bool)> {
    match command {
        Some(Command::SetPin { current, new }) => Some((current.is_some(), new.is_some())),
        _ => None,
    }
}

/// Somebody's own window, in which a PIN can be set.
fn at_settings(needs_current: bool) -> Controller {
    let mut state = samples::signed_in(&NAMES, &["Warehouse1"]);
    state.pin.needs_current = needs_current;
    let mut controller = controller(state);
    controller.handle(Intent::OpenPage(Page::Settings));
    controller
}

#[test]
fn handing_over_locks_and_shows_who_is_known() {
    let mut controller = controller(samples::signed_in(&NAMES, &["Warehouse1"]));

    assert!(matches!(controller.handle(Intent::HandOver), Some(Command::Lock)));
    controller.take_state(Arc::new(samples::locked(WITH_PIN)));

    assert_eq!(page(&controller), Page::Users);
    assert!(controller.handle(Intent::HandOver).is_none(), "what is locked need not be locked");
}

#[test]
fn a_tap_is_enough_where_there_is_no_pin() {
    let mut controller = controller(samples::locked(WITH_PIN));
    let martha = user(&controller, "martha");

    let command = choose(&mut controller, "martha");

    assert_eq!(unlocked(command), Some((martha, false)));
}

#[test]
fn a_pin_is_asked_for_and_handed_on_once() {
    let mut controller = controller(samples::locked(WITH_PIN));
    let harald = user(&controller, "harald");
    assert!(choose(&mut controller, "harald").is_none());
    assert_eq!(page(&controller), Page::Unlock);

    let command = type_pin(&mut controller, "2580");

    assert_eq!(unlocked(command), Some((harald, true)));
    assert_eq!(controller.window().pin.typed.count(), 0, "it does not stay in the window");
    assert!(controller.handle(Intent::SubmitPin).is_none());
}

#[test]
fn too_few_digits_are_no_try() {
    let mut controller = controller(samples::locked(WITH_PIN));
    choose(&mut controller, "harald");

    assert!(type_pin(&mut controller, "258").is_none());
}

#[test]
fn keys_type_a_pin_as_fingers_do() {
    let mut controller = controller(samples::locked(WITH_PIN));
    choose(&mut controller, "harald");

    for key in [Key::Text(Some(2)), Key::Text(Some(9)), Key::Erase, Key::Text(Some(5))] {
        assert!(controller.key(key).0);
    }
    controller.key(Key::Text(None));
    assert_eq!(controller.window().pin.typed.count(), 2, "letters are no digits");
    for digit in [8, 0] {
        controller.key(Key::Text(Some(digit)));
    }

    assert!(unlocked(controller.key(Key::Enter).1).is_some());
}

#[test]
fn a_blocked_pin_leads_to_the_password_and_says_why() {
    let mut controller = controller(samples::locked(Unlock::Password));

    assert!(choose(&mut controller, "harald").is_none());

    assert_eq!(page(&controller), Page::SignIn);
    let view =
        presenter::present(controller.state(), controller.window(), &jiff::tz::TimeZone::UTC);
    assert_eq!(view.sign_in.error, Some(UserErrorKind::PinBlocked));
}

#[test]
fn few_tries_left_are_told_and_many_are_not() {
    for (tries_left, told) in [(PIN_TRIES_MAX, None), (2, Some(2))] {
        let mut controller = controller(samples::locked(Unlock::Pin { tries_left }));
        choose(&mut controller, "harald");
        let view =
            presenter::present(controller.state(), controller.window(), &jiff::tz::TimeZone::UTC);

        assert_eq!((view.pin.step, view.pin.tries_left), (PinStepView::Unlock, told));
    }
}

#[test]
fn whoever_signed_out_is_offered_only_while_something_of_theirs_waits() {
    let mut state = samples::locked(WITH_PIN);
    for user in &mut state.users {
        user.is_signing_out = true;
    }
    let controller = controller(state);

    let view =
        presenter::present(controller.state(), controller.window(), &jiff::tz::TimeZone::UTC);

    let names: Vec<&str> = view.users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["richard@spryker.com"]);
}

#[test]
fn opening_a_profile_begins_anew() {
    let mut controller = controller(samples::locked(WITH_PIN));
    choose(&mut controller, "harald");
    type_pin(&mut controller, "25");

    controller.take_state(Arc::new(samples::signed_in(&NAMES, &["Warehouse1"])));

    assert_eq!(page(&controller), Page::Home);
    assert_eq!(controller.window().pin.typed.count(), 0);
}

#[test]
fn a_new_pin_is_typed_twice_and_must_be_the_same_and_no_easy_one() {
    let mut controller = at_settings(false);
    assert!(controller.handle(Intent::OpenPin).is_none());

    assert!(type_pin(&mut controller, "1234").is_none());
    assert_eq!(controller.window().pin.problem, Some(PinProblem::Unfit));
    assert!(type_pin(&mut controller, "2580").is_none());
    assert_eq!(controller.window().pin.step, PinStep::Repeat);
    assert!(type_pin(&mut controller, "2581").is_none());
    assert_eq!(controller.window().pin.problem, Some(PinProblem::Mismatch));
    assert_eq!(controller.window().pin.step, PinStep::New);
    type_pin(&mut controller, "2580");

    assert_eq!(set(type_pin(&mut controller, "2580")), Some((false, true)));
}

#[test]
fn a_pin_is_changed_and_removed_only_with_the_old_one() {
    let mut changing = at_settings(true);
    changing.handle(Intent::OpenPin);
    assert_eq!(changing.window().pin.step, PinStep::Current);
    for digits in ["1470", "2580"] {
        assert!(type_pin(&mut changing, digits).is_none());
    }
    assert_eq!(set(type_pin(&mut changing, "2580")), Some((true, true)));

    let mut removing = at_settings(true);
    assert!(removing.handle(Intent::RemovePin).is_none());
    assert_eq!(set(type_pin(&mut removing, "1470")), Some((true, false)));
}

#[test]
fn a_pin_that_was_refused_is_asked_for_from_the_beginning() {
    let mut controller = at_settings(true);
    controller.handle(Intent::OpenPin);
    for digits in ["1470", "2580", "2580"] {
        type_pin(&mut controller, digits);
    }
    let told = |setting_pin| {
        let mut state = samples::signed_in(&NAMES, &["Warehouse1"]);
        state.pin.needs_current = true;
        Arc::new(AppState { setting_pin, ..state })
    };
    controller.take_state(told(Progress::Busy));

    controller.take_state(told(Progress::Failed(UserErrorKind::PinWrong)));

    assert_eq!((page(&controller), controller.window().pin.step), (Page::Pin, PinStep::Current));
    let view =
        presenter::present(controller.state(), controller.window(), &jiff::tz::TimeZone::UTC);
    assert_eq!(view.pin.error, Some(UserErrorKind::PinWrong));
    controller.take_state(told(Progress::Busy));
    controller.take_state(told(Progress::Idle));
    assert_eq!(page(&controller), Page::Settings);
}
