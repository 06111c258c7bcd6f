//! The mission's own sentence on real interfaces: 'syncs when connectivity returns'.
//!
//! Two network namespaces with a cable between them: the device is in one, the server in the other.
//! The cable is pulled, the address is lost, the interface is switched off, and each time the change
//! that waits must go by itself once the network is back, woken by the kernel's word and not by a
//! timer: the next timer is made to lie minutes ahead first.
//!
//! Needs `ip` and `unshare`, and root or user namespaces: run by `.ci/run`, not by `cargo test`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, though cargo does not know it as one"
)]

mod cable;
mod device;
mod server;

use std::process::ExitCode;

/// Set for the process that runs in the device's namespace.
const INSIDE: &str = "WARESWITCH_NETWORK_TEST_INSIDE";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|role| role == server::ROLE) {
        server::serve();
        return ExitCode::SUCCESS;
    }
    if std::env::var_os(INSIDE).is_none() {
        return cable::in_namespace_of_its_own(INSIDE);
    }
    let server = server::start();
    let scenes = [
        ("the cable is pulled", cable::plug as fn(bool)),
        ("the address is lost", cable::set_address),
        ("the interface is switched off", cable::switch_on),
    ];
    let device = device::Device::signed_in(&server);
    for (name, connect) in scenes {
        device.loses_and_regains_its_network(name, connect);
    }
    println!("{} passed, 0 failed", scenes.len());
    ExitCode::SUCCESS
}
