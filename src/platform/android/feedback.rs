//! Outcomes as the worker feels them. Tones are not played on Android yet.

use crate::app::feedback::{PAUSE, Signal};

/// What the motor does for a signal: milliseconds of silence, pulse, silence, pulse and so on.
pub fn pattern(signal: Signal) -> Vec<i64> {
    let pause = i64::try_from(PAUSE.as_millis()).unwrap_or_default();
    let pulses =
        signal.beats().iter().map(|beat| i64::try_from(beat.pulse.as_millis()).unwrap_or_default());
    pulses
        .enumerate()
        .flat_map(|(index, pulse)| [if index == 0 { 0 } else { pause }, pulse])
        .collect()
}

/// The device's motor.
#[cfg(target_os = "android")]
pub struct Motor;

#[cfg(target_os = "android")]
impl crate::app::feedback::Feedback for Motor {
    fn give(&self, signal: Signal, _volume: u8) {
        super::java::vibrate(&pattern(signal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_is_felt_once_and_bad_twice() {
        assert_eq!(pattern(Signal::Accepted), [0, 60]);
        assert_eq!(pattern(Signal::NotAccepted), [0, 150, 90, 150]);
    }
}
