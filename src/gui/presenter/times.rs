//! Instants as people tell them: today, yesterday, or a date.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::time::Moment;

/// An instant as the device's calendar has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeView {
    /// The day, as seen from today.
    pub day: DayView,
    /// Hours and minutes: `08:14`.
    pub clock: String,
}

/// A day, as seen from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayView {
    /// Today.
    Today,
    /// The day before.
    Yesterday,
    /// Any other.
    Date {
        /// Of the month, from 1.
        day: i8,
        /// From 1.
        month: i8,
        /// `None` if it is this year.
        year: Option<i16>,
    },
}

/// The present and the device's time zone.
pub(super) struct Times<'a> {
    pub(super) now: Moment,
    pub(super) zone: &'a TimeZone,
}

impl Times<'_> {
    /// An instant, as seen from the present; `None` if no calendar has it.
    pub(super) fn seen(&self, moment: &Moment) -> Option<TimeView> {
        let then = self.zoned(moment)?;
        let date = then.date();
        let today = self.zoned(&self.now).map(|now| now.date());
        let yesterday = today.and_then(|today| today.yesterday().ok());
        let day = if today == Some(date) {
            DayView::Today
        } else if yesterday == Some(date) {
            DayView::Yesterday
        } else {
            let is_this_year = today.is_some_and(|today| today.year() == date.year());
            let year = (!is_this_year).then(|| date.year());
            DayView::Date { day: date.day(), month: date.month(), year }
        };
        Some(TimeView { day, clock: then.strftime("%H:%M").to_string() })
    }

    fn zoned(&self, moment: &Moment) -> Option<jiff::Zoned> {
        let timestamp = Timestamp::from_millisecond(moment.calendar().0).ok()?;
        Some(timestamp.to_zoned(self.zone.clone()))
    }
}
