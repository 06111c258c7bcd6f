//! The real program against the server in miniature: what a worker, IT and their scripts see.

mod signing_in;
mod switching;
mod waiting;
