//! What the design promises, written from its words and not from `src/domain`: what each worker
//! last asked for, what each device could know when it sends, what it may call confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wareswitch::domain::assignment::Assignment;
use wareswitch::domain::change::ChangeState;
use wareswitch::domain::decide::OnConflict;
use wareswitch::domain::ids::{AttemptId, Seq};
use wareswitch::domain::outbox::{Recorded, Undone};
use wareswitch::domain::time::Reading;
use wareswitch::glue::GlueFailure;

use super::actions::{Action, Came, Stood};
use super::backend::{Places, place};
use super::executor::Owner;
use super::network::{Question, Request};
use super::plan::{Kind, Plan};
use super::world::Key;

/// An attempt of unknown outcome may take effect that long, with a margin for a slow disk.
const LATE_EFFECT: Duration = Duration::from_secs(90 + 5);
/// Within this time it certainly may.
const LATE_EFFECT_LEAST: Duration = Duration::from_secs(90 - 5);
/// A tap's own round begins within this time.
const OWN_ROUND: Duration = Duration::from_secs(30);

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
    pub(crate) given_up: BTreeSet<Seq>,
}

/// The round that an engine is in, and the tap that asked for the next one.
#[derive(Clone, Copy, Debug, Default)]
struct Rounds {
    next: Option<Seq>,
    now: Option<Seq>,
    looks: u32,
    renewals: u32,
    patches: u32,
    /// Whether nothing of before may still take effect, and no fault was met yet.
    is_clean: bool,
    /// The change that the first PATCH was for.
    first: Option<Seq>,
}

/// What was found out about a request before it leaves.
pub(crate) struct Reference {
    kind: Kind,
    sights: BTreeMap<(usize, Key), Sight>,
    rounds: BTreeMap<(u64, Key), Rounds>,
    pub(crate) broken: Vec<(&'static str, String)>,
}

impl Reference {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            kind: plan.kind,
            sights: BTreeMap::new(),
            rounds: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    pub(crate) fn sight(&mut self, device: usize, key: Key) -> &mut Sight {
        self.sights.entry((device, key)).or_default()
    }

    pub(crate) fn latest(&self, device: usize, key: Key) -> Option<Seq> {
        self.sights.get(&(device, key))?.wishes.keys().next_back().copied()
    }

    /// Whether no attempt of a profile may still take effect.
    pub(crate) fn has_settled(&self, device: usize, key: Key) -> bool {
        self.sights.get(&(device, key)).is_none_or(|sight| sight.own.is_empty())
    }

    /// Whether a list came that was asked for since then.
    pub(crate) fn has_list_since(&self, device: usize, key: Key, since: Duration) -> bool {
        let last = self.sights.get(&(device, key)).and_then(|sight| sight.lists.last());
        last.is_some_and(|last| last.asked_at >= since)
    }

    /// Everything about a profile is gone from a device.
    pub(crate) fn forgotten(&mut self, device: usize, key: Key) {
        let word = self.sight(device, key).word.take();
        *self.sight(device, key) = Sight { word, ..Sight::default() };
    }

    /// An action was recorded; it counts from now on.
    pub(crate) fn recorded(
        &mut self,
        device: usize,
        key: Key,
        action: Action,
        came: Came,
        stood: Stood,
    ) {
        let sight = self.sight(device, key);
        let asked_for = sight.asked_for(action, &stood);
        let before = action_undone(action).and_then(|seq| sight.shown_before.get(&seq).cloned());
        let asked_for = before.flatten().or(asked_for);
        match came {
            Came::Recorded(Ok(Recorded::New(seq)))
            | Came::Undone(Ok(Undone::WishedAgain(Recorded::New(seq)))) => {
                sight.begin(seq, asked_for.as_ref(), &stood);
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Recorded(Ok(Recorded::DecidedTheirs(seq)))
            | Came::Undone(Ok(Undone::WishedAgain(Recorded::DecidedTheirs(seq)))) => {
                sight.given_up.insert(seq);
                sight.word = stood.question.map(Word::Exactly);
            }
            Came::Recorded(Ok(recorded)) | Came::Undone(Ok(Undone::WishedAgain(recorded))) => {
                if let Recorded::DecidedMine(seq) = recorded {
                    sight.excused.insert(seq, stood.question.unwrap_or_default());
                }
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Undone(Ok(Undone::TakenBack(seq))) => {
                sight.given_up.insert(seq);
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Decided(Ok(seq)) => sight.decided(seq, action, stood),
            Came::Discarded(count) => {
                sight.given_up.extend(stood.waiting);
                if count > 0 {
                    sight.word = Some(Word::Anything);
                }
            }
            Came::Recorded(Err(_)) | Came::Undone(Err(_)) | Came::Decided(Err(_)) => {}
        }
    }

    /// An engine hears of a wish: its next round is the tap's own.
    pub(crate) fn told_of_wish(&mut self, owner: Owner, key: Key, seq: Seq) {
        let rounds = self.rounds.entry((owner.process, key)).or_default();
        rounds.next = rounds.next.max(Some(seq));
    }

    /// An engine hears that another process recorded something.
    pub(crate) fn told_of_others(&mut self, owner: Owner, key: Key, now: Duration) {
        let newest = self.sight(owner.device, key).wishes.iter().next_back();
        let newest = newest.filter(|(_, (_, at))| now.saturating_sub(*at) <= OWN_ROUND);
        if let Some(seq) = newest.map(|(seq, _)| *seq) {
            self.told_of_wish(owner, key, seq);
        }
    }

    /// An engine wants the right to send.
    pub(crate) fn round_begins(&mut self, owner: Owner, key: Key, at: Duration) {
        let Sight { wishes, own, .. } = self.sights.entry((owner.device, key)).or_default();
        let is_clean = own.is_empty();
        let rounds = self.rounds.entry((owner.process, key)).or_default();
        let claim = rounds.next.take().filter(|seq| {
            wishes.get(seq).is_some_and(|(_, tapped)| at.saturating_sub(*tapped) <= OWN_ROUND)
        });
        *rounds = Rounds { now: claim, is_clean, ..Rounds::default() };
    }

    /// A request of the round has met a fault, or the device has slept: it may cost more.
    pub(crate) fn disturbed(&mut self, owner: Owner, key: Key) {
        self.rounds.entry((owner.process, key)).or_default().is_clean = false;
    }

    /// A device falls asleep: whatever its rounds are at gets old meanwhile.
    pub(crate) fn slept(&mut self) {
        self.rounds.values_mut().for_each(|rounds| rounds.is_clean = false);
    }

    /// A process died: what it had heard and not written down is unknown.
    pub(crate) fn died(&mut self, device: usize) {
        for ((of, _), sight) in &mut self.sights {
            if *of == device {
                sight.own.iter_mut().for_each(|own| own.heard = None);
            }
        }
    }

    /// An engine has written down what it heard, or could not.
    pub(crate) fn noted(&mut self, owner: Owner, key: Key, is_stored: bool) {
        let sight = self.sight(owner.device, key);
        for own in sight.own.iter_mut().filter(|own| own.owner == owner) {
            let heard = own.heard.take();
            if is_stored {
                own.answered = heard.or(own.answered);
            }
        }
        sight.own.retain(|own| own.answered != Some(Answered::NoEffect));
    }

    /// A request leaves. A PATCH must not overwrite what a look could have shown.
    pub(crate) fn asked(&mut self, request: &Request, plan: &Plan) {
        let rounds = self.rounds.entry((request.owner.process, request.key)).or_default();
        let is_alone = self.kind == Kind::Alone;
        self.broken.extend(
            rounds
                .ask(&request.question, is_alone)
                .map(|promise| (promise, format!("{} {} {rounds:?}", request.owner, request.key))),
        );
        let Question::Patch { attempt, .. } = &request.question else { return };
        let is_own_round = rounds.now == Some(attempt.change);
        let sight = self.sights.entry((request.owner.device, request.key)).or_default();
        let place = place(attempt.warehouse_uuid);
        let overwritten = sight.overwritten(attempt.change, place, attempt.wanted_active);
        let may_overwrite =
            attempt.wanted_active && (is_own_round || plan.on_conflict == OnConflict::Mine);
        if !overwritten.is_empty() && !may_overwrite {
            let text = format!(
                "{} {} sends {place} for change {} over {overwritten:?}, knowing {:?} and {:?}",
                request.owner, request.key, attempt.change, sight.excused, sight.own
            );
            self.broken.push(("no choice is overwritten that a look could have shown", text));
        }
        if !overwritten.is_empty() && may_overwrite {
            // Row 9, or row 10 with 'mine': what the server has becomes the base.
            let base = sight.lists.last().map(|told| told.active.clone()).unwrap_or_default();
            sight.excused.insert(attempt.change, base);
        }
        sight.own.push(Own {
            id: attempt.id,
            owner: request.owner,
            place,
            sent_at: request.asked_at,
            answered: None,
            heard: None,
        });
    }

    /// The server refused a PATCH for good.
    pub(crate) fn refused(&mut self, request: &Request, failure: &GlueFailure) {
        if let (Question::Patch { attempt, .. }, GlueFailure::Refused { .. }) =
            (&request.question, failure)
        {
            self.sight(request.owner.device, request.key).refused.insert(attempt.change);
        }
    }

    /// A device hears an answer.
    pub(crate) fn answered(
        &mut self,
        request: &Request,
        failure: Option<&GlueFailure>,
        list: Option<Vec<Assignment>>,
        (now, answered_at): (Duration, Reading),
    ) {
        let sight = self.sights.entry((request.owner.device, request.key)).or_default();
        if let Some(rows) = list {
            let active = rows.iter().filter(|row| row.is_active);
            let active = active.map(|row| place(row.warehouse.uuid)).collect();
            if sight.lists.len() >= 8 {
                sight.lists.remove(0);
            }
            sight.lists.push(Told { active, asked_at: request.asked_at, answered_at });
        }
        if failure.is_some() {
            self.disturbed(request.owner, request.key);
        }
        let Question::Patch { attempt, .. } = &request.question else { return };
        let heard = match failure {
            None | Some(GlueFailure::Refused { .. }) => Some(Answered::At(now)),
            Some(failure) if is_without_effect(failure) => Some(Answered::NoEffect),
            Some(_) => None,
        };
        let sight = self.sight(request.owner.device, request.key);
        if let Some(own) = sight.own.iter_mut().find(|own| own.id == attempt.id) {
            own.heard = heard;
        }
    }

    /// Whether nobody but one device touches the assignments of its users.
    pub(crate) fn is_alone(&self) -> bool {
        self.kind == Kind::Alone
    }
}

impl Rounds {
    /// Counts a request: a round has three looks and two PATCHes at most, and where nothing comes
    /// in between one PATCH and one look after it.
    fn ask(&mut self, question: &Question, is_alone: bool) -> Option<&'static str> {
        match question {
            Question::SignIn { .. } => return None,
            // A list that was refused for its token is asked for again with a new one.
            Question::Refresh { .. } => {
                self.renewals += 1;
                self.is_clean = false;
            }
            Question::List { .. } => self.looks += 1,
            Question::Patch { attempt, .. } => {
                self.patches += 1;
                let is_second = self.first == Some(attempt.change) && attempt.wanted_active;
                self.first = self.first.or(Some(attempt.change));
                if is_second && self.is_clean && is_alone {
                    return Some("a reconnect sends a wish once");
                }
            }
        }
        if self.is_clean && is_alone && self.looks > self.patches + 1 {
            return Some("a reconnect looks before and after a PATCH, and no more");
        }
        (self.looks > 3 + self.renewals || self.patches > 2 + self.renewals)
            .then_some("a round is three looks and two PATCHes at most")
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

fn action_undone(action: Action) -> Option<Seq> {
    match action {
        Action::Undo(seq) => Some(seq),
        _ => None,
    }
}

impl Sight {
    fn asked_for(&self, action: Action, stood: &Stood) -> Option<Places> {
        match action {
            Action::Switch(place) => Some(Places::from([place])),
            Action::Leave => Some(Places::new()),
            Action::Undo(_) | Action::Decide { .. } | Action::Discard => stood.shown.clone(),
        }
    }

    /// A new change: it inherits what its predecessor knew, and knows what a question showed.
    fn begin(&mut self, seq: Seq, asked_for: Option<&Places>, stood: &Stood) {
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

    fn decided(&mut self, seq: Seq, action: Action, stood: Stood) {
        let question = stood.question.unwrap_or_default();
        if let Action::Decide { is_mine: true, .. } = action {
            self.excused.insert(seq, question);
            let wished = self.wishes.get(&seq).map(|(place, _)| place.iter().copied().collect());
            self.word = wished.map(Word::Exactly);
        } else {
            self.given_up.insert(seq);
            self.word = Some(Word::Exactly(question));
        }
    }

    /// What is active by the last list that the worker could not know when they wished.
    fn overwritten(&mut self, seq: Seq, target: usize, wanted_active: bool) -> Places {
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
