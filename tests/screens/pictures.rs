//! Draws, looks and, if asked to, writes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use i_slint_backend_testing::{
    AccessibleRole, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use jiff::tz::TimeZone;
use slint::ComponentHandle;
use slint::platform::{PointerEventButton, WindowEvent};
use wareswitch::app::state::AppState;
use wareswitch::domain::ids::Seq;
use wareswitch::gui::bridge::Window;
use wareswitch::gui::headless::Screen;
use wareswitch::gui::{Appearance, Language, Page, Scene, TextScale, Theme, render_pages};

use crate::looking;
use crate::samples;
use crate::scenes::{SceneOfWindow, scenes};

/// Small and usual handhelds, a wide one, kiosks.
const SIZES: [(u16, u16); 6] =
    [(320, 533), (360, 640), (411, 823), (800, 480), (1024, 600), (1280, 800)];
pub(crate) const THEMES: [Theme; 3] = [Theme::Light, Theme::Dark, Theme::Sunlight];
const SCALES: [u16; 3] = [100, 130, 200];

fn press_down_twice(window: &Window) {
    mock_elapsed_time(Duration::from_millis(50));
    for _ in 0..2 {
        let text: slint::SharedString = slint::platform::Key::DownArrow.into();
        window.component().window().dispatch_event(WindowEvent::KeyPressed { text });
    }
}

/// A scanner that sends a code with a separator, and no end.
fn scan_slowly(window: &Window) {
    let at = Rc::new(Cell::new(Duration::from_secs(9)));
    let clock = Rc::clone(&at);
    window.set_key_clock(move || clock.get());
    mock_elapsed_time(Duration::from_millis(50));
    for character in "wareswitch\u{d6}834b3731\u{df}02d4\u{1d}5d6f".chars() {
        at.set(at.get() + Duration::from_millis(85));
        let text = slint::SharedString::from(character);
        window.component().window().dispatch_event(WindowEvent::KeyPressed { text });
    }
    mock_elapsed_time(Duration::from_millis(500));
}

/// A kiosk without a keyboard, with the first text field tapped.
fn type_on_keypad(window: &Window) {
    window.set_keypad(true);
    mock_elapsed_time(Duration::from_millis(50));
    let fields = ElementQuery::from_root(window.component())
        .match_accessible_role(AccessibleRole::TextInput)
        .find_all();
    if let Some(field) = fields.first() {
        field.mock_single_click(PointerEventButton::Left);
    }
}

/// Opens a scene.
pub(crate) fn open(
    (scene, state, intents): SceneOfWindow,
    (width, height): (u16, u16),
    appearance: Appearance,
) -> Window {
    let backend = TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    });
    // The first scene of a thread sets the platform, the others find it set.
    let _ = slint::platform::set_platform(Box::new(backend));
    let window = Window::new(Arc::new(state), appearance, TimeZone::UTC, Box::new(|_| {})).unwrap();
    window.component().show().unwrap();
    let size = slint::PhysicalSize::new(u32::from(width), u32::from(height));
    window.component().window().set_size(size);
    for intent in intents {
        window.handle(intent);
    }
    if scene == "home-selected" {
        press_down_twice(&window);
    }
    if scene == "scanner-test-slow" {
        scan_slowly(&window);
    }
    if scene.starts_with("keypad") {
        type_on_keypad(&window);
    }
    mock_elapsed_time(Duration::from_millis(50));
    window
}

fn draw(window: &Window, name: &str) {
    let pixels = window.component().window().take_snapshot().unwrap();
    // Some are enough to see that it is not blank.
    let colours: BTreeSet<[u8; 4]> =
        pixels.as_slice().iter().step_by(7).map(|p| [p.r, p.g, p.b, p.a]).collect();
    assert!(colours.len() > 8, "{name} is blank");
    if let Some(folder) = std::env::var_os("WARESWITCH_SCREENS_DIR") {
        write(&PathBuf::from(folder).join(format!("{name}.png")), &pixels);
    }
}

/// What to do with each scene.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Draw it and find fault with it.
    Draw,
    /// Find fault with it.
    Measure,
    /// Find fault with it in English that is a third longer.
    MeasureLonger,
}

/// As part of a picture's name.
fn kind((width, height): (u16, u16), appearance: Appearance) -> String {
    let Appearance { theme, language, text_scale, .. } = appearance;
    let percent = text_scale.percent();
    format!("{width}x{height}-{percent}-{theme:?}-{}", language.code()).to_lowercase()
}

/// Finds fault with every scene.
fn complaints_at(size: (u16, u16), appearance: Appearance, look: Look) -> Vec<String> {
    let (width, height) = size;
    let kind = kind(size, appearance);
    let mut complaints = Vec::new();
    for scene in scenes() {
        let name = format!("{}-{kind}", scene.0);
        let window = open(scene, size, appearance);
        match look {
            Look::Draw => draw(&window, &name),
            Look::Measure => {}
            Look::MeasureLonger => {
                slint::select_bundled_translation("qps").unwrap();
                mock_elapsed_time(Duration::from_millis(50));
            }
        }
        for complaint in looking::complaints(&window, f32::from(width), f32::from(height)) {
            complaints.push(format!("{name}: {complaint}"));
        }
        window.component().hide().unwrap();
    }
    complaints
}

pub(crate) fn write(path: &Path, pixels: &slint::SharedPixelBuffer<slint::Rgba8Pixel>) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let bytes: Vec<u8> = pixels.as_slice().iter().flat_map(|p| [p.r, p.g, p.b, p.a]).collect();
    encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
}

pub(crate) fn appearance(percent: u16, theme: Theme, language: Language) -> Appearance {
    let text_scale = TextScale::of_percent(percent).unwrap();
    Appearance { theme, language, text_scale, ..Appearance::default() }
}

fn check(size: (u16, u16), percent: u16, theme: Theme, language: Language) {
    let complaints = complaints_at(size, appearance(percent, theme, language), Look::Draw);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn handheld_light() {
    check(SIZES[1], 100, Theme::Light, Language::English);
}

#[test]
fn handheld_dark_in_german() {
    check(SIZES[1], 100, Theme::Dark, Language::German);
}

#[test]
fn small_handheld_light_in_polish() {
    check(SIZES[0], 100, Theme::Light, Language::Polish);
}

#[test]
fn small_handheld_dark_in_romanian() {
    check(SIZES[0], 100, Theme::Dark, Language::Romanian);
}

#[test]
fn small_handheld_in_sunlight_in_french() {
    check(SIZES[0], 100, Theme::Sunlight, Language::French);
}

#[test]
fn handheld_with_larger_texts_in_italian() {
    check(SIZES[1], 130, Theme::Light, Language::Italian);
}

#[test]
fn large_handheld_in_spanish() {
    check(SIZES[2], 130, Theme::Dark, Language::Spanish);
}

#[test]
fn wide_handheld_light() {
    check(SIZES[3], 100, Theme::Light, Language::English);
}

#[test]
fn wide_handheld_dark_in_dutch() {
    check(SIZES[3], 100, Theme::Dark, Language::Dutch);
}

#[test]
fn the_smallest_window_that_there_is() {
    let appearance = appearance(100, Theme::Light, Language::English);
    let complaints = complaints_at((320, 240), appearance, Look::Measure);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_largest_texts_on_a_small_handheld_in_german() {
    let appearance = appearance(200, Theme::Light, Language::German);
    let complaints = complaints_at(SIZES[0], appearance, Look::Measure);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_question_shows_its_answers_however_large_the_texts_are() {
    for size in [SIZES[0], SIZES[1], SIZES[3]] {
        for (_, language) in Language::ALL {
            let appearance = appearance(200, Theme::Light, language);
            let scene = scenes().into_iter().find(|scene| scene.0 == "question").unwrap();
            let window = open(scene, size, appearance);
            // What is over the sheet: its two answers.
            let answers = looking::controls(&window);
            assert_eq!(answers.len(), 2, "{size:?} {language:?}");
            for answer in answers {
                assert!(answer.is_whole(), "{size:?} {language:?}: {}", answer.label);
            }
            window.component().hide().unwrap();
        }
    }
}

#[test]
fn there_is_room_for_longer_languages() {
    let appearance = appearance(100, Theme::Light, Language::English);
    let complaints = complaints_at(SIZES[0], appearance, Look::MeasureLonger);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Every scale, theme and language whose names hold what is wanted.
fn complaints_at_size(size: (u16, u16), look: Look, wanted: &str) -> Vec<String> {
    // Nothing is wider in another colour.
    let themes = if look == Look::Draw { &THEMES[..] } else { &THEMES[..1] };
    let mut complaints = Vec::new();
    for percent in SCALES {
        for theme in themes {
            for (_, language) in Language::ALL {
                let appearance = appearance(percent, *theme, language);
                if language != Language::Auto && kind(size, appearance).contains(wanted) {
                    complaints.extend(complaints_at(size, appearance, look));
                }
            }
        }
    }
    complaints
}

/// Everything by everything: takes long, so `.ci/gallery` asks for it.
#[test]
fn every_size_scale_theme_and_language() {
    let wanted = std::env::var("WARESWITCH_SCREENS").unwrap_or_default();
    let (look, wanted) = match wanted.as_str() {
        "" => return,
        "all" => (Look::Draw, ""),
        "measured" => (Look::Measure, ""),
        wanted => (Look::Draw, wanted),
    };
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let looking = SIZES.map(|size| scope.spawn(move || complaints_at_size(size, look, wanted)));
        looking.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
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
