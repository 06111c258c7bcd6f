//! The sound of a signal, computed: a WAV file of one channel and 16 bits.

use std::f32::consts::TAU;
use std::time::Duration;

use crate::app::feedback::{PAUSE, Signal};

/// Samples in a second: twice what any tone here needs, and every sound card plays it.
const RATE: u32 = 22_050;
/// How long a tone takes to swell and to fade, so that it doesn't click.
const FADE: Duration = Duration::from_millis(5);
/// The loudest there is, of what fits into a sample.
const LOUDEST: f32 = 0.9 * 32_767.0;

/// The WAV file of a signal. `volume` is from 0 to 100.
pub fn wav(signal: Signal, volume: u8) -> Vec<u8> {
    let samples = samples(signal, volume);
    let bytes = u32::try_from(samples.len()).unwrap_or_default().saturating_mul(2);
    let mut file = Vec::with_capacity(samples.len() * 2 + 44);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&bytes.saturating_add(36).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, one channel.
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&(RATE * 2).to_le_bytes());
    // Bytes and bits of a sample.
    file.extend_from_slice(&2_u16.to_le_bytes());
    file.extend_from_slice(&16_u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn samples(signal: Signal, volume: u8) -> Vec<i16> {
    let mut samples = Vec::new();
    for (index, beat) in signal.beats().iter().enumerate() {
        if index > 0 {
            samples.extend(std::iter::repeat_n(0, count(PAUSE)));
        }
        let length = count(beat.tone);
        // The ear hears loudness by ratios: half the number shall sound about half as loud.
        let loudness =
            (f32::from(volume.min(100)) / 100.0).powi(2) * f32::from(beat.loudness) / 100.0;
        samples.extend((0..length).map(|at| {
            let phase = TAU * f32::from(beat.pitch) * ratio(at, RATE as usize);
            let edge = ratio(at.min(length - at), count(FADE)).min(1.0);
            #[expect(clippy::cast_possible_truncation, reason = "at most 0.9 of the range")]
            let sample = (phase.sin() * edge * loudness * LOUDEST) as i16;
            sample
        }));
    }
    samples
}

fn count(duration: Duration) -> usize {
    let count = duration.as_millis() * u128::from(RATE) / 1_000;
    usize::try_from(count).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "sounds are short")]
fn ratio(one: usize, other: usize) -> f32 {
    one as f32 / other as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loudest(signal: Signal, volume: u8) -> i16 {
        samples(signal, volume).into_iter().map(i16::saturating_abs).max().unwrap()
    }

    #[test]
    fn the_file_says_how_long_it_is() {
        for signal in [Signal::Accepted, Signal::ComesBack] {
            let file = wav(signal, 80);

            let told = u32::from_le_bytes(file[40..44].try_into().unwrap());
            assert_eq!(usize::try_from(told).unwrap(), file.len() - 44);
            assert!(file.starts_with(b"RIFF") && file[8..12] == *b"WAVE");
        }
    }

    #[test]
    fn the_volume_is_obeyed_down_to_silence() {
        let at = |volume| loudest(Signal::Accepted, volume);

        assert_eq!(at(0), 0);
        assert!(at(0) < at(20) && at(20) < at(80) && at(80) < at(100));
        assert!(at(100) > 20_000, "an aisle is loud");
        assert_eq!(at(100), at(255));
    }

    #[test]
    fn a_tone_has_its_pitch_and_begins_and_ends_without_a_click() {
        let samples = samples(Signal::Accepted, 100);

        let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        // 80 ms of 2,500 Hz.
        assert!((195..=205).contains(&rises), "{rises}");
        assert!(samples[0].abs() < 500 && samples.last().unwrap().abs() < 1_500);
    }

    #[test]
    fn a_tick_is_softer_than_anything_else() {
        assert!(loudest(Signal::NothingNew, 80) * 2 < loudest(Signal::NotAccepted, 80));
    }
}
