//! Secrets: overwritten when dropped, and never part of a debug text.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

macro_rules! secret_texts {
    ($($(#[$attribute:meta])* $name:ident;)*) => {
        $(
            $(#[$attribute])*
            #[derive(Zeroize, ZeroizeOnDrop)]
            pub struct $name(String);

            impl $name {
                /// Takes the text over.
                pub fn new(text: String) -> Self {
                    Self(text)
                }

                /// The text itself, for those who send or store it.
                pub fn expose(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.write_str(concat!(stringify!($name), "(redacted)"))
                }
            }
        )*
    };
}

secret_texts! {
    /// What the worker typed. Lives for one request, so it can't be copied.
    Password;
    /// What every question about assignments carries.
    #[derive(Clone, PartialEq, Eq)]
    AccessToken;
    /// What a server with refresh would take for a new access token.
    #[derive(Clone, PartialEq, Eq)]
    RefreshToken;
    /// The code of the second factor, as the worker got it by mail or app.
    #[derive(Clone, PartialEq, Eq)]
    SecondFactorCode;
}
