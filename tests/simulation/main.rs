//! Seeded days of warehouses: the real rules, engine and store, with virtual time, network and
//! disk. The same seed gives the same day.
//!
//! `WARESWITCH_SIMULATION_SEEDS` says how many seeds are run, `WARESWITCH_SIMULATION_SEED` names
//! one to be told step by step.

// `cfg(test)` is always on here; it tells clippy that helpers may unwrap, too.
#[cfg(test)]
mod actions;
#[cfg(test)]
mod backend;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod executor;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod network;
#[cfg(test)]
mod people;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod run;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod sight;
#[cfg(test)]
mod wave;
#[cfg(test)]
mod world;
