//! The real window, drawn where there is no display: for the demo on a server and in CI.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter, WindowEvent};
use slint::{ComponentHandle, LogicalSize, PhysicalSize, PlatformError, Rgb8Pixel};

use super::bridge::Window;
use super::controller::window_state::{Appearance, Page};
use super::intent::Intent;
use crate::app::state::AppState;
use crate::error::UserError;

/// What to draw.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The picture's name, without a file ending.
    pub name: String,
    /// What the app says.
    pub state: Arc<AppState>,
    /// The page that the worker opened, if any.
    pub page: Option<Page>,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The scene's name.
    pub name: String,
    /// A PNG file.
    pub png: Vec<u8>,
}

/// A window's size in device-independent pixels, and how many real ones make one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screen {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
    /// Scale.
    pub scale: f32,
}

impl Screen {
    /// A handheld of about 5 inches.
    pub const HANDHELD: Self = Self { width: 360, height: 640, scale: 2.0 };

    fn pixels(length: u16, scale: f32) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        let pixels = (f32::from(length) * scale).round() as u32;
        pixels.max(1)
    }
}

/// Draws pictures of the window. Takes the place of a display for its thread, so a process either
/// draws like this or shows a window.
pub struct Painter {
    target: Rc<MinimalSoftwareWindow>,
}

impl Painter {
    /// Begins to draw; once in a thread.
    ///
    /// # Errors
    /// A display or another painter is in use already.
    pub fn new() -> Result<Self, UserError> {
        let target = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
        let platform = Headless { window: Rc::clone(&target), started: Instant::now() };
        slint::platform::set_platform(Box::new(platform))
            .map_err(|error| UserError::internal(format!("Nothing can be drawn: {error}")))?;
        Ok(Self { target })
    }

    /// Draws a scene.
    ///
    /// # Errors
    /// The picture can't be made.
    pub fn draw(
        &self,
        scene: Scene,
        screen: Screen,
        appearance: Appearance,
    ) -> Result<Picture, UserError> {
        render(&self.target, scene, screen, appearance)
    }
}

/// Draws several scenes with a [`Painter`] of its own.
///
/// # Errors
/// As [`Painter::new`] and [`Painter::draw`].
pub fn render_pages(
    scenes: impl IntoIterator<Item = Scene>,
    screen: Screen,
    appearance: Appearance,
) -> Result<Vec<Picture>, UserError> {
    let painter = Painter::new()?;
    scenes.into_iter().map(|scene| painter.draw(scene, screen, appearance)).collect()
}

fn render(
    target: &Rc<MinimalSoftwareWindow>,
    scene: Scene,
    screen: Screen,
    appearance: Appearance,
) -> Result<Picture, UserError> {
    let window = Window::new(scene.state, appearance, TimeZone::system(), Box::new(|_command| {}))?;
    if let Some(page) = scene.page {
        window.handle(Intent::OpenPage(page));
    }
    window.component().show().map_err(super::no_display)?;
    let size = PhysicalSize::new(
        Screen::pixels(screen.width, screen.scale),
        Screen::pixels(screen.height, screen.scale),
    );
    target.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor: screen.scale });
    target.set_size(size);
    target.dispatch_event(WindowEvent::Resized {
        size: LogicalSize::new(f32::from(screen.width), f32::from(screen.height)),
    });
    slint::platform::update_timers_and_animations();
    let pixels = draw(target, size);
    window.component().hide().map_err(super::no_display)?;
    let png = encode(&pixels, size)
        .map_err(|error| UserError::internal(format!("A picture can't be made: {error}")))?;
    Ok(Picture { name: scene.name, png })
}

/// Draws twice: the first time decides which rows of a list there are.
fn draw(target: &MinimalSoftwareWindow, size: PhysicalSize) -> Vec<Rgb8Pixel> {
    let width = usize::try_from(size.width).unwrap_or_default();
    let height = usize::try_from(size.height).unwrap_or_default();
    let mut pixels = vec![Rgb8Pixel::default(); width.saturating_mul(height)];
    for _ in 0..2 {
        target.request_redraw();
        target.draw_if_needed(|renderer| {
            renderer.render(&mut pixels, width);
        });
    }
    pixels
}

fn encode(pixels: &[Rgb8Pixel], size: PhysicalSize) -> Result<Vec<u8>, png::EncodingError> {
    let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(file)
}

/// A display that is nothing but memory.
struct Headless {
    window: Rc<MinimalSoftwareWindow>,
    started: Instant,
}

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::clone(&self.window) as Rc<dyn WindowAdapter>)
    }

    fn duration_since_start(&self) -> Duration {
        self.started.elapsed()
    }
}
