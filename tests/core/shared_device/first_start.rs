//! A server is tried before it is kept; what a person chose is theirs alone.

use std::io::{Read, Write};
use std::net::TcpListener;

use wareswitch::app::state::{Command, Progress, ServerSetting};
use wareswitch::domain::ids::ServerOrigin;
use wareswitch::domain::preferences::{Language, Preference, TextScale};
use wareswitch::error::UserErrorKind;

use crate::support::played::{Device, in_front};
use crate::support::{HARALD, MARTHA, Server, dead_address};

/// An address at which something answers every request like this.
fn address_of_something_that_says(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

async fn tried(address: &str) -> Result<(), UserErrorKind> {
    let server = Server::start();
    let device = Device::new(&server).open();
    let origin = ServerOrigin::parse(address).unwrap();
    device.try_server(&origin).await.map_err(|error| error.kind())
}

#[tokio::test]
async fn a_server_that_can_be_used_is_told_from_everything_else() {
    const PORTAL: &str = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\
                          Content-Length: 0\r\nConnection: close\r\n\r\n";
    const SHOP: &str = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\
                        Content-Length: 2\r\nConnection: close\r\n\r\nno";
    const BROKEN: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\
                          Connection: close\r\n\r\n";
    let server = Server::start();
    for (address, expected) in [
        (server.origin(), Ok(())),
        (dead_address(), Err(UserErrorKind::NothingAnswers)),
        ("https://no-such-name.invalid".into(), Err(UserErrorKind::ServerNameUnknown)),
        ("http://glue.example".into(), Err(UserErrorKind::AddressNotAllowed)),
        (address_of_something_that_says(PORTAL), Err(UserErrorKind::WifiSignIn)),
        (address_of_something_that_says(SHOP), Err(UserErrorKind::WrongServer)),
        (address_of_something_that_says(BROKEN), Err(UserErrorKind::ServerTrouble)),
    ] {
        assert_eq!(tried(&address).await, expected, "{address}");
    }
    assert_eq!(server.patches(), 0);
}

#[test]
fn a_server_that_does_not_answer_is_not_kept() {
    let server = Server::start();
    let app = Device::new(&server).start();

    app.host.send(Command::SetServer { address: dead_address() });

    let failed = Progress::Failed(UserErrorKind::NothingAnswers);
    let state = app.sees("why it failed", |state| state.set_up == failed);
    let ServerSetting::Set { origin, .. } = &state.server else { panic!("{:?}", state.server) };
    assert_eq!(origin.to_string(), server.origin());
}

#[test]
fn a_choice_is_kept_for_the_person_who_made_it() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    let scale = TextScale::of_percent(130);
    app.host.send(Command::Choose(Preference::Language(Language::Polish)));
    app.host.send(Command::Choose(Preference::TextScale(scale.unwrap())));
    app.sees("both choices", |state| {
        state.profile.as_ref().is_some_and(|profile| profile.preferences.text_scale == scale)
    });

    app.sign_in(MARTHA);
    let state = app.sees("Martha", |state| in_front(state) == Some(MARTHA));
    assert_eq!(state.profile.as_ref().unwrap().preferences.language, None);
    app.sign_in(HARALD);
    drop(app);
    let state = device.start().state();

    let preferences = state.profile.as_ref().unwrap().preferences;
    assert_eq!(preferences.language, Some(Language::Polish));
    assert_eq!(preferences.text_scale, scale);
}
