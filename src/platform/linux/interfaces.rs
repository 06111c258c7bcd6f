//! Which addresses of this device lead anywhere, as the kernel reports carriers and addresses one
//! by one. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::app::platform::DeviceEvent;

/// Interfaces that are kept account of; a handheld has a handful.
const INTERFACES_MAX: usize = 256;
/// Addresses that are kept account of.
const ADDRESSES_MAX: usize = 4096;

/// One thing that the kernel reports. `interface` is the kernel's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The interface is there, with a cable or a radio link on it or without.
    Carrier {
        /// Which one.
        interface: u32,
        /// Whether something is at the other end (`IFF_LOWER_UP`, netdevice(7)).
        is_up: bool,
    },
    /// The interface is gone.
    InterfaceGone {
        /// Which one.
        interface: u32,
    },
    /// The interface has this address.
    Address {
        /// Which one.
        interface: u32,
        /// The address.
        address: IpAddr,
    },
    /// The interface has this address no more.
    AddressGone {
        /// Which one.
        interface: u32,
        /// The address.
        address: IpAddr,
    },
}

/// The account of carriers and addresses.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    carriers: BTreeMap<u32, bool>,
    addresses: BTreeSet<(u32, IpAddr)>,
}

impl Interfaces {
    /// Takes a report, and says whether the device gained or lost a network by it.
    ///
    /// A cable that is pulled and put back leaves its address in place, so the address alone does
    /// not tell: only one with a carrier below it leads anywhere.
    pub fn take(&mut self, report: Report) -> Option<DeviceEvent> {
        let before = self.usable();
        self.note(report);
        let after = self.usable();
        if !after.is_subset(&before) {
            Some(DeviceEvent::NetworkCame)
        } else if after.is_empty() && !before.is_empty() {
            Some(DeviceEvent::NetworkWent)
        } else {
            None
        }
    }

    fn note(&mut self, report: Report) {
        match report {
            Report::Carrier { interface, is_up } => {
                if self.carriers.len() < INTERFACES_MAX || self.carriers.contains_key(&interface) {
                    self.carriers.insert(interface, is_up);
                }
            }
            Report::InterfaceGone { interface } => {
                self.carriers.remove(&interface);
                self.addresses.retain(|(owner, _)| *owner != interface);
            }
            Report::Address { interface, address } => {
                if !leads_nowhere(address) && self.addresses.len() < ADDRESSES_MAX {
                    self.addresses.insert((interface, address));
                }
            }
            Report::AddressGone { interface, address } => {
                self.addresses.remove(&(interface, address));
            }
        }
    }

    fn usable(&self) -> BTreeSet<(u32, IpAddr)> {
        let has_carrier = |interface: &u32| self.carriers.get(interface).copied().unwrap_or(false);
        self.addresses.iter().filter(|(interface, _)| has_carrier(interface)).copied().collect()
    }
}

/// Loopback, and the addresses that a card has before a network gave it one.
fn leads_nowhere(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIFI: u32 = 3;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn carrier(is_up: bool) -> Report {
        Report::Carrier { interface: WIFI, is_up }
    }

    fn has(text: &str) -> Report {
        Report::Address { interface: WIFI, address: address(text) }
    }

    fn loses(text: &str) -> Report {
        Report::AddressGone { interface: WIFI, address: address(text) }
    }

    fn heard(reports: &[Report]) -> Vec<Option<DeviceEvent>> {
        let mut interfaces = Interfaces::default();
        reports.iter().map(|report| interfaces.take(*report)).collect()
    }

    #[test]
    fn a_network_is_there_once_there_is_an_address_and_a_carrier() {
        let came = Some(DeviceEvent::NetworkCame);

        assert_eq!(heard(&[carrier(true), has("10.0.0.7")]), [None, came]);
        assert_eq!(heard(&[has("10.0.0.7"), carrier(true)]), [None, came]);
        assert_eq!(heard(&[carrier(false), has("10.0.0.7")]), [None, None]);
    }

    #[test]
    fn a_cable_pulled_and_put_back_is_seen_though_the_address_stays() {
        let story =
            heard(&[carrier(true), has("10.0.0.7"), carrier(false), carrier(true), carrier(true)]);

        let (came, went) = (Some(DeviceEvent::NetworkCame), Some(DeviceEvent::NetworkWent));
        assert_eq!(story, [None, came, went, came, None]);
    }

    #[test]
    fn a_new_address_on_the_same_link_is_a_new_network() {
        let story = heard(&[carrier(true), has("10.0.0.7"), loses("10.0.0.7"), has("192.168.4.2")]);

        let (came, went) = (Some(DeviceEvent::NetworkCame), Some(DeviceEvent::NetworkWent));
        assert_eq!(story, [None, came, went, came]);
    }

    #[test]
    fn an_interface_that_is_unplugged_takes_its_network_along() {
        let gone = Report::InterfaceGone { interface: WIFI };

        let story = heard(&[carrier(true), has("10.0.0.7"), gone]);

        assert_eq!(story.last(), Some(&Some(DeviceEvent::NetworkWent)));
    }

    #[test]
    fn loopback_and_link_local_addresses_are_no_network() {
        let story = heard(&[
            carrier(true),
            has("127.0.0.1"),
            has("::1"),
            has("169.254.1.1"),
            has("fe80::1"),
        ]);

        assert_eq!(story, [None; 5]);
    }
}
