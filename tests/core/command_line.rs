//! The real program against the server in miniature: what a worker, IT and their scripts see.

mod answers;
mod configuration;
mod conflicts;
mod damage;
mod manual;
mod processes;
mod proxies;
mod second_factor;
mod secrets_stay;
mod set_up_codes;
mod shapes;
mod signing_in;
mod storage;
mod stories;
mod support;
mod switching;
mod tls;
mod token_life;
mod users;
mod waiting;
mod worlds;
