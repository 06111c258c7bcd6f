//! The rules: judging what waits by a list, what the worker sees, and keys that may be a scan.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use wareswitch::app::keyboard_wedge::{KeyboardWedge, Terminator, WedgeKey, WedgeSettings};
use wareswitch::domain::change::Origin;
use wareswitch::domain::connection::SyncState;
use wareswitch::domain::ids::{ChangeId, ProfileId, ServerOrigin, UserUuid};
use wareswitch::domain::judge::{Circumstances, Rules, judge};
use wareswitch::domain::outbox::{Outbox, Recording, ServerWord, record_switch};
use wareswitch::domain::preferences::Preferences;
use wareswitch::domain::view::{Activity, ProfileView, Storage};

use crate::table::{self, Table};
use crate::world::{self, LENGTHS, at};

const TURNS: usize = 500;

/// An outbox in which a switch to the second warehouse waits.
fn waiting(count: usize) -> Outbox {
    let list = world::list(count);
    let mut outbox = Outbox {
        server_word: Some(ServerWord { active: Vec::new(), fetched_at: at(10) }),
        named_assignment: list.for_warehouse(world::warehouse(1)).cloned(),
        ..Outbox::empty()
    };
    let id = ChangeId::new(Uuid::from_u128(1));
    record_switch(&mut outbox, Recording { origin: Origin::Tap, now: at(20), id }).unwrap();
    outbox.writes.clear();
    outbox
}

fn judge_once(outbox: &Outbox, list: &wareswitch::domain::assignment::AssignmentList) {
    let circumstances = Circumstances {
        rules: Rules::default(),
        round_of_tap: None,
        may_send: true,
        now: at(21),
        repair_id: ChangeId::new(Uuid::from_u128(2)),
    };
    black_box(judge(&mut outbox.clone(), list, &circumstances));
}

pub(crate) fn judging(table: &mut Table) {
    let outbox = waiting(10);
    let [few, many, most] = LENGTHS.map(world::list);
    let samples = table::measure(
        TURNS,
        [&mut || judge_once(&outbox, &few), &mut || judge_once(&outbox, &many), &mut || {
            judge_once(&outbox, &most)
        }],
    );
    compare_lengths(table, "judging", &samples);
}

/// A line for each length, compared with the shortest.
pub(crate) fn compare_lengths(table: &mut Table, what: &str, samples: &[table::Samples; 3]) {
    let name = format!("{} assignments", LENGTHS[0]);
    for (length, own) in LENGTHS.iter().zip(samples) {
        let what = format!("{what}, {length} assignments");
        table.compare(what, own, (name.as_str(), &samples[0]), "");
    }
}

/// A profile with a list and a change that waits.
pub(crate) fn view(count: usize) -> ProfileView {
    let origin = ServerOrigin::parse("https://glue-backend.de.spryker.local").unwrap();
    ProfileView {
        profile: ProfileId { origin, user: UserUuid::new(Uuid::from_u128(7)) },
        username: "harald@spryker.com".into(),
        snapshot: Some(world::snapshot(count)),
        changes: Arc::from(waiting(10).unsettled),
        sync: SyncState::new(),
        activity: Activity::Idle,
        storage: Storage::Ok,
        preferences: Preferences::default(),
    }
}

pub(crate) fn overlay(table: &mut Table) {
    let [few, many, most] = LENGTHS.map(view);
    let lay = |view: &ProfileView| drop(black_box(view.rows()));
    let samples =
        table::measure(TURNS, [&mut || lay(&few), &mut || lay(&many), &mut || lay(&most)]);
    compare_lengths(table, "overlay", &samples);
}

pub(crate) fn wedge(table: &mut Table) {
    let code: Vec<char> = "https://id.gs1.org/414/4006381333931/254/A7".chars().collect();
    let scan = |wedge: &mut KeyboardWedge, now: &mut Duration| {
        for key in &code {
            *now += Duration::from_millis(5);
            black_box(wedge.press(WedgeKey::Character(*key), *now));
        }
        *now += Duration::from_secs(2);
        let _ = black_box(wedge.press(WedgeKey::Terminator(Terminator::Cr), *now));
    };
    // What any listener must do: remember the keys.
    let keep = |kept: &mut String| {
        kept.clear();
        kept.extend(&code);
        black_box(kept);
    };
    let (mut listener, mut now) = (KeyboardWedge::new(WedgeSettings::default()), Duration::ZERO);
    let mut kept = String::new();
    let [own, least] =
        table::measure(TURNS, [&mut || scan(&mut listener, &mut now), &mut || keep(&mut kept)]);
    let what = format!("wedge detector, a scan of {} keys", code.len());
    table.compare(what, &own, ("keeping the keys", &least), "");
}
