//! The public half of a key that signs set-up codes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An Ed25519 public key (RFC 8032), 32 bytes, written in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetUpKey([u8; Self::BYTES]);

impl SetUpKey {
    /// Its length.
    pub const BYTES: usize = 32;

    /// Takes the bytes of a key.
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads one as it stands in a file.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SetUpKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&STANDARD.encode(self.0))
    }
}
