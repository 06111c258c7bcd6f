//! A scanner and a person at the same keys.

use proptest::prelude::*;

use super::*;

const FAST: Duration = Duration::from_millis(8);
const SLOW: Duration = Duration::from_millis(180);

/// Somebody at the keys, with a clock of their own.
struct Keys {
    wedge: KeyboardWedge,
    now: Duration,
}

impl Keys {
    fn of(settings: WedgeSettings) -> Self {
        Self { wedge: KeyboardWedge::new(settings), now: Duration::from_secs(7) }
    }

    fn new() -> Self {
        Self::of(WedgeSettings::default())
    }

    fn press(&mut self, key: WedgeKey, pause: Duration) -> Pressed {
        self.now += pause;
        self.wedge.press(key, self.now)
    }

    /// Types a text with a pause before each key; what was heard while doing so.
    fn type_text(&mut self, text: &str, pause: Duration) -> Vec<Heard> {
        let mut heard = Vec::new();
        for character in text.chars() {
            // Whoever types slowly is waited for, as the window's timer does.
            if pause >= SILENCE {
                heard.extend(self.wait(SILENCE));
                heard.extend(self.press(WedgeKey::Character(character), pause - SILENCE).heard);
            } else {
                heard.extend(self.press(WedgeKey::Character(character), pause).heard);
            }
        }
        heard
    }

    fn end(&mut self, terminator: Terminator) -> Pressed {
        self.press(WedgeKey::Terminator(terminator), FAST)
    }

    fn scan(&mut self, text: &str) -> Option<Heard> {
        self.now += Duration::from_secs(3);
        self.type_text(text, FAST);
        self.end(Terminator::Cr).heard
    }

    fn wait(&mut self, pause: Duration) -> Option<Heard> {
        self.now += pause;
        self.wedge.silence(self.now)
    }
}

fn code_of(heard: Option<Heard>) -> Option<String> {
    match heard {
        Some(Heard::Scan(scan)) => Some(scan.code),
        _ => None,
    }
}

#[test]
fn fast_keys_with_an_enter_are_a_scan_and_the_enter_reaches_nothing_else() {
    let mut keys = Keys::new();
    let first = keys.press(WedgeKey::Character('W'), FAST);
    keys.type_text("H-Berlin:01", FAST);
    let end = keys.end(Terminator::Cr);

    assert!(first.begins && !first.is_swallowed);
    assert!(end.is_swallowed);
    assert_eq!(code_of(end.heard).as_deref(), Some("WH-Berlin:01"));
}

#[test]
fn fast_keys_with_silence_after_them_are_a_scan_too() {
    let mut keys = Keys::new();
    keys.type_text("4012345000009", FAST);

    assert_eq!(keys.wait(SILENCE / 2), None);
    assert_eq!(code_of(keys.wait(SILENCE)).as_deref(), Some("4012345000009"));
    assert!(!keys.wedge.is_running());
}

#[test]
fn a_line_feed_right_after_the_carriage_return_belongs_to_the_scan() {
    let mut keys = Keys::new();
    assert!(keys.scan("Halle 2").is_some());

    let line_feed = keys.end(Terminator::Lf);
    let later = keys.press(WedgeKey::Terminator(Terminator::Cr), Duration::from_secs(1));

    assert_eq!(line_feed, Pressed::swallowed(None));
    assert_eq!(later, Pressed::PASSED_ON, "that one is a person's");
}

#[test]
fn one_digit_alone_is_typed_and_an_enter_after_it_is_a_persons() {
    let mut keys = Keys::new();
    keys.press(WedgeKey::Character('3'), SLOW);

    assert_eq!(keys.wait(SILENCE), Some(Heard::Typed("3".into())));

    keys.press(WedgeKey::Character('4'), SLOW);
    let enter = keys.press(WedgeKey::Terminator(Terminator::Cr), SLOW);
    assert_eq!(enter, Pressed::PASSED_ON);
}

#[test]
fn a_terminator_that_comes_late_still_ends_the_scan_and_reaches_nothing_else() {
    for late in [61, 90, 119, 121, 400] {
        let mut keys = Keys::new();
        keys.type_text("4012345000009", FAST);
        let pause = Duration::from_millis(late);
        let by_silence = if pause >= SILENCE { keys.wait(SILENCE) } else { None };
        let left = pause - if by_silence.is_some() { SILENCE } else { Duration::ZERO };

        let end = keys.press(WedgeKey::Terminator(Terminator::Cr), left);

        assert!(end.is_swallowed, "{late}");
        assert_eq!(code_of(by_silence.or(end.heard)).as_deref(), Some("4012345000009"), "{late}");
        assert!(keys.end(Terminator::Lf).is_swallowed, "{late}");
    }
}

#[test]
fn an_enter_long_after_a_scan_is_a_persons() {
    let mut keys = Keys::new();
    keys.type_text("4012345000009", FAST);
    assert!(keys.wait(SILENCE).is_some());

    let enter = keys.press(WedgeKey::Terminator(Terminator::Cr), Duration::from_millis(600));

    assert_eq!(enter, Pressed::PASSED_ON);
}

#[test]
fn a_scan_with_a_pause_in_it_is_told_and_no_part_of_it_is_taken_for_a_code() {
    // One key of a person right before it, a pause of the radio, a device that was busy.
    for (before, pause, after) in
        [("o", 100, "4012345000009"), ("40123", 90, "45000009"), ("401234", 300, "5000009")]
    {
        let mut keys = Keys::new();
        keys.type_text(before, FAST);
        keys.now += Duration::from_millis(pause);
        keys.type_text(after, FAST);

        let end = keys.end(Terminator::Cr);

        assert_eq!(end, Pressed::swallowed(Some(Heard::Unclear)), "{before} {after}");
        assert_eq!(code_of(keys.scan("Halle 2")).as_deref(), Some("Halle 2"), "the next counts");
    }
}

#[test]
fn an_enter_within_milliseconds_of_another_key_is_no_persons() {
    let mut keys = Keys::new();
    keys.type_text("12", FAST);

    let enter = keys.end(Terminator::Cr);

    assert!(enter.ends_fast_keys && !enter.is_swallowed && enter.heard.is_none());
}

#[test]
fn the_same_code_within_a_second_is_the_same_scan() {
    let mut keys = Keys::new();
    keys.type_text("Halle 2", FAST);
    assert!(keys.end(Terminator::Cr).heard.is_some());
    keys.now += Duration::from_millis(500);
    keys.type_text("Halle 2", FAST);

    assert_eq!(keys.end(Terminator::Cr).heard, Some(Heard::SameAgain));
    assert!(matches!(keys.scan("Halle 2"), Some(Heard::Scan(_))), "three seconds later");
}

#[test]
fn two_scans_one_after_the_other_are_two() {
    let mut keys = Keys::new();
    keys.type_text("Halle 2", FAST);
    let first = keys.end(Terminator::Cr).heard;
    keys.type_text("Halle 3", FAST);
    let second = keys.end(Terminator::Cr).heard;

    assert_eq!(code_of(first).as_deref(), Some("Halle 2"));
    assert_eq!(code_of(second).as_deref(), Some("Halle 3"));
}

#[test]
fn a_scan_that_is_too_long_is_swallowed_from_there_on() {
    let mut keys = Keys::new();
    keys.type_text(&"x".repeat(512), FAST);
    let beyond = keys.press(WedgeKey::Character('x'), FAST);
    keys.type_text(&"x".repeat(4_487), FAST);
    let end = keys.end(Terminator::Cr);

    assert!(beyond.is_swallowed);
    assert_eq!(end.heard, Some(Heard::TooLong));
    assert_eq!(code_of(keys.scan("Halle 2")).as_deref(), Some("Halle 2"), "the next one counts");
}

#[test]
fn a_key_that_is_held_down_is_no_scan() {
    let mut keys = Keys::new();
    keys.press(WedgeKey::Character('5'), SLOW);
    for _ in 0..100 {
        keys.press(WedgeKey::Held, Duration::from_millis(30));
    }
    keys.type_text("5555", FAST);

    assert!(matches!(keys.wait(SILENCE), Some(Heard::Typed(_))));
}

#[test]
fn trigger_and_shift_keys_within_a_scan_are_no_part_of_it() {
    let mut keys = Keys::new();
    for character in "AbCd".chars() {
        assert_eq!(keys.press(WedgeKey::Other, FAST), Pressed::PASSED_ON);
        keys.press(WedgeKey::Character(character), FAST);
    }

    assert_eq!(code_of(keys.end(Terminator::Tab).heard).as_deref(), Some("AbCd"));
}

#[test]
fn a_prefix_beats_all_timing() {
    let settings = WedgeSettings { prefix: Some("~w".into()), ..WedgeSettings::default() };
    let mut keys = Keys::of(settings);
    for character in "~wA1".chars() {
        keys.press(WedgeKey::Character(character), Duration::from_millis(400));
    }
    assert_eq!(keys.wait(SILENCE), None, "it goes on until its terminator");

    let heard = keys.press(WedgeKey::Terminator(Terminator::Cr), SLOW).heard;

    assert_eq!(code_of(heard).as_deref(), Some("A1"));
}

#[test]
fn a_terminator_that_is_not_configured_ends_nothing() {
    let settings = WedgeSettings { terminators: vec![Terminator::Tab], ..WedgeSettings::default() };
    let mut keys = Keys::of(settings);
    keys.type_text("Halle 2", FAST);

    assert!(!keys.end(Terminator::Cr).is_swallowed);
}

/// Any text that a scanner may send: emoji and control characters among it.
fn any_code() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 4..200).prop_map(|code| code.into_iter().collect())
}

proptest! {
    #[test]
    fn whatever_a_scanner_sends_arrives_letter_by_letter(
        code in any_code(),
        pauses in proptest::collection::vec(0..=60_u64, 200),
    ) {
        let mut keys = Keys::new();
        for (character, pause) in code.chars().zip(pauses) {
            let pressed = keys.press(WedgeKey::Character(character), Duration::from_millis(pause));
            prop_assert!(!pressed.is_swallowed && pressed.heard.is_none());
        }
        prop_assert_eq!(code_of(keys.end(Terminator::Cr).heard), Some(code));
    }

    #[test]
    fn slow_typing_is_never_a_scan(
        text in any_code(),
        pauses in proptest::collection::vec(61..2_000_u64, 200),
    ) {
        let mut keys = Keys::new();
        for (character, pause) in text.chars().zip(pauses) {
            if let Some(heard) = keys.wait(Duration::from_millis(pause)) {
                prop_assert!(!heard.is_scan());
            }
            let pressed = keys.press(WedgeKey::Character(character), Duration::ZERO);
            prop_assert!(!pressed.is_swallowed && pressed.heard.is_none());
        }
        let end = keys.press(WedgeKey::Terminator(Terminator::Cr), SLOW);
        prop_assert_eq!(end, Pressed::PASSED_ON);
    }

    /// Wherever a scan is torn, nobody takes the rest of it for another code.
    #[test]
    fn a_torn_scan_is_never_taken_for_a_part_of_it(
        code in "[0-9A-Z]{8,60}",
        at in 0..60_usize,
        pause in 61..1_990_u64,
    ) {
        let mut keys = Keys::new();
        let (before, after) = code.split_at(1 + at % (code.len() - 1));
        keys.type_text(before, FAST);
        // The device was busy: no timer ran.
        keys.now += Duration::from_millis(pause);
        keys.type_text(after, FAST);

        let end = keys.end(Terminator::Cr);

        prop_assert_eq!(end.heard, Some(Heard::Unclear));
    }

    #[test]
    fn no_order_of_keys_and_times_is_too_much(
        keys in proptest::collection::vec((0..6_u8, any::<char>(), 0..4_000_u64), 0..300),
    ) {
        let mut wedge = KeyboardWedge::default();
        for (kind, character, at) in keys {
            let at = Duration::from_millis(at);
            match kind {
                0 => drop(wedge.press(WedgeKey::Terminator(Terminator::Cr), at)),
                1 => drop(wedge.press(WedgeKey::Held, at)),
                2 => drop(wedge.press(WedgeKey::Other, at)),
                3 => drop(wedge.silence(at)),
                _ => drop(wedge.press(WedgeKey::Character(character), at)),
            }
        }
        wedge.silence(Duration::from_secs(60));
        prop_assert!(!wedge.is_running());
    }
}
