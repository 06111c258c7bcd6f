//! What is special to Android. The activity (`assets/android/java`) passes on plain values, [`java`]
//! takes them over, and what they mean is decided here, without Java, so that it is tested anywhere.
//!
//! | module | is |
//! |---|---|
//! | `java` | the one place that speaks with Java |
//! | [`broadcast`] | the code in what a scanner's service sent |
//! | [`feedback`] | what the motor does |
//! | [`networks`] | the account kept of the default network |
//! | `keystore` | tokens, encrypted by a key that never leaves the device's Keystore |

pub mod broadcast;
pub mod feedback;
#[cfg(target_os = "android")]
pub mod java;
#[cfg(target_os = "android")]
pub mod keystore;
pub mod networks;
