//! Signing out, and a server that is not the configured one any more.

use std::time::Duration;

use wareswitch::app::profile::Profile;
use wareswitch::app::state::Command;
use wareswitch::sandbox::FaultKind;

use crate::support::played::{App, Device, in_front};
use crate::support::{HARALD, MARTHA, Server, on_patch};

#[test]
fn who_signs_out_is_gone_once_the_last_change_is_sent() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    server.control().set_offline(true);
    app.tap("Warehouse1");

    app.host.send(Command::SignOut { discard: false });
    let state = app.sees("nobody in front", |state| in_front(state).is_none());
    assert_eq!((state.users[0].waiting, state.users[0].is_signing_out), (1, true));
    server.recover();
    app.wake();

    app.sees("nobody known", |state| state.users.is_empty());
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    let secrets = std::fs::read_to_string(device.data_dir().join("secrets")).unwrap();
    assert!(!secrets.contains("eyJ"));
}

#[test]
fn a_sign_out_that_was_cut_short_goes_on_at_the_next_start() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    server.control().set_offline(true);
    app.tap("Warehouse1");
    app.host.send(Command::SignOut { discard: false });
    app.sees("nobody in front", |state| in_front(state).is_none());
    drop(app);
    server.recover();

    let app = device.start();

    app.sees("nobody known", |state| state.users.is_empty());
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

/// A user who signed out while a change waited, which another process has sent since; it has their
/// files open.
async fn signed_out_and_sent(server: &Server, device: &Device) -> Vec<Profile> {
    let app = device.start();
    app.sign_in(HARALD);
    server.control().set_offline(true);
    app.tap("Warehouse1");
    app.host.send(Command::SignOut { discard: false });
    app.sees("nobody in front", |state| in_front(state).is_none() && !state.users.is_empty());
    drop(app);
    server.recover();
    let profiles = device.open().profiles_to_send_for(None).await.unwrap();
    for profile in &profiles {
        profile.sync(None).await.unwrap();
    }
    profiles
}

#[tokio::test]
async fn a_user_whose_last_change_is_found_settled_at_the_start_is_gone_from_the_window() {
    let server = Server::start();
    let device = Device::new(&server);
    drop(signed_out_and_sent(&server, &device).await);

    let app = device.start();

    app.sees("nobody known", |state| state.users.is_empty());
}

#[tokio::test]
async fn who_signed_out_goes_when_another_process_lets_go_of_their_files() {
    let server = Server::start();
    let device = Device::new(&server);
    let held = signed_out_and_sent(&server, &device).await;
    let app = device.start();
    // As far as it goes with files that somebody has open, they are removed.
    while !held[0].changes().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    app.sign_in(MARTHA);
    app.set_pin("4711");
    app.lock();
    assert_eq!(app.state().users.len(), 2);

    drop(held);

    app.sees("only who is there now", |state| state.users.len() == 1);
}

/// Somebody signed in whose last word is true, and nobody knows whether the one before it is still on
/// its way.
fn has_an_attempt_on_its_way(server: &Server, app: &App) {
    app.sign_in(HARALD);
    server.go_wrong([on_patch(FaultKind::CloseBefore {}.times(1))]);
    app.tap("Warehouse1");
    app.rests();
    app.tap("Warehouse2");
    app.rests();
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn who_signs_out_is_kept_until_what_was_sent_can_undo_their_last_word_no_more() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    has_an_attempt_on_its_way(&server, &app);

    app.host.send(Command::SignOut { discard: false });
    let state = app.sees("nobody in front", |state| in_front(state).is_none());
    assert_eq!((state.users[0].waiting, state.users[0].is_signing_out), (0, true));
    // There it comes.
    server.switch_elsewhere("Warehouse1");
    device.clock.pass(Duration::from_secs(91));
    app.wake();

    app.sees("nobody known", |state| state.users.is_empty());
    assert_eq!(server.active_of(HARALD), ["Warehouse2"]);
}

#[test]
fn who_gives_up_what_waits_is_gone_at_once_whatever_may_still_come() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    has_an_attempt_on_its_way(&server, &app);

    app.host.send(Command::SignOut { discard: true });

    app.sees("nobody known", |state| state.users.is_empty());
}

#[test]
fn what_waits_goes_to_the_server_it_was_made_for_though_another_one_is_set_up() {
    let (server, other) = (Server::start(), Server::start());
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    server.control().set_offline(true);
    app.tap("Warehouse1");

    app.host.send(Command::SetServer { address: other.origin() });
    app.sees("the other server", |state| in_front(state).is_none() && state.other_servers == 1);
    app.sign_in(MARTHA);
    server.recover();
    app.wake();

    app.sees("nothing waits elsewhere", |state| state.other_servers == 0);
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
    assert!(other.active_of(HARALD).is_empty());
    assert_eq!(other.patches(), 0);
}
