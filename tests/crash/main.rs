//! The real program is killed at bad moments, and loses nothing.

// `cfg(test)` is always on here; it tells clippy that helpers may unwrap, too.
#[cfg(test)]
mod between;
#[cfg(test)]
mod random;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
