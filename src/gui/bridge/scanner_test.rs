//! The scanner's test page, from the presenter's values to Slint's.

use std::rc::Rc;

use slint::{ModelRc, SharedString, VecModel};

use super::{convert, ui};
use crate::app::keyboard_wedge::Terminator;
use crate::app::state::ScanMeaning;
use crate::app::trial::{End, Outcome};
use crate::gui::presenter::view::{AdviceKind, AdviceView, ScannerTestView};

fn milliseconds(number: u128) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl From<&ScannerTestView> for ui::ScannerTestView {
    fn from(view: &ScannerTestView) -> Self {
        let advice: Vec<ui::AdviceItem> = view.advice.iter().map(Into::into).collect();
        let (meaning, name, failure) = match &view.meaning {
            None => (ui::ScanMeaningKind::None, "", None),
            Some(ScanMeaning::Warehouse(name)) => {
                (ui::ScanMeaningKind::Warehouse, name.as_str(), None)
            }
            Some(ScanMeaning::SetUpCode) => (ui::ScanMeaningKind::SetUpCode, "", None),
            Some(ScanMeaning::Nothing(kind)) => (ui::ScanMeaningKind::Nothing, "", Some(*kind)),
        };
        let common = Self {
            advice: ModelRc::from(Rc::new(VecModel::from(advice))),
            meaning,
            meaning_name: name.into(),
            meaning_error: convert::error(failure),
            ..Self::default()
        };
        let Some(arrived) = &view.arrived else { return common };
        Self {
            has_arrived: true,
            text: SharedString::from(&arrived.text),
            length: convert::int(arrived.length),
            mean_ms: milliseconds(arrived.mean_ms),
            longest_ms: milliseconds(arrived.longest_ms),
            end: match arrived.end {
                End::Terminator(Terminator::Cr | Terminator::Lf) => ui::ScanEndKind::Enter,
                End::Terminator(Terminator::Tab) => ui::ScanEndKind::Tab,
                End::Silence => ui::ScanEndKind::Silence,
            },
            outcome: match arrived.outcome {
                Outcome::Scan => ui::ScanOutcomeKind::Scan,
                Outcome::SameAgain => ui::ScanOutcomeKind::SameAgain,
                Outcome::TooLong => ui::ScanOutcomeKind::TooLong,
                Outcome::Unclear => ui::ScanOutcomeKind::Unclear,
                Outcome::Typed => ui::ScanOutcomeKind::Typed,
            },
            ..common
        }
    }
}

impl From<&AdviceView> for ui::AdviceItem {
    fn from(advice: &AdviceView) -> Self {
        Self {
            kind: advice.kind.into(),
            number: i32::try_from(advice.number).unwrap_or(i32::MAX),
            text: SharedString::from(&advice.text),
        }
    }
}

convert::same_names!(AdviceKind => ui::AdviceKind:
    AllWell, LongGap, NoTerminator, OtherTerminator, TooShort, TooLong, NoPrefix, UnexpectedPrefix,
    HeldKey, ByHand, KeyboardLayout, CapsLock, Doubled);
