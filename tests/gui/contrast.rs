//! Whatever is written can be read: every ink on every ground that it stands on has a contrast of
//! 7:1 or better (WCAG 2.2, 1.4.6), and what is to be seen without being read 3:1 (1.4.11).
//! Computed from the theme as it is written.

use std::path::Path;

/// The three themes.
#[derive(Clone, Copy, Debug)]
enum Look {
    Light,
    Dark,
    Sunlight,
}

const LOOKS: [Look; 3] = [Look::Light, Look::Dark, Look::Sunlight];

/// Grounds, and what is written on each.
const WRITTEN: [(&str, &[&str]); 11] = [
    ("background", &["text", "text-soft", "danger.fill"]),
    ("surface", &["text", "text-soft", "danger.fill"]),
    ("surface-pressed", &["text", "text-soft"]),
    ("selection", &["text"]),
    ("neutral.fill", &["text", "text-soft"]),
    ("primary-pressed", &["primary.ink"]),
    ("danger-pressed", &["danger.ink"]),
    ("text", &["background"]),
    ("active.fill", &["active.ink"]),
    ("busy.fill", &["busy.ink"]),
    ("attention.fill", &["attention.ink"]),
];

/// Grounds, and what has to be seen on each: frames, the focus, the mark of the page in front, and
/// the card of the active warehouse.
const SEEN: [(&str, &[&str]); 2] = [
    ("background", &["outline", "focus", "active.fill", "primary.fill"]),
    ("surface", &["outline", "focus", "primary.fill"]),
];

/// Relative luminance of `rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |range| {
        let value = f64::from(u8::from_str_radix(&colour[range], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0..2) + 0.7152 * channel(2..4) + 0.0722 * channel(4..6)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn theme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/theme/theme.slint");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, colours) = text.split_once("export global Theme ").unwrap();
    colours.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a name stands for in a theme: `rrggbb`, or the two of a tone.
fn value<'a>(theme: &'a str, name: &str, look: Look) -> &'a str {
    let start = theme.find(&format!("> {name}: ")).unwrap_or_else(|| panic!("no {name}"));
    let mut value = theme[start..].split(';').next().unwrap().split_once(": ").unwrap().1;
    for (condition, holds) in [
        ("root.is-dark ? ", matches!(look, Look::Dark)),
        ("root.is-sunlight ? ", matches!(look, Look::Sunlight)),
    ] {
        if let Some(choice) = value.strip_prefix(condition) {
            let (yes, no) = choice.split_once(" : ").unwrap();
            value = if holds { yes } else { no };
        }
    }
    value
}

/// A colour, or the `fill` or `ink` of a tone.
fn colour<'a>(theme: &'a str, name: &str, look: Look) -> &'a str {
    let (name, part) = name.split_once('.').unwrap_or((name, ""));
    let found = value(theme, name, look).split('#').nth(1 + usize::from(part == "ink"));
    &found.unwrap_or_else(|| panic!("{name} is no colour"))[..6]
}

fn check(pairs: &[(&str, &[&str])], least: f64) {
    let theme = theme();
    for look in LOOKS {
        for (ground, inks) in pairs {
            for ink in *inks {
                let pair = (colour(&theme, ground, look), colour(&theme, ink, look));
                let contrast = contrast(pair.0, pair.1);
                assert!(contrast >= least, "{look:?}: {ink} on {ground} {pair:?}: {contrast:.2}");
            }
        }
    }
}

#[test]
fn black_on_white_has_the_greatest_contrast() {
    assert!((contrast("000000", "ffffff") - 21.0).abs() < 0.001);
}

#[test]
fn everything_written_can_be_read() {
    check(&WRITTEN, 7.0);
}

#[test]
fn what_has_to_be_seen_can_be_seen() {
    check(&SEEN, 3.0);
}

#[test]
fn every_tone_can_be_read_on_itself() {
    let theme = theme();
    let names: Vec<&str> =
        theme.split("<Tone> ").skip(1).map(|rest| rest.split(':').next().unwrap()).collect();
    assert!(names.len() >= 7, "the tones were not found: {names:?}");
    for name in names {
        check(&[(&format!("{name}.fill"), &[&format!("{name}.ink")])], 7.0);
    }
}
