//! A log on the disk with a limit: one file that is written, and the few before it.
//!
//! Several processes may write the same log. Whatever the disk does, nobody who logs hears of it: a
//! log must never stop work.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::file_lock;

/// The size from which on a file is put aside, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// How many files there are at most, with the one that is written.
const FILES_MAX: usize = 4;
/// The longest line, in bytes; what is longer is cut.
const LINE_BYTES_MAX: usize = 4096;
const NAME: &str = "wareswitch.log";

/// The log in a folder. The folder is made with the first line.
#[derive(Debug)]
pub struct LogFile {
    folder: PathBuf,
    open: Mutex<Option<File>>,
}

impl LogFile {
    /// The log in this folder.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, open: Mutex::new(None) }
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        // A thread that panicked while it wrote has left a shorter line, nothing worse.
        let mut open = self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = match open.take() {
            Some(file) => file,
            None => self.open_current()?,
        };
        match line.get(..LINE_BYTES_MAX) {
            Some(cut) if line.len() > cut.len() => {
                file.write_all(cut)?;
                file.write_all(b"\n")?;
            }
            _ => file.write_all(line)?,
        }
        if file.metadata()?.len() >= FILE_BYTES_MAX {
            drop(file);
            self.put_aside()?;
        } else {
            *open = Some(file);
        }
        Ok(())
    }

    fn open_current(&self) -> io::Result<File> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.path_of(0))
    }

    /// Renames every file to the next number; the last is gone. Another process that does so at
    /// this moment saves us the work.
    fn put_aside(&self) -> io::Result<()> {
        let lock = file_lock::open(&self.folder.join("rotate.lock"))?;
        if lock.try_lock().is_err() || fs::metadata(self.path_of(0))?.len() < FILE_BYTES_MAX {
            return Ok(());
        }
        for number in (0..FILES_MAX - 1).rev() {
            match fs::rename(self.path_of(number), self.path_of(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn path_of(&self, number: usize) -> PathBuf {
        match number {
            0 => self.folder.join(NAME),
            number => self.folder.join(format!("{NAME}.{number}")),
        }
    }
}

impl Write for &LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A full disk must not break anything; the file is opened anew with the next line.
        let _ = self.append(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end of the log in a folder, the oldest line first, of at most so many bytes.
pub fn tail(folder: &Path, bytes_max: u64) -> String {
    let log = LogFile::in_folder(folder.to_owned());
    let mut parts = Vec::new();
    let mut left = bytes_max;
    for number in 0..FILES_MAX {
        // What can't be read is not there for whoever reads the rest.
        let part = read_end(&log.path_of(number), left).unwrap_or_default();
        left = left.saturating_sub(u64::try_from(part.len()).unwrap_or(u64::MAX));
        parts.push(part);
        if left == 0 {
            break;
        }
    }
    parts.reverse();
    parts.concat()
}

/// The last whole lines of a file.
fn read_end(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match text.split_once('\n') {
        Some((_, rest)) if skipped > 0 => rest.to_owned(),
        _ => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of(folder: &Path) -> u64 {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    }

    #[test]
    fn the_log_has_a_size_that_it_never_exceeds_and_its_end_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let log = LogFile::in_folder(logs.clone());

        for number in 0..30_000 {
            let line = format!("line {number} of the log, which is as long as lines often are\n");
            (&log).write_all(line.as_bytes()).unwrap();
        }

        assert!(size_of(&logs) <= u64::try_from(FILES_MAX).unwrap() * (FILE_BYTES_MAX + 4096));
        let end = tail(&logs, 512 * 1024);
        assert!(end.len() <= 512 * 1024 && end.starts_with("line "), "whole lines only");
        assert!(end.ends_with("line 29999 of the log, which is as long as lines often are\n"));
    }

    #[test]
    fn two_processes_write_one_log_and_no_line_is_lost_when_it_turns() {
        let folder = tempfile::tempdir().unwrap();
        let logs = [(); 2].map(|()| LogFile::in_folder(folder.path().to_owned()));
        std::thread::scope(|scope| {
            for (who, log) in logs.iter().enumerate() {
                scope.spawn(move || {
                    for number in 0..4000 {
                        let line = format!("{who} {number} {}\n", "x".repeat(90));
                        let mut log = log;
                        log.write_all(line.as_bytes()).unwrap();
                    }
                });
            }
        });

        let all = tail(folder.path(), u64::MAX);
        for who in 0..2 {
            let mine = all.lines().filter(|line| line.starts_with(&format!("{who} ")));
            assert_eq!(mine.count(), 4000);
        }
    }

    #[test]
    fn a_folder_that_can_not_be_written_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("logs");
        fs::write(&in_the_way, "a file").unwrap();
        let log = LogFile::in_folder(in_the_way.clone());

        (&log).write_all(b"a line\n").unwrap();

        assert_eq!(tail(&in_the_way, 1000), "");
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::in_folder(folder.path().to_owned());

        (&log).write_all(&vec![b'x'; 1_000_000]).unwrap();

        assert_eq!(tail(folder.path(), u64::MAX).len(), LINE_BYTES_MAX + 1);
    }
}
