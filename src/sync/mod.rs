//! Bringing changes to the server when that is possible, and never in the way when it is not.
//!
//! [`machine`] decides, purely: events and time in, effects out. [`policy`] and [`backoff`] say, as
//! pure functions, what is remembered of an answer and when to ask again. [`driver`] is the only
//! part that waits: it carries effects out and feeds what comes of them back. [`ports`] names what
//! the driver needs from outside, so that a test can play the server, the clock and the lock.
//!
//! One engine serves one profile, with that profile's token and server, whoever is in front.

pub mod backoff;
pub mod driver;
pub mod machine;
pub mod policy;
pub mod ports;
mod renewal;
mod work;
