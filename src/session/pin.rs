//! The PIN that opens a known profile without a network, and what it is checked against.
//!
//! A PIN is short: whoever has the device's files can try all of them, however slow one try is made.
//! It keeps a curious colleague out, not a thief with the flash chip.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// The fewest digits.
pub const PIN_DIGITS_MIN: usize = 4;
/// The most digits.
pub const PIN_DIGITS_MAX: usize = 12;

/// Memory for one check, in KiB. Enough to make a try costly, little on a device with 3 GB, and
/// freed at once.
const MEMORY_KIB: u32 = 32 * 1024;
/// Passes over that memory: a check takes a tenth of a second on a desktop and well below a second
/// on a slow core.
const PASSES: u32 = 3;
/// The most memory that a verifier read from disk may ask for, in KiB.
const MEMORY_KIB_MAX: u32 = 128 * 1024;
/// The most passes that one may ask for.
const PASSES_MAX: u32 = 16;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// A PIN as it was typed. Overwritten when dropped, and in no text for people or logs.
pub struct Pin(Zeroizing<String>);

impl std::fmt::Debug for Pin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pin(redacted)")
    }
}

/// Why something typed can't be a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinUnfit {
    /// Too few or too many digits, or something else than digits.
    #[error("a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits")]
    NotDigits,
    /// The first one that anybody would try.
    #[error("a PIN is neither one digit repeated nor a row of them")]
    TooSimple,
}

impl Pin {
    /// Takes over what was typed to open a profile.
    ///
    /// # Errors
    /// If it can't be anybody's PIN.
    pub fn parse(typed: Zeroizing<String>) -> Result<Self, PinUnfit> {
        let is_digits = typed.bytes().all(|byte| byte.is_ascii_digit());
        let has_length = (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&typed.len());
        if is_digits && has_length { Ok(Self(typed)) } else { Err(PinUnfit::NotDigits) }
    }

    /// Takes over what was typed as a new PIN.
    ///
    /// # Errors
    /// If it is none, or too easy to guess.
    pub fn parse_new(typed: Zeroizing<String>) -> Result<Self, PinUnfit> {
        let pin = Self::parse(typed)?;
        if pin.is_row() { Err(PinUnfit::TooSimple) } else { Ok(pin) }
    }

    /// Whether each digit follows from the one before in the same way: 1111, 1234, 9876.
    fn is_row(&self) -> bool {
        let digits = self.0.as_bytes();
        let steps = || digits.iter().zip(digits.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a));
        [0, 1, u8::MAX].iter().any(|step| steps().all(|one| one == *step))
    }
}

/// What a PIN is checked against later, in the PHC format. Takes a while: for a blocking thread.
///
/// # Errors
/// If there is not enough memory.
pub fn verifier_of(pin: &Pin, salt: [u8; SALT_BYTES]) -> Result<String, PinUnchecked> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(PinUnchecked::new)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = Zeroizing::new([0_u8; Params::DEFAULT_OUTPUT_LEN]);
    argon2
        .hash_password_into(pin.0.as_bytes(), &salt, output.as_mut_slice())
        .map_err(PinUnchecked::new)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(PinUnchecked::new)?,
        salt: Some(Salt::new(&salt).map_err(PinUnchecked::new)?),
        hash: Some(Output::new(output.as_slice()).map_err(PinUnchecked::new)?),
    };
    Ok(hash.to_string())
}

/// Whether this is the PIN. Takes a while: for a blocking thread.
///
/// # Errors
/// If the verifier can't be used.
pub fn is_right(pin: &Pin, verifier: &str) -> Result<bool, PinUnchecked> {
    let hash = PasswordHash::new(verifier).map_err(PinUnchecked::new)?;
    let params = Params::try_from(&hash).map_err(PinUnchecked::new)?;
    if params.m_cost() > MEMORY_KIB_MAX || params.t_cost() > PASSES_MAX {
        return Err(PinUnchecked("it asks for too much".into()));
    }
    Ok(Argon2::default().verify_password(pin.0.as_bytes(), &hash).is_ok())
}

/// Why a PIN could not be checked or set. Never holds any part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the PIN could not be checked: {0}")]
pub struct PinUnchecked(String);

impl PinUnchecked {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Pin {
        Pin::parse(Zeroizing::new(text.to_owned())).unwrap()
    }

    #[test]
    fn only_the_right_pin_fits_its_verifier() {
        let verifier = verifier_of(&pin("2580"), [7; SALT_BYTES]).unwrap();

        assert!(verifier.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"), "{verifier}");
        assert_eq!(is_right(&pin("2580"), &verifier), Ok(true));
        assert_eq!(is_right(&pin("2581"), &verifier), Ok(false));
        assert_eq!(is_right(&pin("25800"), &verifier), Ok(false));
        assert!(!verifier.contains("2580"));
    }

    #[test]
    fn the_same_pin_of_two_people_leaves_different_traces() {
        let of = |salt| verifier_of(&pin("2580"), [salt; SALT_BYTES]).unwrap();

        assert_ne!(of(1), of(2));
    }

    #[test]
    fn a_verifier_that_was_damaged_or_made_to_hurt_is_refused_without_being_tried() {
        for verifier in [
            "",
            "rubbish",
            "$argon2id$v=19$m=4194304,t=3,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=65536,t=4000000,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(is_right(&pin("2580"), verifier).is_err(), "{verifier}");
        }
    }

    #[test]
    fn what_can_be_a_pin() {
        let parse = |text: &str| Pin::parse_new(Zeroizing::new(text.to_owned())).map(|_| ());

        assert_eq!(parse("2580"), Ok(()));
        assert_eq!(parse("123456789013"), Ok(()));
        for text in ["", "258", "1234567890123", "25 80", "25a0", "２５８０", "-258"] {
            assert_eq!(parse(text), Err(PinUnfit::NotDigits), "{text}");
        }
        for text in ["0000", "7777777", "1234", "345678", "9876", "3210"] {
            assert_eq!(parse(text), Err(PinUnfit::TooSimple), "{text}");
        }
    }

    #[test]
    fn a_pin_shows_in_no_debug_text() {
        assert!(!format!("{:?}", pin("2580")).contains("2580"));
    }
}
