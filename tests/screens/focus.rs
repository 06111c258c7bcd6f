//! Where the keys go can be seen: in every theme, on every control that Tab comes to, at least as
//! many pixels change by a contrast of 3:1 as a line of two pixels around the control has (WCAG 2.2,
//! 2.4.13).

use std::time::Duration;

use i_slint_backend_testing::mock_elapsed_time;
use i_slint_core::lengths::{LogicalPoint, LogicalRect};
use i_slint_core::window::WindowInner;
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, Rgba8Pixel, SharedPixelBuffer};
use wareswitch::gui::bridge::Window;
use wareswitch::gui::{Language, Theme};

use crate::pictures::{THEMES, appearance, open};
use crate::scenes::scenes;

/// So high that nothing scrolls when the focus moves.
const SIZE: (u16, u16) = (360, 1400);
/// Each with how often Tab is pressed.
const SCENES: [(&str, usize); 7] = [
    ("home-demo", 9),
    ("settings", 12),
    ("sign-in-refused", 4),
    ("users", 5),
    ("pin-new", 4),
    ("question", 2),
    ("token-ends", 5),
];

/// Relative luminance (WCAG 2.2).
fn luminance(pixel: Rgba8Pixel) -> f32 {
    let channel = |value: u8| {
        let value = f32::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(pixel.r) + 0.7152 * channel(pixel.g) + 0.0722 * channel(pixel.b)
}

fn contrast(one: Rgba8Pixel, other: Rgba8Pixel) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn focused(window: &Window) -> Option<LogicalRect> {
    let inner = WindowInner::from_pub(window.component().window());
    let item = inner.focus_item.borrow().upgrade()?;
    let geometry = item.geometry();
    Some(LogicalRect::new(item.map_to_window(geometry.origin), geometry.size))
}

fn draw(window: &Window) -> SharedPixelBuffer<Rgba8Pixel> {
    window.component().window().take_snapshot().unwrap()
}

/// How many pixels in and around a place differ so that it can be seen.
fn difference(
    one: &SharedPixelBuffer<Rgba8Pixel>,
    other: &SharedPixelBuffer<Rgba8Pixel>,
    place: LogicalRect,
) -> usize {
    let around = place.inflate(5.0, 5.0);
    let width = usize::try_from(one.width()).unwrap();
    let pairs = one.as_slice().iter().zip(other.as_slice()).enumerate();
    pairs
        .filter(|(index, (before, after))| {
            let at = |value: usize| f32::from(u16::try_from(value).unwrap());
            let point = LogicalPoint::new(at(index % width), at(index / width));
            before != after && around.contains(point) && contrast(**before, **after) >= 3.0
        })
        .count()
}

/// Goes through a scene by Tab, and says where the focus can't be seen.
fn unseen(name: &str, tabs: usize, theme: Theme) -> Vec<String> {
    let scene = scenes().into_iter().find(|scene| scene.0 == name).unwrap();
    let window = open(scene, SIZE, appearance(100, theme, Language::English));
    let mut pictures = vec![(focused(&window), draw(&window))];
    for _ in 0..tabs {
        let text: slint::SharedString = Key::Tab.into();
        window.component().window().dispatch_event(WindowEvent::KeyPressed { text });
        mock_elapsed_time(Duration::from_millis(50));
        pictures.push((focused(&window), draw(&window)));
    }
    window.component().hide().unwrap();
    let mut found = Vec::new();
    for (number, (place, picture)) in pictures.iter().enumerate().skip(1) {
        let Some(place) = place.filter(|place| place.height() < 200.0) else { continue };
        let without = pictures.iter().find(|(other, _)| other.is_none_or(|other| other != place));
        let seen = difference(&without.unwrap().1, picture, place);
        let least = 2.0 * 2.0 * (place.width() + place.height());
        if f32::from(u16::try_from(seen).unwrap_or(u16::MAX)) < 0.9 * least {
            found.push(format!("{name} {theme:?}, Tab {number}: {seen} of {least} at {place:?}"));
        }
    }
    assert!(pictures.iter().any(|(place, _)| place != &pictures[0].0), "{name}: Tab does nothing");
    found
}

#[test]
fn the_focus_can_be_seen_in_every_theme() {
    let unseen: Vec<String> = std::thread::scope(|scope| {
        let looking = THEMES.map(|theme| {
            scope.spawn(move || {
                let through = SCENES.into_iter();
                through.flat_map(|(name, tabs)| unseen(name, tabs, theme)).collect::<Vec<_>>()
            })
        });
        looking.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });

    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}
