//! What a scanner's test page says of the keys that arrived: how they came, whether they were taken
//! for a scan, and which setting would have to change (design section 7).

use std::time::Duration;

use super::keyboard_wedge::{Heard, Terminator, WedgeKey, WedgeSettings};

/// More characters than this are counted and not kept.
const KEPT_MAX: usize = 600;
/// Keys that come more slowly than this on average are a person's.
const BY_HAND: Duration = Duration::from_millis(130);

/// How keys ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this key.
    Terminator(Terminator),
    /// With nothing but silence.
    Silence,
}

/// What keys were taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A scan.
    Scan,
    /// The scan before, once more.
    SameAgain,
    /// A scan longer than any code.
    TooLong,
    /// A scan that did not arrive as a whole.
    Unclear,
    /// Typing.
    Typed,
}

/// The keys since the last end, as they arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The characters, as far as they were kept.
    pub text: String,
    /// How many there were.
    pub length: usize,
    /// The mean pause between two of them.
    pub mean_gap: Duration,
    /// The longest pause between two of them.
    pub longest_gap: Duration,
    /// How they ended.
    pub end: End,
    /// What they were taken for.
    pub outcome: Outcome,
    /// Whether one of them was held down.
    pub has_held_key: bool,
}

/// What there is to change about a scanner, or about how it is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Pauses are longer than `scan.gap`, which would have to be this long.
    LongGap(Duration),
    /// No key ends a code.
    NoTerminator,
    /// A key ends a code that `scan.terminators` does not name.
    OtherTerminator(Terminator),
    /// Shorter than `scan.min_length`.
    TooShort(usize),
    /// Longer than `scan.max_length`.
    TooLong(usize),
    /// It does not begin with what `scan.prefix` says.
    NoPrefix,
    /// A key was held down, which no scanner does.
    HeldKey,
    /// It was typed by hand.
    ByHand,
}

/// Takes keys down.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    text: String,
    length: usize,
    first: Duration,
    last: Duration,
    longest_gap: Duration,
    has_held_key: bool,
}

impl Trial {
    /// Takes a key down that was pressed at `at`.
    pub fn press(&mut self, key: WedgeKey, at: Duration) {
        match key {
            WedgeKey::Character(character) => {
                self.press_part(at);
                if self.length < KEPT_MAX {
                    self.text.push(character);
                }
                self.length = self.length.saturating_add(1);
            }
            WedgeKey::Held => self.has_held_key = true,
            WedgeKey::Terminator(_) | WedgeKey::Other => {}
        }
    }

    /// Takes the time of a key down that is a part of a character on its way.
    pub fn press_part(&mut self, at: Duration) {
        if self.length == 0 {
            self.first = at;
            self.last = at;
        }
        self.longest_gap = self.longest_gap.max(at.saturating_sub(self.last));
        self.last = at;
    }

    /// The keys have ended: what they were, if there were any.
    pub fn end(&mut self, end: End, heard: Option<&Heard>) -> Option<Report> {
        let trial = std::mem::take(self);
        if trial.length == 0 {
            return None;
        }
        let gaps = u32::try_from(trial.length - 1).unwrap_or(u32::MAX).max(1);
        Some(Report {
            text: trial.text,
            length: trial.length,
            mean_gap: trial.last.saturating_sub(trial.first) / gaps,
            longest_gap: trial.longest_gap,
            end,
            outcome: match heard {
                Some(Heard::Scan(_)) => Outcome::Scan,
                Some(Heard::SameAgain) => Outcome::SameAgain,
                Some(Heard::TooLong) => Outcome::TooLong,
                Some(Heard::Unclear) => Outcome::Unclear,
                Some(Heard::Typed(_)) | None => Outcome::Typed,
            },
            has_held_key: trial.has_held_key,
        })
    }
}

/// What there is to change, the most important first; nothing if all is well.
pub fn advice(report: &Report, settings: &WedgeSettings) -> Vec<Advice> {
    if report.has_held_key {
        return vec![Advice::HeldKey];
    }
    let is_by_hand = report.mean_gap > BY_HAND.max(settings.gap);
    if report.outcome == Outcome::Typed && is_by_hand {
        return vec![Advice::ByHand];
    }
    let mut found = Vec::new();
    if report.outcome == Outcome::TooLong {
        found.push(Advice::TooLong(settings.length_max));
    }
    if report.outcome == Outcome::Typed && report.length < settings.length_min {
        found.push(Advice::TooShort(settings.length_min));
    }
    let is_refused = matches!(report.outcome, Outcome::Typed | Outcome::Unclear);
    if is_refused && report.longest_gap > settings.gap {
        found.push(Advice::LongGap(with_room(report.longest_gap)));
    }
    match report.end {
        End::Terminator(key) if !settings.terminators.contains(&key) => {
            found.push(Advice::OtherTerminator(key));
        }
        End::Silence if !settings.terminators.is_empty() => found.push(Advice::NoTerminator),
        End::Terminator(_) | End::Silence => {}
    }
    let prefix = settings.prefix.as_deref().unwrap_or_default();
    if !report.text.starts_with(prefix) {
        found.push(Advice::NoPrefix);
    }
    found
}

/// A gap with some room, in whole steps of 10 ms.
fn with_room(gap: Duration) -> Duration {
    let milliseconds = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(milliseconds.saturating_add(29) / 10 * 10)
}

/// The names of the control characters from NUL to US (ASCII).
const CONTROL_NAMES: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

fn control_name(one: char) -> Option<&'static str> {
    let index = usize::try_from(u32::from(one)).ok()?;
    CONTROL_NAMES.get(index).copied()
}

/// A text with everything in it made visible, at most `shown_max` characters of it.
pub fn visible(text: &str, shown_max: usize) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut shown: String = text
        .chars()
        .take(shown_max)
        .enumerate()
        .map(|(index, one)| match control_name(one) {
            Some(name) => format!("<{name}>"),
            None if one == ' ' && (index == 0 || index == last) => "<SP>".to_owned(),
            None if one == '\u{7f}' => "<DEL>".to_owned(),
            None if one.is_control() || one == '\u{feff}' || one.is_whitespace() && one != ' ' => {
                format!("<U+{:04X}>", u32::from(one))
            }
            None => one.to_string(),
        })
        .collect();
    if last >= shown_max {
        shown.push('\u{2026}');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::keyboard_wedge::KeyboardWedge;
    use super::*;

    const FAST: u64 = 8;

    /// Has a scanner type, and returns what the page says.
    fn tried(
        settings: &WedgeSettings,
        keys: &[(&str, u64)],
        end: Option<(Terminator, u64)>,
    ) -> (Report, Vec<Advice>) {
        let mut wedge = KeyboardWedge::new(settings.clone());
        let mut trial = Trial::default();
        let mut at = Duration::from_secs(9);
        for (text, pause) in keys {
            for character in text.chars() {
                at += Duration::from_millis(*pause);
                trial.press(WedgeKey::Character(character), at);
                wedge.press(WedgeKey::Character(character), at);
            }
        }
        let report = match end {
            Some((terminator, pause)) => {
                at += Duration::from_millis(pause);
                let heard = wedge.press(WedgeKey::Terminator(terminator), at).heard;
                trial.end(End::Terminator(terminator), heard.as_ref())
            }
            None => {
                let heard = wedge.silence(at + Duration::from_secs(3));
                trial.end(End::Silence, heard.as_ref())
            }
        };
        let report = report.expect("there were keys");
        let advice = advice(&report, settings);
        (report, advice)
    }

    /// How a scanner is listened to, what it types, and what the page then says.
    type Case<'a> =
        (&'a WedgeSettings, Vec<(&'a str, u64)>, Option<(Terminator, u64)>, Outcome, Vec<Advice>);

    const CR: Option<(Terminator, u64)> = Some((Terminator::Cr, FAST));

    #[test]
    fn each_fault_of_a_scanner_has_its_advice() {
        let standard = WedgeSettings::default();
        let tab_alone =
            WedgeSettings { terminators: vec![Terminator::Tab], ..WedgeSettings::default() };
        let prefixed = WedgeSettings { prefix: Some("~".into()), ..WedgeSettings::default() };
        let ms = Duration::from_millis;
        let long = "x".repeat(600);
        let cases: Vec<Case<'_>> = vec![
            (&standard, vec![("4012345000009", FAST)], CR, Outcome::Scan, vec![]),
            (
                &standard,
                vec![("4012345000009", FAST)],
                Some((Terminator::Cr, 300)),
                Outcome::Scan,
                vec![],
            ),
            (
                &standard,
                vec![("4012345000009", FAST)],
                None,
                Outcome::Scan,
                vec![Advice::NoTerminator],
            ),
            (
                &standard,
                vec![("40123450", FAST), ("0", 90), ("0009", FAST)],
                CR,
                Outcome::Unclear,
                vec![Advice::LongGap(ms(110))],
            ),
            (
                &standard,
                vec![("4012345000009", 85)],
                CR,
                Outcome::Typed,
                vec![Advice::LongGap(ms(110))],
            ),
            (&standard, vec![("4012345", 200)], None, Outcome::Typed, vec![Advice::ByHand]),
            (&standard, vec![("401", FAST)], CR, Outcome::Typed, vec![Advice::TooShort(4)]),
            (&standard, vec![(&long, FAST)], CR, Outcome::TooLong, vec![Advice::TooLong(512)]),
            (
                &tab_alone,
                vec![("4012345000009", FAST)],
                CR,
                Outcome::Typed,
                vec![Advice::OtherTerminator(Terminator::Cr)],
            ),
            (&prefixed, vec![("4012345000009", FAST)], CR, Outcome::Scan, vec![Advice::NoPrefix]),
            (&prefixed, vec![("~12", 400)], CR, Outcome::Scan, vec![]),
        ];
        for (settings, keys, end, outcome, expected) in cases {
            let (report, advice) = tried(settings, &keys, end);
            assert_eq!((report.outcome, advice), (outcome, expected), "{keys:?} {end:?}");
        }
    }

    #[test]
    fn a_gap_as_advised_makes_a_scan_of_it() {
        let keys = [("40123450", FAST), ("0", 97), ("0009", FAST)];
        let (_, found) = tried(&WedgeSettings::default(), &keys, CR);
        let [Advice::LongGap(gap)] = found.as_slice() else { panic!("{found:?}") };

        let settings = WedgeSettings { gap: *gap, ..WedgeSettings::default() };

        assert_eq!(tried(&settings, &keys, CR).0.outcome, Outcome::Scan);
    }

    #[test]
    fn the_speed_and_the_length_are_told() {
        let (report, _) =
            tried(&WedgeSettings::default(), &[("abcd", 10), ("e", 40), ("f", 10)], CR);

        assert_eq!(report.length, 6);
        assert_eq!(report.mean_gap, Duration::from_millis(16));
        assert_eq!(report.longest_gap, Duration::from_millis(40));
    }

    #[test]
    fn a_key_that_was_held_is_told_before_anything_else() {
        let mut trial = Trial::default();
        trial.press(WedgeKey::Character('a'), Duration::ZERO);
        trial.press(WedgeKey::Held, Duration::from_millis(30));
        let report = trial.end(End::Silence, None).unwrap();

        assert_eq!(advice(&report, &WedgeSettings::default()), [Advice::HeldKey]);
        assert!(trial.end(End::Silence, None).is_none(), "the next begins anew");
    }

    #[test]
    fn nothing_that_arrived_is_invisible() {
        for (text, shown) in [
            ("414\u{1d}10", "414<GS>10"),
            ("\u{feff}a", "<U+FEFF>a"),
            (" a b ", "<SP>a b<SP>"),
            ("\u{0}\u{7f}\u{85}\u{a0}", "<NUL><DEL><U+0085><U+00A0>"),
            ("Halle \u{1f4e6}", "Halle \u{1f4e6}"),
        ] {
            assert_eq!(visible(text, 100), shown);
        }
        assert_eq!(visible(&"x".repeat(5_000), 3), "xxx\u{2026}");
    }
}
