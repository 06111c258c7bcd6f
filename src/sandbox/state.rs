//! What the server knows, and the rules by which it changes (contract section 3). No HTTP in here.

use uuid::Uuid;

use super::rows::{Assignment, User, Warehouse};
use super::seed::{self, Seed, SeedAssignment, SeedUser, SeedWarehouse};

/// Why the server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No such assignment, or not one for the caller's eyes.
    AssignmentNotFound,
    /// The user doesn't exist or is no warehouse user.
    UserNotFound,
    /// The warehouse doesn't exist, or isn't the one of the assignment.
    WarehouseNotFound,
    /// The caller's own row is gone.
    CallerUnknown,
    /// The user has the warehouse already.
    AlreadyAssigned,
}

/// How an operation fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Refused, for one or several reasons.
    Refused(Vec<Refusal>),
    /// The real server has no rule for it and ends with an error page.
    Crashed,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Which assignments a list is to contain; what is none isn't looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// The id of the assignment.
    pub uuid: Option<String>,
    /// Whose.
    pub user_uuid: Option<String>,
    /// In use or not.
    pub is_active: Option<bool>,
    /// Where.
    pub warehouse_uuid: Option<String>,
}

/// A value sent for `isActive`. Text counts differently in two places of the real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ActiveValue {
    /// A boolean, or a number read as one.
    Plain(bool),
    /// A text.
    Text(String),
    /// Something that the database doesn't take, such as null.
    Unstorable,
}

impl ActiveValue {
    /// Whether the step that switches the other assignments off runs.
    fn counts_as_true(&self) -> bool {
        match self {
            Self::Plain(value) => *value,
            Self::Text(text) => !matches!(text.as_str(), "" | "0"),
            Self::Unstorable => false,
        }
    }

    /// What the row holds afterwards.
    fn stored(&self) -> Option<bool> {
        match self {
            Self::Plain(value) => Some(*value),
            Self::Text(text) => Some(!matches!(
                text.to_ascii_lowercase().as_str(),
                "false" | "off" | "no" | "n" | "0" | "-" | ""
            )),
            Self::Unstorable => None,
        }
    }
}

/// The attributes of a POST or PATCH; what wasn't sent is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// `isActive`.
    pub is_active: Option<ActiveValue>,
    /// `userUuid`.
    pub user_uuid: Option<String>,
    /// `warehouse.uuid`.
    pub warehouse_uuid: Option<String>,
}

/// Most rows of each kind.
const ROWS_MAX: usize = 100_000;

/// Everything that the server keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    users: Vec<User>,
    warehouses: Vec<Warehouse>,
    assignments: Vec<Assignment>,
    /// The number of the last row ever created, also if it is gone: ids must not come back.
    last_row: usize,
    last_user: usize,
}

impl State {
    /// The state that a seed describes.
    ///
    /// # Errors
    /// A sentence, if something is there twice or refers to something that isn't.
    pub(super) fn from_seed(seed: &Seed) -> Result<Self, String> {
        let mut state = Self::default();
        for user in &seed.users {
            state.add_user(user.clone())?;
        }
        for warehouse in &seed.warehouses {
            state.add_warehouse(warehouse.clone())?;
        }
        for assignment in &seed.assignments {
            state.add_assignment(assignment)?;
        }
        Ok(state)
    }

    /// All users, oldest first.
    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    /// All warehouses, oldest first.
    pub(super) fn warehouses(&self) -> &[Warehouse] {
        &self.warehouses
    }

    /// All assignments, oldest first.
    pub(super) fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The user with this uuid.
    pub(super) fn user(&self, uuid: &Uuid) -> Option<&User> {
        self.users.iter().find(|user| user.uuid == *uuid)
    }

    /// The same, to change it.
    pub(super) fn user_mut(&mut self, uuid: &Uuid) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.uuid == *uuid)
    }

    /// The warehouse with this uuid.
    pub(super) fn warehouse(&self, uuid: &Uuid) -> Option<&Warehouse> {
        self.warehouses.iter().find(|warehouse| warehouse.uuid == *uuid)
    }

    /// The same, to change it.
    pub(super) fn warehouse_mut(&mut self, uuid: &Uuid) -> Option<&mut Warehouse> {
        self.warehouses.iter_mut().find(|warehouse| warehouse.uuid == *uuid)
    }

    /// The assignment with this uuid, to change it without any rule.
    pub(super) fn assignment_mut(&mut self, uuid: &Uuid) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|assignment| assignment.uuid == *uuid)
    }

    /// Who signs in with these words, if they may.
    pub(super) fn sign_in(&self, username: &str, password: &str) -> Option<&User> {
        let user = self.users.iter().find(|user| user.username == username)?;
        (user.is_active && user.password == password).then_some(user)
    }

    /// Creates a user.
    ///
    /// # Errors
    /// A sentence, if the uuid or user name is taken.
    pub(super) fn add_user(&mut self, new: SeedUser) -> Result<User, String> {
        room_in(&self.users)?;
        let number = self.last_user + 1;
        let uuid = new.uuid.unwrap_or_else(|| seed::user_uuid(number, &new.username));
        if self.users.iter().any(|user| user.uuid == uuid || user.username == new.username) {
            return Err(format!("there is a user {} or {uuid} already", new.username));
        }
        let user = User {
            number,
            uuid,
            username: new.username,
            password: new.password,
            first_name: new.first_name,
            last_name: new.last_name,
            is_warehouse_user: new.is_warehouse_user,
            is_active: new.is_active,
            mfa: new.mfa.filter(|code| !code.is_empty()),
            mfa_first_used_at: None,
        };
        self.last_user = number;
        self.users.push(user.clone());
        Ok(user)
    }

    /// Takes a user away with all their assignments. False: there was none.
    pub(super) fn remove_user(&mut self, uuid: &Uuid) -> bool {
        let before = self.users.len();
        self.users.retain(|user| user.uuid != *uuid);
        self.assignments.retain(|assignment| assignment.user_uuid != *uuid);
        self.users.len() < before
    }

    /// Creates a warehouse.
    ///
    /// # Errors
    /// A sentence, if the uuid is taken.
    pub(super) fn add_warehouse(&mut self, new: SeedWarehouse) -> Result<Warehouse, String> {
        room_in(&self.warehouses)?;
        let number = self.warehouses.len() + 1;
        let uuid = new.uuid.unwrap_or_else(|| seed::warehouse_uuid(number));
        if self.warehouse(&uuid).is_some() {
            return Err(format!("there is a warehouse {uuid} already"));
        }
        let warehouse = Warehouse { number, uuid, name: new.name, is_active: new.is_active };
        self.warehouses.push(warehouse.clone());
        Ok(warehouse)
    }

    /// Creates an assignment as the Back Office does, without switching others off.
    ///
    /// # Errors
    /// A sentence, if it is there already or refers to something that isn't.
    pub(super) fn add_assignment(&mut self, new: &SeedAssignment) -> Result<Assignment, String> {
        room_in(&self.assignments)?;
        if self.user(&new.user_uuid).is_none() {
            return Err(format!("there is no user {}", new.user_uuid));
        }
        let Some(warehouse) = self.warehouse(&new.warehouse_uuid) else {
            return Err(format!("there is no warehouse {}", new.warehouse_uuid));
        };
        let row = self.last_row + 1;
        let uuid = new
            .uuid
            .unwrap_or_else(|| seed::assignment_uuid(row, warehouse.number, &new.user_uuid));
        if self.assignments.iter().any(|assignment| assignment.uuid == uuid)
            || self.has_pair(&new.user_uuid, &new.warehouse_uuid, None)
        {
            return Err(format!("there is an assignment {uuid}, or of this pair, already"));
        }
        let assignment = Assignment {
            uuid,
            user_uuid: new.user_uuid,
            warehouse_uuid: new.warehouse_uuid,
            is_active: new.is_active,
        };
        self.last_row = row;
        self.assignments.push(assignment.clone());
        Ok(assignment)
    }

    /// Takes an assignment away, whoever it belongs to. False: there was none.
    pub(super) fn remove_assignment(&mut self, uuid: &Uuid) -> bool {
        let before = self.assignments.len();
        self.assignments.retain(|assignment| assignment.uuid != *uuid);
        self.assignments.len() < before
    }

    /// Makes this user's assignment to this warehouse the active one, as another device would.
    /// False: there is no such assignment.
    pub(super) fn activate(&mut self, user: &Uuid, warehouse: &Uuid) -> bool {
        if !self.has_pair(user, warehouse, None) {
            return false;
        }
        for assignment in &mut self.assignments {
            if assignment.user_uuid == *user {
                assignment.is_active = assignment.warehouse_uuid == *warehouse;
            }
        }
        true
    }

    /// The assignments that a caller gets to see (contract sections 3.1 and 3.2).
    ///
    /// # Errors
    /// [`Refusal::CallerUnknown`].
    pub(super) fn list(&self, caller: &Uuid, filter: &Filter) -> Result<Vec<&Assignment>, Failure> {
        let caller = self.user(caller).ok_or(Refusal::CallerUnknown)?;
        // The real server adds the filter to the caller's own id instead of narrowing by it, so a
        // warehouse user who filters for somebody else sees their assignments too.
        let owners = |assignment: &Assignment| {
            let asked = filter.user_uuid.as_ref().map(|text| is_id(&assignment.user_uuid, text));
            if caller.is_warehouse_user {
                assignment.user_uuid == caller.uuid || asked == Some(true)
            } else {
                asked != Some(false)
            }
        };
        let fits = |assignment: &Assignment| {
            filter.uuid.as_ref().is_none_or(|text| is_id(&assignment.uuid, text))
                && filter
                    .warehouse_uuid
                    .as_ref()
                    .is_none_or(|text| is_id(&assignment.warehouse_uuid, text))
                && filter.is_active.is_none_or(|wanted| wanted == assignment.is_active)
        };
        Ok(self.assignments.iter().filter(|row| owners(row) && fits(row)).collect())
    }

    /// One assignment, if the caller may see it.
    ///
    /// # Errors
    /// [`Refusal::AssignmentNotFound`].
    pub(super) fn find(&self, caller: &Uuid, id: &str) -> Result<&Assignment, Failure> {
        let caller = self.user(caller).ok_or(Refusal::AssignmentNotFound)?;
        self.assignments
            .iter()
            .find(|assignment| is_id(&assignment.uuid, id))
            .filter(|row| !caller.is_warehouse_user || row.user_uuid == caller.uuid)
            .ok_or_else(|| Refusal::AssignmentNotFound.into())
    }

    /// Changes an assignment (contract section 3.5). With `race`, the others of the user stay as
    /// they are, as if two devices had met between the two steps of the real server.
    ///
    /// # Errors
    /// [`Failure`], with the state unchanged.
    pub(super) fn change(
        &mut self,
        caller: &Uuid,
        id: &str,
        wanted: &Wanted,
        race: bool,
    ) -> Result<Assignment, Failure> {
        let mut row = self.find(caller, id)?.clone();
        let owner = match &wanted.user_uuid {
            Some(text) => self.users.iter().find(|user| is_id(&user.uuid, text)),
            None => self.user(&row.user_uuid),
        }
        .filter(|user| user.is_warehouse_user);
        let same_warehouse =
            wanted.warehouse_uuid.as_ref().is_none_or(|text| is_id(&row.warehouse_uuid, text));
        let mut refusals = Vec::new();
        if owner.is_none() {
            refusals.push(Refusal::UserNotFound);
        }
        if !same_warehouse {
            refusals.push(Refusal::WarehouseNotFound);
        }
        let Some(owner) = owner.filter(|_| refusals.is_empty()).map(|user| user.uuid) else {
            return Err(Failure::Refused(refusals));
        };
        let value = wanted.is_active.clone().unwrap_or(ActiveValue::Plain(row.is_active));
        let Some(stored) = value.stored() else { return Err(Failure::Crashed) };
        if self.has_pair(&owner, &row.warehouse_uuid, Some(&row.uuid)) {
            return Err(Failure::Crashed);
        }
        row.user_uuid = owner;
        row.is_active = stored;
        if value.counts_as_true() && !race {
            self.switch_off(&owner);
        }
        if let Some(kept) = self.assignment_mut(&row.uuid) {
            kept.clone_from(&row);
        }
        Ok(row)
    }

    /// Creates an assignment for a caller (contract section 3.4).
    ///
    /// # Errors
    /// [`Failure`], with the state unchanged.
    pub(super) fn create(&mut self, caller: &Uuid, wanted: &Wanted) -> Result<Assignment, Failure> {
        let (Some(user_text), Some(warehouse_text)) = (&wanted.user_uuid, &wanted.warehouse_uuid)
        else {
            return Err(Failure::Crashed);
        };
        let caller = self.user(caller).ok_or(Refusal::AssignmentNotFound)?;
        if caller.is_warehouse_user && !is_id(&caller.uuid, user_text) {
            return Err(Refusal::AssignmentNotFound.into());
        }
        let user = self
            .users
            .iter()
            .find(|user| is_id(&user.uuid, user_text) && user.is_warehouse_user)
            .map(|user| user.uuid);
        let warehouse = self
            .warehouses
            .iter()
            .find(|warehouse| is_id(&warehouse.uuid, warehouse_text))
            .map(|warehouse| warehouse.uuid);
        let (Some(user_uuid), Some(warehouse_uuid)) = (user, warehouse) else {
            let missing = [
                user.is_none().then_some(Refusal::UserNotFound),
                warehouse.is_none().then_some(Refusal::WarehouseNotFound),
            ];
            return Err(Failure::Refused(missing.into_iter().flatten().collect()));
        };
        if self.has_pair(&user_uuid, &warehouse_uuid, None) {
            return Err(Refusal::AlreadyAssigned.into());
        }
        let value = wanted.is_active.clone().unwrap_or(ActiveValue::Plain(false));
        let Some(is_active) = value.stored() else { return Err(Failure::Crashed) };
        if value.counts_as_true() {
            self.switch_off(&user_uuid);
        }
        let new = SeedAssignment { uuid: None, user_uuid, warehouse_uuid, is_active };
        self.add_assignment(&new).map_err(|_| Failure::Crashed)
    }

    /// Takes an assignment away for a caller (contract section 3.6).
    ///
    /// # Errors
    /// [`Refusal::AssignmentNotFound`].
    pub(super) fn remove(&mut self, caller: &Uuid, id: &str) -> Result<(), Failure> {
        let uuid = self.find(caller, id)?.uuid;
        self.remove_assignment(&uuid);
        Ok(())
    }

    /// The first active assignment of a user: what a warehouse token is bound to.
    pub(super) fn active_of(&self, user: &Uuid) -> Option<&Assignment> {
        self.assignments.iter().find(|row| row.user_uuid == *user && row.is_active)
    }

    fn switch_off(&mut self, user: &Uuid) {
        for assignment in &mut self.assignments {
            if assignment.user_uuid == *user {
                assignment.is_active = false;
            }
        }
    }

    fn has_pair(&self, user: &Uuid, warehouse: &Uuid, apart_from: Option<&Uuid>) -> bool {
        self.assignments.iter().any(|row| {
            row.user_uuid == *user
                && row.warehouse_uuid == *warehouse
                && apart_from != Some(&row.uuid)
        })
    }
}

fn room_in<T>(rows: &[T]) -> Result<(), String> {
    if rows.len() < ROWS_MAX {
        Ok(())
    } else {
        Err(format!("there are {ROWS_MAX} rows of this kind already, and no room for more"))
    }
}

/// Ids are compared as text, whatever the case: the server never checks their syntax.
fn is_id(uuid: &Uuid, text: &str) -> bool {
    uuid.hyphenated().to_string().eq_ignore_ascii_case(text)
}
