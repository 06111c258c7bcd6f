//! The app on its built-in server, for whoever wants to see it before setting anything up.
//!
//! It is the same code as the real thing, over real HTTP and a real database file. [`stage`] sets
//! the scene: a server, a folder, a signed-in user. With a display the window opens on it; without
//! one [`story`] acts the part of the worker.

pub mod stage;
pub mod story;
