//! Wareswitch: an offline-first app that lets a warehouse worker choose where they work.

pub mod clock;
pub mod config;
pub mod domain;
pub mod error;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scanner;
pub mod store;
