//! A cable between two namespaces (a veth pair), and what can be done to it.

use std::process::{Command, ExitCode};

/// The device's address.
const DEVICE: &str = "10.77.0.1/24";
/// The server's address.
pub(crate) const SERVER: &str = "10.77.0.2";

/// Runs this program again in a network namespace of its own.
pub(crate) fn in_namespace_of_its_own(marker: &str) -> ExitCode {
    let this = std::env::current_exe().expect("this program has a path");
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net"])
        .arg(this)
        .env(marker, "1")
        .status()
        .expect("unshare runs");
    ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}

/// Lays the cable from this namespace to that of process `pid`.
pub(crate) fn lay(pid: u32) {
    ip(&format!("link add device0 type veth peer name server0 netns {pid}"));
    ip("link set lo up");
    switch_on(true);
    set_address(true);
}

/// The server's end, from within its namespace.
pub(crate) fn take_other_end() {
    ip("link set lo up");
    ip("link set server0 up");
    ip(&format!("address add {SERVER}/24 dev server0"));
}

/// Pulls the plug at the server's end, or puts it back: the device loses its carrier and nothing
/// else.
pub(crate) fn plug(is_in: bool) {
    super::server::tell(if is_in { "plug" } else { "unplug" });
}

/// The server's side of [`plug`].
pub(crate) fn plug_other_end(is_in: bool) {
    ip(&format!("link set server0 {}", if is_in { "up" } else { "down" }));
}

/// Gives the device its address, or takes it away.
pub(crate) fn set_address(is_there: bool) {
    ip(&format!("address {} {DEVICE} dev device0", if is_there { "add" } else { "del" }));
}

/// Switches the device's interface on or off.
pub(crate) fn switch_on(is_on: bool) {
    ip(&format!("link set device0 {}", if is_on { "up" } else { "down" }));
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().expect("ip runs");
    assert!(status.success(), "ip {arguments}");
}
