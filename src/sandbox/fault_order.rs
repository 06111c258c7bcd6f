//! Faults as they are ordered over HTTP: one flat object for each, read strictly.

use axum::http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::faults::{Fault, FaultKind};

/// Largest body that `huge_body` sends: 1 GiB.
const HUGE_BODY_MAX: u64 = 1 << 30;
/// Longest delay of an answer or of one byte: a day, in milliseconds.
const MILLIS_MAX: u64 = 86_400_000;

/// An order: which kind, whom it hits, and the parameters of all kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultOrder {
    kind: KindName,
    times: Option<u32>,
    path: Option<String>,
    method: Option<String>,
    millis: Option<u64>,
    status: Option<u16>,
    headers: Option<Map<String, Value>>,
    body: Option<String>,
    location: Option<String>,
    millis_per_byte: Option<u64>,
    bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Offline,
    Delay,
    CloseBefore,
    CloseAfter,
    CutBody,
    Status,
    Html,
    Redirect,
    ExpiredTokens,
    SlowBytes,
    HugeBody,
}

impl TryFrom<FaultOrder> for Fault {
    type Error = String;

    fn try_from(mut order: FaultOrder) -> Result<Self, String> {
        if order.times == Some(0) {
            return Err("times must be a number from 1, or null".to_owned());
        }
        let kind = order.take_kind()?;
        if let Some(name) = order.left_over() {
            return Err(format!("{name} is no parameter of this kind"));
        }
        Ok(Self { kind, times: order.times, path: order.path, method: order.method })
    }
}

impl FaultOrder {
    /// The kind with its parameters, which are taken out of the order.
    fn take_kind(&mut self) -> Result<FaultKind, String> {
        Ok(match self.kind {
            KindName::Offline => FaultKind::Offline {},
            KindName::Delay => {
                FaultKind::Delay { millis: number("millis", self.millis.take(), MILLIS_MAX)? }
            }
            KindName::CloseBefore => FaultKind::CloseBefore {},
            KindName::CloseAfter => FaultKind::CloseAfter {},
            KindName::CutBody => FaultKind::CutBody {},
            KindName::Status => FaultKind::Status {
                status: self.take_status()?.ok_or("status is missing")?,
                headers: self.take_headers()?,
                body: self.body.take(),
            },
            KindName::Html => FaultKind::Html { status: self.take_status()? },
            KindName::Redirect => FaultKind::Redirect { location: self.take_location()? },
            KindName::ExpiredTokens => FaultKind::ExpiredTokens {},
            KindName::SlowBytes => {
                let millis = number("millis_per_byte", self.millis_per_byte.take(), MILLIS_MAX)?;
                FaultKind::SlowBytes { millis_per_byte: millis }
            }
            KindName::HugeBody => {
                FaultKind::HugeBody { bytes: number("bytes", self.bytes.take(), HUGE_BODY_MAX)? }
            }
        })
    }

    fn take_status(&mut self) -> Result<Option<u16>, String> {
        match self.status.take() {
            Some(status) if !(200..=599).contains(&status) => {
                Err("status must be from 200 to 599".to_owned())
            }
            status => Ok(status),
        }
    }

    fn take_headers(&mut self) -> Result<Map<String, Value>, String> {
        let headers = self.headers.take().unwrap_or_default();
        for (name, value) in &headers {
            let text = value.as_str().filter(|text| HeaderValue::from_str(text).is_ok());
            if text.is_none() || HeaderName::try_from(name.as_str()).is_err() {
                return Err(format!("headers: {name:?} is no header with a text as value"));
            }
        }
        Ok(headers)
    }

    fn take_location(&mut self) -> Result<String, String> {
        let location = self.location.take().ok_or("location is missing")?;
        match HeaderValue::from_str(&location) {
            Ok(_) => Ok(location),
            Err(_) => Err("location can't be sent as a header".to_owned()),
        }
    }

    /// A parameter that belongs to another kind.
    fn left_over(&self) -> Option<&'static str> {
        [
            ("millis", self.millis.is_some()),
            ("status", self.status.is_some()),
            ("headers", self.headers.is_some()),
            ("body", self.body.is_some()),
            ("location", self.location.is_some()),
            ("millis_per_byte", self.millis_per_byte.is_some()),
            ("bytes", self.bytes.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_there)| is_there.then_some(name))
    }
}

fn number(name: &str, value: Option<u64>, max: u64) -> Result<u64, String> {
    match value {
        None => Err(format!("{name} is missing")),
        Some(value) if value > max => Err(format!("{name} must be at most {max}")),
        Some(value) => Ok(value),
    }
}
