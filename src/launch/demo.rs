//! The demo: with a window where there is a display, by itself where there is none.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::demo::stage::Stage;
use crate::demo::story::{self, Moment};
use crate::error::{UserError, exit_code};
use crate::platform::SystemPlatform;

/// Runs the demo.
pub(super) fn run(no_window: bool, pictures: Option<&Path>) -> Result<u8, UserError> {
    #[cfg(feature = "gui")]
    super::environment::prepare_for_window();
    let stage = Stage::build(Arc::new(SystemPlatform::new()))?;
    let folder = stage.folder().display();
    tell(&format!("The demo has a server and files of its own, in {folder}; they go with it."));
    if !no_window && has_display() {
        return open_window(&stage);
    }
    let moments = story::play(&stage, tell)?;
    draw(&moments, pictures)?;
    Ok(exit_code::DONE)
}

#[cfg(feature = "gui")]
fn open_window(stage: &Stage) -> Result<u8, UserError> {
    super::window::show(|publish| stage.open_app(publish), super::window::Look::default())?;
    Ok(exit_code::DONE)
}

#[cfg(not(feature = "gui"))]
fn open_window(_stage: &Stage) -> Result<u8, UserError> {
    Err(UserError::usage("This build has no window."))
}

/// Whether a window could be opened here.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(feature = "gui")
        && (!cfg!(target_os = "linux") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY"))
}

#[cfg(feature = "gui")]
fn draw(moments: &[Moment], folder: Option<&Path>) -> Result<(), UserError> {
    use crate::demo::story::Place;
    use crate::gui::headless::Screen;
    use crate::gui::{Appearance, Page, Scene, render_pages};

    let folder = folder.unwrap_or_else(|| Path::new("wareswitch-demo"));
    let scenes = moments.iter().map(|moment| Scene {
        name: moment.name.to_owned(),
        state: Arc::clone(&moment.state),
        page: match moment.place {
            Place::Warehouses => None,
            Place::Outbox => Some(Page::Outbox),
        },
    });
    let pictures = render_pages(scenes, Screen::HANDHELD, Appearance::default())?;
    let unwritten =
        |error: std::io::Error| UserError::usage(format!("No picture could be written: {error}."));
    std::fs::create_dir_all(folder).map_err(unwritten)?;
    for picture in &pictures {
        let path = folder.join(&picture.name).with_extension("png");
        std::fs::write(&path, &picture.png).map_err(unwritten)?;
        tell(&format!("The screen at that moment: {}", path.display()));
    }
    Ok(())
}

#[cfg(not(feature = "gui"))]
fn draw(moments: &[Moment], _folder: Option<&Path>) -> Result<(), UserError> {
    let count = moments.len();
    tell(&format!(
        "{count} moments are worth a picture; this build, without the window, draws none."
    ));
    Ok(())
}

fn tell(line: &str) {
    // Whoever stopped reading does not need the rest.
    let _ = writeln!(std::io::stdout(), "{line}");
}
