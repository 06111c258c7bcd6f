//! Tells a scan from typing (design section 7).
//!
//! A scanner that acts as a keyboard types its code within milliseconds and mostly ends it with Enter
//! or Tab. That it was a scan is known only afterwards, so keys go to whatever has the focus as they
//! come, and whoever asks here puts a text field back as it was when a scan is recognised.
//!
//! Pure: keys with their times in, what they were out. Times are of any clock that does not run
//! backwards; an earlier time counts as no pause.

use std::time::Duration;

/// After this long without a key, what came before is complete: a scan without a terminator, or a
/// key that a person pressed.
pub const SILENCE: Duration = Duration::from_millis(120);
/// The same code within this time is the same scan: a trigger that bounced, a label read twice.
const REPEAT: Duration = Duration::from_secs(1);
/// A terminator this soon after the one that ended a scan belongs to it: scanners send CR and LF.
const SECOND_TERMINATOR: Duration = Duration::from_millis(60);
/// A terminator this long after the last key of a scan still belongs to it: radio scanners send it
/// in a packet of its own, and whatever has the focus must not get it.
const LATE_TERMINATOR: Duration = Duration::from_millis(500);
/// Keys further apart than this are no code, whatever else speaks for it: a code that is known by
/// its prefix, or one that a busy device was slow to take in.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// The fewest keys that nobody can have typed if most of them came fast.
const UNCLEAR_LENGTH_MIN: usize = 8;
/// One pause in so many may be too long before nothing speaks for a scanner any more.
const UNCLEAR_SHARE: usize = 5;

/// A key that ends a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminator {
    /// Carriage return: Enter.
    Cr,
    /// Line feed.
    Lf,
    /// Tab.
    Tab,
}

impl Terminator {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Cr, Self::Lf, Self::Tab];

    /// The name, as in a file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cr => "CR",
            Self::Lf => "LF",
            Self::Tab => "Tab",
        }
    }
}

/// How this scanner types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WedgeSettings {
    /// The longest pause between two keys of one scan.
    pub gap: Duration,
    /// The fewest characters of a scan, without prefix.
    pub length_min: usize,
    /// The most characters of a scan.
    pub length_max: usize,
    /// What the scanner puts before each code, if anything; taken off again.
    pub prefix: Option<String>,
    /// The keys that end a scan.
    pub terminators: Vec<Terminator>,
}

impl Default for WedgeSettings {
    fn default() -> Self {
        Self {
            gap: Duration::from_millis(60),
            length_min: 4,
            length_max: 512,
            prefix: None,
            terminators: Terminator::ALL.to_vec(),
        }
    }
}

/// One key as it was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WedgeKey {
    /// One that writes a character, control characters among them.
    Character(char),
    /// One that may end a scan.
    Terminator(Terminator),
    /// One that repeats because it is held down. No scanner holds a key.
    Held,
    /// Any other: Shift, a trigger, a function key. It is no part of a code and ends none.
    Other,
}

/// A recognised scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The code, without prefix and terminator.
    pub code: String,
    /// What ended it; `None` for silence.
    pub terminator: Option<Terminator>,
    /// The longest pause between two of its keys.
    pub longest_gap: Duration,
    /// Whether the configured prefix came before it.
    pub has_prefix: bool,
}

/// What the keys so far came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A scan.
    Scan(Scan),
    /// The same code as within the last second: to be told from a fresh one, and otherwise ignored.
    SameAgain,
    /// A scan longer than any code may be.
    TooLong,
    /// A scan with a pause in it: keys may be missing, or a person's among them.
    Unclear,
    /// Keys that a person typed, complete after a silence.
    Typed(String),
}

impl Heard {
    /// Whether a scanner typed it, so that a text field must be put back as it was.
    pub fn is_scan(&self) -> bool {
        !matches!(self, Self::Typed(_))
    }
}

/// What a key means for whoever would otherwise get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// Whether this key is the first of a run: whoever shows text fields remembers their text now.
    pub begins: bool,
    /// Whether the key ends here: it is part of a scan and not for a text field or a button.
    pub is_swallowed: bool,
    /// Whether it is a terminator that came as fast after other keys as a scanner types, though they
    /// were no scan: too few of them.
    pub ends_fast_keys: bool,
    /// What the keys so far came to, if that is known now.
    pub heard: Option<Heard>,
}

impl Pressed {
    const PASSED_ON: Self =
        Self { begins: false, is_swallowed: false, ends_fast_keys: false, heard: None };

    fn swallowed(heard: Option<Heard>) -> Self {
        Self { is_swallowed: true, heard, ..Self::PASSED_ON }
    }
}

/// The keys since the last silence or terminator.
#[derive(Clone, Debug, Default)]
struct Run {
    text: String,
    /// In characters.
    length: usize,
    last_key: Duration,
    longest_gap: Duration,
    /// How many pauses were longer than a scanner's.
    long_gaps: usize,
    has_held_key: bool,
    is_too_long: bool,
}

impl Run {
    /// A key came at this time; a scanner's pauses are at most this long.
    fn keep_pace(&mut self, at: Duration, gap_max: Duration) {
        let gap = at.saturating_sub(self.last_key);
        self.longest_gap = self.longest_gap.max(gap);
        self.long_gaps += usize::from(gap > gap_max);
        self.last_key = at;
    }
}

/// The end of the last scan.
#[derive(Clone, Copy, Debug)]
enum Ended {
    ByTerminator(Duration),
    /// With the time of its last key.
    BySilence(Duration),
}

impl Ended {
    /// Whether a terminator at `at` belongs to that scan.
    fn owns_terminator(self, at: Duration) -> bool {
        match self {
            Self::ByTerminator(end) => at.saturating_sub(end) <= SECOND_TERMINATOR,
            Self::BySilence(last_key) => at.saturating_sub(last_key) <= LATE_TERMINATOR,
        }
    }
}

/// Listens to the keys of the whole window.
#[derive(Clone, Debug, Default)]
pub struct KeyboardWedge {
    settings: WedgeSettings,
    run: Option<Run>,
    last_scan: Option<(String, Duration)>,
    ended: Option<Ended>,
}

impl KeyboardWedge {
    /// A listener for a scanner that types so.
    pub fn new(settings: WedgeSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Whether keys came that are not yet known to be a scan or typed; [`Self::silence`] must be
    /// called [`SILENCE`] after the last of them.
    pub fn is_running(&self) -> bool {
        self.run.is_some()
    }

    /// Takes a key in that was pressed at `at`.
    pub fn press(&mut self, key: WedgeKey, at: Duration) -> Pressed {
        let ended_before = self.ended.take();
        match key {
            WedgeKey::Other => {
                self.ended = ended_before;
                Pressed::PASSED_ON
            }
            WedgeKey::Held => {
                if let Some(run) = self.run.as_mut() {
                    run.has_held_key = true;
                    run.last_key = at;
                }
                Pressed::PASSED_ON
            }
            WedgeKey::Terminator(terminator) => {
                if let Some(end) = ended_before.filter(|end| end.owns_terminator(at)) {
                    if matches!(end, Ended::BySilence(_)) {
                        self.ended = Some(Ended::ByTerminator(at));
                    }
                    return Pressed::swallowed(None);
                }
                self.terminator(terminator, at)
            }
            WedgeKey::Character(character) => self.character(character, at),
        }
    }

    /// No key came for [`SILENCE`] before `at`: what the keys were, if there were any.
    pub fn silence(&mut self, at: Duration) -> Option<Heard> {
        let run = self.run.as_ref()?;
        let is_over = at.saturating_sub(run.last_key) >= SILENCE;
        // A prefixed code goes on until its terminator.
        let goes_on = self.has_prefix(run) && at.saturating_sub(run.last_key) < PAUSE_MAX;
        if !is_over || goes_on && self.expects_terminator() {
            return None;
        }
        let run = self.run.take()?;
        let last_key = run.last_key;
        let heard = self.judge(run, None, at);
        if heard.is_scan() {
            self.ended = Some(Ended::BySilence(last_key));
        }
        Some(heard)
    }

    /// Takes a key in that is a part of a character on its way: it comes at the pace of the others, and
    /// writes nothing by itself.
    pub fn press_part(&mut self, at: Duration) {
        if let Some(run) = self.run.as_mut() {
            run.keep_pace(at, self.settings.gap);
        }
    }

    fn expects_terminator(&self) -> bool {
        !self.settings.terminators.is_empty()
    }

    fn character(&mut self, character: char, at: Duration) -> Pressed {
        // Nobody has witnessed a silence, so a longer pause than that may be the device's own: what
        // follows must not be taken for the whole of a code.
        let continues =
            self.run.as_ref().is_some_and(|run| at.saturating_sub(run.last_key) <= PAUSE_MAX);
        let begins = !continues;
        let length_max = self.settings.length_max.saturating_add(self.prefix_length());
        let mut run = match self.run.take() {
            Some(run) if continues => run,
            _ => Run { last_key: at, ..Run::default() },
        };
        run.keep_pace(at, self.settings.gap);
        run.length += 1;
        if run.length > length_max {
            run.is_too_long = true;
        } else {
            run.text.push(character);
        }
        // Whatever it is, it is no longer typing: a text field is spared the rest.
        let is_swallowed = run.is_too_long && self.is_fast(&run);
        self.run = Some(run);
        Pressed { begins, is_swallowed, ..Pressed::PASSED_ON }
    }

    fn terminator(&mut self, terminator: Terminator, at: Duration) -> Pressed {
        let is_configured = self.settings.terminators.contains(&terminator);
        let Some(run) = self.run.take() else { return Pressed::PASSED_ON };
        let pause = at.saturating_sub(run.last_key);
        let is_in_time = pause <= LATE_TERMINATOR || self.has_prefix(&run);
        let is_of_scanner = self.is_scan(&run) || self.is_unclear(&run);
        if !is_configured || !is_in_time || !is_of_scanner {
            let ends_fast_keys = pause <= SILENCE;
            return Pressed { ends_fast_keys, ..Pressed::PASSED_ON };
        }
        self.ended = Some(Ended::ByTerminator(at));
        let heard = self.judge(run, Some(terminator), at);
        Pressed::swallowed(Some(heard))
    }

    fn judge(&mut self, run: Run, terminator: Option<Terminator>, at: Duration) -> Heard {
        if !self.is_scan(&run) {
            return if self.is_unclear(&run) { Heard::Unclear } else { Heard::Typed(run.text) };
        }
        if run.is_too_long {
            return Heard::TooLong;
        }
        let has_prefix = self.has_prefix(&run);
        let code = match &self.settings.prefix {
            Some(prefix) if has_prefix => run.text.chars().skip(prefix.chars().count()).collect(),
            _ => run.text,
        };
        let is_repeat = self
            .last_scan
            .as_ref()
            .is_some_and(|(last, when)| *last == code && at.saturating_sub(*when) <= REPEAT);
        self.last_scan = Some((code.clone(), at));
        if is_repeat {
            return Heard::SameAgain;
        }
        Heard::Scan(Scan { code, terminator, longest_gap: run.longest_gap, has_prefix })
    }

    fn is_scan(&self, run: &Run) -> bool {
        let prefixed = self.has_prefix(run) && run.length > self.prefix_length();
        prefixed || run.length >= self.settings.length_min && self.is_fast(run)
    }

    /// Whether most of the keys came as from a scanner, and some did not: neither a code nor typing.
    fn is_unclear(&self, run: &Run) -> bool {
        !self.is_scan(run)
            && !run.has_held_key
            && run.length >= UNCLEAR_LENGTH_MIN.max(self.settings.length_min)
            && run.long_gaps * UNCLEAR_SHARE <= run.length
    }

    fn is_fast(&self, run: &Run) -> bool {
        run.longest_gap <= self.settings.gap && !run.has_held_key
    }

    fn has_prefix(&self, run: &Run) -> bool {
        let prefix = self.settings.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        prefix.is_some_and(|prefix| run.text.starts_with(prefix))
    }

    fn prefix_length(&self) -> usize {
        self.settings.prefix.as_ref().map_or(0, |prefix| prefix.chars().count())
    }
}

#[cfg(test)]
mod tests;
