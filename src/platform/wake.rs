//! Telling other processes on the same data that something was recorded.
//!
//! A file in the profile's folder is opened as if to write, and closed; whoever watches it looks into
//! the database. A hint only: the database alone says what is so. Nothing is written, since that
//! would wear out the flash, and the next commit would wait for it: a file system that keeps its
//! order brings it to the disk first.

use std::fs::OpenOptions;
use std::path::Path;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};

use crate::app::platform::Watch;

const FILE_NAME: &str = "wake";

/// Tells them. What goes wrong here costs the others a moment, and nobody anything else.
pub fn notify_others(folder: &Path) {
    let opened =
        OpenOptions::new().write(true).create(true).truncate(false).open(folder.join(FILE_NAME));
    if let Err(error) = opened {
        tracing::debug!(%error, "other processes could not be told");
    }
}

/// Calls `on_recorded` whenever somebody tells, this process too.
pub fn watch(folder: &Path, on_recorded: Box<dyn Fn() + Send + Sync>) -> Option<Watch> {
    let on_event = move |event: notify::Result<notify::Event>| {
        let is_wake = event.is_ok_and(|event| {
            // inotify(7), `IN_CLOSE_WRITE`.
            matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
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

        for _ in 0..2 {
            notify_others(folder.path());

            // The limit only ends a test that failed.
            hearing.recv_timeout(Duration::from_secs(30)).unwrap();
        }
    }

    #[test]
    fn to_tell_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        notify_others(folder.path());
        let path = folder.path().join(FILE_NAME);
        let before = std::fs::metadata(&path).unwrap().modified().unwrap();

        notify_others(folder.path());

        let after = std::fs::metadata(&path).unwrap();
        assert_eq!((after.len(), after.modified().unwrap()), (0, before));
    }
}
