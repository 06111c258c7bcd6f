//! Faults: what a network or a server can do wrong, ordered by tests and demos.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault_order::FaultOrder;

/// Longest list of faults.
pub(super) const FAULTS_MAX: usize = 1_000;
/// A fault, and which requests it hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FaultOrder")]
pub struct Fault {
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often; none: until cleared.
    pub times: Option<u32>,
    /// Only requests of this path, or of one below it; none: all.
    pub path: Option<String>,
    /// Only requests with this method; none: all.
    pub method: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The request reaches nobody: it isn't even recorded, and the connection is closed.
    Offline {},
    /// The answer takes this much longer.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The server has the request and closes the connection before doing anything.
    CloseBefore {},
    /// The server does what is asked, then closes the connection instead of answering.
    CloseAfter {},
    /// The server does what is asked; the connection breaks in the middle of the answer.
    CutBody {},
    /// This answer instead of the effect.
    Status {
        /// The status.
        status: u16,
        /// Headers by name.
        headers: Map<String, Value>,
        /// The body; none: empty.
        body: Option<String>,
    },
    /// An HTML page instead of the effect, as from a Wi-Fi sign-in page or a proxy.
    Html {
        /// The status; 200 if left out.
        status: Option<u16>,
    },
    /// A redirect (302) instead of the effect.
    Redirect {
        /// Where to.
        location: String,
    },
    /// Tokens count as expired.
    ExpiredTokens {},
    /// The server does what is asked; the answer arrives byte by byte.
    SlowBytes {
        /// Milliseconds from one byte to the next.
        millis_per_byte: u64,
    },
    /// An answer of this size instead of the effect.
    HugeBody {
        /// Bytes.
        bytes: u64,
    },
}

impl FaultKind {
    /// A fault of this kind that hits every request until cleared.
    pub fn always(self) -> Fault {
        Fault { kind: self, times: None, path: None, method: None }
    }

    /// A fault of this kind that hits the next requests.
    pub fn times(self, times: u32) -> Fault {
        Fault { times: Some(times), ..self.always() }
    }
}

impl Fault {
    fn hits(&self, method: &str, path: &str) -> bool {
        let path_fits = self.path.as_ref().is_none_or(|wanted| {
            path == wanted
                || path
                    .strip_prefix(wanted.trim_end_matches('/'))
                    .is_some_and(|rest| rest.starts_with('/'))
        });
        path_fits && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }
}

/// The first fault that hits this request, counted down; one that is used up leaves the list.
pub(super) fn take_first(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultKind> {
    let place = faults.iter().position(|fault| fault.hits(method, path))?;
    let fault = faults.get_mut(place)?;
    let kind = fault.kind.clone();
    if let Some(times) = &mut fault.times {
        *times = times.saturating_sub(1);
        if *times == 0 {
            faults.remove(place);
        }
    }
    Some(kind)
}
