//! The command line: for IT, for scripts, and for whoever likes keys better than glass.
//!
//! [`args`] reads, [`run`] does, [`json`] and [`text`] tell; [`config`] and [`support`] tell what IT
//! and support ask, [`manual`] what a package ships. It shares every use case with the
//! window; nothing here knows the server or the database.

pub mod args;
pub mod config;
pub mod json;
pub mod manual;
pub mod run;
pub mod support;
pub mod text;
