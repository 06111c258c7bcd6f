//! Who is signed in: how a user gets a token, how long it lasts, and where it is kept.
//!
//! | module | answers |
//! |---|---|
//! | [`sign_in`] | how user name and password become a profile and a token |
//! | [`secret_store`] | what is kept of a token, and what a place for it must do |
//! | [`secret_places`] | which of the places a profile's secrets are in |
//! | [`secret_text`] | the shape in which a token is kept |
//! | [`patient_store`] | asking a place that may hang |
//! | [`pin`] | opening a known profile without a network |
//! | [`idle_lock`] | when a window that nobody touches is locked |

pub mod idle_lock;
pub mod patient_store;
pub mod pin;
pub mod secret_places;
pub mod secret_store;
pub mod secret_text;
pub mod sign_in;
#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;
