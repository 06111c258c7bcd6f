//! Every page, state and dialog there is.

use wareswitch::app::Misreading;
use wareswitch::app::state::{
    AppState, DemoState, NewCode, NoticeKind, PinSettings, Progress, ScanMeaning, SecondFactor,
    SecretsNote, ServerSetting, TriedScan,
};
use wareswitch::domain::change::{ChangeState, Reason, Wish};
use wareswitch::domain::connection::{Connection, TlsProblem};
use wareswitch::domain::protection::Unlock;
use wareswitch::error::UserErrorKind;
use wareswitch::gui::Page;
use wareswitch::gui::intent::Intent;

use crate::samples::{self, MANY_NAMES, NAMES, Variations};

/// A name, what the app says, and what the worker then did.
pub(crate) type SceneOfWindow = (&'static str, AppState, Vec<Intent>);

pub(crate) fn scenes() -> Vec<SceneOfWindow> {
    let mut scenes = form_scenes();
    scenes.extend(home_scenes());
    scenes.extend(other_scenes());
    scenes.extend(scan_scenes());
    scenes.extend(protection_scenes());
    scenes
}

fn form_scenes() -> Vec<SceneOfWindow> {
    let unusable = ServerSetting::Unusable {
        text: "http://glue.example".into(),
        problem: "http:// is refused except for this device itself".into(),
    };
    vec![
        ("set-up-code", samples::set_up_code_offered(), vec![]),
        (
            "settings-report",
            AppState {
                report: Some("/data/Documents/wareswitch-support-20261125-101500.txt".into()),
                ..samples::signed_in(&NAMES, &["Warehouse1"])
            },
            vec![Intent::OpenPage(Page::Settings)],
        ),
        ("set-up", AppState { server: ServerSetting::Missing, ..samples::signed_out() }, vec![]),
        ("set-up-unusable", AppState { server: unusable, ..samples::signed_out() }, vec![]),
        ("sign-in", samples::signed_out(), vec![]),
        (
            "unopened",
            AppState {
                unopened: Some(UserErrorKind::StorageReadOnly),
                support_text: Some("Help desk: 4711".into()),
                ..samples::signed_out()
            },
            vec![],
        ),
        ("keypad-sign-in", samples::signed_out(), vec![]),
        (
            "keypad-set-up",
            AppState { server: ServerSetting::Missing, ..samples::signed_out() },
            vec![],
        ),
        ("keypad-search", samples::signed_in(&MANY_NAMES, &["Warehouse1"]), vec![]),
        (
            "sign-in-refused",
            AppState {
                sign_in: Progress::Failed(UserErrorKind::SignInRefused),
                ..samples::signed_out()
            },
            vec![],
        ),
    ]
}

fn home_scenes() -> Vec<SceneOfWindow> {
    let signed_in = || samples::signed_in(&NAMES, &["Warehouse1"]);
    let mut never_synced = signed_in().with_connection(Connection::Offline);
    if let Some(profile) = &mut never_synced.profile {
        profile.snapshot = None;
    }
    let leave = samples::change(9, Wish::Leave, ChangeState::Queued, None);
    vec![
        ("home", signed_in(), vec![]),
        (
            "home-closed",
            samples::signed_in(&["Warehouse1", "Warehouse2", samples::CLOSED], &["Warehouse1"]),
            vec![],
        ),
        ("home-many", samples::signed_in(&MANY_NAMES, &["Warehouse1"]), vec![]),
        (
            "home-long-name",
            samples::signed_in(&MANY_NAMES, &["Budget Cameras MER000005 Warehouse 1"]),
            vec![],
        ),
        ("home-waiting", samples::waiting_for("Video King MER000002 Warehouse 1"), vec![]),
        ("home-left", signed_in().with_changes(vec![leave]), vec![]),
        ("home-none-active", samples::signed_in(&NAMES, &[]), vec![]),
        ("home-two-active", samples::signed_in(&NAMES, &["Warehouse1", "Halle 2"]), vec![]),
        ("home-never-synced", never_synced, vec![]),
        ("home-none-assigned", samples::signed_in(&[], &[]), vec![]),
        (
            "home-no-match",
            samples::signed_in(&MANY_NAMES, &["Warehouse1"]),
            vec![Intent::Search("xyz".into())],
        ),
        (
            "home-token-over",
            AppState { is_token_over: true, ..samples::waiting_for("Warehouse2") },
            vec![],
        ),
        (
            "home-refused",
            signed_in().with_notice(
                NoticeKind::NotAccepted(UserErrorKind::StorageFull),
                Some("Warehouse2"),
            ),
            vec![],
        ),
        (
            "home-demo",
            AppState {
                demo: Some(DemoState { is_offline: true }),
                ..samples::waiting_for("Warehouse2")
            },
            vec![],
        ),
        ("home-selected", signed_in(), vec![]),
        (
            "home-offline-since-yesterday",
            AppState { now: samples::moment(20 * 60), ..samples::waiting_for("Warehouse2") },
            vec![],
        ),
        (
            "outbox-last-year",
            AppState {
                now: samples::moment(60 * 24 * 60),
                ..signed_in().with_changes(samples::history())
            },
            vec![Intent::OpenPage(Page::Outbox)],
        ),
    ]
}

fn scan_scenes() -> Vec<SceneOfWindow> {
    vec![
        (
            "scanner-test",
            samples::signed_in(&NAMES, &["Warehouse1"]),
            vec![Intent::OpenPage(Page::ScannerTest)],
        ),
        (
            "scanner-test-slow",
            AppState {
                tried_scan: Some(TriedScan {
                    number: 1,
                    meaning: ScanMeaning::Nothing(UserErrorKind::UnknownWarehouse),
                    misreading: Some(Misreading::KeyboardLayout),
                }),
                ..samples::signed_in(&NAMES, &["Warehouse1"])
            },
            vec![Intent::OpenPage(Page::ScannerTest)],
        ),
        (
            "question-and-scan",
            samples::asked("Warehouse2", "Halle 2")
                .with_notice(NoticeKind::NotAccepted(UserErrorKind::PalletLabel), None),
            vec![],
        ),
        (
            "locked-and-scan",
            samples::locked(Unlock::Pin { tries_left: 3 })
                .with_notice(NoticeKind::NotAccepted(UserErrorKind::Locked), None),
            vec![],
        ),
    ]
}

fn other_scenes() -> Vec<SceneOfWindow> {
    let with_history = || {
        samples::signed_in(&NAMES, &["Warehouse1"])
            .with_changes(samples::history())
            .with_connection(Connection::Offline)
    };
    let reason = Reason::Stale { warehouse_names: vec!["Halle 2".into()] };
    let stale =
        samples::change(9, samples::target("Warehouse2"), ChangeState::NeedsDecision, Some(reason));
    vec![
        ("outbox", with_history(), vec![Intent::OpenPage(Page::Outbox)]),
        (
            "outbox-empty",
            samples::signed_in(&NAMES, &["Warehouse1"]),
            vec![Intent::OpenPage(Page::Outbox)],
        ),
        ("settings", with_history(), vec![Intent::OpenPage(Page::Settings)]),
        ("sign-out", with_history(), vec![Intent::OpenPage(Page::Settings), Intent::AskSignOut]),
        (
            "sign-out-sure",
            with_history(),
            vec![
                Intent::OpenPage(Page::Settings),
                Intent::AskSignOut,
                Intent::SignOut { discard: true },
            ],
        ),
        ("question", samples::asked("Video King MER000002 Warehouse 1", "Halle 2"), vec![]),
        (
            "question-long",
            samples::asked(
                "Budget Cameras MER000005 Warehouse 1, second floor, behind the blue gate",
                "Sony Experts MER000006 Warehouse 1, the annex across the yard, north entrance",
            ),
            vec![],
        ),
        (
            "question-stale",
            samples::signed_in(&NAMES, &["Halle 2"]).with_changes(vec![stale]),
            vec![],
        ),
        ("code", samples::code_wanted("Warehouse2"), vec![]),
        (
            "code-refused",
            AppState {
                second_factor: SecondFactor { is_code_refused: true, new_code: NewCode::NotAsked },
                ..samples::code_wanted("Video King MER000002 Warehouse 1")
            },
            (1..=6).map(Intent::CodeDigit).collect(),
        ),
        (
            "token-ends",
            AppState {
                token_ends_in_minutes: Some(29),
                ..samples::signed_in(&NAMES, &["Warehouse1"])
            },
            vec![],
        ),
        (
            "tls",
            samples::signed_in(&NAMES, &["Warehouse1"])
                .with_connection(Connection::TlsFailed(TlsProblem::ClockWrong)),
            vec![],
        ),
    ]
}

fn protection_scenes() -> Vec<SceneOfWindow> {
    let open = || AppState {
        pin: PinSettings { can_set: true, ..PinSettings::default() },
        ..samples::signed_in(&NAMES, &["Warehouse1"])
    };
    let pin = Unlock::Pin { tries_left: 3 };
    let wrong =
        AppState { unlocking: Progress::Failed(UserErrorKind::PinWrong), ..samples::locked(pin) };
    let keyring = AppState { secrets: SecretsNote::OutOfReach, ..open() };
    vec![
        ("locked", samples::locked(Unlock::Tap), vec![]),
        ("locked-pin", samples::locked(pin), (1..=5).map(Intent::PinDigit).collect()),
        ("locked-pin-wrong", wrong, vec![]),
        ("locked-password", samples::locked(Unlock::Password), vec![]),
        ("users", samples::locked(pin), vec![Intent::HandOver]),
        ("pin-new", open(), vec![Intent::OpenPin]),
        ("keyring-locked", keyring, vec![]),
        ("other-servers", AppState { other_servers: 2, ..open() }, vec![]),
        (
            "sign-out-question",
            samples::asked("Warehouse2", "Halle 2"),
            vec![Intent::OpenPage(Page::Settings), Intent::CloseQuestion, Intent::AskSignOut],
        ),
    ]
}
