//! A device that changes hands, as the app behind its window sees it: the real app on the sandbox,
//! with a clock and a keyring that the test steers.

mod first_start;
mod handing_over;
mod keyring;
mod second_factor;
mod signing_out;
mod sounds;
