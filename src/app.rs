//! The use cases that window and command line share.
//!
//! [`device`] opens what is kept on the device and knows who is signed in; [`profile`] does what a
//! worker can do with their warehouses; [`state`] is what the window is told and asks for.

pub mod device;
mod failures;
pub mod feedback;
pub mod host;
pub mod outside;
pub mod platform;
pub mod profile;
pub mod running;
pub mod state;
pub mod support;
pub mod worker;

pub use crate::glue::{Password, SecondFactorCode};
pub use crate::scanner::alt_code::AltCode;
pub use crate::scanner::keyboard_wedge;
pub use crate::scanner::misreading::Misreading;
pub use crate::scanner::shifted::with_shift;
pub use crate::scanner::trial;
pub use crate::session::pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN, Pin, PinUnfit};
pub use failures::kind_of_connection;

/// A number of whole seconds.
pub type Seconds = u64;
