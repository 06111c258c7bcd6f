//! Instants as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::time::Moment;

/// The present and the device's time zone.
pub(super) struct Times<'a> {
    pub(super) now: Moment,
    pub(super) zone: &'a TimeZone,
}

impl Times<'_> {
    /// `08:14` for today, `2026-11-24 08:14` for any other day: the same in every language.
    pub(super) fn clock(&self, moment: &Moment) -> String {
        let Some(then) = self.zoned(moment) else { return String::new() };
        let is_today = self.zoned(&self.now).is_some_and(|now| now.date() == then.date());
        let format = if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        then.strftime(format).to_string()
    }

    fn zoned(&self, moment: &Moment) -> Option<jiff::Zoned> {
        let timestamp = Timestamp::from_millisecond(moment.calendar().0).ok()?;
        Some(timestamp.to_zoned(self.zone.clone()))
    }
}
