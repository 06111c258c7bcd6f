//! What the device's default network was, and what a change of it means.

use crate::app::platform::DeviceEvent;

/// The default network: the one that requests leave by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultNetwork {
    /// The system's own number of it.
    pub number: i64,
    /// Whether the system found out that it leads to the internet. A network without, such as that
    /// of a site that is closed off, may lead to the server all the same.
    pub is_validated: bool,
}

/// The account of the default network.
#[derive(Debug)]
pub struct Networks {
    /// Outer `None` until the system spoke for the first time.
    last: Option<Option<DefaultNetwork>>,
}

impl Networks {
    /// Knows nothing yet.
    pub const UNKNOWN: Self = Self { last: None };

    /// Takes the network there is now. What is there at the start is no news.
    pub fn take(&mut self, now: Option<DefaultNetwork>) -> Option<DeviceEvent> {
        let before = self.last.replace(now)?;
        match (before, now) {
            (Some(_), None) => Some(DeviceEvent::NetworkWent),
            (None, Some(_)) => Some(DeviceEvent::NetworkCame),
            (Some(before), Some(now)) => {
                let leads_further = now.is_validated && !before.is_validated;
                (before.number != now.number || leads_further).then_some(DeviceEvent::NetworkCame)
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIFI: Option<DefaultNetwork> = Some(DefaultNetwork { number: 7, is_validated: true });
    const PORTAL: Option<DefaultNetwork> = Some(DefaultNetwork { number: 7, is_validated: false });
    const MOBILE: Option<DefaultNetwork> = Some(DefaultNetwork { number: 8, is_validated: true });

    #[test]
    fn only_what_leads_somewhere_new_is_a_network_that_came() {
        let cases = [
            (None, WIFI, Some(DeviceEvent::NetworkCame)),
            (WIFI, None, Some(DeviceEvent::NetworkWent)),
            (WIFI, MOBILE, Some(DeviceEvent::NetworkCame)),
            (PORTAL, WIFI, Some(DeviceEvent::NetworkCame)),
            (WIFI, PORTAL, None),
            (WIFI, WIFI, None),
            (None, None, None),
        ];
        for (before, now, expected) in cases {
            let mut networks = Networks::UNKNOWN;
            networks.take(before);

            assert_eq!(networks.take(now), expected, "{before:?} to {now:?}");
        }
    }

    #[test]
    fn the_network_that_is_there_at_the_start_is_no_news() {
        for first in [WIFI, None] {
            let mut networks = Networks::UNKNOWN;

            assert_eq!(networks.take(first), None);
        }
    }
}
