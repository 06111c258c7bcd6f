//! A few pictures that a person has looked at. What is drawn now may differ from them a little, so
//! that another processor may round in another way, and no more.
//!
//! `WARESWITCH_ACCEPT_PICTURES=1 cargo test --features ui-test --test screens reference` makes what
//! is drawn now the references; look at the difference before you commit it.

use std::path::{Path, PathBuf};

use slint::{ComponentHandle, Rgba8Pixel, SharedPixelBuffer};
use wareswitch::gui::{Language, Theme};

use crate::pictures::{appearance, open, write};
use crate::scenes::scenes;

/// A channel may differ by this much of 255.
const CHANNEL_SLACK: u8 = 24;
/// So many of a thousand pixels may differ by more.
const PIXELS_OF_THOUSAND: usize = 2;

/// What a picture shows: the scene, its size, the size of texts in percent, colours, language.
type Shown = (&'static str, (u16, u16), u16, Theme, Language);

const PICTURES: [Shown; 7] = [
    ("home-waiting", (360, 640), 100, Theme::Light, Language::English),
    ("home-many", (320, 533), 130, Theme::Dark, Language::German),
    ("home-two-active", (800, 480), 100, Theme::Sunlight, Language::Polish),
    ("outbox", (360, 640), 100, Theme::Dark, Language::French),
    ("question", (320, 533), 200, Theme::Light, Language::Romanian),
    ("settings", (1024, 600), 100, Theme::Light, Language::Spanish),
    ("locked-pin", (411, 823), 100, Theme::Sunlight, Language::Dutch),
];

fn reference(scene: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/references");
    folder.join(format!("{scene}.png"))
}

fn read(path: &Path) -> Option<(u32, u32, Vec<u8>)> {
    let file = std::io::BufReader::new(std::fs::File::open(path).ok()?);
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    Some((info.width, info.height, bytes))
}

/// How many pixels look different.
fn difference(drawn: &SharedPixelBuffer<Rgba8Pixel>, kept: &[u8]) -> usize {
    let is_other = |pixel: &Rgba8Pixel, kept: &[u8]| {
        let channels = [pixel.r, pixel.g, pixel.b].into_iter().zip(kept);
        channels.into_iter().any(|(one, other)| one.abs_diff(*other) > CHANNEL_SLACK)
    };
    let pairs = drawn.as_slice().iter().zip(kept.chunks(4));
    pairs.filter(|(pixel, kept)| is_other(pixel, kept)).count()
}

fn compare((name, size, percent, theme, language): Shown) -> Result<(), String> {
    let scene = scenes().into_iter().find(|scene| scene.0 == name).unwrap();
    let window = open(scene, size, appearance(percent, theme, language));
    let drawn = window.component().window().take_snapshot().unwrap();
    if std::env::var_os("WARESWITCH_ACCEPT_PICTURES").is_some() {
        write(&reference(name), &drawn);
        return Ok(());
    }
    let kept = read(&reference(name));
    let pixels = drawn.as_slice().len();
    let is_same = kept.is_some_and(|(width, height, bytes)| {
        (width, height) == (drawn.width(), drawn.height())
            && difference(&drawn, &bytes) <= pixels * PIXELS_OF_THOUSAND / 1000
    });
    if is_same {
        return Ok(());
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    write(&path, &drawn);
    Err(format!("{name} looks different from its reference; now it is {}", path.display()))
}

#[test]
fn the_window_looks_as_in_the_reference_pictures() {
    let different: Vec<String> =
        PICTURES.into_iter().filter_map(|shown| compare(shown).err()).collect();

    assert!(different.is_empty(), "{}\nSee tests/screens/references.rs.", different.join("\n"));
}

#[test]
fn a_reference_picture_with_another_colour_in_a_button_is_different() {
    let (width, height, mut bytes) = read(&reference("question")).unwrap();
    let mut drawn = SharedPixelBuffer::<Rgba8Pixel>::new(width, height);
    for (pixel, kept) in drawn.make_mut_slice().iter_mut().zip(bytes.chunks(4)) {
        *pixel = Rgba8Pixel { r: kept[0], g: kept[1], b: kept[2], a: kept[3] };
    }
    assert_eq!(difference(&drawn, &bytes), 0);

    for byte in bytes.iter_mut().take(4000) {
        *byte = byte.wrapping_add(128);
    }

    assert_eq!(difference(&drawn, &bytes), 1000);
}
