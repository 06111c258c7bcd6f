//! Hears that the device woke up, without asking again and again.
//!
//! The kernel cancels a timer on the wall clock whenever that clock jumps, and it jumps at the end
//! of each suspend (timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`). Whether it was a suspend or
//! somebody who set the clock is told by the clocks that nobody can set: in a suspend, time since
//! boot goes on and monotonic time does not.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::{Errno, read, write};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};

use crate::app::platform::{DeviceEvent, Watch};

use super::OnEvent;

/// The timer itself is never to go off: the year 2200, in seconds since 1970.
const NEVER: i64 = 7_258_118_400;
/// Sleep shorter than this is told from the noise between two readings of two clocks.
const SLEEP_MIN: Duration = Duration::from_millis(500);

/// Ends the thread when the watch is dropped.
struct Watching(Arc<OwnedFd>);

impl Drop for Watching {
    fn drop(&mut self) {
        // Fails only where the thread is gone already.
        let _ = write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// Tells of each end of a suspend; `None` where the kernel can't tell.
pub(super) fn watch(on_event: OnEvent) -> Option<Watch> {
    match start(on_event) {
        Ok(watching) => Some(Box::new(watching)),
        Err(error) => {
            tracing::warn!(%error, "the end of a suspend is not seen; the next touch finds it out");
            None
        }
    }
}

fn start(on_event: OnEvent) -> std::io::Result<Watching> {
    let timer = timer()?;
    let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
    let watching = Watching(Arc::clone(&stop));
    std::thread::Builder::new().name("wake-up".into()).spawn(move || {
        if let Err(error) = serve(&timer, &stop, &on_event) {
            tracing::warn!(%error, "the end of a suspend is not seen any more");
        }
    })?;
    Ok(watching)
}

/// Waits in the kernel, so that nothing of ours runs while nothing happens.
fn serve(timer: &OwnedFd, stop: &OwnedFd, on_event: &OnEvent) -> std::io::Result<()> {
    let mut slept = time_slept();
    loop {
        let mut ready = [PollFd::new(timer, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [_, stopped] = ready;
        if !stopped.revents().is_empty() {
            return Ok(());
        }
        match read(timer, &mut [0_u8; 8]) {
            Ok(_) | Err(Errno::AGAIN) => {}
            Err(Errno::CANCELED) => {
                let before = std::mem::replace(&mut slept, time_slept());
                if has_slept(before, slept) {
                    on_event(DeviceEvent::Woke);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn timer() -> std::io::Result<OwnedFd> {
    let timer =
        timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let never = Itimerspec {
        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: Timespec { tv_sec: NEVER, tv_nsec: 0 },
    };
    timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &never)?;
    Ok(timer)
}

/// How long this boot has been suspended in all.
fn time_slept() -> Duration {
    let monotonic = Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default();
    let since_boot = Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default();
    since_boot.saturating_sub(monotonic)
}

fn has_slept(before: Duration, after: Duration) -> bool {
    after.saturating_sub(before) >= SLEEP_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_in_suspend_is_a_sleep_and_a_clock_set_by_hand_is_none() {
        let night = Duration::from_secs(9 * 3600);

        assert!(has_slept(Duration::from_secs(40), Duration::from_secs(40) + night));
        assert!(!has_slept(night, night + Duration::from_millis(1)));
    }

    #[test]
    fn the_kernel_takes_the_timer_and_the_thread_ends_with_the_watch() {
        let (heard, events) = std::sync::mpsc::channel();
        let watch = watch(Arc::new(move |event| {
            let _ = heard.send(event);
        }));

        assert!(watch.is_some());
        drop(watch);

        // The channel closes when the thread, which owns its other end, has ended.
        assert_eq!(events.recv(), Err(std::sync::mpsc::RecvError));
    }
}
