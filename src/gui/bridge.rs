//! The only place that sets Slint's properties and hears its callbacks.

mod callbacks;
mod convert;
mod keypad;
mod keys;
mod scanner_test;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use slint::{ComponentHandle, Model, ModelRc, SharedString, Timer, TimerMode, VecModel};

use super::StateListener;
use super::controller::Controller;
use super::controller::window_state::{Appearance, Language, Page, address_to_edit};
use super::generated as ui;
use super::intent::{Intent, Key};
use super::presenter::view::{BarKind, WindowView};
use super::presenter::{present, username_to_edit};
use crate::app::state::{AppState, Command};
use crate::error::UserError;

/// How long good news stays.
const GOOD_NEWS: Duration = Duration::from_secs(5);

/// The window on the screen, and what moves it.
pub struct Window {
    shared: Rc<Shared>,
}

struct Shared {
    component: ui::AppWindow,
    controller: RefCell<Controller>,
    shown: RefCell<Option<Rc<WindowView>>>,
    rows: Rc<VecModel<ui::RowItem>>,
    changes: Rc<VecModel<ui::ChangeItem>>,
    zone: TimeZone,
    send: Box<dyn Fn(Command)>,
    keys: keys::KeyListener,
    good_news: Timer,
    timed_notice: RefCell<Option<u64>>,
    refocus: Cell<i32>,
}

thread_local! {
    /// The window of this thread, for states that arrive from another one.
    static CURRENT: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
}

impl Window {
    /// Makes the window, without showing it.
    ///
    /// # Errors
    /// There is nothing to draw on.
    pub fn new(
        initial: Arc<AppState>,
        appearance: Appearance,
        zone: TimeZone,
        send: Box<dyn Fn(Command)>,
    ) -> Result<Self, UserError> {
        let component = ui::AppWindow::new().map_err(super::no_display)?;
        let shared = Rc::new(Shared {
            component,
            controller: RefCell::new(Controller::new(initial, appearance)),
            shown: RefCell::new(None),
            rows: Rc::new(VecModel::default()),
            changes: Rc::new(VecModel::default()),
            zone,
            send,
            keys: keys::KeyListener::default(),
            good_news: Timer::default(),
            timed_notice: RefCell::new(None),
            refocus: Cell::default(),
        });
        let app = shared.component.global::<ui::App>();
        app.set_rows(ModelRc::from(Rc::clone(&shared.rows)));
        app.set_changes(ModelRc::from(Rc::clone(&shared.changes)));
        callbacks::connect(&shared);
        keypad::connect(&shared);
        shared.refresh();
        CURRENT.with_borrow_mut(|current| *current = Rc::downgrade(&shared));
        Ok(Self { shared })
    }

    /// The component, for tests and pictures.
    pub fn component(&self) -> &ui::AppWindow {
        &self.shared.component
    }

    /// Shows a newer state of the app.
    pub fn show_state(&self, state: Arc<AppState>) {
        self.shared.take_state(state);
    }

    /// Takes what a person did.
    pub fn handle(&self, intent: Intent) {
        self.shared.handle(intent);
    }

    /// Sends a command to the app.
    pub fn send(&self, command: Command) {
        (self.shared.send)(command);
    }

    /// Takes states from any thread and shows them on the window's own.
    pub fn listener(&self) -> StateListener {
        let weak = self.shared.component.as_weak();
        Box::new(move |state| {
            // Fails only once the event loop is over, when nobody looks any more.
            let _ = weak.upgrade_in_event_loop(move |_| {
                let current = CURRENT.with_borrow(Weak::upgrade);
                if let Some(shared) = current {
                    shared.take_state(state);
                }
            });
        })
    }

    /// Shows the window until it is closed.
    ///
    /// # Errors
    /// It can't be drawn.
    pub fn run(&self) -> Result<(), UserError> {
        self.shared.component.run().map_err(super::no_display)
    }
}

impl Shared {
    fn take_state(self: &Rc<Self>, state: Arc<AppState>) {
        self.controller.borrow_mut().take_state(state);
        self.refresh();
    }

    fn handle(self: &Rc<Self>, intent: Intent) {
        let command = self.controller.borrow_mut().handle(intent);
        self.refresh();
        if let Some(command) = command {
            (self.send)(command);
        }
    }

    fn key(self: &Rc<Self>, key: Key) -> bool {
        let (is_used, command) = self.controller.borrow_mut().key(key);
        self.refresh();
        if let Some(command) = command {
            (self.send)(command);
        }
        if !is_used && let Some(is_forward) = focus_step(key) {
            self.move_focus(is_forward);
        }
        is_used
    }

    /// Sets what differs from what is shown. Nothing is drawn again for a state that looks the same.
    fn refresh(self: &Rc<Self>) {
        let view = {
            let controller = self.controller.borrow();
            Rc::new(present(controller.state(), controller.window(), &self.zone))
        };
        let old = self.shown.replace(Some(Rc::clone(&view)));
        if old.as_ref() != Some(&view) {
            self.show(old.as_deref(), &view);
        }
        self.let_good_news_pass(&view);
    }

    fn show(&self, old: Option<&WindowView>, view: &WindowView) {
        let app = self.component.global::<ui::App>();
        app.set_strip((&view.strip).into());
        app.set_banner(view.banner.into());
        app.set_bar(view.bar.as_ref().into());
        app.set_question(view.question.as_ref().into());
        app.set_code(view.code.as_ref().into());
        app.set_demo(view.demo.into());
        app.set_unopened(convert::error(view.unopened));
        app.set_support_text(view.support_text.as_str().into());
        app.set_set_up(view.set_up.into());
        app.set_set_up_code(view.set_up_code.as_ref().into());
        app.set_sign_in(view.sign_in.into());
        app.set_server((&view.server).into());
        app.set_settings((&view.settings).into());
        app.set_is_search_shown(view.home.is_search_shown);
        app.set_empty(view.home.empty.into());
        app.set_can_send_now(view.outbox.can_send_now);
        app.set_attention(convert::int(view.outbox.attention));
        if old.map(|old| &old.home.rows) != Some(&view.home.rows) {
            replace(&self.rows, view.home.rows.iter().map(ui::RowItem::from).collect());
        }
        app.set_selected_row(view.home.selected.map_or(-1, convert::int));
        if old.map(|old| &old.outbox.changes) != Some(&view.outbox.changes) {
            replace(&self.changes, view.outbox.changes.iter().map(ui::ChangeItem::from).collect());
        }
        if old.map(|old| &old.users) != Some(&view.users) {
            let users: Vec<ui::UserItem> = view.users.iter().map(Into::into).collect();
            app.set_users(ModelRc::from(Rc::new(VecModel::from(users))));
        }
        app.set_pin((&view.pin).into());
        if old.map(|old| &old.scanner_test) != Some(&view.scanner_test) {
            app.set_scanner_test((&view.scanner_test).into());
        }
        if old.is_some_and(|old| may_lose_focus(old, view)) {
            self.refocus();
        }
        let search = self.controller.borrow().window().search.clone();
        if app.get_search_text() != search.as_str() {
            app.set_search_text(search.into());
        }
        if old.map(|old| old.page) != Some(view.page) {
            self.prepare_page(view.page);
            self.tell_of_scanner_test(old.map(|old| old.page), view.page);
            app.set_page(view.page.into());
        }
        if old.map(|old| old.settings.appearance) != Some(view.settings.appearance) {
            self.show_appearance(view.settings.appearance);
        }
    }

    /// Gives the focus back to the window as a whole, unless somebody types into a field.
    fn refocus(&self) {
        self.refocus.set(self.refocus.get().wrapping_add(1));
        self.component.global::<ui::App>().set_refocus(self.refocus.get());
    }

    /// Fills in what is known already when a form opens, and forgets a password when it closes.
    fn prepare_page(&self, page: Page) {
        let app = self.component.global::<ui::App>();
        let controller = self.controller.borrow();
        let state = controller.state();
        app.set_typed_password(SharedString::new());
        match page {
            Page::SetUp => app.set_typed_address(address_to_edit(&state.server).into()),
            Page::SignIn => {
                app.set_typed_username(username_to_edit(state, controller.window()).into());
            }
            Page::Home
            | Page::Outbox
            | Page::Settings
            | Page::Users
            | Page::Unlock
            | Page::Pin
            | Page::ScannerTest
            | Page::Unopened => {}
        }
    }

    /// Scans that do not come as keys switch nothing either while the scanner is tested.
    fn tell_of_scanner_test(&self, old: Option<Page>, new: Page) {
        if old == Some(Page::ScannerTest) || new == Page::ScannerTest {
            (self.send)(Command::TestScanner(new == Page::ScannerTest));
        }
    }

    fn show_appearance(&self, appearance: Appearance) {
        self.component.global::<ui::Theme>().set_choice(appearance.theme.into());
        self.component.global::<ui::Size>().set_scale(appearance.text_scale.factor());
        let language = match appearance.language {
            Language::Auto => super::language_of_system(),
            chosen => Some(chosen),
        };
        let code = match language {
            None => return,
            // The texts in the source.
            Some(Language::English) => "",
            Some(language) => language.code(),
        };
        if let Err(error) = slint::select_bundled_translation(code) {
            tracing::warn!(%error, "the language can't be chosen");
        }
    }

    /// Good news goes away by itself; bad news stays until it was read.
    fn let_good_news_pass(self: &Rc<Self>, view: &WindowView) {
        let number = self.controller.borrow().state().notice.as_ref().map(|notice| notice.number);
        let is_new = number.is_some() && self.timed_notice.replace(number) != number;
        let is_good = view.bar.as_ref().is_some_and(|bar| {
            matches!(
                bar.kind,
                BarKind::Switched
                    | BarKind::Left
                    | BarKind::Accepted
                    | BarKind::AlreadySo
                    | BarKind::Undone
                    | BarKind::PinSet
                    | BarKind::PinRemoved
            )
        });
        if is_new && is_good {
            let weak = Rc::downgrade(self);
            self.good_news.start(TimerMode::SingleShot, GOOD_NEWS, move || {
                if let Some(shared) = weak.upgrade() {
                    shared.handle(Intent::DismissBar);
                }
            });
        } else if is_new {
            self.good_news.stop();
        }
    }
}

/// Whether a button that had the focus may be gone.
fn may_lose_focus(old: &WindowView, new: &WindowView) -> bool {
    let changes =
        |view: &WindowView| view.outbox.changes.iter().map(|row| row.seq).collect::<Vec<_>>();
    let asked = |view: &WindowView| view.question.as_ref().map(|question| question.seq);
    old.bar != new.bar
        || asked(old) != asked(new)
        || old.banner != new.banner
        || old.users != new.users
        || old.home.empty != new.home.empty
        || old.home.rows.first() != new.home.rows.first()
        || changes(old) != changes(new)
}

/// Where an arrow key that nobody wanted moves the focus.
fn focus_step(key: Key) -> Option<bool> {
    match key {
        Key::Down | Key::Right => Some(true),
        Key::Up | Key::Left => Some(false),
        Key::Text(_) | Key::Enter | Key::Erase | Key::Back | Key::Other => None,
    }
}

/// Sets the rows that differ, so that the others are not drawn again and the list stays where it
/// is.
fn replace<T: Clone + PartialEq + 'static>(model: &VecModel<T>, items: Vec<T>) {
    if model.row_count() != items.len() {
        model.set_vec(items);
        return;
    }
    for (index, item) in items.into_iter().enumerate() {
        if model.row_data(index).as_ref() != Some(&item) {
            model.set_row_data(index, item);
        }
    }
}
