//! The window's own keys, for a device that has none.

use std::rc::Rc;

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::{Shared, Window, convert, ui};
use crate::domain::preferences::Language;
use crate::gui::intent::Intent;
use crate::gui::presenter::keypad::{KeypadView, Wanted, keypad};

/// Hears the keypad.
pub(super) fn connect(shared: &Rc<Shared>) {
    let typing = shared.component.global::<ui::Typing>();
    typing.on_keys(|language, is_roomy, is_signs, page, is_shifted| {
        let page = usize::try_from(page).unwrap_or_default();
        let language = language_of(language.into());
        (&keypad(Wanted { language, is_roomy, is_signs, page, is_shifted })).into()
    });
    let weak = Rc::downgrade(shared);
    typing.on_move_focus(move |is_forward| {
        if let Some(shared) = weak.upgrade() {
            shared.move_focus(is_forward);
        }
    });
    let weak = Rc::downgrade(shared);
    typing.on_press(move |text| {
        if let Some(shared) = weak.upgrade() {
            shared.press_on_keypad(&text);
        }
    });
}

fn language_of(chosen: Language) -> Language {
    match chosen {
        Language::Auto => crate::gui::language_of_system().unwrap_or_default(),
        chosen => chosen,
    }
}

impl Window {
    /// Shows keys of the window's own where something is to be typed, or no longer does.
    pub fn set_keypad(&self, has_keypad: bool) {
        self.shared.component.global::<ui::Typing>().set_has_keypad(has_keypad);
    }
}

impl Shared {
    /// However fast the fingers are, it is no scan.
    fn press_on_keypad(self: &Rc<Self>, text: &SharedString) {
        self.press_by_window(text);
        self.handle(Intent::Touched);
    }
}

impl From<&KeypadView> for ui::KeypadView {
    fn from(view: &KeypadView) -> Self {
        let rows = view.rows.iter().map(|row| {
            let keys: Vec<SharedString> = row.iter().map(SharedString::from).collect();
            ModelRc::from(Rc::new(VecModel::from(keys)))
        });
        Self {
            rows: ModelRc::from(Rc::new(VecModel::from(rows.collect::<Vec<_>>()))),
            letters_text: view.letters_text.as_str().into(),
            letters_next: convert::int(view.letters_next),
            signs_text: view.signs_text.as_str().into(),
            signs_next: convert::int(view.signs_next),
        }
    }
}
