//! What must survive: snapshot, changes, attempts and sync state of each profile, and the list of
//! profiles. The only module that names SQLite.
//!
//! Each database has a thread of its own (`thread`); callers send it plans and await what they
//! come to. A plan on an outbox runs inside one immediate transaction: load, decide, write, commit.
//! It has happened when the future resolves, and never halfway.
//!
//! | module | is |
//! |---|---|
//! | [`profile`] | `state.db`, one for each profile |
//! | [`device`] | `device.db`, which profiles there are and which is in front |
//! | `outbox` | loading an outbox, writing it back |
//! | `rows` | the shapes in the columns |
//! | `opening` | creating, checking, upgrading, recovering a file before it is used |
//! | `connection` | pragmas, migrations |
//! | `guard` | who has a folder's files open |
//! | `put_aside`, `salvage`, `mending` | what becomes of a damaged file |
//! | `wipe` | removing a profile, whoever else has it open |
//! | `retention` | forgetting what settled long ago |
//! | [`folder`] | folders that are on the disk before anything in them counts |

mod connection;
#[cfg(test)]
mod damage_tests;
pub mod device;
pub mod error;
pub mod folder;
mod guard;
#[cfg(test)]
mod limits_tests;
mod mending;
mod opening;
#[cfg(test)]
mod opening_tests;
mod outbox;
#[cfg(feature = "sandbox")]
mod played_disk;
mod preferences;
pub mod profile;
mod put_aside;
mod retention;
mod rows;
mod salvage;
mod snapshot;
#[cfg(test)]
mod tests;
mod thread;
mod wipe;

pub use device::{DeviceStore, KnownProfile, PinTry, SecretsIn};
pub use error::StoreError;
pub use folder::profile_folder;
#[cfg(feature = "sandbox")]
pub use played_disk::PlayedDisk;
pub use profile::{Owner, ProfileStore, Scope, Shown, Wiped};
