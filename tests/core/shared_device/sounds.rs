//! What a worker hears, as loudly as they chose, and what a locked window says to a scan.

use wareswitch::app::Misreading;
use wareswitch::app::feedback::Signal;
use wareswitch::app::state::{Command, InVain, NoticeKind, ScanMeaning};
use wareswitch::config::layers::Layer;
use wareswitch::domain::preferences::{Preference, Volume};
use wareswitch::error::UserErrorKind;

use crate::support::played::{App, Device};
use crate::support::{HARALD, MARTHA, Server};

fn choose(app: &App, percent: u8) {
    let volume = Volume::of_percent(percent).unwrap();
    app.host.send(Command::Choose(Preference::Volume(volume)));
    app.sees("the choice", |state| {
        state.profile.as_ref().is_some_and(|view| view.preferences.volume == Some(volume))
    });
}

/// Scans a code that nobody knows, and returns how loudly that was answered.
fn scanned_volume(app: &App, device: &Device) -> u8 {
    let before = app.state().notice.as_ref().map(|notice| notice.number);
    device.heard.take();
    app.host.send(Command::Scanned { code: "nobody knows this".into() });
    app.sees("the answer", |state| state.notice.as_ref().map(|notice| notice.number) > before);
    let heard = device.heard.take();
    let answer = heard.iter().find(|(signal, _)| *signal == Signal::NotAccepted);
    answer.unwrap_or_else(|| panic!("{heard:?}")).1
}

#[test]
fn each_worker_hears_as_loudly_as_they_chose() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(MARTHA);
    assert_eq!(scanned_volume(&app, &device), 80, "as configured");
    app.sign_in(HARALD);
    choose(&app, 0);

    assert_eq!(scanned_volume(&app, &device), 0);
    app.lock();
    assert_eq!(scanned_volume(&app, &device), 0, "who wants silence has it at the lock, too");
    app.sign_in(MARTHA);
    assert_eq!(scanned_volume(&app, &device), 80);
}

#[test]
fn a_new_volume_is_heard_at_once() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    device.heard.take();

    choose(&app, 40);
    scanned_volume(&app, &device);
    choose(&app, 100);
    app.host.send(Command::ScannedInVain(InVain::SameAgain));
    app.sees("the tick", |state| {
        state.notice.as_ref().is_some_and(|notice| notice.kind == NoticeKind::SameScan)
    });

    assert_eq!(device.heard.take(), [(Signal::Accepted, 100), (Signal::NothingNew, 100)]);
}

#[test]
fn what_it_has_decided_is_louder_than_a_choice() {
    let server = Server::start();
    let mut device = Device::new(&server);
    device.config.sound.value = Volume::of_percent(100).unwrap();
    device.config.sound.layer = Layer::Policy;
    let app = device.start();
    app.sign_in(HARALD);
    choose(&app, 0);

    assert_eq!(scanned_volume(&app, &device), 100);
}

#[test]
fn a_scan_at_a_locked_window_is_answered_and_does_nothing() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.lock();

    for command in
        [Command::Scanned { code: "Warehouse2".into() }, Command::ScannedInVain(InVain::TooLong)]
    {
        let before = app.state().notice.as_ref().map(|notice| notice.number);
        app.host.send(command);
        let state = app
            .sees("the answer", |state| state.notice.as_ref().map(|notice| notice.number) > before);
        let notice = state.notice.as_ref().unwrap();
        assert_eq!(notice.kind, NoticeKind::NotAccepted(UserErrorKind::Locked));
        assert_eq!(notice.warehouse_name, None, "nobody knows who asks");
        assert!(state.profile.as_ref().unwrap().changes.is_empty());
    }
}

#[test]
fn while_the_scanner_is_tested_no_scan_switches_however_it_comes() {
    let server = Server::start();
    let device = Device::new(&server);
    let app = device.start();
    app.sign_in(HARALD);
    app.host.send(Command::TestScanner(true));

    // The one comes by the window's page, the other as a broadcast beside it.
    for (number, command) in [
        (1, Command::TryScan { code: "Warehouse2".into() }),
        (2, Command::Scanned { code: "wAREHOUSE2".into() }),
        (3, Command::Scanned { code: r#"{"wareswitch":1,"content":{}}"#.into() }),
    ] {
        app.host.send(command);
        let state = app.sees("what it means", |state| {
            state.tried_scan.as_ref().is_some_and(|tried| tried.number == number)
        });
        let tried = state.tried_scan.as_ref().unwrap();
        let (meaning, misreading) = (&tried.meaning, &tried.misreading);
        match number {
            1 => assert_eq!(*meaning, ScanMeaning::Warehouse("Warehouse2".into())),
            2 => assert_eq!(*misreading, Some(Misreading::CapsLock)),
            _ => assert_eq!(*meaning, ScanMeaning::SetUpCode),
        }
        assert!(state.profile.as_ref().unwrap().changes.is_empty());
    }
    app.host.send(Command::TestScanner(false));
    app.host.send(Command::Scanned { code: "Warehouse2".into() });
    app.sees("the switch", |state| !state.profile.as_ref().unwrap().changes.is_empty());
}
