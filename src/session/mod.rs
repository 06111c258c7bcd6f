//! Who is signed in: getting a token, and keeping it.

pub mod secret_store;
pub mod sign_in;
