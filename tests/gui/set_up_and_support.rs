//! A scanned set-up code, and the report for support.

use i_slint_backend_testing::AccessibleRole;
use slint::platform::Key;
use wareswitch::app::state::{AppState, Command};

use crate::samples::{self, NAMES};
use crate::screen::Screen;

#[test]
fn a_scanned_set_up_code_shows_its_server_and_is_used_only_when_somebody_agrees() {
    let screen = Screen::new(samples::set_up_code_offered());
    assert!(screen.has_text("glue-backend.shop.example"));
    assert!(screen.has_text("It brings 1 more setting."));
    screen.press_key(Key::Return);
    assert!(screen.sent().is_empty());

    screen.tap_button("Use this code");
    assert!(matches!(screen.sent().as_slice(), [Command::UseSetUpCode]));
    screen.press_key(Key::Escape);
    assert!(matches!(screen.sent().as_slice(), [Command::DropSetUpCode]));
}

#[test]
fn a_report_is_saved_and_it_is_told_where() {
    let screen = Screen::new(samples::signed_in(&NAMES, &["Warehouse1"]));
    screen.tap(AccessibleRole::Tab, "Settings");

    screen.resize(360.0, 2_000.0);
    screen.tap_button("Save report");

    assert!(matches!(screen.sent().as_slice(), [Command::SaveReport]));
    let report = Some("/data/report.txt".into());
    screen.show(AppState { report, ..samples::signed_in(&NAMES, &["Warehouse1"]) });
    assert!(screen.has_text("The report is in /data/report.txt. It holds no secrets."));
}
