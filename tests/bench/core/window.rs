//! Between the app's state and the window: what there is to see, a key of the search, and what has
//! changed since.

use std::hint::black_box;
use std::sync::Arc;

use jiff::tz::TimeZone;
use wareswitch::app::state::{AppState, ServerSetting};
use wareswitch::gui::controller::Controller;
use wareswitch::gui::controller::window_state::{Appearance, WindowState};
use wareswitch::gui::intent::Intent;
use wareswitch::gui::presenter::present;

use crate::rules::{self, compare_lengths};
use crate::table::{self, Table};
use crate::world::{LENGTHS, at};

const TURNS: usize = 100;

fn state(count: usize) -> Arc<AppState> {
    let profile = rules::view(count);
    let server = ServerSetting::Set { origin: profile.profile.origin.clone(), is_locked: false };
    Arc::new(AppState { profile: Some(profile), ..AppState::new(server, at(20)) })
}

pub(crate) fn measure(table: &mut Table) {
    let (states, zone) = (LENGTHS.map(state), TimeZone::UTC);
    let look = |state: &AppState| {
        black_box(present(state, &WindowState::default(), &zone));
    };
    let samples = table::measure(
        TURNS,
        [&mut || look(&states[0]), &mut || look(&states[1]), &mut || look(&states[2])],
    );
    compare_lengths(table, "presenter", &samples);

    let mut controllers = states.map(|state| Controller::new(state, Appearance::default()));
    let [few, many, most] = &mut controllers;
    let search = |controller: &mut Controller, length: &mut usize| {
        *length = *length % 8 + 1;
        let text = "000042 W".get(..*length).unwrap_or_default();
        controller.handle(Intent::Search(text.into()));
        black_box(present(controller.state(), controller.window(), &zone));
    };
    let mut lengths = [0; 3];
    let [a, b, c] = &mut lengths;
    let samples = table::measure(
        TURNS,
        [&mut || search(few, a), &mut || search(many, b), &mut || search(most, c)],
    );
    compare_lengths(table, "a key of the search", &samples);
    let [.., slowest] = &samples;
    table.note(
        "a key of the search, 10000 assignments",
        table::time(slowest.median()),
        format!("99 %: {}", table::time(slowest.at(0.99))),
        "",
        "a frame: 16.7 ms",
    );
}
