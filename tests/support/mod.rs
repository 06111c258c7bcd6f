//! What the black-box tests stand on: the real program on a device of its own, and the server in
//! miniature that it talks to.

// Each test binary takes what it needs.
#![allow(dead_code, unused_imports)]

pub(crate) mod authority;
mod device;
pub(crate) mod played;
mod server;

pub(crate) use device::{Device, Ran, files_in};
pub(crate) use server::{
    HARALD, MARTHA, PASSWORD, Server, failing, on_list, on_new_code, on_patch, on_token,
};

use std::time::{Duration, Instant};

/// How long a process may take to do what is waited for. Far more than it ever needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `is_so`, asking again and again. Fails the test if it never is.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// An address at which nobody listens: the port was free a moment ago.
pub(crate) fn dead_address() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
