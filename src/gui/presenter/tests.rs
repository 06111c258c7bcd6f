use jiff::tz::TimeZone;

use super::view::{BannerView, BarKind, DayView, RowKind, RowMark, StripKind, TimeView};
use super::*;
use crate::app::state::NoticeKind;
use crate::domain::change::{Reason, Wish};
use crate::domain::connection::{Connection, TlsProblem};
use crate::domain::ids::Seq;
use crate::domain::view::{Activity, Storage};
use crate::gui::samples::{self, CLOSED, MANY_NAMES, NAMES, Variations};

fn shown(state: &AppState) -> WindowView {
    shown_with(state, &WindowState::default())
}

fn shown_with(state: &AppState, window: &WindowState) -> WindowView {
    present(state, window, &TimeZone::UTC)
}

fn names(view: &WindowView) -> Vec<&str> {
    view.home.rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn each_connection_has_its_own_strip() {
    let cases = [
        (Connection::Online, StripKind::AllSent),
        (Connection::Unknown, StripKind::AllSent),
        (Connection::Offline, StripKind::Offline),
        (Connection::SignInAgain, StripKind::SignInAgain),
        // Nothing waits for the code, so nobody is asked for it.
        (Connection::NeedsCode, StripKind::AllSent),
        (Connection::ServerTrouble, StripKind::ServerTrouble),
        (Connection::WifiSignIn, StripKind::WifiSignIn),
        (Connection::WrongServer, StripKind::WrongServer),
        (Connection::NotAllowed, StripKind::NotAllowed),
        (
            Connection::TlsFailed(TlsProblem::NameMismatch),
            StripKind::Unsafe(TlsProblem::NameMismatch),
        ),
    ];
    for (connection, kind) in cases {
        let state = samples::signed_in(&NAMES, &["Warehouse1"]).with_connection(connection);

        assert_eq!(shown(&state).strip.kind, kind, "{connection:?}");
    }
}

#[test]
fn a_code_is_asked_for_while_something_waits_for_it() {
    let state = samples::waiting_for("Warehouse2").with_connection(Connection::NeedsCode);

    assert_eq!(shown(&state).strip.kind, StripKind::NeedsCode);
}

fn today(clock: &str) -> Option<TimeView> {
    Some(TimeView { day: DayView::Today, clock: clock.into() })
}

#[test]
fn offline_tells_how_many_wait_since_when_and_how_old_the_list_is() {
    let strip = shown(&samples::waiting_for("Warehouse2")).strip;

    assert_eq!((strip.kind, strip.waiting), (StripKind::Offline, 1));
    assert_eq!(strip.since, today("10:05"));
    assert_eq!(strip.list_from, today("08:14"));
}

#[test]
fn all_sent_is_never_said_while_a_change_waits() {
    for connection in [Connection::Online, Connection::Unknown] {
        let state = samples::waiting_for("Warehouse2").with_connection(connection);

        assert_eq!(shown(&state).strip.kind, StripKind::Sending);
    }
}

#[test]
fn what_cannot_be_saved_comes_before_everything_else() {
    let mut state = samples::asked("Warehouse2", "Halle 2");
    state.profile.as_mut().unwrap().storage = Storage::Failed;

    assert_eq!(shown(&state).strip.kind, StripKind::CannotSave);
}

#[test]
fn a_refusal_that_was_not_seen_needs_the_worker_and_one_that_was_seen_does_not() {
    let reason = Some(Reason::WarehouseClosed);
    let mut refused =
        samples::change(3, samples::target("Warehouse2"), ChangeState::Rejected, reason);
    let state = |change| samples::signed_in(&NAMES, &["Warehouse1"]).with_changes(vec![change]);

    assert_eq!(shown(&state(refused.clone())).strip.kind, StripKind::Refused);
    refused.is_seen = true;
    assert_eq!(shown(&state(refused)).strip.kind, StripKind::AllSent);
}

#[test]
fn sending_is_shown_while_it_happens() {
    let mut state = samples::waiting_for("Warehouse2");
    state.profile.as_mut().unwrap().activity = Activity::Sending;

    assert_eq!(shown(&state).strip.kind, StripKind::Sending);
}

#[test]
fn a_time_of_another_day_says_which() {
    let minutes_a_day = 24 * 60;
    let date = |year| DayView::Date { day: 25, month: 11, year };
    for (days, expected) in [
        (0, DayView::Today),
        (1, DayView::Yesterday),
        (2, date(None)),
        (36, date(None)),
        (37, date(Some(2026))),
        // A clock that was set back.
        (-1, date(None)),
    ] {
        let mut state = samples::signed_in(&NAMES, &[]);
        state.now = samples::moment(days * minutes_a_day);

        let list_from = shown(&state).strip.list_from.unwrap();

        assert_eq!((list_from.day, list_from.clock.as_str()), (expected, "08:14"), "{days}");
    }
}

#[test]
fn times_are_those_of_the_devices_time_zone() {
    let zone = TimeZone::fixed(jiff::tz::offset(1));

    let view = present(&samples::signed_in(&NAMES, &[]), &WindowState::default(), &zone);

    assert_eq!(view.strip.list_from, today("09:14"));
}

#[test]
fn the_active_warehouse_comes_first_and_the_rest_in_the_order_of_names() {
    let view = shown(&samples::signed_in(&MANY_NAMES, &["Warehouse2"]));

    let expected = [
        "Warehouse2",
        "Budget Cameras MER000005 Warehouse 1",
        "Halle 2",
        "Halle 10",
        "Sony Experts MER000006 Warehouse 1",
        "Spryker MER000001 Warehouse 1",
        "Video King MER000002 Warehouse 1",
        "Warehouse1",
        CLOSED,
    ];
    assert_eq!(names(&view), expected);
    assert_eq!(view.home.rows[0].kind, RowKind::Active);
    assert_eq!(view.home.rows[8].kind, RowKind::Closed);
}

#[test]
fn digits_stand_on_what_can_be_tapped_and_nowhere_else() {
    let view = shown(&samples::signed_in(&["Warehouse1", "Warehouse2", CLOSED], &["Warehouse1"]));

    let digits: Vec<_> = view.home.rows.iter().map(|row| row.digit).collect();
    assert_eq!(digits, [None, Some(1), None]);
}

#[test]
fn a_waiting_wish_is_shown_as_active_and_says_that_it_will_be_sent() {
    let view = shown(&samples::waiting_for("Warehouse2"));

    let card = &view.home.rows[0];
    assert_eq!((card.name.as_str(), card.kind), ("Warehouse2", RowKind::Active));
    assert_eq!(card.mark, Some(RowMark::WillBeSent));
    let old = view.home.rows.iter().find(|row| row.name == "Warehouse1").unwrap();
    assert_eq!(old.mark, Some(RowMark::StillActive));
}

#[test]
fn a_waiting_wish_for_a_warehouse_that_is_gone_keeps_its_card() {
    let wish = samples::change(9, samples::target("Gone"), ChangeState::Queued, None);

    let view = shown(&samples::signed_in(&NAMES, &[]).with_changes(vec![wish]));

    assert_eq!(view.home.rows[0].name, "Gone");
    assert_eq!(view.home.rows[0].kind, RowKind::Active);
}

#[test]
fn a_waiting_leave_shows_nothing_as_active() {
    let leave = samples::change(9, Wish::Leave, ChangeState::Queued, None);

    let view = shown(&samples::signed_in(&NAMES, &["Warehouse1"]).with_changes(vec![leave]));

    assert_eq!(view.home.rows[0].kind, RowKind::NothingActive);
    assert_eq!(view.home.rows[0].mark, Some(RowMark::WillBeSent));
}

#[test]
fn two_active_warehouses_are_both_marked_and_both_can_be_tapped() {
    let view = shown(&samples::signed_in(&NAMES, &["Warehouse1", "Halle 2"]));

    assert_eq!(view.strip.kind, StripKind::TwoActive);
    assert_eq!(view.home.rows[0].kind, RowKind::TwoActive);
    for row in &view.home.rows[1..3] {
        assert_eq!((row.mark, row.is_choice()), (Some(RowMark::OneOfTwo), true), "{}", row.name);
    }
}

#[test]
fn the_search_is_there_from_eight_rows_and_ignores_case() {
    let window = WindowState { search: " hALLE ".into(), ..WindowState::default() };

    let many = shown_with(&samples::signed_in(&MANY_NAMES, &["Warehouse1"]), &window);
    let few = shown_with(&samples::signed_in(&NAMES, &["Warehouse1"]), &window);

    assert_eq!(names(&many), ["Warehouse1", "Halle 2", "Halle 10"]);
    assert!(!few.home.is_search_shown);
    assert_eq!(few.home.rows.len(), NAMES.len());
}

#[test]
fn a_search_without_a_result_says_so() {
    let window = WindowState { search: "xyz".into(), ..WindowState::default() };

    let view = shown_with(&samples::signed_in(&MANY_NAMES, &["Warehouse1"]), &window);

    assert_eq!(view.home.rows.last().unwrap().kind, RowKind::NoMatch);
}

#[test]
fn an_empty_page_says_what_is_missing() {
    let none = samples::signed_in(&[], &[]);
    let mut never = samples::signed_in(&NAMES, &[]).with_connection(Connection::Unknown);
    never.profile.as_mut().unwrap().snapshot = None;

    assert_eq!(shown(&none).home.empty, Some(EmptyView::NoneAssigned));
    assert_eq!(shown(&never).home.empty, Some(EmptyView::NeverSynced));
    assert_eq!(shown(&never).strip.kind, StripKind::Fetching);
}

#[test]
fn the_page_is_the_one_that_makes_sense() {
    let set_up = AppState { server: ServerSetting::Missing, ..samples::signed_out() };
    let home = samples::signed_in(&NAMES, &[]);
    let on = |page| WindowState { page: Some(page), ..WindowState::default() };

    assert_eq!(page(&set_up, &on(Page::Outbox)), Page::SetUp);
    assert_eq!(page(&samples::signed_out(), &on(Page::Outbox)), Page::SignIn);
    assert_eq!(page(&samples::signed_out(), &on(Page::SetUp)), Page::SetUp);
    assert_eq!(page(&home, &on(Page::SetUp)), Page::Home);
    assert_eq!(page(&home, &on(Page::Outbox)), Page::Outbox);
}

#[test]
fn a_policy_keeps_the_server_from_being_changed() {
    let server = ServerSetting::Set { origin: samples::origin(), is_locked: true };
    let state = AppState { server, ..samples::signed_out() };
    let window = WindowState { page: Some(Page::SetUp), ..WindowState::default() };

    let view = shown_with(&state, &window);

    assert_eq!(view.page, Page::SignIn);
    assert!(!view.server.can_change);
}

#[test]
fn a_token_that_is_over_asks_to_sign_in_and_keeps_the_list() {
    let state = AppState { is_token_over: true, ..samples::signed_in(&NAMES, &["Warehouse1"]) };

    let view = shown(&state);

    assert_eq!((view.page, view.banner), (Page::Home, Some(BannerView::SignInAgain)));
    assert_eq!(view.strip.kind, StripKind::SignInAgain);
    assert_eq!(view.home.rows.len(), NAMES.len());
}

#[test]
fn a_token_that_ends_soon_is_announced() {
    let state =
        AppState { token_ends_in_minutes: Some(12), ..samples::signed_in(&NAMES, &["Warehouse1"]) };

    assert_eq!(shown(&state).banner, Some(BannerView::TokenEnds { minutes: 12 }));
}

#[test]
fn the_undo_names_the_warehouse_and_bad_news_comes_before_it() {
    let tapped = samples::waiting_for("Warehouse2");
    let failed = tapped
        .clone()
        .with_notice(NoticeKind::NotAccepted(UserErrorKind::StorageFull), Some("Halle 2"));

    let bar = shown(&tapped).bar.unwrap();
    assert_eq!((bar.kind, bar.undo), (BarKind::Switched, Some(Seq(9))));
    assert_eq!(bar.name.as_deref(), Some("Warehouse2"));
    let bar = shown(&failed).bar.unwrap();
    assert_eq!((bar.kind, bar.undo), (BarKind::NotAccepted(UserErrorKind::StorageFull), None));
}

#[test]
fn a_replaced_warehouse_can_be_had_back_at_once() {
    let state = samples::waiting_for("Warehouse2").with_notice(NoticeKind::Replaced, None);

    let bar = shown(&state).bar.unwrap();

    assert_eq!((bar.kind, bar.undo), (BarKind::Replaced, Some(Seq(9))));
}

#[test]
fn the_outbox_offers_what_can_be_done_with_each_change() {
    let state = samples::signed_in(&NAMES, &["Warehouse1"]).with_changes(samples::history());

    let outbox = shown(&state).outbox;

    let offers: Vec<_> = outbox
        .changes
        .iter()
        .map(|change| (change.can_undo, change.can_decide, change.can_mark_seen))
        .collect();
    let nothing = (false, false, false);
    assert_eq!(offers, [(true, false, false), nothing, (false, false, true), nothing, nothing]);
    assert!(outbox.can_send_now);
    assert_eq!(outbox.attention, 2);
    assert!(outbox.changes[2].small_print.starts_with("5202 "));
}

#[test]
fn a_question_has_both_names_and_can_be_put_aside() {
    let state = samples::asked("Warehouse2", "Halle 2");
    let window = WindowState { closed_question: Some(Seq(9)), ..WindowState::default() };

    let question = shown(&state).question.unwrap();

    assert_eq!(question.wished.as_deref(), Some("Warehouse2"));
    assert_eq!(question.active, ["Halle 2"]);
    assert_eq!(question.wished_at, today("10:05"));
    assert_eq!(shown_with(&state, &window).question, None);
    assert_eq!(shown_with(&state, &window).strip.kind, StripKind::NeedsDecision);
}
