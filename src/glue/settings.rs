//! What a client is made from.

use std::time::Duration;

use crate::domain::ids::ServerOrigin;

/// How long and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// For the whole request, connecting and the last byte of the body included.
    pub request: Duration,
    /// Longest body of an answer to a sign-in or a PATCH, and of an error.
    pub small_body_bytes_max: usize,
    /// Longest body of a list.
    pub list_body_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(20),
            small_body_bytes_max: 1024 * 1024,
            list_body_bytes_max: 32 * 1024 * 1024,
        }
    }
}

/// Which server, and how to talk to it.
#[derive(Clone, Debug)]
pub struct GlueSettings {
    /// The server. No request leaves for any other.
    pub origin: ServerOrigin,
    /// Certificates (PEM) to trust beside those of the device.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// How long and how much.
    pub limits: Limits,
}

/// Why a client can't be made.
#[derive(Debug, thiserror::Error)]
pub enum GlueSetupError {
    /// The additional certificates are no PEM file, or hold no certificate.
    #[error("the additional certificate authority is not a readable PEM file")]
    ExtraCa,
    /// The TLS library refused its settings.
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("HTTP can't be set up: {0}")]
    Http(#[from] reqwest::Error),
}
