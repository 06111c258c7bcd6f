//! What a scanned code comes to. A scan is a tap on the warehouse that it means.

use crate::config::set_up;
use crate::domain::change::Origin;
use crate::domain::ids::WarehouseUuid;
use crate::error::UserError;
use crate::scanner::code::{self, Unresolved};
use crate::scanner::misreading::misreading;

use super::super::state::{Command, InVain, NoticeKind, ScanMeaning, TriedScan};
use super::Worker;

/// How much of an unknown code is shown, in characters.
const SHOWN_MAX: usize = 40;

impl Worker {
    /// What comes of a scanner.
    pub(super) async fn scanner(&mut self, command: Command) -> Result<(), UserError> {
        match command {
            Command::Scanned { code } if !self.is_scanner_tested => self.scanned(&code).await?,
            Command::Scanned { code } | Command::TryScan { code } => self.try_scan(&code),
            Command::ScannedInVain(why) => self.scanned_in_vain(why),
            Command::TestScanner(is_tested) => self.test_scanner(is_tested),
            _ => {}
        }
        Ok(())
    }

    async fn scanned(&mut self, code: &str) -> Result<(), UserError> {
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

    /// Scans switch nothing while the scanner is tested.
    pub(super) fn test_scanner(&mut self, is_tested: bool) {
        self.is_scanner_tested = is_tested;
        self.state.tried_scan = None;
    }

    /// Says what a code means, and does nothing.
    fn try_scan(&mut self, code: &str) {
        let snapshot = self.state.profile.as_ref().and_then(|view| view.snapshot.clone());
        let aliases = &self.device.config().aliases.value;
        let resolve = |code: &str| {
            let assignments = snapshot.iter().flat_map(|snapshot| &snapshot.assignments);
            let own = assignments.map(|row| {
                let warehouse = &row.warehouse;
                (*warehouse.uuid.as_uuid(), *row.id.as_uuid(), warehouse.name.as_str())
            });
            code::resolve(code, aliases, own)
        };
        let is_known = |code: &str| resolve(code) != Err(Unresolved::Unknown);
        let (meaning, misreading) = if set_up::looks_like_code(code) {
            (ScanMeaning::SetUpCode, None)
        } else {
            match resolve(code) {
                Ok(warehouse) => {
                    let name = self.warehouse_name(WarehouseUuid::new(warehouse));
                    (ScanMeaning::Warehouse(name.unwrap_or_default()), None)
                }
                Err(unresolved) => {
                    let is_unknown = unresolved == Unresolved::Unknown;
                    let kind = UserError::from(unresolved).kind();
                    let misreading =
                        is_unknown.then(|| misreading(code.trim(), is_known)).flatten();
                    (ScanMeaning::Nothing(kind), misreading)
                }
            }
        };
        let number = self.state.tried_scan.as_ref().map_or(1, |tried| tried.number + 1);
        self.state.tried_scan = Some(TriedScan { number, meaning, misreading });
        self.publish_state();
    }

    fn scanned_in_vain(&mut self, why: InVain) {
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
