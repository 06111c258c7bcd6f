//! Faults: what a network or a server can do wrong, ordered by tests and demos.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest list of faults.
pub(super) const FAULTS_MAX: usize = 1_000;
/// Largest body that `huge_body` sends: 1 GiB.
const HUGE_BODY_MAX: u64 = 1 << 30;

/// A fault, and which requests it hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
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
        #[serde(default)]
        headers: Map<String, Value>,
        /// The body; none: empty.
        #[serde(default)]
        body: Option<String>,
    },
    /// An HTML page instead of the effect, as from a Wi-Fi sign-in page or a proxy.
    Html {
        /// The status; 200 if left out.
        #[serde(default)]
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

    fn check(&self) -> Result<(), String> {
        let status = match self {
            Self::Status { status, headers, .. } => {
                for (name, value) in headers {
                    let good = axum::http::HeaderName::try_from(name.as_str()).is_ok()
                        && value
                            .as_str()
                            .is_some_and(|text| axum::http::HeaderValue::from_str(text).is_ok());
                    if !good {
                        return Err(format!("{name:?} is no header with a text as value"));
                    }
                }
                *status
            }
            Self::Html { status: Some(status) } => *status,
            Self::Redirect { location } => {
                let good = axum::http::HeaderValue::from_str(location).is_ok();
                return if good { Ok(()) } else { Err("location can't be sent".to_owned()) };
            }
            Self::HugeBody { bytes } if *bytes > HUGE_BODY_MAX => {
                return Err(format!("bytes must be at most {HUGE_BODY_MAX}"));
            }
            _ => return Ok(()),
        };
        if (200..=599).contains(&status) {
            Ok(())
        } else {
            Err("status must be from 200 to 599".to_owned())
        }
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

impl TryFrom<Value> for Fault {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let Value::Object(mut members) = value else {
            return Err("a fault must be an object".to_owned());
        };
        let times = match members.remove("times") {
            None | Some(Value::Null) => None,
            Some(number) => {
                let times = number.as_u64().and_then(|number| u32::try_from(number).ok());
                Some(
                    times
                        .filter(|times| *times > 0)
                        .ok_or("times must be a number from 1, or null")?,
                )
            }
        };
        let mut text = |name: &str| match members.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} must be a text or null")),
        };
        let (path, method) = (text("path")?, text("method")?);
        let kind: FaultKind =
            serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())?;
        kind.check()?;
        Ok(Self { kind, times, path, method })
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
