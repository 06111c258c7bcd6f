//! What the design promises, written from its words and not from `src/domain`: what each worker
//! last asked for, what each device could know when it sends, what it may call confirmed.

use std::collections::BTreeMap;
use std::time::Duration;

use wareswitch::domain::assignment::Assignment;
use wareswitch::domain::decide::OnConflict;
use wareswitch::domain::ids::Seq;
use wareswitch::domain::outbox::{Recorded, Undone};
use wareswitch::domain::time::Reading;
use wareswitch::glue::{GlueFailure, ListExtent};

use super::actions::{Action, Came, Stood};
use super::backend::{Places, place};
use super::executor::Owner;
use super::network::{Question, Request};
use super::plan::{Kind, Plan};
use super::sight::{Sight, Word};
use super::world::Key;

/// A tap's own round begins within this time.
const OWN_ROUND: Duration = Duration::from_secs(30);

/// A list older than this is fetched again before anything is sent.
const LIST_AGE_MAX: Duration = Duration::from_secs(2);

/// The round that an engine is in, and the tap that asked for the next one.
#[derive(Clone, Debug, Default)]
struct Rounds {
    next: Option<Seq>,
    now: Option<Seq>,
    looks: u32,
    patches: u32,
    /// The token of the last request, and how many other ones came after the first: renewed, or
    /// taken over from another process that did.
    token: Option<String>,
    renewals: u32,
    /// When the last complete list came.
    complete_list_came_at: Option<Duration>,
    /// Whether a PATCH left after the last look.
    is_to_look: bool,
    /// Looks in place of a list that had become too old to send anything by.
    looks_again: u32,
    /// Whether nothing of before may still take effect, and no fault was met yet.
    is_clean: bool,
    /// The change that the first PATCH was for.
    first: Option<Seq>,
}

/// What everybody asked for and was told, and which promises were broken by it.
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
        self.sights.get(&(device, key)).is_none_or(Sight::has_looked_late)
    }

    /// Whether a list came that was asked for since then.
    pub(crate) fn has_list_since(&self, device: usize, key: Key, since: Duration) -> bool {
        let last = self.sights.get(&(device, key)).and_then(|sight| sight.lists.last());
        last.is_some_and(|last| last.asked_at >= since)
    }

    /// Everything about a profile is gone from a device.
    pub(crate) fn forgotten(&mut self, device: usize, key: Key) {
        let sight = self.sight(device, key);
        let word = sight.word.take();
        *sight = Sight::default();
        sight.word = word;
    }

    /// What everybody last asked for, on whichever device, those who are forgotten there too.
    pub(crate) fn last_words(&self) -> Vec<(Key, Places)> {
        let words = self.sights.iter().filter_map(|((_, key), sight)| match &sight.word {
            Some(Word::Exactly(wanted)) => Some((*key, wanted.clone())),
            Some(Word::Anything) | None => None,
        });
        words.collect()
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
        let before = action_undone(action).and_then(|seq| sight.shown_before(seq));
        let asked_for = before.or(asked_for);
        match came {
            Came::Recorded(Ok(Recorded::New(seq)))
            | Came::Undone(Ok(Undone::WishedAgain(Recorded::New(seq)))) => {
                sight.begin(seq, asked_for.as_ref(), &stood);
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Recorded(Ok(Recorded::DecidedTheirs(seq)))
            | Came::Undone(Ok(Undone::WishedAgain(Recorded::DecidedTheirs(seq)))) => {
                sight.gives_up(seq);
                sight.word = stood.question.map(Word::Exactly);
            }
            Came::Recorded(Ok(recorded)) | Came::Undone(Ok(Undone::WishedAgain(recorded))) => {
                if let Recorded::DecidedMine(seq) = recorded {
                    sight.knows(seq, stood.question.unwrap_or_default());
                }
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Undone(Ok(Undone::TakenBack(seq))) => {
                sight.gives_up(seq);
                sight.word = asked_for.map(Word::Exactly);
            }
            Came::Decided(Ok(seq)) => sight.decided(seq, action, stood),
            Came::Discarded(_) => {
                sight.gives_up_until(stood.waiting);
                sight.word = Some(Word::Anything);
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
        let sight = self.sights.entry((owner.device, key)).or_default();
        let is_clean = sight.is_certain();
        let rounds = self.rounds.entry((owner.process, key)).or_default();
        let claim = rounds.next.take().filter(|seq| {
            sight.wishes.get(seq).is_some_and(|(_, tapped)| at.saturating_sub(*tapped) <= OWN_ROUND)
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

    /// Engines end, with their processes or before: nobody can tell whether they have written down
    /// what they heard last.
    pub(crate) fn ended(&mut self, is_over: impl Fn(Owner, Key) -> bool) {
        for ((_, key), sight) in &mut self.sights {
            sight.ended(|owner| is_over(owner, *key));
        }
    }

    /// An engine has written down what it heard, or could not.
    pub(crate) fn noted(&mut self, owner: Owner, key: Key, is_stored: bool) {
        self.sight(owner.device, key).note(owner, is_stored);
    }

    /// A request leaves. A PATCH must not overwrite what a look could have shown.
    pub(crate) fn asked(&mut self, request: &Request, plan: &Plan) {
        let rounds = self.rounds.entry((request.owner.process, request.key)).or_default();
        let is_alone = self.kind == Kind::Alone;
        self.broken.extend(
            rounds
                .ask(request, is_alone)
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
                "{} {} sends {place} for change {} over {overwritten:?}, knowing {sight:?}",
                request.owner, request.key, attempt.change
            );
            self.broken.push(("no choice is overwritten that a look could have shown", text));
        }
        if !overwritten.is_empty() && may_overwrite {
            // Row 9, or row 10 with 'mine': what the server has becomes the base.
            sight.takes_for_base(attempt.change);
        }
        sight.sends(attempt, request);
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
            sight.hears(&rows, request.asked_at, answered_at);
            let rounds = self.rounds.entry((request.owner.process, request.key)).or_default();
            if let Question::List { extent: ListExtent::Complete, .. } = &request.question {
                rounds.complete_list_came_at = Some(now);
            }
        }
        if let Question::Patch { attempt, .. } = &request.question {
            sight.hears_of(attempt.id, failure, now);
        }
        if failure.is_some() {
            self.disturbed(request.owner, request.key);
        }
    }

    /// Whether nobody but one device touches the assignments of its users.
    pub(crate) fn is_alone(&self) -> bool {
        self.kind == Kind::Alone
    }
}

impl Rounds {
    /// Counts a request: a round has three looks and two PATCHes at most, and where nothing comes
    /// in between one PATCH and one look after it. What a token that is over costs is beside that,
    /// and so is a look in place of an old list.
    fn ask(&mut self, request: &Request, is_alone: bool) -> Option<&'static str> {
        self.carry(request.token());
        match &request.question {
            Question::SignIn { .. } => return None,
            Question::Refresh { .. } => self.is_clean = false,
            Question::List { extent, .. } => {
                self.looks += 1;
                let is_for_effect = std::mem::take(&mut self.is_to_look);
                if *extent == ListExtent::Complete {
                    let came_at = self.complete_list_came_at.take();
                    let age = came_at.map(|at| request.asked_at.saturating_sub(at));
                    self.looks_again += u32::from(!is_for_effect && age > Some(LIST_AGE_MAX));
                }
            }
            Question::Patch { attempt, .. } => {
                self.patches += 1;
                self.is_to_look = true;
                let is_second = self.first == Some(attempt.change) && attempt.wanted_active;
                self.first = self.first.or(Some(attempt.change));
                if is_second && self.is_clean && is_alone {
                    return Some("a reconnect sends a wish once");
                }
            }
        }
        let looks_expected = self.patches + 1 + self.looks_again;
        if self.is_clean && is_alone && self.looks > looks_expected {
            return Some("a reconnect looks before and after a PATCH, and no more");
        }
        (self.looks > 3 + self.renewals || self.patches > 2 + self.renewals)
            .then_some("a round is three looks and two PATCHes at most")
    }

    /// A request that was refused for its token is made again with another.
    fn carry(&mut self, token: Option<&str>) {
        let Some(token) = token else { return };
        let before = self.token.replace(token.to_owned());
        self.renewals += u32::from(before.is_some_and(|before| before != token));
    }
}

fn action_undone(action: Action) -> Option<Seq> {
    match action {
        Action::Undo(seq) => Some(seq),
        _ => None,
    }
}
