//! Every pair of colours that text is drawn with has a contrast of 7:1 or better (WCAG 2.2 AAA).

use std::path::Path;

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

/// The colours in a piece of the theme, in the order in which they stand.
fn colours(text: &str) -> Vec<&str> {
    text.split('#').skip(1).map(|rest| &rest[..6]).collect()
}

/// What is declared for a name, up to the semicolon.
fn declared<'a>(theme: &'a str, name: &str) -> Vec<&'a str> {
    let start = theme.find(&format!("<color> {name}: ")).unwrap_or_else(|| panic!("no {name}"));
    colours(theme[start..].split(';').next().unwrap())
}

fn theme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/theme/theme.slint");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_tone_can_be_read() {
    let theme = theme();
    let mut count = 0;
    for tone in theme.split("{ fill: ").skip(1) {
        let tone = tone.split('}').next().unwrap();
        let pair = colours(tone);

        assert!(contrast(pair[0], pair[1]) >= 7.0, "{tone}: {}", contrast(pair[0], pair[1]));
        count += 1;
    }
    assert!(count >= 12, "the tones were not found");
}

#[test]
fn text_can_be_read_on_every_plain_surface() {
    let theme = theme();
    // Dark, sunlight, light; where a surface knows only two, the last serves for sunlight too.
    for surface in ["background", "surface", "surface-pressed"] {
        for ink in ["text", "text-soft"] {
            let (surfaces, inks) = (declared(&theme, surface), declared(&theme, ink));
            let pairs = [
                (surfaces[0], inks[0]),
                (surfaces[surfaces.len() - 1], inks[2]),
                (surfaces[1], inks[1]),
            ];
            for (below, above) in pairs {
                let contrast = contrast(below, above);
                assert!(contrast >= 7.0, "{ink} {above} on {surface} {below}: {contrast}");
            }
        }
    }
}
