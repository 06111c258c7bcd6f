//! Telling other processes on the same data that something was recorded.
//!
//! A file in the profile's folder is written; whoever watches it looks into the database. A hint
//! only: the database alone says what is so.

use std::fs;
use std::path::Path;

use notify::{EventKind, RecursiveMode, Watcher};

use crate::app::platform::Watch;

const FILE_NAME: &str = "wake";

/// Writes the file. What goes wrong here costs the others a moment, and nobody anything else.
pub fn notify_others(folder: &Path) {
    if let Err(error) = fs::write(folder.join(FILE_NAME), std::process::id().to_string()) {
        tracing::debug!(%error, "other processes could not be told");
    }
}

/// Calls `on_recorded` whenever the file is written, by this process too.
pub fn watch(folder: &Path, on_recorded: Box<dyn Fn() + Send + Sync>) -> Option<Watch> {
    let on_event = move |event: notify::Result<notify::Event>| {
        let is_wake = event.is_ok_and(|event| {
            matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_))
                && event.paths.iter().any(|path| path.ends_with(FILE_NAME))
        });
        if is_wake {
            on_recorded();
        }
    };
    let watched = notify::recommended_watcher(on_event).and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    match watched {
        Ok(watcher) => Some(Box::new(watcher)),
        Err(error) => {
            tracing::warn!(%error, "what other processes record is not seen at once");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn whoever_watches_hears_of_what_others_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (heard, hearing) = mpsc::channel();
        let _watch = watch(
            folder.path(),
            Box::new(move || {
                let _ = heard.send(());
            }),
        )
        .unwrap();

        notify_others(folder.path());

        // The limit only ends a test that failed.
        hearing.recv_timeout(Duration::from_secs(30)).unwrap();
    }
}
