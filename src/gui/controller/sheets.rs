//! The sheet in front of the page, and what its buttons mean: tapped, or chosen by their digits.

use super::Controller;
use super::window_state::Page;
use crate::app::state::{Command, Decision};
use crate::domain::ids::Seq;
use crate::gui::intent::Intent;
use crate::gui::presenter;
use crate::gui::presenter::view::SignOutView;

/// What covers the page and wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sheet {
    /// The question about this change.
    Question(Seq),
    /// The code of the second factor. Digits are typed into it.
    Code,
    /// What a scanned set-up code would set.
    SetUpCode,
    /// How to sign out.
    SignOut(SignOutView),
}

impl Controller {
    /// The sheet in front, if there is one.
    pub(super) fn sheet(&self) -> Option<Sheet> {
        if self.is_set_up_code_open() {
            return Some(Sheet::SetUpCode);
        }
        let page = presenter::page(&self.state, &self.window);
        if !matches!(page, Page::Home | Page::Outbox | Page::Settings) {
            return None;
        }
        let sign_out = presenter::sign_out(self.state.profile.as_ref(), &self.window);
        if sign_out != SignOutView::Closed {
            return Some(Sheet::SignOut(sign_out));
        }
        if presenter::is_code_open(&self.state, &self.window) {
            return Some(Sheet::Code);
        }
        let question = self.question().filter(|seq| self.window.closed_question != Some(*seq));
        question.map(Sheet::Question)
    }

    /// A button of the sheet in front, counted from 0.
    pub(super) fn answer(&mut self, index: usize) -> Option<Command> {
        let answer = self.answers().into_iter().nth(index)?;
        self.handle(answer)
    }

    /// What the buttons of the sheet in front mean, in the order of `ui/components`.
    fn answers(&self) -> Vec<Intent> {
        let discard = |discard| Intent::SignOut { discard };
        match self.sheet() {
            Some(Sheet::Question(seq)) => {
                vec![Intent::Decide(seq, Decision::Mine), Intent::Decide(seq, Decision::Theirs)]
            }
            Some(Sheet::SetUpCode) => vec![Intent::UseSetUpCode, Intent::DropSetUpCode],
            Some(Sheet::SignOut(SignOutView::NothingWaits)) => {
                vec![discard(false), Intent::CancelSignOut]
            }
            Some(Sheet::SignOut(SignOutView::SomethingWaits)) => {
                vec![discard(false), discard(true), Intent::CancelSignOut]
            }
            Some(Sheet::SignOut(SignOutView::QuestionOpen)) => {
                vec![Intent::AnswerFirst, discard(false), discard(true), Intent::CancelSignOut]
            }
            Some(Sheet::SignOut(SignOutView::Sure)) => vec![Intent::CancelSignOut, discard(true)],
            Some(Sheet::Code | Sheet::SignOut(SignOutView::Closed)) | None => Vec::new(),
        }
    }
}
