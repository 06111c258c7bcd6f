//! The second factor (contract section 2.7): who needs a code, which code is good, and for how long.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::control::Inner;
use super::conventions::{Answer, GlueError, GlueRequest, Rejection};

/// Step 9 of the processing order: everything but reading needs the code, from users who have one.
///
/// A code that was good once stays good for the grace period, then a new one must be asked for.
pub(super) fn check(
    inner: &mut Inner,
    request: &GlueRequest,
    caller: &Uuid,
) -> Result<(), Rejection> {
    let grace = Duration::from_secs(inner.settings.mfa_grace_s.into());
    let user = inner.state.user_mut(caller).filter(|_| request.method != "GET");
    let Some((user, wanted)) = user.and_then(|user| user.mfa.clone().map(|code| (user, code)))
    else {
        return Ok(());
    };
    let Some(sent) = request.header("x-mfa-code") else {
        return Err(GlueError::new(403, "5900", "X-MFA-Code header is missing.").into());
    };
    let is_over = user.mfa_first_used_at.is_some_and(|first| first.elapsed() >= grace);
    if sent != wanted || is_over {
        return Err(GlueError::new(403, "5901", "X-MFA-Code is invalid.").into());
    }
    user.mfa_first_used_at.get_or_insert_with(Instant::now);
    Ok(())
}

/// `POST /multi-factor-auth-trigger`: sends a code. The sandbox sends nothing, and the code is always
/// the one that the control side shows as `mfa`; it is as good as new.
pub(super) fn trigger(
    inner: &mut Inner,
    request: &GlueRequest,
    caller: &Uuid,
) -> Result<Answer, Rejection> {
    if request.body.is_empty() {
        return Err(Rejection::Crashed);
    }
    if let Some(user) = inner.state.user_mut(caller) {
        user.mfa_first_used_at = None;
    }
    Ok(Answer::Empty(Vec::new()))
}
