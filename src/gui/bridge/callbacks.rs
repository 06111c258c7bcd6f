//! From Slint's callbacks to intents.

use std::rc::Rc;

use slint::platform::Key as SlintKey;
use slint::{ComponentHandle, SharedString};

use super::keys::Modifiers;
use super::{Shared, ui};
use crate::app::Password;
use crate::domain::ids::{Seq, UserUuid, WarehouseUuid};
use crate::domain::preferences::{Preference, TextScale, Volume};
use crate::gui::intent::{Intent, Key};

/// Hears every callback of the window.
pub(super) fn connect(shared: &Rc<Shared>) {
    let app = shared.component.global::<ui::App>();
    connect_changes(shared, &app);
    connect_pages(shared, &app);
    connect_forms(shared, &app);
}

/// A closure that hands an intent on, as long as the window lives.
fn sender(shared: &Rc<Shared>) -> impl Fn(Intent) + 'static {
    let weak = Rc::downgrade(shared);
    move |intent| {
        if let Some(shared) = weak.upgrade() {
            shared.handle(intent);
        }
    }
}

fn connect_changes(shared: &Rc<Shared>, app: &ui::App<'_>) {
    let send = sender(shared);
    app.on_activate(move |id| {
        if let Ok(warehouse) = WarehouseUuid::parse(&id) {
            send(Intent::Activate(warehouse));
        }
    });
    let send = sender(shared);
    app.on_leave(move || send(Intent::Leave));
    let send = sender(shared);
    app.on_undo(move |id| with_seq(&id, |seq| send(Intent::Undo(seq))));
    let send = sender(shared);
    app.on_mark_seen(move |id| with_seq(&id, |seq| send(Intent::MarkSeen(seq))));
    let send = sender(shared);
    app.on_answer(move |index| {
        if let Ok(index) = usize::try_from(index) {
            send(Intent::Answer(index));
        }
    });
    let send = sender(shared);
    app.on_close_question(move || send(Intent::CloseQuestion));
    let send = sender(shared);
    app.on_type_code_digit(move |digit| {
        if let Ok(digit) = u8::try_from(digit) {
            send(Intent::CodeDigit(digit));
        }
    });
    let send = sender(shared);
    app.on_erase_code_digit(move || send(Intent::EraseCodeDigit));
    let send = sender(shared);
    app.on_submit_code(move || send(Intent::SubmitCode));
    let send = sender(shared);
    app.on_send_new_code(move || send(Intent::SendNewCode));
    let send = sender(shared);
    app.on_close_code(move || send(Intent::CloseCode));
    let send = sender(shared);
    app.on_send_now(move || send(Intent::SendNow));
    let send = sender(shared);
    app.on_dismiss_bar(move || send(Intent::DismissBar));
}

fn connect_pages(shared: &Rc<Shared>, app: &ui::App<'_>) {
    let send = sender(shared);
    app.on_open_page(move |page| send(Intent::OpenPage(page.into())));
    let send = sender(shared);
    app.on_open_strip(move || send(Intent::OpenStrip));
    let send = sender(shared);
    app.on_open_sign_in(move || send(Intent::OpenPage(crate::gui::Page::SignIn)));
    let send = sender(shared);
    app.on_back(move || send(Intent::Back));
    let send = sender(shared);
    app.on_search_edited(move |text| send(Intent::Search(text.into())));
    let weak = Rc::downgrade(shared);
    app.on_touched(move || {
        if let Some(shared) = weak.upgrade() {
            // A finger may move what has the focus out of the window.
            shared.refocus();
            shared.handle(Intent::Touched);
        }
    });
    let weak = Rc::downgrade(shared);
    app.on_key_pressed(move |text| weak.upgrade().is_some_and(|shared| shared.key(key_of(&text))));
    let weak = Rc::downgrade(shared);
    app.on_capture_key(move |text, is_repeated, has_shift, has_control, has_alt| {
        let modifiers = Modifiers { has_shift, has_control, has_alt };
        weak.upgrade().is_some_and(|shared| shared.capture_key(&text, is_repeated, modifiers))
    });
    let send = sender(shared);
    app.on_choose_theme(move |theme| send(Intent::Choose(Preference::Theme(theme.into()))));
    let send = sender(shared);
    app.on_choose_language(move |one| send(Intent::Choose(Preference::Language(one.into()))));
    let send = sender(shared);
    app.on_choose_text_scale(move |percent| {
        let scale = u16::try_from(percent).ok().and_then(TextScale::of_percent);
        scale.into_iter().for_each(|scale| send(Intent::Choose(Preference::TextScale(scale))));
    });
    let send = sender(shared);
    app.on_choose_volume(move |percent| {
        let volume = u8::try_from(percent).ok().and_then(Volume::of_percent);
        volume.into_iter().for_each(|volume| send(Intent::Choose(Preference::Volume(volume))));
    });
    let send = sender(shared);
    app.on_ask_sign_out(move || send(Intent::AskSignOut));
    let send = sender(shared);
    app.on_cancel_sign_out(move || send(Intent::CancelSignOut));
    connect_people(shared, app);
    let send = sender(shared);
    app.on_set_demo_offline(move |is_offline| send(Intent::DemoOffline(is_offline)));
    let send = sender(shared);
    app.on_demo_other_device(move || send(Intent::DemoOtherDevice));
}

fn connect_people(shared: &Rc<Shared>, app: &ui::App<'_>) {
    let send = sender(shared);
    app.on_hand_over(move || send(Intent::HandOver));
    let send = sender(shared);
    app.on_choose_user(move |id| {
        if let Ok(user) = UserUuid::parse(&id) {
            send(Intent::ChooseUser(user));
        }
    });
    let send = sender(shared);
    app.on_open_other_sign_in(move || send(Intent::SignInAnother));
    let send = sender(shared);
    app.on_type_pin_digit(move |digit| {
        if let Ok(digit) = u8::try_from(digit) {
            send(Intent::PinDigit(digit));
        }
    });
    let send = sender(shared);
    app.on_erase_pin_digit(move || send(Intent::ErasePinDigit));
    let send = sender(shared);
    app.on_submit_pin(move || send(Intent::SubmitPin));
    let send = sender(shared);
    app.on_open_pin(move || send(Intent::OpenPin));
    let send = sender(shared);
    app.on_remove_pin(move || send(Intent::RemovePin));
    let send = sender(shared);
    app.on_unlock_keyring(move || send(Intent::UnlockKeyring));
}

fn connect_forms(shared: &Rc<Shared>, app: &ui::App<'_>) {
    let send = sender(shared);
    app.on_drop_set_up_code(move || send(Intent::DropSetUpCode));
    let send = sender(shared);
    app.on_save_report(move || send(Intent::SaveReport));
    let send = sender(shared);
    app.on_connect(move |address| send(Intent::Connect(address.into())));
    let send = sender(shared);
    let window = shared.component.as_weak();
    app.on_submit_sign_in(move |username, password| {
        let password = Password::new(String::from(password));
        if let Some(window) = window.upgrade() {
            // It lives for one request only.
            window.global::<ui::App>().set_typed_password(SharedString::new());
        }
        send(Intent::SignIn { username: username.into(), password });
    });
}

fn with_seq(id: &str, then: impl FnOnce(Seq)) {
    if let Ok(number) = id.parse() {
        then(Seq(number));
    }
}

fn key_of(text: &str) -> Key {
    let mut characters = text.chars();
    let (Some(first), None) = (characters.next(), characters.next()) else { return Key::Other };
    let is = |key: SlintKey| char::from(key) == first;
    if is(SlintKey::LeftArrow) {
        Key::Left
    } else if is(SlintKey::RightArrow) {
        Key::Right
    } else if is(SlintKey::UpArrow) {
        Key::Up
    } else if is(SlintKey::DownArrow) {
        Key::Down
    } else if is(SlintKey::Return) {
        Key::Enter
    } else if is(SlintKey::Escape) || is(SlintKey::Back) {
        Key::Back
    } else if is(SlintKey::Backspace) || is(SlintKey::Delete) {
        Key::Erase
    } else if is_written(first) {
        Key::Text(first.to_digit(10).and_then(|digit| u8::try_from(digit).ok()))
    } else {
        Key::Other
    }
}

/// Slint tells keys without a character as control characters and as private ones.
fn is_written(character: char) -> bool {
    !character.is_control() && !('\u{e000}'..='\u{f8ff}').contains(&character)
}
