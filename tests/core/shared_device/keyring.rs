//! A keyring that is locked, hangs, or is not there.

use wareswitch::app::Password;
use wareswitch::app::state::{Command, Progress, SecretsNote};
use wareswitch::domain::protection::SecretStoreChoice;
use wareswitch::error::UserErrorKind;

use crate::support::played::{Behaviour, Device};
use crate::support::{HARALD, PASSWORD, Server};

fn with_keyring(server: &Server) -> Device {
    let mut device = Device::new(server);
    device.config.secret_store.value = SecretStoreChoice::Auto;
    device
}

fn secrets_file(device: &Device) -> bool {
    device.data_dir().join("secrets").exists()
}

#[test]
fn a_locked_keyring_keeps_the_queue_and_nothing_is_written_to_a_weaker_place() {
    let server = Server::start();
    let device = with_keyring(&server);
    let app = device.start();
    app.sign_in(HARALD);
    assert_eq!(app.state().secrets, SecretsNote::InKeyring);
    drop(app);
    device.keyring.behave(Behaviour::Locked);
    server.control().clear_requests();

    let app = device.start();
    let state = app.sees("the note", |state| state.secrets == SecretsNote::OutOfReach);
    assert!(!state.is_token_over);
    app.tap("Warehouse1");
    app.host.send(Command::SendNow);
    app.lock();
    assert_eq!(server.patches(), 0);
    app.host.send(Command::UnlockKeyring);

    app.sees("the secrets", |state| state.secrets == SecretsNote::InKeyring);
    crate::support::played::until("the change arrives", || {
        server.active_of(HARALD) == ["Warehouse1"]
    });
    assert!(!secrets_file(&device));
}

#[test]
fn a_keyring_that_hangs_holds_up_neither_the_window_nor_a_tap() {
    let server = Server::start();
    let device = with_keyring(&server);
    let app = device.start();
    app.sign_in(HARALD);
    drop(app);
    device.keyring.behave(Behaviour::Hang);

    let app = device.start();
    assert!(app.state().profile.as_ref().unwrap().snapshot.is_some());
    app.tap("Warehouse1");
    app.sees("the note", |state| state.secrets == SecretsNote::OutOfReach);

    device.keyring.behave(Behaviour::Work);
    app.host.send(Command::UnlockKeyring);
    crate::support::played::until("the change arrives", || {
        server.active_of(HARALD) == ["Warehouse1"]
    });
}

#[test]
fn where_there_is_no_keyring_a_file_is_used_and_the_worker_is_told() {
    let server = Server::start();
    let device = with_keyring(&server);
    device.keyring.behave(Behaviour::Missing);
    let app = device.start();

    app.sign_in(HARALD);

    assert_eq!(app.state().secrets, SecretsNote::InFile);
    assert!(secrets_file(&device));
}

#[test]
fn a_locked_keyring_refuses_a_new_sign_in_rather_than_use_the_file() {
    let server = Server::start();
    let device = with_keyring(&server);
    device.keyring.behave(Behaviour::Locked);
    let app = device.start();

    app.host.send(Command::SignIn {
        username: HARALD.into(),
        password: Password::new(PASSWORD.into()),
    });

    app.sees("the reason", |state| state.sign_in == Progress::Failed(UserErrorKind::KeyringLocked));
    assert!(!secrets_file(&device));
    assert!(device.keyring.is_empty());
}

#[test]
fn signing_out_takes_the_secrets_out_of_the_keyring_even_if_that_has_to_wait() {
    let server = Server::start();
    let device = with_keyring(&server);
    let app = device.start();
    app.sign_in(HARALD);
    device.keyring.behave(Behaviour::Locked);
    app.host.send(Command::SignOut { discard: false });
    app.sees("nobody in front", |state| state.profile.is_none());
    assert!(!device.keyring.is_empty());
    drop(app);
    device.keyring.behave(Behaviour::Work);

    let app = device.start();
    app.host.send(Command::InFront(true));

    crate::support::played::until("nothing is left", || device.keyring.is_empty());
}
