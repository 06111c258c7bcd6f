//! The real window in front of the real app on a device.

use i_slint_backend_testing::AccessibleRole;

use crate::screen::Screen;
use crate::support::PASSWORD;
use crate::support::played::{App, Device};

impl Device {
    /// Starts the app, with its window.
    pub(super) fn open_window(&self) -> Running {
        let app = self.start();
        let host = app.host.clone();
        let screen = Screen::of_app(app.state(), Box::new(move |command| host.send(command)));
        Running { screen, app }
    }

    /// Starts the app, signs somebody in by the window, and waits for their list.
    pub(super) fn open_signed_in(&self, username: &str) -> Running {
        let running = self.open_window();
        running.sign_in(username);
        running
    }
}

/// The window on the running app. Closing it ends the app.
pub(super) struct Running {
    pub(super) screen: Screen,
    app: App,
}

impl Running {
    /// Shows whatever the app publishes until the window looks as asked for.
    pub(super) fn until(&self, what: &str, is_so: impl Fn(&Screen) -> bool) {
        while !is_so(&self.screen) {
            let next = self.app.next();
            let next = next.unwrap_or_else(|| {
                panic!("never seen: {what}; there is: {:?}", self.screen.labels())
            });
            self.screen.take(next);
        }
    }

    /// Waits for a text.
    pub(super) fn until_text(&self, text: &str) {
        self.until(text, |screen| screen.has_text(text));
    }

    /// Waits until a warehouse is the active one and the server knows.
    pub(super) fn until_confirmed(&self, name: &str) {
        let words = format!("You are active in {name}");
        self.until(&words, |screen| {
            screen.has_text(&words)
                && !screen.has_text("will be sent")
                && screen.has_text("All sent")
        });
    }

    /// Fills in the sign-in page, and waits for the list.
    pub(super) fn sign_in(&self, username: &str) {
        self.until("the sign-in page", |screen| {
            screen.find(AccessibleRole::TextInput, "User name").is_some()
        });
        self.screen.fill_in("User name", username);
        self.screen.fill_in("Password", PASSWORD);
        self.screen.tap_button("Sign in");
        self.until("the list", |screen| !screen.rows().is_empty());
    }

    /// Sends what waits, from the outbox, and goes back to the warehouses.
    pub(super) fn send_now(&self) {
        self.screen.tap(AccessibleRole::Tab, "Outbox");
        self.screen.tap_button("Send now");
        self.screen.tap(AccessibleRole::Tab, "Warehouses");
    }
}
