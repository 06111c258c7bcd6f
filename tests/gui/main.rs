//! The window, touched and typed at like a worker would, with nothing behind it but a list of the
//! commands that it sends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails stops at once"
)]

mod bad_input;
mod contrast;
mod elements;
mod keypad;
mod keys_alone;
mod samples;
mod scanner_test;
mod scans;
mod screen;
mod set_up_and_support;
#[path = "../support/mod.rs"]
mod support;
mod translations;
mod whole_app;

use wareswitch::{app, config, domain};
