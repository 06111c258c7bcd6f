//! Pictures of every page at the sizes of real devices: nothing is blank and nothing sticks out.
//! They are written as PNG files to the folder that `WARESWITCH_SCREENS_DIR` names, if it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails stops at once"
)]

mod focus;
mod looking;
mod pictures;
mod redraws;
mod references;
#[path = "../gui/samples.rs"]
mod samples;
mod scenes;

use wareswitch::{app, config, domain};
