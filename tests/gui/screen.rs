//! A window without a display, and hands for it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery, mock_elapsed_time};
use i_slint_core::window::WindowInner;
use jiff::tz::TimeZone;
use slint::ComponentHandle;
use slint::platform::{Key, PointerEventButton, WindowEvent};
use wareswitch::app::state::{AppState, Command};
use wareswitch::gui::bridge::Window;
use wareswitch::gui::{Appearance, Language, Theme};

/// A test may open one window after the other.
fn init_once_in_thread() {
    thread_local! {
        static DONE: () = i_slint_backend_testing::init_no_event_loop();
    }
    DONE.with(|()| {});
}

pub(crate) struct Screen {
    pub(crate) window: Window,
    commands: Rc<RefCell<Vec<Command>>>,
    keys_at: Rc<Cell<Duration>>,
}

impl Screen {
    /// A window with nothing behind it but a list of what it sends.
    pub(crate) fn new(state: AppState) -> Self {
        let commands = Rc::new(RefCell::new(Vec::new()));
        let sent = Rc::clone(&commands);
        let send = Box::new(move |command| sent.borrow_mut().push(command));
        Self { commands, ..Self::of_app(Arc::new(state), send) }
    }

    /// A window that sends to something else.
    pub(crate) fn of_app(state: Arc<AppState>, send: Box<dyn Fn(Command)>) -> Self {
        init_once_in_thread();
        let appearance = Appearance {
            theme: Theme::Light,
            language: Language::English,
            ..Appearance::default()
        };
        let window = Window::new(state, appearance, TimeZone::UTC, send).unwrap();
        let keys_at = Rc::new(Cell::new(Duration::from_secs(60)));
        let clock = Rc::clone(&keys_at);
        window.set_key_clock(move || clock.get());
        window.component().show().unwrap();
        window.component().window().dispatch_event(WindowEvent::WindowActiveChanged(true));
        let screen = Self { window, commands: Rc::default(), keys_at };
        screen.resize(360.0, 640.0);
        screen
    }

    pub(crate) fn resize(&self, width: f32, height: f32) {
        self.window.component().window().set_size(slint::LogicalSize::new(width, height));
        self.settle();
    }

    /// Lets timers run and rows come to be.
    pub(crate) fn settle(&self) {
        mock_elapsed_time(Duration::from_millis(50));
        mock_elapsed_time(Duration::from_millis(50));
    }

    pub(crate) fn show(&self, state: AppState) {
        self.take(Arc::new(state));
    }

    /// Shows what the app has published.
    pub(crate) fn take(&self, state: Arc<AppState>) {
        self.window.show_state(state);
        self.settle();
    }

    /// The element with this role and label, or else the first whose label begins like this.
    pub(crate) fn find(&self, role: AccessibleRole, label: &str) -> Option<ElementHandle> {
        let found = ElementQuery::from_root(self.window.component()).match_accessible_role(role);
        let mut found = found.find_all();
        found.retain(|one| one.accessible_label().is_some_and(|text| text.starts_with(label)));
        found.sort_by_key(|one| one.accessible_label().is_none_or(|text| text != label));
        found.into_iter().next()
    }

    pub(crate) fn tap(&self, role: AccessibleRole, label: &str) {
        let element = self.find(role, label).or_else(|| self.scroll_to(role, label));
        let element = element.unwrap_or_else(|| panic!("no '{label}': {:?}", self.labels()));
        element.mock_single_click(PointerEventButton::Left);
        self.settle();
    }

    /// Turns the wheel over the page until the element comes into sight.
    fn scroll_to(&self, role: AccessibleRole, label: &str) -> Option<ElementHandle> {
        let window = self.window.component().window();
        let size = window.size();
        #[expect(clippy::cast_precision_loss, reason = "a window has few pixels")]
        let middle = slint::LogicalPosition::new(size.width as f32 / 2.0, size.height as f32 / 2.0);
        (0..100).find_map(|_| {
            window.dispatch_event(WindowEvent::PointerScrolled {
                position: middle,
                delta_x: 0.0,
                delta_y: -60.0,
            });
            self.settle();
            self.find(role, label)
        })
    }

    /// A finger on no control, counted from the window's corner.
    pub(crate) fn touch(&self, x: f32, y: f32) {
        let position = slint::LogicalPosition::new(x, y);
        let window = self.window.component().window();
        let button = PointerEventButton::Left;
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        mock_elapsed_time(Duration::from_millis(50));
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        self.settle();
    }

    pub(crate) fn tap_button(&self, label: &str) {
        self.tap(AccessibleRole::Button, label);
    }

    pub(crate) fn tap_row(&self, label: &str) {
        self.tap(AccessibleRole::ListItem, label);
    }

    /// Puts a text into a field, as assistive technology does.
    pub(crate) fn fill_in(&self, label: &str, text: &str) {
        let field = self.find(AccessibleRole::TextInput, label);
        let field = field.unwrap_or_else(|| panic!("no field '{label}': {:?}", self.labels()));
        field.set_accessible_value(text);
        self.settle();
    }

    pub(crate) fn has_text(&self, text: &str) -> bool {
        self.labels().iter().any(|label| label.contains(text))
    }

    /// The labels of everything that is there.
    pub(crate) fn labels(&self) -> Vec<String> {
        ElementQuery::from_root(self.window.component())
            .match_predicate(|_| true)
            .find_all()
            .iter()
            .filter_map(|element| element.accessible_label().map(Into::into))
            .collect()
    }

    /// The label of whatever has the focus; empty if it is nothing with a label.
    pub(crate) fn focused(&self) -> String {
        let window = WindowInner::from_pub(self.window.component().window());
        let Some(item) = window.focus_item.borrow().upgrade() else { return String::new() };
        let place = item.map_to_window(item.geometry().origin);
        let size = item.geometry().size;
        let is_same = |element: &ElementHandle| {
            let (position, extent) = (element.absolute_position(), element.size());
            (position.x - place.x).abs() < 1.0
                && (position.y - place.y).abs() < 1.0
                && (extent.width - size.width).abs() < 1.0
                && (extent.height - size.height).abs() < 1.0
        };
        let elements = ElementQuery::from_root(self.window.component())
            .match_predicate(|element| element.accessible_label().is_some())
            .find_all();
        let found = elements.iter().rev().find(|element| is_same(element));
        found.and_then(ElementHandle::accessible_label).unwrap_or_default().into()
    }

    /// Moves the focus by a key until it is on what is labelled so.
    pub(crate) fn focus_by(&self, key: Key, label: &str) {
        let mut seen = Vec::new();
        for _ in 0..80 {
            self.press_key(key);
            self.wait_for_silence();
            let here = self.focused();
            if here.starts_with(label) {
                return;
            }
            seen.push(here);
        }
        panic!("the focus never came to '{label}': {seen:?}");
    }

    pub(crate) fn press(&self, key: impl Into<slint::SharedString>) {
        let text = key.into();
        let window = self.window.component().window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }

    pub(crate) fn press_key(&self, key: Key) {
        self.press(slint::SharedString::from(key));
    }

    /// Types as a person does.
    pub(crate) fn type_text(&self, text: &str) {
        for character in text.chars() {
            self.press(slint::SharedString::from(character));
            self.wait_for_silence();
        }
    }

    /// Types as a scanner does, without the key that ends a scan.
    pub(crate) fn type_fast(&self, text: &str) {
        for character in text.chars() {
            self.keys_at.set(self.keys_at.get() + Duration::from_millis(4));
            self.press(slint::SharedString::from(character));
        }
    }

    /// Types as a scanner does, with another key held down.
    pub(crate) fn type_fast_with(&self, held: Key, text: &str) {
        let window = self.window.component().window();
        window.dispatch_event(WindowEvent::KeyPressed { text: held.into() });
        self.type_fast(text);
        window.dispatch_event(WindowEvent::KeyReleased { text: held.into() });
    }

    /// Longer than a scanner waits, and too short for the keys before to be complete.
    pub(crate) fn wait_less_than_silence(&self) {
        self.keys_at.set(self.keys_at.get() + Duration::from_millis(90));
    }

    /// Scans a code, with Enter after it.
    pub(crate) fn scan(&self, code: &str) {
        self.type_fast(code);
        self.press_key(Key::Return);
        self.settle();
    }

    /// Longer than a scanner waits between two characters.
    pub(crate) fn wait_for_silence(&self) {
        self.wait(Duration::from_millis(200));
    }

    pub(crate) fn wait(&self, duration: Duration) {
        self.keys_at.set(self.keys_at.get() + duration);
        mock_elapsed_time(duration);
        self.settle();
    }

    /// The labels of the rows and cards that are there.
    pub(crate) fn rows(&self) -> Vec<String> {
        ElementQuery::from_root(self.window.component())
            .match_accessible_role(AccessibleRole::ListItem)
            .find_all()
            .iter()
            .filter_map(|element| element.accessible_label().map(Into::into))
            .collect()
    }

    /// What was sent since the last call, touches aside.
    pub(crate) fn sent(&self) -> Vec<Command> {
        let mut sent = self.commands.take();
        sent.retain(|command| !matches!(command, Command::Touched));
        sent
    }
}
