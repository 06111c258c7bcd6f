//! Who is signed in: how a user gets a token, how long it lasts, and where it is kept.
//!
//! | module | answers |
//! |---|---|
//! | [`sign_in`] | how user name and password become a profile and a token |
//! | [`secret_store`] | what is kept of a token, and the place to keep it |

pub mod secret_store;
pub mod sign_in;

#[cfg(test)]
mod tests;
