//! The keys that sign set-up codes: Ed25519 (RFC 8032).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SecureRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// The public half: 32 bytes, written in base64.
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

    /// The keys that a package was built with: `WARESWITCH_SET_UP_KEYS`, separated by commas.
    pub(super) fn of_package() -> Vec<Self> {
        let keys = option_env!("WARESWITCH_SET_UP_KEYS").unwrap_or_default();
        keys.split(',').filter_map(Self::parse).collect()
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

/// The secret half.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Makes a new key; returns it with its PKCS#8 form in PEM, to be kept in a file.
    pub fn generate(random: &dyn SecureRandom) -> Option<(Self, Zeroizing<String>)> {
        let document = Ed25519KeyPair::generate_pkcs8(random).ok()?;
        let key = Ed25519KeyPair::from_pkcs8(document.as_ref()).ok()?;
        let body = Zeroizing::new(STANDARD.encode(document.as_ref()));
        Some((Self(key), Zeroizing::new(format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", *body))))
    }

    /// Reads one from PEM, as written here or by `openssl genpkey -algorithm ed25519`.
    pub fn parse(pem: &str) -> Option<Self> {
        let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let body = Zeroizing::new(lines.collect::<String>());
        let document = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document).ok().map(Self)
    }

    /// The public half.
    pub fn public(&self) -> SetUpKey {
        let mut bytes = [0; SetUpKey::BYTES];
        bytes.iter_mut().zip(self.0.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        SetUpKey(bytes)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}
