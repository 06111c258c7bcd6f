//! What a sandbox starts with: users, warehouses and who may work where.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use uuid::Uuid;

use super::strict_json;

/// Largest seed file read, in bytes.
pub(super) const SEED_FILE_SIZE_MAX: u64 = 8 * 1024 * 1024;

/// The password of everybody in [`Seed::sample`].
pub const SAMPLE_PASSWORD: &str = "change123";

/// The data that a sandbox starts with, and returns to at a reset.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Everybody who can sign in.
    #[serde(default)]
    pub users: Vec<SeedUser>,
    /// Every warehouse.
    #[serde(default)]
    pub warehouses: Vec<SeedWarehouse>,
    /// Who may work where.
    #[serde(default)]
    pub assignments: Vec<SeedAssignment>,
}

/// A user to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedUser {
    /// Worked out as the real server does it if left out.
    pub uuid: Option<Uuid>,
    /// What is typed to sign in.
    pub username: String,
    /// In clear: it protects nothing.
    pub password: String,
    /// Given name.
    #[serde(default)]
    pub first_name: String,
    /// Family name.
    #[serde(default)]
    pub last_name: String,
    /// Warehouse users see their own assignments, all others everybody's.
    #[serde(default = "yes")]
    pub is_warehouse_user: bool,
    /// Whether signing in is allowed.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// The code of the second factor; none: no second factor is asked for.
    #[serde(default)]
    pub mfa: Option<String>,
}

/// A warehouse to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedWarehouse {
    /// Worked out as the real server does it if left out.
    pub uuid: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// Whether it is in use.
    #[serde(default = "yes")]
    pub is_active: bool,
}

/// An assignment to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAssignment {
    /// Worked out as the real server does it if left out.
    pub uuid: Option<Uuid>,
    /// Who.
    pub user_uuid: Uuid,
    /// Where.
    pub warehouse_uuid: Uuid,
    /// Whether the user works there now.
    #[serde(default)]
    pub is_active: bool,
}

fn yes() -> bool {
    true
}

impl Seed {
    /// The sample users, warehouses and suggested assignments of contract section 9. All are
    /// warehouse users except `admin@spryker.com`; nobody has chosen a warehouse yet.
    pub fn sample() -> Self {
        let users = SAMPLE_USERS.map(|(first_name, last_name, username)| SeedUser {
            uuid: None,
            username: username.to_owned(),
            password: SAMPLE_PASSWORD.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            is_warehouse_user: username != "admin@spryker.com",
            is_active: true,
            mfa: None,
        });
        let warehouses = SAMPLE_WAREHOUSES.map(|(name, is_active)| SeedWarehouse {
            uuid: None,
            name: name.to_owned(),
            is_active,
        });
        let assignments = SAMPLE_ASSIGNMENTS
            .iter()
            .filter_map(|&(user_number, warehouse_number)| {
                let (_, _, username) = SAMPLE_USERS.get(user_number.checked_sub(1)?)?;
                Some(SeedAssignment {
                    uuid: None,
                    user_uuid: user_uuid(user_number, username),
                    warehouse_uuid: warehouse_uuid(warehouse_number),
                    is_active: false,
                })
            })
            .collect();
        Self { users: users.into(), warehouses: warehouses.into(), assignments }
    }

    /// Reads a seed file (design section 13).
    ///
    /// # Errors
    /// If the file can't be read, is too large, or isn't a seed; the sentence says which.
    pub fn from_file(path: &Path) -> std::io::Result<Self> {
        let refuse =
            |sentence: String| std::io::Error::new(std::io::ErrorKind::InvalidData, sentence);
        let mut text = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(SEED_FILE_SIZE_MAX + 1).read_to_end(&mut text)?;
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > SEED_FILE_SIZE_MAX {
            return Err(refuse(format!("the seed file is larger than {SEED_FILE_SIZE_MAX} bytes")));
        }
        strict_json::from_slice(&text)
            .map_err(|error| refuse(format!("the seed file can't be used: {error}")))
    }
}

/// The uuid that the real server gives to a user (contract section 9).
pub(super) fn user_uuid(number: usize, username: &str) -> Uuid {
    derived(&format!("spy_user.{number}.{username}"))
}

/// The uuid that the real server gives to a warehouse.
pub(super) fn warehouse_uuid(number: usize) -> Uuid {
    derived(&format!("spy_stock.{number}"))
}

/// The uuid that the real server gives to an assignment.
pub(super) fn assignment_uuid(row: usize, warehouse_number: usize, user: &Uuid) -> Uuid {
    derived(&format!("spy_warehouse_user_assignment.{row}.{warehouse_number}.{user}"))
}

fn derived(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// In the order of their numbers on the server: given name, family name, user name.
const SAMPLE_USERS: [(&str, &str, &str); 7] = [
    ("Admin", "Spryker", "admin@spryker.com"),
    ("Admin", "German", "admin_de@spryker.com"),
    ("Harald", "Schmidt", "harald@spryker.com"),
    ("Richard", "Gere", "richard@spryker.com"),
    ("Martha", "Farmer", "martha@video-king.nl"),
    ("Jason", "Weidmann", "jason.weidmann@budgetcamerasonline.com"),
    ("Michele", "Nemeth", "michele@sony-experts.com"),
];

/// In the order of their numbers on the server.
const SAMPLE_WAREHOUSES: [(&str, bool); 7] = [
    ("Warehouse1", true),
    ("Warehouse2", true),
    ("Warehouse3", false),
    ("Spryker MER000001 Warehouse 1", true),
    ("Video King MER000002 Warehouse 1", true),
    ("Budget Cameras MER000005 Warehouse 1", true),
    ("Sony Experts MER000006 Warehouse 1", true),
];

/// User number and warehouse number, in the order of the rows.
const SAMPLE_ASSIGNMENTS: [(usize, usize); 7] =
    [(3, 1), (3, 2), (3, 3), (5, 5), (5, 4), (6, 6), (4, 1)];
