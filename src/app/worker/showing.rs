//! What is told to the window: the state, notices, the undo offer.

use std::sync::Arc;

use crate::domain::change::{Change, ChangeState, Reason};
use crate::domain::ids::{Seq, WarehouseUuid};
use crate::domain::protection::PinState;
use crate::domain::time::Moment;
use crate::domain::view::{ProfileView, Storage};

use super::super::feedback::Signal;
use super::super::running::{Running, TokenSeen};
use super::super::state::{Notice, NoticeKind};
use super::{Input, UNDO_OFFER, Worker};

impl Worker {
    pub(super) fn warehouse_name(&self, warehouse: WarehouseUuid) -> Option<String> {
        let snapshot = self.state.profile.as_ref()?.snapshot.as_ref()?;
        let row = snapshot.assignments.iter().find(|row| row.warehouse.uuid == warehouse)?;
        Some(row.warehouse.name.clone())
    }

    pub(super) fn notice(&mut self, kind: NoticeKind, warehouse_name: Option<String>) {
        self.notices += 1;
        self.state.notice = Some(Notice { number: self.notices, kind, warehouse_name });
        self.signal(Signal::of(kind));
        if let NoticeKind::NotAccepted(kind) = kind
            && kind.is_of_disk()
        {
            self.saving_failed();
        }
    }

    /// Lets the worker hear and feel an outcome, as loudly as they want it.
    pub(super) fn signal(&self, signal: Signal) {
        let sound = &self.device.config().sound;
        let chosen = self.state.profile.as_ref().and_then(|profile| profile.preferences.volume);
        let volume = chosen.filter(|_| !sound.is_locked()).unwrap_or(sound.value);
        self.feedback.give(signal, volume.percent());
    }

    pub(super) fn notice_moved(&mut self, change: &Change) {
        let name = change.wish.target().map(|target| target.warehouse_name.clone());
        match (change.state, &change.reason) {
            (ChangeState::Rejected, _) => self.notice(NoticeKind::RefusedLater, name),
            (ChangeState::Confirmed, Some(Reason::ActiveElsewhere { warehouse_names })) => {
                self.notice(NoticeKind::ActiveElsewhere, warehouse_names.first().cloned());
            }
            (ChangeState::Confirmed, Some(Reason::Replaced { .. })) => {
                self.notice(NoticeKind::Replaced, name);
                self.offer_undo(change.seq);
            }
            // It opens by itself, and the worker may look elsewhere.
            (ChangeState::NeedsDecision, _) => self.signal(Signal::ComesBack),
            _ => {}
        }
    }

    pub(super) fn offer_undo(&mut self, seq: Seq) {
        self.state.undo = Some(seq);
        let (mailbox, number) = (self.mailbox.clone(), self.notices);
        tokio::spawn(async move {
            tokio::time::sleep(UNDO_OFFER).await;
            mailbox.put(Input::UndoOver(number));
        });
    }

    /// Reads everything again and shows it.
    pub(super) async fn show(&mut self) {
        let previous = self.state.profile.take();
        if let Some(running) = self.front.as_ref() {
            match running.profile().view_after(previous.as_ref()).await {
                Ok(view) => {
                    let storage = self.saving.shown(view.storage);
                    self.state.profile = Some(ProfileView { storage, ..view });
                }
                Err(error) => {
                    tracing::error!(%error, "the database could not be read");
                    self.state.profile =
                        previous.map(|view| ProfileView { storage: Storage::Failed, ..view });
                }
            }
        }
        self.show_token().await;
        self.state.secrets = self.secrets_note();
        self.publish_state();
    }

    /// Reads who is known on the device as well, which takes a look at each of their databases: for
    /// when somebody comes or goes, not for each tap.
    pub(super) async fn show_people(&mut self) {
        let open = self.front.as_ref().map(Running::profile);
        self.state.users = self.device.known_users(open).await.unwrap_or_default();
        let front = self.front_id();
        let own = self.state.users.iter().find(|user| Some(&user.profile) == front.as_ref());
        let pin = own.map_or(PinState::None, |user| user.pin);
        self.state.pin = self.pin_settings(pin);
        self.state.other_servers =
            self.device.waiting_for_other_servers().await.unwrap_or_default();
        self.show().await;
    }

    pub(super) async fn show_token(&mut self) {
        self.state.is_token_over = false;
        self.state.token_ends_in_minutes = None;
        let Some(running) = self.front.as_mut() else { return };
        let TokenSeen::Read(token) = running.token.clone() else { return };
        let now = running.profile().now().await.unwrap_or(self.state.now);
        self.state.is_token_over = token.as_ref().is_none_or(|token| token.needs_sign_in_at(&now));
        let Some(token) = token.filter(|token| token.is_usable_at(&now)) else { return };
        let Some(left) = token.remaining_at(&now) else { return };
        let warning = token.warning();
        if left <= warning {
            let minutes = u32::try_from(left.as_secs().div_ceil(60)).unwrap_or(u32::MAX);
            self.state.token_ends_in_minutes = Some(minutes);
        }
        let mailbox = self.mailbox.clone();
        running.wake_at_token_deadline(left, warning, move || {
            mailbox.put(Input::TokenDeadline);
        });
    }

    pub(super) fn publish_state(&mut self) {
        let anchor = self.state.profile.as_ref().and_then(|view| view.sync.anchor);
        self.state.now = Moment::new(self.device.platform().clock().read(), anchor.as_ref());
        (self.publish)(Arc::new(self.state.clone()));
    }
}
