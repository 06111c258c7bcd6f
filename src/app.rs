//! The use cases that window and command line share.

pub mod state;

pub use crate::glue::Password;
