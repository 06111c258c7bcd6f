//! Locking, unlocking, and the PIN.

use std::time::Duration;

use wareswitch::app::state::{Command, Progress};
use wareswitch::domain::protection::{PinRule, Unlock};
use wareswitch::error::UserErrorKind;

use crate::support::played::{Device, in_front, pin};
use crate::support::{HARALD, MARTHA, Server};

const PIN_WRONG: Progress = Progress::Failed(UserErrorKind::PinWrong);
const PIN_BLOCKED: Progress = Progress::Failed(UserErrorKind::PinBlocked);

#[test]
fn a_shift_hands_the_device_over_without_a_network() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(MARTHA);
    app.sign_in(HARALD);
    app.set_pin("2580");
    server.control().set_offline(true);

    app.lock();
    assert_eq!(app.try_to_open(MARTHA, None), Progress::Idle);
    let state = app.sees("Martha's list", |state| in_front(state) == Some(MARTHA));
    assert!(!state.is_locked);
    let rows = &state.profile.as_ref().unwrap().snapshot.as_ref().unwrap().assignments;
    assert!(rows.iter().all(|row| row.warehouse.name != "Warehouse1"));

    app.lock();
    assert_eq!(app.try_to_open(HARALD, None), PIN_WRONG);
    assert_eq!(app.try_to_open(HARALD, Some("8520")), PIN_WRONG);
    assert_eq!(app.try_to_open(HARALD, Some("2580")), Progress::Idle);
    app.sees("Harald's list", |state| in_front(state) == Some(HARALD) && !state.is_locked);
}

#[test]
fn five_wrong_pins_and_only_the_password_helps_whatever_is_restarted_or_set_back() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.set_pin("2580");
    app.lock();
    for _ in 0..2 {
        assert_eq!(app.try_to_open(HARALD, Some("1111")), PIN_WRONG);
    }
    drop(app);
    device.clock.set_calendar_back(Duration::from_secs(365 * 24 * 3600));

    let app = device.start();
    let state = app.sees("the lock of the start", |state| state.is_locked);
    assert_eq!(state.users[0].unlock, Unlock::Pin { tries_left: 3 });
    for _ in 0..2 {
        assert_eq!(app.try_to_open(HARALD, Some("1111")), PIN_WRONG);
    }
    assert_eq!(app.try_to_open(HARALD, Some("1111")), PIN_BLOCKED);
    assert_eq!(app.try_to_open(HARALD, Some("2580")), PIN_BLOCKED);
    drop(app);

    let app = device.start();
    assert_eq!(app.try_to_open(HARALD, Some("2580")), PIN_BLOCKED);
    app.sign_in(HARALD);
    app.lock();
    assert_eq!(app.try_to_open(HARALD, Some("2580")), Progress::Idle);
}

#[tokio::test]
async fn a_pin_tried_a_thousand_times_is_looked_at_five_times() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.set_pin("2580");
    let profile = app.profile_of(HARALD);
    drop(app);
    let opened = device.open();

    let mut wrong = 0;
    for _ in 0..1_000 {
        let error = opened.check_pin(&profile, pin("1357")).await.unwrap_err();
        wrong += u32::from(error.kind() == UserErrorKind::PinWrong);
    }

    // The fifth says already that there will be no sixth.
    assert_eq!(wrong, 4);
    let right = opened.check_pin(&profile, pin("2580")).await.unwrap_err();
    assert_eq!(right.kind(), UserErrorKind::PinBlocked);
}

#[test]
fn a_window_that_nobody_touches_is_locked_and_the_next_touch_comes_too_late() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    let row = app.state().profile.as_ref().unwrap().snapshot.as_ref().unwrap().assignments[0]
        .warehouse
        .uuid;

    device.clock.pass(Duration::from_secs(301));
    app.host.send(Command::Activate {
        warehouse: row,
        origin: wareswitch::domain::change::Origin::Tap,
    });

    let state = app.sees("the lock", |state| state.is_locked);
    assert!(state.profile.as_ref().unwrap().changes.is_empty());
    assert_eq!(app.try_to_open(HARALD, None), Progress::Idle);
    let state = app.sees("the list", |state| !state.is_locked);
    assert!(state.profile.as_ref().unwrap().changes.is_empty());
}

#[test]
fn what_waits_is_sent_behind_the_lock_with_the_token_of_who_made_it() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(MARTHA);
    app.sign_in(HARALD);
    server.control().set_offline(true);
    app.tap("Warehouse1");
    app.lock();
    assert_eq!(app.try_to_open(MARTHA, None), Progress::Idle);
    app.sees("Martha's list", |state| in_front(state) == Some(MARTHA));
    app.lock();

    server.recover();
    app.wake();

    crate::support::played::until("Harald's change arrives", || {
        server.active_of(HARALD) == ["Warehouse1"]
    });
    assert!(server.active_of(MARTHA).is_empty());
    assert!(app.state().is_locked);
}

#[test]
fn where_it_wants_pins_one_is_set_after_the_password_and_none_is_removed() {
    let server = Server::start();
    let mut device = Device::new(&server);
    device.config.pin.value = PinRule::Required;
    let app = device.start();
    app.sign_in(HARALD);
    assert!(app.sees("the settings", |state| state.pin.can_set).pin.must_be_set);
    app.lock();
    assert_eq!(app.try_to_open(HARALD, None), PIN_BLOCKED);

    app.sign_in(HARALD);
    app.set_pin("2580");
    app.host.send(Command::SetPin { current: None, new: None });

    app.sees("the refusal", |state| {
        state.setting_pin == Progress::Failed(UserErrorKind::NotPossible)
    });
    assert!(!app.state().pin.must_be_set);
}

#[test]
fn two_people_of_one_name_on_two_servers_have_two_profiles_and_two_pins() {
    let (server, other) = (Server::start(), Server::start());
    let mut device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.set_pin("2580");
    drop(app);

    device.config.server_url.value =
        Some(wareswitch::domain::ids::ServerOrigin::parse(&other.origin()).unwrap());
    let app = device.start();
    assert!(app.state().users.is_empty());
    app.sign_in(HARALD);
    assert!(!app.state().pin.is_set);
    app.lock();

    assert_eq!(app.try_to_open(HARALD, None), Progress::Idle);
}

#[test]
fn a_pin_stands_in_no_file_neither_the_right_one_nor_what_was_tried() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.set_pin("730951846275");
    app.lock();
    assert_eq!(app.try_to_open(HARALD, Some("918273640519")), PIN_WRONG);
    assert_eq!(app.try_to_open(HARALD, Some("730951846275")), Progress::Idle);

    let files = crate::support::files_in(&device.data_dir());
    assert!(files.iter().any(|file| file.ends_with("device.db")), "{files:?}");
    for file in files {
        // The app is open, and may have just removed a file of its own.
        let bytes = std::fs::read(&file).unwrap_or_default();
        for secret in ["730951846275", "918273640519"] {
            let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_there, "a PIN is in {}", file.display());
        }
    }
}
