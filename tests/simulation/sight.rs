//! One profile on one device, as the reference sees it: what was asked for, told and sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wareswitch::domain::assignment::Assignment;
use wareswitch::domain::change::{Attempt, ChangeState};
use wareswitch::domain::ids::{AttemptId, Seq};
use wareswitch::domain::time::Reading;
use wareswitch::glue::GlueFailure;

use super::actions::{Action, Stood};
use super::backend::{Places, place};
use super::executor::Owner;
use super::network::Request;

/// An attempt of unknown outcome may take effect that long, with a margin for a slow disk.
const LATE_EFFECT: Duration = Duration::from_secs(90 + 5);
/// Within this time it certainly may.
const LATE_EFFECT_LEAST: Duration = Duration::from_secs(90 - 5);
/// So many of the last lists are remembered.
const LISTS_MAX: usize = 8;

/// A complete list, as a device heard it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) active: Places,
    pub(crate) asked_at: Duration,
    pub(crate) answered_at: Reading,
}

/// A PATCH of this profile that a list need not show yet.
#[derive(Clone, Debug)]
struct Own {
    id: AttemptId,
    owner: Owner,
    place: usize,
    sent_at: Duration,
    answered: Option<Answered>,
    /// Heard, but not known to be written down.
    heard: Option<Answered>,
    /// Whether its engine ended between the hearing and the writing, or just after it.
    is_perhaps_written: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    /// It has done what it will do.
    At(Duration),
    /// It has done nothing, and will not.
    NoEffect,
}

/// What a worker last asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Nothing that could be held against the server.
    Anything,
    /// This, and nothing else, is active in the end.
    Exactly(Places),
}

/// One profile on one device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    /// The last lists that came, oldest first.
    pub(crate) lists: Vec<Told>,
    /// When the last list that was judged came.
    judged: Option<Reading>,
    /// What the worker could know when they wished that, or was shown since: by change.
    excused: BTreeMap<Seq, Places>,
    own: Vec<Own>,
    pub(crate) word: Option<Word>,
    /// The wished place of each recorded change (`None`: leave), and when it was recorded.
    pub(crate) wishes: BTreeMap<Seq, (Option<usize>, Duration)>,
    shown_before: BTreeMap<Seq, Option<Places>>,
    pub(crate) states: BTreeMap<Seq, ChangeState>,
    /// The changes that the server refused.
    pub(crate) refused: BTreeSet<Seq>,
    /// The changes that a person gave up.
    given_up: BTreeSet<Seq>,
    /// All up to this one were given up together.
    all_given_up_until: Option<Seq>,
}

impl Sight {
    /// Whether no attempt may still take effect.
    pub(crate) fn is_certain(&self) -> bool {
        self.own.is_empty()
    }

    /// Whether a list came that was asked for once nothing sent could take effect any more.
    pub(crate) fn has_looked_late(&self) -> bool {
        let Some(last) = self.lists.last() else { return self.own.is_empty() };
        let is_looked_after =
            |own: &Own| own.is_perhaps_written || last.asked_at >= own.sent_at + LATE_EFFECT_LEAST;
        self.own.iter().all(is_looked_after)
    }

    /// Whether a person gave a change up.
    pub(crate) fn is_given_up(&self, seq: Seq) -> bool {
        self.given_up.contains(&seq) || Some(seq) <= self.all_given_up_until
    }

    pub(super) fn gives_up(&mut self, seq: Seq) {
        self.given_up.insert(seq);
    }

    /// A person gives up everything that has not settled.
    pub(super) fn gives_up_until(&mut self, newest: Option<Seq>) {
        self.all_given_up_until = self.all_given_up_until.max(newest);
    }

    /// What the worker saw before they recorded this change.
    pub(super) fn shown_before(&self, seq: Seq) -> Option<Places> {
        self.shown_before.get(&seq).cloned().flatten()
    }

    /// The worker was shown this before they insisted on a change.
    pub(super) fn knows(&mut self, seq: Seq, shown: Places) {
        self.excused.insert(seq, shown);
    }

    /// What the server has becomes the base of a change.
    pub(super) fn takes_for_base(&mut self, seq: Seq) {
        let active = self.lists.last().map(|told| told.active.clone());
        self.excused.insert(seq, active.unwrap_or_default());
    }

    /// A complete list comes.
    pub(super) fn hears(&mut self, rows: &[Assignment], asked_at: Duration, answered_at: Reading) {
        let active = rows.iter().filter(|row| row.is_active);
        let active = active.map(|row| place(row.warehouse.uuid)).collect();
        if self.lists.len() >= LISTS_MAX {
            self.lists.remove(0);
        }
        self.lists.push(Told { active, asked_at, answered_at });
    }

    /// A PATCH leaves.
    pub(super) fn sends(&mut self, attempt: &Attempt, request: &Request) {
        self.own.push(Own {
            id: attempt.id,
            owner: request.owner,
            place: place(attempt.warehouse_uuid),
            sent_at: request.asked_at,
            answered: None,
            heard: None,
            is_perhaps_written: false,
        });
    }

    /// Its answer comes.
    pub(super) fn hears_of(
        &mut self,
        attempt: AttemptId,
        failure: Option<&GlueFailure>,
        now: Duration,
    ) {
        let heard = match failure {
            None | Some(GlueFailure::Refused { .. }) => Some(Answered::At(now)),
            Some(failure) if is_without_effect(failure) => Some(Answered::NoEffect),
            Some(_) => None,
        };
        if let Some(own) = self.own.iter_mut().find(|own| own.id == attempt) {
            own.heard = heard;
        }
    }

    /// What a process has heard is written down now, or could not be.
    pub(super) fn note(&mut self, owner: Owner, is_stored: bool) {
        for own in self.own.iter_mut().filter(|own| own.owner == owner) {
            let heard = own.heard.take();
            if is_stored {
                own.answered = heard.or(own.answered);
            }
        }
        self.own.retain(|own| own.answered != Some(Answered::NoEffect));
    }

    /// Engines end: what they heard and are not known to have written down is unknown, unless they
    /// wrote it after all.
    pub(super) fn ended(&mut self, is_over: impl Fn(Owner) -> bool) {
        for own in self.own.iter_mut().filter(|own| is_over(own.owner)) {
            own.is_perhaps_written |= own.heard.take().is_some();
        }
    }

    /// What an action asks for, as far as it says so itself.
    pub(super) fn asked_for(&self, action: Action, stood: &Stood) -> Option<Places> {
        match action {
            Action::Switch(place) => Some(Places::from([place])),
            Action::Leave => Some(Places::new()),
            Action::Undo(_) | Action::Decide { .. } | Action::Discard => stood.shown.clone(),
        }
    }

    /// A new change: it inherits what its predecessor knew, and knows what a question showed.
    pub(super) fn begin(&mut self, seq: Seq, asked_for: Option<&Places>, stood: &Stood) {
        let inherited = stood.waiting.and_then(|waiting| self.excused.get(&waiting)).cloned();
        let known = match (&stood.question, stood.waiting) {
            (Some(question), _) => question.clone(),
            (None, Some(_)) => inherited.unwrap_or_else(|| stood.server.clone()),
            (None, None) => stood.server.clone(),
        };
        self.excused.insert(seq, known);
        self.shown_before.insert(seq, stood.shown.clone());
        let place = asked_for.and_then(|places| places.first().copied());
        self.wishes.insert(seq, (place, stood.at));
    }

    /// A question was answered.
    pub(super) fn decided(&mut self, seq: Seq, action: Action, stood: Stood) {
        let question = stood.question.unwrap_or_default();
        if let Action::Decide { is_mine: true, .. } = action {
            self.excused.insert(seq, question);
            let wished = self.wishes.get(&seq).map(|(place, _)| place.iter().copied().collect());
            self.word = wished.map(Word::Exactly);
        } else {
            self.gives_up(seq);
            self.word = Some(Word::Exactly(question));
        }
    }

    /// What is active by the last list that the worker could not know when they wished.
    pub(super) fn overwritten(&mut self, seq: Seq, target: usize, wanted_active: bool) -> Places {
        let Some(last) = self.lists.last() else { return Places::new() };
        // A change that nobody recorded is a repair: it knows the list that it came from.
        let known = self.excused.entry(seq).or_insert_with(|| last.active.clone());
        let own: Places = self.own.iter().map(|own| own.place).collect();
        let is_explained = |place: &usize| {
            known.contains(place) || own.contains(place) || (wanted_active && *place == target)
        };
        if wanted_active {
            last.active.iter().copied().filter(|place| !is_explained(place)).collect()
        } else {
            [target].into_iter().filter(|place| !is_explained(place)).collect()
        }
    }

    /// The list that was judged last, if it was not before.
    pub(crate) fn newly_judged(&self, fetched_at: Reading) -> Option<Told> {
        let is_new = self.judged.is_none_or(|judged| {
            (judged.boot_id, judged.since_boot) != (fetched_at.boot_id, fetched_at.since_boot)
        });
        let found = self.lists.iter().find(|told| {
            (told.answered_at.boot_id, told.answered_at.since_boot)
                == (fetched_at.boot_id, fetched_at.since_boot)
        });
        found.filter(|_| is_new).cloned()
    }

    /// Whether nothing that a leave was meant for is active any more.
    pub(crate) fn has_left(&self, seq: Seq, told: &Told) -> bool {
        let known = self.excused.get(&seq);
        let is_own = |place: usize| {
            self.own.iter().any(|own| {
                let age = told.asked_at.saturating_sub(own.sent_at);
                own.place == place && own.answered.is_none() && age < LATE_EFFECT_LEAST
            })
        };
        !told
            .active
            .iter()
            .any(|place| known.is_some_and(|known| known.contains(place)) || is_own(*place))
    }

    /// A list was judged: if all of it is explained it is the new base, and attempts whose effect
    /// it must show are settled.
    pub(crate) fn judge(&mut self, told: &Told, booted_at: Duration) {
        let own: Places = self.own.iter().map(|own| own.place).collect();
        for (seq, known) in &mut self.excused {
            let wished = self.wishes.get(seq).and_then(|(place, _)| *place);
            let is_explained = told.active.iter().all(|place| {
                known.contains(place) || own.contains(place) || wished == Some(*place)
            });
            if is_explained {
                *known = told.active.clone();
            } else {
                known.retain(|place| told.active.contains(place));
            }
        }
        self.own.retain(|own| match own.answered {
            Some(Answered::At(at)) => told.asked_at < at,
            Some(Answered::NoEffect) => false,
            None => told.asked_at.saturating_sub(own.sent_at.max(booted_at)) < LATE_EFFECT,
        });
        self.judged = Some(told.answered_at);
    }
}

/// The answers by which nothing has happened (design section 4, 'Answers').
fn is_without_effect(failure: &GlueFailure) -> bool {
    matches!(
        failure,
        GlueFailure::Offline
            | GlueFailure::Tls(_)
            | GlueFailure::NeedsCode { .. }
            | GlueFailure::TokenOver
            | GlueFailure::NotAuthorized
            | GlueFailure::AccountUnknown
            | GlueFailure::ServerTrouble { outcome_known: true, .. }
    )
}
