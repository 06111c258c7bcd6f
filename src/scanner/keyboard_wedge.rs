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
/// A code that is known by its prefix may take this long from key to key: the prefix beats timing,
/// but not for ever.
const PREFIXED_PAUSE_MAX: Duration = Duration::from_secs(2);

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
    has_held_key: bool,
    is_too_long: bool,
}

/// Listens to the keys of the whole window.
#[derive(Clone, Debug, Default)]
pub struct KeyboardWedge {
    settings: WedgeSettings,
    run: Option<Run>,
    last_scan: Option<(String, Duration)>,
    ended_by_terminator: Option<Duration>,
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
        let ended_before = self.ended_by_terminator.take();
        match key {
            WedgeKey::Other => {
                self.ended_by_terminator = ended_before;
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
                let is_second =
                    ended_before.is_some_and(|end| at.saturating_sub(end) <= SECOND_TERMINATOR);
                if is_second {
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
        let goes_on = self.has_prefix(run) && at.saturating_sub(run.last_key) < PREFIXED_PAUSE_MAX;
        if !is_over || goes_on && self.expects_terminator() {
            return None;
        }
        let run = self.run.take()?;
        Some(self.judge(run, None, at))
    }

    fn expects_terminator(&self) -> bool {
        !self.settings.terminators.is_empty()
    }

    fn character(&mut self, character: char, at: Duration) -> Pressed {
        let continues = self.run.as_ref().is_some_and(|run| {
            let pause = at.saturating_sub(run.last_key);
            let longest = if self.may_get_prefix(run) { PREFIXED_PAUSE_MAX } else { SILENCE };
            pause <= longest
        });
        let begins = !continues;
        let length_max = self.settings.length_max.saturating_add(self.prefix_length());
        let mut run = match self.run.take() {
            Some(run) if continues => run,
            _ => Run { last_key: at, ..Run::default() },
        };
        run.longest_gap = run.longest_gap.max(at.saturating_sub(run.last_key));
        run.last_key = at;
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
        let is_in_time = pause <= self.settings.gap || self.has_prefix(&run);
        if !is_configured || !is_in_time || !self.is_scan(&run) {
            let ends_fast_keys = pause <= self.settings.gap;
            return Pressed { ends_fast_keys, ..Pressed::PASSED_ON };
        }
        self.ended_by_terminator = Some(at);
        let heard = self.judge(run, Some(terminator), at);
        Pressed::swallowed(Some(heard))
    }

    fn judge(&mut self, run: Run, terminator: Option<Terminator>, at: Duration) -> Heard {
        if !self.is_scan(&run) {
            return Heard::Typed(run.text);
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

    fn is_fast(&self, run: &Run) -> bool {
        run.longest_gap <= self.settings.gap && !run.has_held_key
    }

    fn has_prefix(&self, run: &Run) -> bool {
        let prefix = self.settings.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        prefix.is_some_and(|prefix| run.text.starts_with(prefix))
    }

    /// Whether the keys so far are the prefix, or its beginning.
    fn may_get_prefix(&self, run: &Run) -> bool {
        let prefix = self.settings.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        prefix.is_some_and(|prefix| run.text.starts_with(prefix) || prefix.starts_with(&run.text))
    }

    fn prefix_length(&self) -> usize {
        self.settings.prefix.as_ref().map_or(0, |prefix| prefix.chars().count())
    }
}

#[cfg(test)]
mod tests;
