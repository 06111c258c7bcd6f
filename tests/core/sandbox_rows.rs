//! The sandbox answers as the contract's section 8 says, row by row, over real HTTP.

mod browser;
mod control;
mod faults;
mod reaching;
mod reading;
mod signing_in;
mod table;
mod tls;
mod world;
mod writing;
