//! Secrets: wiped from memory when they are dropped, and absent from every log.

use std::fmt;
use std::time::Duration;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::domain::ids::UserUuid;

macro_rules! secret {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl $name {
            /// Takes the text over.
            pub fn new(text: String) -> Self {
                Self(text)
            }

            /// The text itself, for the request or the secret store that needs it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret! {
    /// A password, for one request. Can't be copied.
    Password
}
secret! {
    /// The token that a request carries.
    #[derive(Clone, PartialEq, Eq)]
    AccessToken
}
secret! {
    /// The token that a server which offers it exchanges for a new access token.
    #[derive(Clone, PartialEq, Eq)]
    RefreshToken
}
secret! {
    /// A code of the second factor.
    #[derive(Clone, PartialEq, Eq)]
    SecondFactorCode
}

/// What signing in gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// For the requests.
    pub access: AccessToken,
    /// For a new one, where the server offers that.
    pub refresh: Option<RefreshToken>,
    /// How long it lasts, counted from its receipt.
    pub expires_in: Option<Duration>,
    /// Whose it is, by its `sub` (contract section 2.4).
    pub user: UserUuid,
}
