//! Hints from the kernel (netlink, rtnetlink(7)) that a carrier or an address came or went.

use std::net::IpAddr;

use futures_util::{StreamExt, TryStreamExt};
use rtnetlink::packet_core::NetlinkPayload;
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::address::{AddressAttribute, AddressMessage};
use rtnetlink::packet_route::link::{LinkFlags, LinkMessage};
use rtnetlink::{Handle, MulticastGroup};

use crate::app::platform::Watch;

use super::interfaces::{Interfaces, Report};
use super::{OnEvent, Watching};

const GROUPS: [MulticastGroup; 3] =
    [MulticastGroup::Link, MulticastGroup::Ipv4Ifaddr, MulticastGroup::Ipv6Ifaddr];

/// Tells of each network that comes and goes after what there is at the start. Must be called
/// within a tokio runtime.
pub(super) fn watch(on_event: OnEvent) -> Watch {
    Box::new(Watching(tokio::spawn(async move {
        if let Err(error) = serve(on_event).await {
            tracing::warn!(%error, "network changes are not seen; timers find them out");
        }
    })))
}

async fn serve(on_event: OnEvent) -> std::io::Result<()> {
    let (connection, handle, mut messages) = rtnetlink::new_multicast_connection(&GROUPS)?;
    let _connection = Watching(tokio::spawn(connection));
    let mut interfaces = Interfaces::default();
    for report in present(&handle).await.map_err(std::io::Error::other)? {
        interfaces.take(report);
    }
    while let Some((message, _)) = messages.next().await {
        let NetlinkPayload::InnerMessage(message) = message.payload else { continue };
        for event in reports(&message).into_iter().filter_map(|report| interfaces.take(report)) {
            on_event(event);
        }
    }
    Err(std::io::ErrorKind::BrokenPipe.into())
}

/// What there is now.
async fn present(handle: &Handle) -> Result<Vec<Report>, rtnetlink::Error> {
    let links: Vec<LinkMessage> = handle.link().get().execute().try_collect().await?;
    let addresses: Vec<AddressMessage> = handle.address().get().execute().try_collect().await?;
    let links = links.into_iter().map(RouteNetlinkMessage::NewLink);
    let addresses = addresses.into_iter().map(RouteNetlinkMessage::NewAddress);
    Ok(links.chain(addresses).flat_map(|message| reports(&message)).collect())
}

fn reports(message: &RouteNetlinkMessage) -> Vec<Report> {
    match message {
        RouteNetlinkMessage::NewLink(link) => vec![Report::Carrier {
            interface: link.header.index,
            is_up: link.header.flags.contains(LinkFlags::LowerUp),
        }],
        RouteNetlinkMessage::DelLink(link) => {
            vec![Report::InterfaceGone { interface: link.header.index }]
        }
        RouteNetlinkMessage::NewAddress(message) => addresses(message)
            .map(|address| Report::Address { interface: message.header.index, address })
            .collect(),
        RouteNetlinkMessage::DelAddress(message) => addresses(message)
            .map(|address| Report::AddressGone { interface: message.header.index, address })
            .collect(),
        _ => Vec::new(),
    }
}

fn addresses(message: &AddressMessage) -> impl Iterator<Item = IpAddr> {
    message.attributes.iter().filter_map(|attribute| match attribute {
        AddressAttribute::Address(address) => Some(*address),
        _ => None,
    })
}
