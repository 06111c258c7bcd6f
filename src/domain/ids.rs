//! Identifiers. Each is parsed once, at the edge, and can't be mixed up with another afterwards.

use std::fmt;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a uuid that is already known to be of this kind.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Reads the text form, with or without hyphens or braces, in any case.
            ///
            /// # Errors
            /// [`InvalidId`] if `text` is no uuid.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }

            /// The bare uuid, for the edges that store or send it.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }
    };
}

uuid_id! {
    /// The id of an assignment. It changes when the assignment is taken away and given again
    /// (contract section 3.7), so whatever must outlive that is keyed by [`WarehouseUuid`].
    AssignmentId
}
uuid_id! {
    /// A warehouse. Unique for a user: there is one assignment for a user and a warehouse.
    WarehouseUuid
}
uuid_id! {
    /// A user, as named in the `sub` of their token (contract section 2.4).
    UserUuid
}
uuid_id! {
    /// A recorded change, for support: unique over all devices (uuid version 7).
    ChangeId
}

/// The text was not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

/// The place of a change in the order of recording. The only order that counts: clocks are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The row number of an attempt, in the order in which attempts were written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub i64);

/// Scheme, host and port of a Glue server, in the normal form of RFC 6454 section 6.2
/// (`https://glue-backend.example`). Two spellings of one server are one origin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerOrigin(url::Url);

/// Why a text is no server address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// No URL at all, or one without a host.
    #[error("not a web address")]
    NotAUrl,
    /// A scheme other than `http` and `https`.
    #[error("the address must start with https://")]
    Scheme,
    /// A user name or password in the address: it would end up in files and logs.
    #[error("the address must not contain a user name or password")]
    Credentials,
    /// A path, query or fragment: the Glue backend has a host of its own (contract section 1.1).
    #[error("the address must end after the host name")]
    Path,
}

impl ServerOrigin {
    /// Longest address accepted, in bytes.
    pub const LENGTH_MAX: usize = 512;

    /// Reads an address as typed or configured. A closing slash is fine.
    ///
    /// # Errors
    /// [`InvalidOrigin`] says what is wrong. Whether cleartext is allowed is not judged here.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.trim();
        if text.len() > Self::LENGTH_MAX {
            return Err(InvalidOrigin::NotAUrl);
        }
        let url = url::Url::parse(text).map_err(|_| InvalidOrigin::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(InvalidOrigin::Scheme);
        }
        if !url.has_host() {
            return Err(InvalidOrigin::NotAUrl);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidOrigin::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidOrigin::Path);
        }
        Ok(Self(url))
    }

    /// The address with a closing slash, ready to append a path to.
    pub fn as_url(&self) -> &url::Url {
        &self.0
    }

    /// The host alone, for the worker's eyes.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether traffic to it can be read by others on the way.
    pub fn is_cleartext(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether it is this very machine: 127.0.0.0/8, `[::1]` or `localhost`.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(domain)) => domain == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for ServerOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_str().trim_end_matches('/').fmt(formatter)
    }
}

/// A user on a server, as known to this device. Everything recorded belongs to one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId {
    /// The server that the user belongs to. Test and production servers share uuids, so the user
    /// alone says nothing.
    pub origin: ServerOrigin,
    /// The user, from the token.
    pub user: UserUuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_server_are_one_origin() {
        let plain = ServerOrigin::parse("https://glue.example").unwrap();

        for spelling in ["https://glue.example/", " HTTPS://Glue.Example:443 "] {
            assert_eq!(ServerOrigin::parse(spelling).unwrap(), plain);
        }
        assert_eq!(plain.to_string(), "https://glue.example");
    }

    #[test]
    fn addresses_that_are_no_origin_are_refused_with_the_reason() {
        let cases = [
            ("glue.example", InvalidOrigin::NotAUrl),
            ("ftp://glue.example", InvalidOrigin::Scheme),
            ("https://me:secret@glue.example", InvalidOrigin::Credentials),
            ("https://glue.example/api", InvalidOrigin::Path),
            ("https://glue.example?x=1", InvalidOrigin::Path),
        ];
        for (text, reason) in cases {
            assert_eq!(ServerOrigin::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn loopback_is_recognised_in_all_its_forms() {
        for text in
            ["http://127.0.0.1:80", "http://127.9.9.9", "http://[::1]:8", "http://localhost"]
        {
            assert!(ServerOrigin::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://localhost.example", "http://10.0.0.1", "http://128.0.0.1"] {
            assert!(!ServerOrigin::parse(text).unwrap().is_loopback(), "{text}");
        }
    }
}
