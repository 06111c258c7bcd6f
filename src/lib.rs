//! Wareswitch: an offline-first app that lets a warehouse worker choose where they work.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod domain;
pub mod error;
pub mod glue;
pub mod launch;
pub mod platform;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scanner;
pub mod session;
pub mod store;
pub mod sync;
