//! Scanning: when keys are a scan, and what a scanned or typed code means. Pure: no window, no
//! camera, no network.

pub mod alt_code;
pub mod code;
mod gs1;
pub mod intent;
pub mod keyboard_wedge;
pub mod misreading;
pub mod shifted;
pub mod trial;
