//! How often the window is drawn, and how much of it: once for a change, as little as it takes, and
//! never while nothing changes. And what a key of the search costs, counted in requests for memory.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use allocation_counter::measure;
use jiff::tz::TimeZone;
use slint::platform::software_renderer::{
    MinimalSoftwareWindow, PremultipliedRgbaColor, RepaintBufferType,
};
use slint::platform::{Platform, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalSize, PhysicalSize, PlatformError};
use wareswitch::app::state::AppState;
use wareswitch::domain::change::ChangeState;
use wareswitch::gui::bridge::Window;
use wareswitch::gui::controller::Controller;
use wareswitch::gui::intent::Intent;
use wareswitch::gui::presenter::present;
use wareswitch::gui::{Appearance, Language, Theme};

use crate::samples;

const WIDTH: u16 = 360;
const HEIGHT: u16 = 640;
/// A tenth more than it is, for a thousand warehouses of which one is found.
const KEY_AT_MOST: u64 = 12;

/// A display of memory, which keeps what was drawn on it.
struct Display {
    target: Rc<MinimalSoftwareWindow>,
    window: Window,
    pixels: Vec<PremultipliedRgbaColor>,
}

struct Headless(Rc<MinimalSoftwareWindow>);

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::clone(&self.0) as Rc<dyn WindowAdapter>)
    }

    /// Time stands still.
    fn duration_since_start(&self) -> Duration {
        Duration::from_secs(60)
    }
}

impl Display {
    /// Shows a state until there is nothing more to draw. One for each thread.
    fn showing(state: AppState) -> Self {
        let target = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        slint::platform::set_platform(Box::new(Headless(Rc::clone(&target)))).unwrap();
        let appearance = Appearance {
            theme: Theme::Light,
            language: Language::English,
            ..Appearance::default()
        };
        let window = Window::new(Arc::new(state), appearance, TimeZone::UTC, Box::new(|_| {}));
        let window = window.unwrap();
        window.component().show().unwrap();
        target.set_size(PhysicalSize::new(WIDTH.into(), HEIGHT.into()));
        let size = LogicalSize::new(WIDTH.into(), HEIGHT.into());
        target.dispatch_event(WindowEvent::Resized { size });
        let pixels =
            vec![PremultipliedRgbaColor::default(); usize::from(WIDTH) * usize::from(HEIGHT)];
        let mut display = Self { target, window, pixels };
        let drawn = (0..10).take_while(|_| display.draws().is_some()).count();
        assert!((1..10).contains(&drawn), "drawn {drawn} times");
        display
    }

    /// What the event loop does each time that it turns: the pixels that were drawn again, if any.
    fn draws(&mut self) -> Option<u32> {
        slint::platform::update_timers_and_animations();
        let (mut drawn, pixels) = (None, &mut self.pixels);
        self.target.draw_if_needed(|renderer| {
            let region = renderer.render(pixels, WIDTH.into());
            drawn = Some(region.iter().map(|(_, size)| size.width * size.height).sum());
        });
        drawn
    }

    fn show(&self, state: AppState) {
        self.window.show_state(Arc::new(state));
    }
}

#[test]
fn a_change_is_drawn_once_and_what_looks_the_same_is_not() {
    let state = samples::signed_in(&samples::MANY_NAMES, &["Warehouse1"]);
    let mut display = Display::showing(state.clone());
    assert_eq!(display.draws(), None, "at rest");

    display.show(state.clone());
    assert_eq!(display.draws(), None, "nothing is new");
    display.show(AppState { now: samples::moment(0), ..state });
    assert_eq!(display.draws(), None, "later, but it looks the same");

    display.show(samples::waiting_for("Warehouse2"));
    assert!(display.draws().is_some());
    assert_eq!(display.draws(), None, "once is enough");
}

#[test]
fn what_a_waiting_change_goes_through_is_drawn_where_it_stands() {
    let mut state = samples::waiting_for("Warehouse2");
    let mut display = Display::showing(state.clone());

    let profile = state.profile.as_mut().unwrap();
    let mut changes = profile.changes.to_vec();
    changes[0].state = ChangeState::Sending;
    profile.changes = changes.into();
    display.show(state);

    let drawn = display.draws().unwrap();
    let all = u32::from(WIDTH) * u32::from(HEIGHT);
    assert!(drawn < all / 2, "{drawn} of {all} pixels");
    assert_eq!(display.draws(), None);
}

#[test]
fn a_key_of_the_search_asks_for_memory_by_what_is_found_and_not_by_what_there_is() {
    let cost_among = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("Halle {number:04}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let state = Arc::new(samples::signed_in(&names, &[]));
        let mut controller = Controller::new(state, Appearance::default());
        let mut press = |text: &str| {
            let cost = measure(|| {
                controller.handle(Intent::Search(text.into()));
                let view = present(controller.state(), controller.window(), &TimeZone::UTC);
                assert_eq!(view.home.rows.len(), 2, "the card and what is found");
            });
            cost.count_total
        };
        press("halle 0077");
        press("halle 0077 ")
    };

    let (few, many) = (cost_among(100), cost_among(1_000));

    assert!(few <= KEY_AT_MOST, "{few}");
    assert_eq!(few, many);
}
