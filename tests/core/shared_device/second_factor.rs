//! The code of the second factor, as the app behind the window takes it.

use wareswitch::app::state::{AppState, Command, NewCode};
use wareswitch::domain::connection::Connection;
use wareswitch::error::UserErrorKind;
use wareswitch::glue::SecondFactorCode;
use wareswitch::sandbox::FaultKind;

use crate::support::played::{App, Device};
use crate::support::{HARALD, Server, on_new_code};

fn connection(state: &AppState) -> Option<Connection> {
    state.profile.as_ref().map(|profile| profile.sync.connection)
}

/// Harald's switch to Warehouse1 waits for the code 123456.
fn waiting(server: &Server, device: &Device) -> App {
    let app = device.start();
    app.sign_in(HARALD);
    server.ask_for_code("123456");
    app.tap("Warehouse1");
    app.sees("a code is wanted", |state| connection(state) == Some(Connection::NeedsCode));
    app
}

fn enter(app: &App, code: &str) {
    app.host.send(Command::EnterCode(SecondFactorCode::new(code.into())));
}

#[test]
fn a_wrong_code_is_told_so_until_another_one_is_typed_and_the_right_one_sends_the_change() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = waiting(&server, &device);
    assert!(!app.state().second_factor.is_code_refused);

    enter(&app, "000000");
    app.sees("the code was refused", |state| state.second_factor.is_code_refused);
    assert_eq!(connection(&app.state()), Some(Connection::NeedsCode));
    assert!(server.active_of(HARALD).is_empty());

    enter(&app, "123456");
    let state = app.sees("it is sent", |state| connection(state) == Some(Connection::Online));
    assert!(!state.second_factor.is_code_refused);
    app.rests();
    assert_eq!(server.active_of(HARALD), ["Warehouse1"]);
}

#[test]
fn a_new_code_is_asked_for_once_and_that_is_told() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = waiting(&server, &device);
    enter(&app, "000000");
    app.sees("the code was refused", |state| state.second_factor.is_code_refused);
    server.go_wrong([on_new_code(FaultKind::Delay { millis: 300 }.always())]);

    app.host.send(Command::SendNewCode);
    app.host.send(Command::SendNewCode);

    let asked = app.sees("it is asked", |state| state.second_factor.new_code == NewCode::Asked);
    assert!(!asked.second_factor.is_code_refused, "the old code is of no interest any more");
    app.sees("it was sent", |state| state.second_factor.new_code == NewCode::Sent);
    let requests = server.control().requests();
    let asked = requests.iter().filter(|request| request.path == "/multi-factor-auth-trigger");
    assert_eq!(asked.count(), 1);
}

#[test]
fn where_no_new_code_can_be_had_the_reason_is_told_and_the_change_waits_on() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = waiting(&server, &device);
    server.go_wrong([on_new_code(FaultKind::Html { status: Some(500) }.always())]);

    app.host.send(Command::SendNewCode);

    let failed = NewCode::Failed(UserErrorKind::ServerTrouble);
    app.sees("it failed", |state| state.second_factor.new_code == failed);
    server.recover();
    enter(&app, "123456");
    app.sees("it is sent", |state| connection(state) == Some(Connection::Online));
}
