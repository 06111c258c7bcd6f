//! The device's time zone.

use std::path::Path;

use jiff::tz::TimeZone;

use super::durable_file;

/// Where the rules of the device's zone are
/// (<https://www.freedesktop.org/software/systemd/man/latest/localtime.html>).
const RULES: &str = "/etc/localtime";
/// The largest such file read, in bytes.
const RULES_BYTES_MAX: u64 = 64 * 1024;

/// The zone that the device is set to. Where no variable names one, the file with its rules is read
/// and nothing else: to look a zone up by its name takes a walk through those of the whole world,
/// for which a start has no time.
pub fn of_this_device() -> TimeZone {
    match std::env::var_os("TZ") {
        None => of_rules(Path::new(RULES)).unwrap_or_else(TimeZone::system),
        Some(_) => TimeZone::system(),
    }
}

fn of_rules(path: &Path) -> Option<TimeZone> {
    let bytes = durable_file::read_limited(path, RULES_BYTES_MAX).ok()??;
    TimeZone::tzif("", &bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_rules_is_left_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("localtime");
        assert!(of_rules(&path).is_none());

        std::fs::write(&path, "Europe/Berlin").unwrap();

        assert!(of_rules(&path).is_none());
    }
}
