//! How a worker wants the window to look, to speak and to sound.

/// The colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// The hardest contrast, for the yard.
    Sunlight,
}

impl Theme {
    /// Every one, with its name in files.
    pub const ALL: [(&'static str, Self); 4] = [
        ("auto", Self::Auto),
        ("light", Self::Light),
        ("dark", Self::Dark),
        ("sunlight", Self::Sunlight),
    ];
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// As the system has it.
    #[default]
    Auto,
    /// English.
    English,
    /// German.
    German,
    /// Polish.
    Polish,
    /// Romanian.
    Romanian,
    /// French.
    French,
    /// Dutch.
    Dutch,
    /// Italian.
    Italian,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every one, with its name in files: `auto`, or its code by ISO 639-1.
    pub const ALL: [(&'static str, Self); 9] = [
        ("auto", Self::Auto),
        ("en", Self::English),
        ("de", Self::German),
        ("pl", Self::Polish),
        ("ro", Self::Romanian),
        ("fr", Self::French),
        ("nl", Self::Dutch),
        ("it", Self::Italian),
        ("es", Self::Spanish),
    ];

    /// The name in files.
    pub fn code(self) -> &'static str {
        name_of(&Self::ALL, self)
    }

    /// The language that a locale such as `de_DE.UTF-8` asks for; English if it is not spoken.
    pub fn of_locale(locale: &str) -> Self {
        let code = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        let is_asked = |name: &str| name != "auto" && code.eq_ignore_ascii_case(name);
        let found = Self::ALL.iter().find(|(name, _)| is_asked(name));
        found.map_or(Self::English, |(_, language)| *language)
    }
}

/// The size of texts, as a factor of 1.0 to 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextScale(u16);

impl TextScale {
    /// As designed.
    pub const NORMAL: Self = Self(100);

    /// A factor in hundredths; `None` if it is not from 100 to 200.
    pub const fn of_percent(percent: u16) -> Option<Self> {
        if matches!(percent, 100..=200) { Some(Self(percent)) } else { None }
    }

    /// The factor in hundredths: 100 to 200.
    pub const fn percent(self) -> u16 {
        self.0
    }

    /// The factor.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }
}

impl Default for TextScale {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// How loud sounds are: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume(u8);

impl Volume {
    /// Loud enough for an aisle.
    pub const DEFAULT: Self = Self(80);

    /// A volume in percent; `None` if it is more than 100.
    pub const fn of_percent(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// 0 is silence, 100 the device's loudest.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl Default for Volume {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// One choice of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// Of the colours.
    Theme(Theme),
    /// Of the language.
    Language(Language),
    /// Of the size of texts.
    TextScale(TextScale),
    /// Of the volume.
    Volume(Volume),
}

impl Preference {
    /// What is chosen, and the choice, as they stand in the database.
    pub fn to_parts(self) -> (&'static str, String) {
        match self {
            Self::Theme(theme) => ("theme", name_of(&Theme::ALL, theme).to_owned()),
            Self::Language(language) => ("language", language.code().to_owned()),
            Self::TextScale(scale) => ("text_scale", scale.percent().to_string()),
            Self::Volume(volume) => ("sound", volume.percent().to_string()),
        }
    }

    /// Reads what [`Self::to_parts`] wrote; `None` for what this version does not know.
    pub fn of_parts(name: &str, value: &str) -> Option<Self> {
        match name {
            "theme" => named(&Theme::ALL, value).map(Self::Theme),
            "language" => named(&Language::ALL, value).map(Self::Language),
            "text_scale" => TextScale::of_percent(value.parse().ok()?).map(Self::TextScale),
            "sound" => Volume::of_percent(value.parse().ok()?).map(Self::Volume),
            _ => None,
        }
    }
}

/// What a worker has chosen; `None` stands for whatever the device is configured for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The colours.
    pub theme: Option<Theme>,
    /// The language.
    pub language: Option<Language>,
    /// The size of texts.
    pub text_scale: Option<TextScale>,
    /// How loud sounds are.
    pub volume: Option<Volume>,
}

impl Preferences {
    /// Takes a choice over.
    pub fn choose(&mut self, preference: Preference) {
        match preference {
            Preference::Theme(theme) => self.theme = Some(theme),
            Preference::Language(language) => self.language = Some(language),
            Preference::TextScale(scale) => self.text_scale = Some(scale),
            Preference::Volume(volume) => self.volume = Some(volume),
        }
    }
}

fn name_of<T: Copy + PartialEq>(all: &[(&'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, one)| *one == wanted).map_or("auto", |(name, _)| name)
}

fn named<T: Copy>(all: &[(&str, T)], wanted: &str) -> Option<T> {
    all.iter().find(|(name, _)| *name == wanted).map(|(_, one)| *one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_reads_as_it_was_written() {
        let themes = Theme::ALL.map(|(_, theme)| Preference::Theme(theme));
        let languages = Language::ALL.map(|(_, language)| Preference::Language(language));
        let others = [
            Preference::TextScale(TextScale::of_percent(130).unwrap()),
            Preference::Volume(Volume::of_percent(0).unwrap()),
        ];
        for choice in themes.into_iter().chain(languages).chain(others) {
            let (name, value) = choice.to_parts();

            assert_eq!(Preference::of_parts(name, &value), Some(choice));
        }
    }

    #[test]
    fn what_no_version_writes_is_no_choice() {
        for (name, value) in [
            ("theme", "pink"),
            ("text_scale", "99"),
            ("text_scale", "201"),
            ("sound", "101"),
            ("", ""),
        ] {
            assert_eq!(Preference::of_parts(name, value), None, "{name} {value}");
        }
    }

    #[test]
    fn a_locale_names_a_language() {
        for (locale, language) in [
            ("de_DE.UTF-8", Language::German),
            ("pl", Language::Polish),
            ("RO-ro", Language::Romanian),
            ("es_MX@euro", Language::Spanish),
            ("C", Language::English),
            ("auto", Language::English),
            ("sv_SE", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
