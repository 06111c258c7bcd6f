//! What a worker hears and feels of an outcome, together with what the window shows (design
//! section 6). A scanner's own beep only means 'read'; these mean what became of it.

use std::time::Duration;

use super::state::NoticeKind;

/// An outcome, as far as the ear tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Accepted, and be it to be sent later: one short high tone.
    Accepted,
    /// Nothing new: a soft tick.
    NothingNew,
    /// Not accepted: two low tones.
    NotAccepted,
    /// The server refused later, or asks back: three tones.
    ComesBack,
}

/// A tone, and the pulse of the motor that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The pitch, in hertz.
    pub pitch: u16,
    /// How loud it is beside the others, in percent.
    pub loudness: u8,
    /// How long it sounds.
    pub tone: Duration,
    /// How long the motor runs.
    pub pulse: Duration,
}

/// The silence between two beats.
pub const PAUSE: Duration = Duration::from_millis(90);

const fn beat(pitch: u16, loudness: u8, tone: u64, pulse: u64) -> Beat {
    let (tone, pulse) = (Duration::from_millis(tone), Duration::from_millis(pulse));
    Beat { pitch, loudness, tone, pulse }
}

impl Signal {
    /// Its tones and pulses, one after the other.
    pub const fn beats(self) -> &'static [Beat] {
        const ACCEPTED: &[Beat] = &[beat(2_500, 100, 80, 60)];
        const NOTHING_NEW: &[Beat] = &[beat(1_200, 35, 25, 30)];
        const LOW: Beat = beat(400, 100, 150, 150);
        const MIDDLE: Beat = beat(900, 100, 150, 150);
        match self {
            Self::Accepted => ACCEPTED,
            Self::NothingNew => NOTHING_NEW,
            Self::NotAccepted => &[LOW, LOW],
            Self::ComesBack => &[MIDDLE, MIDDLE, MIDDLE],
        }
    }

    /// The signal of what the worker is told.
    pub const fn of(notice: NoticeKind) -> Self {
        match notice {
            NoticeKind::Accepted
            | NoticeKind::Undone
            | NoticeKind::Replaced
            | NoticeKind::PinSet
            | NoticeKind::PinRemoved => Self::Accepted,
            NoticeKind::AlreadySo | NoticeKind::SameScan => Self::NothingNew,
            NoticeKind::NotAccepted(_) | NoticeKind::LongScan | NoticeKind::UnclearScan => {
                Self::NotAccepted
            }
            NoticeKind::RefusedLater | NoticeKind::ActiveElsewhere => Self::ComesBack,
        }
    }
}

/// The device's loudspeaker and motor. Where there is none, nothing happens.
pub trait Feedback: Send + Sync {
    /// Gives a signal; a newer one cuts an older one off. `volume` is from 0, for silence, to 100.
    /// Must not block.
    fn give(&self, signal: Signal, volume: u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::UserErrorKind;

    #[test]
    fn good_and_bad_outcomes_differ_in_number_and_pitch() {
        let good = Signal::of(NoticeKind::Accepted).beats();
        let bad = Signal::of(NoticeKind::NotAccepted(UserErrorKind::StorageFull)).beats();
        let later = Signal::of(NoticeKind::RefusedLater).beats();

        assert_eq!([good.len(), bad.len(), later.len()], [1, 2, 3]);
        assert!(good[0].pitch > 4 * bad[0].pitch, "told apart by the pitch alone");
    }

    #[test]
    fn what_is_nothing_new_is_a_soft_tick() {
        for notice in [NoticeKind::AlreadySo, NoticeKind::SameScan] {
            assert_eq!(Signal::of(notice), Signal::NothingNew);
        }
        assert!(Signal::NothingNew.beats()[0].loudness < 50);
    }
}
