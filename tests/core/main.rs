//! Tests of the library from outside, in one binary: linking dominates their time.

// `cfg(test)` is always on here; it tells clippy that helpers may unwrap, too.
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod command_line;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod costs;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod drains;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod planted_bugs;
#[cfg(test)]
mod release;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod sandbox_rows;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod shared_device;
#[cfg(test)]
#[cfg(feature = "sandbox")]
#[path = "../support/mod.rs"]
mod support;
