//! The real program is killed at bad moments, and loses nothing.

// `cfg(test)` is always on here; it tells clippy that helpers may unwrap, too.
#[cfg(test)]
mod between;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod people;
#[cfg(test)]
mod power;
#[cfg(test)]
mod random;
#[cfg(test)]
mod saving;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod vfs;
#[cfg(test)]
mod window;
#[cfg(test)]
mod world;
