//! What goes wrong, how often, and how it looks to a device.

use std::collections::BTreeMap;
use std::time::Duration;

use wareswitch::domain::connection::TlsProblem;
use wareswitch::glue::GlueFailure;

/// Everything that can go wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The device has no network.
    NoNetwork,
    /// Nobody listens there.
    Refused,
    /// No connection within the time for it.
    ConnectTimeout,
    /// The request never arrives.
    LostRequest,
    /// The request arrives, the answer does not.
    LostAnswer,
    /// The request arrives up to a minute late.
    LateRequest,
    /// The answer arrives up to a minute late.
    LateAnswer,
    /// The connection is reset before the request is read.
    ResetBefore,
    /// It is reset after the effect.
    ResetAfter,
    /// The answer breaks off in the middle.
    CutAnswer,
    /// 500 to 504, without effect.
    ErrorBefore,
    /// 500 to 504, after the effect.
    ErrorAfter,
    /// 429 or 503 with a time to stay away.
    RetryAfter,
    /// A captive portal answers.
    Portal,
    /// The proxy wants a sign-in.
    Proxy,
    /// A gateway says 404.
    WrongServer,
    /// The certificate is no good.
    Tls,
    /// The token has ended before its time.
    TokenEnd,
    /// 200 to a PATCH, and nothing done.
    OddSuccess,
    /// 404 to a PATCH for an assignment that is there.
    OddNotFound,
    /// The second factor is wanted.
    SecondFactor,
    /// The account may not switch.
    NotAllowed,
}

/// How often each comes, relative to the others.
const WEIGHTS: &[(Fault, u32)] = &[
    (Fault::Refused, 6),
    (Fault::ConnectTimeout, 4),
    (Fault::LostRequest, 10),
    (Fault::LostAnswer, 12),
    (Fault::LateRequest, 14),
    (Fault::LateAnswer, 8),
    (Fault::ResetBefore, 8),
    (Fault::ResetAfter, 10),
    (Fault::CutAnswer, 6),
    (Fault::ErrorBefore, 6),
    (Fault::ErrorAfter, 10),
    (Fault::RetryAfter, 4),
    (Fault::Portal, 6),
    (Fault::Proxy, 2),
    (Fault::WrongServer, 3),
    (Fault::Tls, 2),
    (Fault::TokenEnd, 4),
];

/// What only a PATCH can meet, and what hurts most where it meets one.
const FOR_PATCH: [Fault; 6] = [
    Fault::OddSuccess,
    Fault::OddNotFound,
    Fault::SecondFactor,
    Fault::NotAllowed,
    Fault::LateRequest,
    Fault::LateRequest,
];

/// How a faulted request goes on.
pub(crate) enum Course {
    /// It does not arrive; this is said after this time.
    Stopped(Duration, GlueFailure),
    /// It does not arrive, and nothing is ever said.
    Silent,
    /// It arrives after this time, and its answer after that one.
    Answered(Duration, Duration),
    /// It arrives and has its effect; this is said instead, or nothing at all.
    Replaced(Option<GlueFailure>),
}

impl Fault {
    pub(crate) fn draw(dice: &mut fastrand::Rng) -> Self {
        let all: u32 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut left = dice.u32(..all);
        for (fault, weight) in WEIGHTS {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *fault,
            }
        }
        Self::Refused
    }

    /// Every kind that must be met.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        WEIGHTS.iter().map(|(fault, _)| *fault).chain(FOR_PATCH).chain([Self::NoNetwork])
    }

    pub(crate) fn draw_for_patch(dice: &mut fastrand::Rng) -> Self {
        FOR_PATCH[dice.usize(..FOR_PATCH.len())]
    }

    pub(crate) fn course(self, dice: &mut fastrand::Rng) -> Course {
        let quick = Duration::from_millis(dice.u64(5..300));
        let minute = Duration::from_millis(dice.u64(0..60_000));
        let trouble = |status, retry_after, outcome_known| GlueFailure::ServerTrouble {
            status: Some(status),
            retry_after,
            outcome_known,
        };
        let status = dice.u16(500..505);
        match self {
            Self::NoNetwork | Self::Refused => Course::Stopped(quick, GlueFailure::Offline),
            Self::ConnectTimeout => Course::Stopped(Duration::from_secs(5), GlueFailure::Offline),
            Self::LostRequest => Course::Silent,
            Self::LostAnswer => Course::Replaced(None),
            Self::LateRequest => Course::Answered(minute, quick),
            Self::LateAnswer => Course::Answered(quick, minute),
            Self::ResetBefore => Course::Stopped(quick, GlueFailure::Cut),
            Self::ResetAfter | Self::CutAnswer => Course::Replaced(Some(GlueFailure::Cut)),
            Self::ErrorBefore => Course::Stopped(quick, trouble(status, None, false)),
            Self::ErrorAfter => Course::Replaced(Some(trouble(status, None, false))),
            Self::RetryAfter => {
                let wait = Some(Duration::from_secs(dice.u64(1..240)));
                let is_glue = dice.bool();
                Course::Stopped(quick, trouble(429, wait, is_glue))
            }
            Self::Portal => Course::Stopped(quick, GlueFailure::CaptivePortal),
            Self::Proxy => Course::Stopped(quick, GlueFailure::ProxySignIn),
            Self::WrongServer => {
                Course::Stopped(quick, GlueFailure::WrongServer { outcome_known: false })
            }
            Self::Tls => Course::Stopped(quick, GlueFailure::Tls(TlsProblem::Expired)),
            Self::TokenEnd => Course::Stopped(quick, GlueFailure::TokenOver),
            Self::OddSuccess => Course::Stopped(quick, GlueFailure::NotAsWished),
            Self::OddNotFound => Course::Stopped(quick, GlueFailure::NotFound),
            Self::SecondFactor => Course::Stopped(quick, GlueFailure::NeedsCode { wrong: false }),
            Self::NotAllowed => Course::Stopped(quick, GlueFailure::NotAuthorized),
        }
    }
}

/// What was met in a number of runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    by_name: BTreeMap<String, u64>,
}

impl Counts {
    pub(crate) fn add(&mut self, name: impl Into<String>) {
        self.add_many(name, 1);
    }

    pub(crate) fn add_many(&mut self, name: impl Into<String>, more: u64) {
        *self.by_name.entry(name.into()).or_default() += more;
    }

    pub(crate) fn of(&self, name: &str) -> u64 {
        self.by_name.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (name, number) in &other.by_name {
            self.add_many(name.as_str(), *number);
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.by_name.iter().map(|(name, number)| format!("{name:<34}{number:>12}")).collect()
    }
}
