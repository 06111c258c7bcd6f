//! Draws, looks and, if asked to, writes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use i_slint_backend_testing::{
    AccessibleRole, ElementQuery, TestingBackend, TestingBackendOptions,
};
use jiff::tz::TimeZone;
use slint::ComponentHandle;
use slint::platform::WindowEvent;
use wareswitch::app::state::{
    AppState, DemoState, NewCode, NoticeKind, PinSettings, Progress, SecondFactor, SecretsNote,
    ServerSetting,
};
use wareswitch::domain::change::{ChangeState, Reason, Wish};
use wareswitch::domain::connection::{Connection, TlsProblem};
use wareswitch::domain::ids::Seq;
use wareswitch::domain::protection::Unlock;
use wareswitch::error::UserErrorKind;
use wareswitch::gui::bridge::Window;
use wareswitch::gui::headless::Screen;
use wareswitch::gui::intent::Intent;
use wareswitch::gui::{Appearance, Language, Page, Scene, Theme, render_pages};

use crate::samples::{self, MANY_NAMES, NAMES, Variations};

const SIZES: [(u32, u32); 3] = [(360, 640), (320, 533), (800, 480)];

/// Nothing that can be tapped is smaller than this in either direction.
const TOUCH: f32 = 56.0;

fn scenes() -> Vec<(&'static str, AppState, Vec<Intent>)> {
    let mut scenes = form_scenes();
    scenes.extend(home_scenes());
    scenes.extend(other_scenes());
    scenes.extend(protection_scenes());
    scenes
}

fn form_scenes() -> Vec<(&'static str, AppState, Vec<Intent>)> {
    let unusable = ServerSetting::Unusable {
        text: "http://glue.example".into(),
        problem: "http:// is refused except for this device itself".into(),
    };
    vec![
        ("set-up", AppState { server: ServerSetting::Missing, ..samples::signed_out() }, vec![]),
        ("set-up-unusable", AppState { server: unusable, ..samples::signed_out() }, vec![]),
        ("set-up-code", samples::set_up_code_offered(), vec![]),
        (
            "settings-report",
            AppState {
                report: Some("/data/Documents/wareswitch-support-20261125-101500.txt".into()),
                ..samples::signed_in(&NAMES, &["Warehouse1"])
            },
            vec![Intent::OpenPage(Page::Settings)],
        ),
        ("sign-in", samples::signed_out(), vec![]),
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

fn home_scenes() -> Vec<(&'static str, AppState, Vec<Intent>)> {
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
    ]
}

fn other_scenes() -> Vec<(&'static str, AppState, Vec<Intent>)> {
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

fn protection_scenes() -> Vec<(&'static str, AppState, Vec<Intent>)> {
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

fn press_down_twice(window: &Window) {
    i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
    for _ in 0..2 {
        let text: slint::SharedString = slint::platform::Key::DownArrow.into();
        window.component().window().dispatch_event(WindowEvent::KeyPressed { text });
    }
}

/// Nothing sticks out of the window at its sides, nothing to tap is too small, something is drawn.
fn check(name: &str, width: u32, height: u32, appearance: Appearance) {
    let backend = TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    });
    // The first scene of a thread sets the platform, the others find it set.
    let _ = slint::platform::set_platform(Box::new(backend));
    let mut complaints = Vec::new();
    for (scene, state, intents) in scenes() {
        let window =
            Window::new(Arc::new(state), appearance, TimeZone::UTC, Box::new(|_| {})).unwrap();
        window.component().show().unwrap();
        window.component().window().set_size(slint::PhysicalSize::new(width, height));
        for intent in intents {
            window.handle(intent);
        }
        if scene == "home-selected" {
            press_down_twice(&window);
        }
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
        let pixels = window.component().window().take_snapshot().unwrap();
        write(&format!("{scene}-{name}"), &pixels);

        let colours: BTreeSet<[u8; 4]> =
            pixels.as_slice().iter().map(|p| [p.r, p.g, p.b, p.a]).collect();
        assert!(colours.len() > 8, "{scene} {name} is blank");
        for complaint in complaints_about(&window, width, height) {
            complaints.push(format!("{scene} {name}: {complaint}"));
        }
        window.component().hide().unwrap();
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn complaints_about(window: &Window, width: u32, height: u32) -> Vec<String> {
    let mut complaints = Vec::new();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (width, height) = (width as f32, height as f32);
    let controls = [
        AccessibleRole::Button,
        AccessibleRole::Tab,
        AccessibleRole::RadioButton,
        AccessibleRole::Switch,
    ];
    for role in controls {
        let found = ElementQuery::from_root(window.component()).match_accessible_role(role);
        for element in found.find_all() {
            let label = element.accessible_label().unwrap_or_default();
            let (position, size) = (element.absolute_position(), element.size());
            if label.is_empty() {
                complaints.push(format!("a {role:?} at {position:?} has no label"));
            }
            if size.width < TOUCH || size.height < TOUCH {
                complaints.push(format!("'{label}' is only {} x {}", size.width, size.height));
            }
            if position.x < -0.5 || position.x + size.width > width + 0.5 {
                complaints.push(format!("'{label}' sticks out at the side"));
            }
            if position.y >= height {
                complaints.push(format!("'{label}' lies below the window"));
            }
        }
    }
    complaints
}

fn write(name: &str, pixels: &slint::SharedPixelBuffer<slint::Rgba8Pixel>) {
    let Some(folder) = std::env::var_os("WARESWITCH_SCREENS_DIR") else { return };
    let path = PathBuf::from(folder).join(format!("{name}.png"));
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let bytes: Vec<u8> = pixels.as_slice().iter().flat_map(|p| [p.r, p.g, p.b, p.a]).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}

fn check_at(index: usize, theme: Theme, language: Language) {
    let (width, height) = SIZES[index];
    let name = format!("{width}x{height}-{theme:?}-{language:?}").to_lowercase();
    check(&name, width, height, Appearance { theme, language });
}

#[test]
fn handheld_light() {
    check_at(0, Theme::Light, Language::English);
}

#[test]
fn handheld_dark_in_german() {
    check_at(0, Theme::Dark, Language::German);
}

#[test]
fn small_handheld_light_in_german() {
    check_at(1, Theme::Light, Language::German);
}

#[test]
fn small_handheld_dark() {
    check_at(1, Theme::Dark, Language::English);
}

#[test]
fn small_handheld_in_sunlight() {
    check_at(1, Theme::Sunlight, Language::English);
}

#[test]
fn kiosk_light() {
    check_at(2, Theme::Light, Language::English);
}

#[test]
fn kiosk_dark_in_german() {
    check_at(2, Theme::Dark, Language::German);
}

#[test]
fn the_demo_draws_without_a_display() {
    let scenes = [("one", None), ("two", Some(Page::Outbox))].map(|(name, page)| Scene {
        name: name.into(),
        state: Arc::new(AppState { undo: Some(Seq(9)), ..samples::waiting_for("Warehouse2") }),
        page,
    });

    let pictures = render_pages(scenes, Screen::HANDHELD, Appearance::default()).unwrap();

    assert_eq!(pictures.len(), 2);
    for picture in &pictures {
        let reader = png::Decoder::new(std::io::Cursor::new(&picture.png)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (720, 1280));
        if let Some(folder) = std::env::var_os("WARESWITCH_SCREENS_DIR") {
            let path = PathBuf::from(folder).join(format!("demo-{}.png", picture.name));
            std::fs::write(path, &picture.png).unwrap();
        }
    }
    assert_ne!(pictures[0].png, pictures[1].png);
}
