//! The client of the Glue Backend API: a few questions, each with exactly one meaning per answer.
//!
//! Everything here is at the mercy of what answers: a captive portal, a proxy, an old server, half
//! a body. So every answer is read within limits and becomes a value or one [`GlueFailure`].
//!
//! | module | answers |
//! |---|---|
//! | [`secret`] | texts that must never be logged |
//! | [`settings`] | which server, within which limits |
//! | [`client`] | how a question is asked: one request, never a redirect |
//! | [`failure`] | what it means if the answer was not the hoped one |
//! | `answer` | which failure an answer is: the design's table of answers |
//! | `packing` | how a packed answer is read |
//! | `transport` | which failure it is if there was no answer |
//! | `tls` | whom to trust, and what was wrong with a certificate |
//! | `token` | what a sign-in brings, and who the user is |
//! | `assignments` | what a list and a PATCH bring |
//! | `second_factor` | how the server is asked for a new code |
//! | `wire` | error documents, and texts of the server made harmless |

#[cfg(any(target_os = "android", test))]
mod android_roots;
mod answer;
mod assignments;
pub mod client;
pub mod failure;
mod packing;
mod second_factor;
pub mod secret;
pub mod settings;
mod tls;
mod token;
mod transport;
mod wire;

#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod shape_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use assignments::ListExtent;
pub use client::{Exchange, GlueClient};
pub use failure::GlueFailure;
pub use secret::{AccessToken, Password, RefreshToken, SecondFactorCode};
pub use settings::{GlueSettings, GlueSetupError, Limits};
pub use token::Token;
