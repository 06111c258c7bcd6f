//! The real program against the server in miniature: what a worker, IT and their scripts see.

mod answers;
mod configuration;
mod conflicts;
mod processes;
mod shapes;
mod signing_in;
mod storage;
mod stories;
mod switching;
mod users;
mod waiting;
mod worlds;
