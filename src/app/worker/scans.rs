//! What a scanned code comes to. A scan is a tap on the warehouse that it means.

use crate::domain::change::Origin;
use crate::error::UserError;

use super::super::state::{InVain, NoticeKind};
use super::Worker;

/// How much of an unknown code is shown, in characters.
const SHOWN_MAX: usize = 40;

impl Worker {
    pub(super) async fn scanned(&mut self, code: &str) -> Result<(), UserError> {
        let meant = self.profile()?.resolve(code, self.device.config()).await;
        match meant {
            Ok(warehouse) => self.activate(warehouse, Origin::Scan).await,
            Err(error) => {
                // Not the code: what people scan by mistake is nobody's business.
                tracing::info!(kind = error.kind().as_str(), "a scan means no warehouse");
                self.notice(NoticeKind::NotAccepted(error.kind()), Some(readable(code)));
                self.publish_state();
                Ok(())
            }
        }
    }

    pub(super) fn scanned_in_vain(&mut self, why: InVain) {
        let kind = match why {
            InVain::SameAgain => NoticeKind::SameScan,
            InVain::TooLong => NoticeKind::LongScan,
            InVain::Unclear => NoticeKind::UnclearScan,
        };
        self.notice(kind, None);
        self.publish_state();
    }
}

/// The beginning of a code, with a mark where a character can't be shown.
fn readable(code: &str) -> String {
    let shown = |one: char| if one.is_control() { '\u{b7}' } else { one };
    let mut text: String = code.trim().chars().take(SHOWN_MAX).map(shown).collect();
    if code.trim().chars().count() > SHOWN_MAX {
        text.push('\u{2026}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_short_and_without_control_characters() {
        assert_eq!(readable(" Halle\u{1d}7\r"), "Halle\u{b7}7");
        assert_eq!(readable(&"x".repeat(5_000)).chars().count(), SHOWN_MAX + 1);
    }
}
