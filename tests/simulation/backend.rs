//! The Glue backend of the simulation, after the contract: who sees what, what a PATCH does, and
//! the gap between its reading and its writing, in which another PATCH may read the same.
//!
//! It names users and warehouses by number. The real uuids are made from these numbers, and two
//! servers share them, as a test shop and a live shop do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;
use wareswitch::domain::assignment::{Assignment, Warehouse};
use wareswitch::domain::ids::{AssignmentId, UserUuid, WarehouseUuid};
use wareswitch::glue::{AccessToken, GlueFailure, RefreshToken, Token as GlueToken};

/// Warehouses that every user is assigned to at first.
pub(crate) const WAREHOUSES: usize = 4;
/// Users of every server.
pub(crate) const USERS: usize = 2;
/// A token lives that long on a stock server (contract section 2.4).
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(8 * 3600);

/// A set of warehouses, by number.
pub(crate) type Places = BTreeSet<usize>;

pub(crate) fn user_uuid(user: usize) -> UserUuid {
    UserUuid::new(Uuid::from_u128(0x1000 + user as u128))
}

pub(crate) fn warehouse_uuid(warehouse: usize) -> WarehouseUuid {
    WarehouseUuid::new(Uuid::from_u128(0x2000 + warehouse as u128))
}

/// The number of a warehouse.
pub(crate) fn place(warehouse: WarehouseUuid) -> usize {
    usize::try_from(warehouse.as_uuid().as_u128() - 0x2000).unwrap()
}

#[derive(Clone, Debug)]
struct Row {
    id: u128,
    user: usize,
    warehouse: usize,
    is_active: bool,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    user: usize,
    ends: Duration,
    is_revoked: bool,
}

/// What a PATCH has read and is about to write.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    row: u128,
    active: bool,
    others: Vec<u128>,
}

/// One server.
pub(crate) struct Backend {
    number: usize,
    rows: Vec<Row>,
    closed: Places,
    without_role: BTreeSet<usize>,
    tokens: BTreeMap<String, Token>,
    /// The refresh tokens that were not used yet; `None` on a stock server, which has no refresh.
    refreshes: Option<BTreeMap<String, usize>>,
    last_row: u128,
}

impl Backend {
    /// A server on which every user has every warehouse and works in the first.
    pub(crate) fn new(number: usize, offers_refresh: bool) -> Self {
        let mut backend = Self {
            number,
            rows: Vec::new(),
            closed: Places::new(),
            without_role: BTreeSet::new(),
            tokens: BTreeMap::new(),
            refreshes: offers_refresh.then(BTreeMap::new),
            last_row: 0x3000,
        };
        for user in 0..USERS {
            for warehouse in 0..WAREHOUSES {
                backend.assign(user, warehouse);
            }
            backend.set_active(user, 0, true);
        }
        backend
    }

    /// The Back Office gives a warehouse: not active, and under an id that never was
    /// (contract section 3.7).
    pub(crate) fn assign(&mut self, user: usize, warehouse: usize) {
        if self.row_of(user, warehouse).is_none() {
            self.last_row += 1;
            self.rows.push(Row { id: self.last_row, user, warehouse, is_active: false });
        }
    }

    pub(crate) fn take_away(&mut self, user: usize, warehouse: usize) {
        self.rows.retain(|row| (row.user, row.warehouse) != (user, warehouse));
    }

    pub(crate) fn set_closed(&mut self, warehouse: usize, is_closed: bool) {
        if is_closed {
            self.closed.insert(warehouse);
        } else {
            self.closed.remove(&warehouse);
        }
    }

    pub(crate) fn set_role(&mut self, user: usize, has_role: bool) {
        if has_role {
            self.without_role.remove(&user);
        } else {
            self.without_role.insert(user);
        }
    }

    /// Somebody else's PATCH, without a gap.
    pub(crate) fn set_active(&mut self, user: usize, warehouse: usize, is_active: bool) {
        let Some(id) = self.row_of(user, warehouse).map(|row| row.id) else { return };
        if let Ok(writing) = self.read(user, id, is_active) {
            self.write(&writing);
        }
    }

    fn row_of(&self, user: usize, warehouse: usize) -> Option<&Row> {
        self.rows.iter().find(|row| (row.user, row.warehouse) == (user, warehouse))
    }

    pub(crate) fn active(&self, user: usize) -> Places {
        let rows = self.rows.iter().filter(|row| row.user == user && row.is_active);
        rows.map(|row| row.warehouse).collect()
    }

    /// Makes a token for a user.
    pub(crate) fn issue(&mut self, user: usize, now: Duration) -> GlueToken {
        let text = format!("token-{}-{user}-{}", self.number, self.tokens.len());
        let token = Token { user, ends: now + TOKEN_LIFE, is_revoked: false };
        self.tokens.insert(text.clone(), token);
        let refresh = self.refreshes.as_mut().map(|refreshes| {
            let refresh = format!("refresh of {text}");
            refreshes.insert(refresh.clone(), user);
            RefreshToken::new(refresh)
        });
        let (access, expires_in) = (AccessToken::new(text), Some(TOKEN_LIFE));
        GlueToken { access, refresh, expires_in, user: user_uuid(user) }
    }

    /// Takes a refresh token for a new token; a second time it is worth nothing.
    pub(crate) fn renew(&mut self, refresh: &str, now: Duration) -> Result<GlueToken, GlueFailure> {
        let used_up = self.refreshes.as_mut().and_then(|refreshes| refreshes.remove(refresh));
        let (code, message) = ("invalid_grant".into(), "Cannot decrypt the token.".into());
        let user = used_up.ok_or(GlueFailure::Refused { code, message })?;
        Ok(self.issue(user, now))
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(token) = self.tokens.get_mut(token) {
            token.is_revoked = true;
        }
    }

    pub(crate) fn revoke_all_of(&mut self, user: usize) {
        self.tokens.values_mut().filter(|token| token.user == user).for_each(|token| {
            token.is_revoked = true;
        });
    }

    /// Whose token it is, if this server made it; whether it is over or not.
    pub(crate) fn owner_of(&self, token: &str) -> Option<usize> {
        self.tokens.get(token).map(|token| token.user)
    }

    pub(crate) fn accept(&self, token: &str, now: Duration) -> Result<usize, GlueFailure> {
        match self.tokens.get(token) {
            Some(token) if !token.is_revoked && now < token.ends => Ok(token.user),
            _ => Err(GlueFailure::TokenOver),
        }
    }

    pub(crate) fn list(&self, user: usize) -> Vec<Assignment> {
        let rows = self.rows.iter().filter(|row| row.user == user);
        rows.map(|row| Assignment {
            id: AssignmentId::new(Uuid::from_u128(row.id)),
            warehouse: Warehouse {
                uuid: warehouse_uuid(row.warehouse),
                name: format!("Halle {}", row.warehouse),
                is_active: !self.closed.contains(&row.warehouse),
            },
            is_active: row.is_active,
        })
        .collect()
    }

    /// The first half of a PATCH: its checks, and which rows it will switch off (contract
    /// section 3.5).
    pub(crate) fn read(&self, user: usize, id: u128, active: bool) -> Result<Writing, GlueFailure> {
        let row = self.rows.iter().find(|row| row.id == id && row.user == user);
        let row = row.ok_or(GlueFailure::NotFound)?;
        if self.without_role.contains(&user) {
            let (code, message) = ("5202".into(), "User not found.".into());
            return Err(GlueFailure::Refused { code, message });
        }
        let others = self
            .rows
            .iter()
            .filter(|other| active && other.user == user && other.is_active && other.id != row.id);
        Ok(Writing { row: row.id, active, others: others.map(|other| other.id).collect() })
    }

    /// The second half: what was read may be old by now. A row that is gone is answered with 200
    /// all the same.
    pub(crate) fn write(&mut self, writing: &Writing) {
        for row in &mut self.rows {
            if row.id == writing.row {
                row.is_active = writing.active;
            } else if writing.others.contains(&row.id) {
                row.is_active = false;
            }
        }
    }
}
