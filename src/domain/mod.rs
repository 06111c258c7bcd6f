//! The rules of Wareswitch: what a worker may wish, what becomes of the wish, and what they see.
//!
//! Everything here is pure. Time, the server's list and the recorded changes come in as values; new
//! values and [`outbox::Write`]s come out. Nothing here touches a disk, a network, a clock or a
//! random source, and nothing is serialised: wire and database shapes live at the edges.
//!
//! | module | answers |
//! |---|---|
//! | [`ids`] | which user, warehouse, assignment, change, server |
//! | [`time`] | how much time passed, when no clock can be trusted |
//! | [`assignment`] | what the server last said |
//! | [`change`] | what the worker wished, and how far it got |
//! | [`outbox`] | what a tap, an undo or a decision does to the recorded changes |
//! | [`decide`] | the decision table: what to do with a wish, given a fresh list |
//! | [`judge`] | one look at the list, applied to everything that has not settled |
//! | [`view`] | what the worker sees as active |
//! | [`preferences`] | how a worker wants the window to look, to speak and to sound |
//! | [`protection`] | what it takes to open a profile |

pub mod assignment;
pub mod change;
pub mod connection;
pub mod decide;
pub mod ids;
pub mod judge;
pub mod natural_order;
pub mod outbox;
pub mod preferences;
pub mod protection;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod view;
