//! How a profile is kept from other people's eyes: what IT wants of it, and what opening it takes.

/// The most wrong PINs that are looked at; then only the password, online, helps.
pub const PIN_TRIES_MAX: u32 = 5;

/// What IT wants of PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinRule {
    /// Whoever wants one sets one.
    Optional,
    /// A profile opens with a PIN or with the password, never without.
    Required,
    /// There are none, and one that was set before is not asked for.
    Off,
}

/// Where IT wants secrets to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretStoreChoice {
    /// In the keyring where there is one, else in a file; for each profile as it was decided first.
    Auto,
    /// In the keyring, or not at all.
    Keyring,
    /// In a file that only this user of the system can read.
    File,
}

/// Whether a profile has a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// None is set.
    None,
    /// There is one.
    Set {
        /// Tries since the last right PIN or password.
        tries: u32,
    },
}

/// What it takes to open a profile that is known on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// A tap.
    Tap,
    /// The PIN.
    Pin {
        /// How often it may still be tried.
        tries_left: u32,
    },
    /// The password, online.
    Password,
}

impl Unlock {
    /// What it takes, by IT's rule and by what is set.
    pub fn by(rule: PinRule, pin: PinState) -> Self {
        match (rule, pin) {
            (PinRule::Off, _) | (PinRule::Optional, PinState::None) => Self::Tap,
            (_, PinState::Set { tries }) if tries < PIN_TRIES_MAX => {
                Self::Pin { tries_left: PIN_TRIES_MAX - tries }
            }
            (_, PinState::Set { .. }) | (PinRule::Required, PinState::None) => Self::Password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_to_open_a_profile() {
        use PinRule::{Off, Optional, Required};
        let set = |tries| PinState::Set { tries };
        for (rule, pin, takes) in [
            (Optional, PinState::None, Unlock::Tap),
            (Optional, set(0), Unlock::Pin { tries_left: 5 }),
            (Optional, set(4), Unlock::Pin { tries_left: 1 }),
            (Optional, set(5), Unlock::Password),
            (Required, PinState::None, Unlock::Password),
            (Required, set(1), Unlock::Pin { tries_left: 4 }),
            (Required, set(9), Unlock::Password),
            (Off, set(9), Unlock::Tap),
            (Off, PinState::None, Unlock::Tap),
        ] {
            assert_eq!(Unlock::by(rule, pin), takes, "{rule:?} {pin:?}");
        }
    }
}
