//! The client of the Glue Backend API: one method for each thing that is asked of a server, one
//! variant for each thing that can come back.
//!
//! Nothing here is tried twice, remembered or decided: `sync` does that. The contract that it
//! follows is that of Spryker's Glue Backend API, `warehouse-user-assignments` and `token`.
//!
//! | module | is |
//! |---|---|
//! | [`client`] | the one door to the network: headers, limits, proxies |
//! | `answer` | what an answer means, by status, content type and document; pure |
//! | [`failure`] | everything that can come back instead of what was asked for |
//! | `wire` | the documents |
//! | [`secret`] | passwords, tokens and codes, which never show up in a log |
//! | `tls` | which certificates are trusted, and what is wrong with one that is not |

mod answer;
pub mod client;
pub mod failure;
pub mod secret;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use client::{Exchange, GlueClient, GlueSettings, GlueSetupError, Limits};
pub use failure::GlueFailure;
pub use secret::{AccessToken, Password, RefreshToken, SecondFactorCode, Token};
