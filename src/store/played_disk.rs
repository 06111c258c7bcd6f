//! A database in memory whose disk is played by a test: slow, busy, failing, or dead in between.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::error::StoreError;

/// What happens around a job on a database in memory. The job itself runs at once, on the caller's
/// thread and within one poll, so that a process that dies has done all of it or nothing.
pub trait PlayedDisk: Debug + Send + Sync {
    /// How long a job has to wait, and whether it is refused then.
    fn before(&self) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

    /// How long nobody learns that a job was done.
    fn after(&self) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
