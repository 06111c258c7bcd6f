//! The command line: for IT, for scripts, and for whoever likes keys better than glass.
//!
//! [`args`] reads, [`run`] does, [`json`] and [`text`] tell. It shares every use case with the
//! window; nothing here knows the server or the database.

pub mod args;
pub mod json;
pub mod run;
pub mod text;
