//! The thread that a database lives on, so that nobody else ever waits for the disk.

use std::path::PathBuf;
#[cfg(feature = "sandbox")]
use std::sync::Mutex;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{self, Schema};
use super::error::StoreError;
use super::opening::{self, Opened};
#[cfg(feature = "sandbox")]
use super::played_disk::PlayedDisk;

/// How often a process makes a new file of a damaged one. If that doesn't help, more of it would
/// only fill the disk.
const RECOVERIES_MAX: u32 = 3;

/// Runs with an open database, or is told why there is none.
/// Returns what it found damaged.
type Job = Box<dyn FnOnce(Result<&mut Connection, StoreError>) -> Option<StoreError> + Send>;

/// Looks at a database that was just opened, before anybody else does.
pub(super) type Check = Box<dyn Fn(&mut Connection) -> Result<(), StoreError> + Send>;

/// A handle to a database's thread. The file is closed with the last handle, and the thread has
/// ended when that is dropped.
#[derive(Clone, Debug)]
pub(super) struct StoreThread {
    place: Place,
}

/// Where the jobs run.
#[derive(Clone, Debug)]
enum Place {
    /// On the thread that has the other end.
    Thread(Arc<RunningThread>),
    /// On the caller's, in memory.
    #[cfg(feature = "sandbox")]
    Caller(Arc<Mutex<Option<Connection>>>, Arc<dyn PlayedDisk>),
}

#[derive(Debug)]
struct RunningThread {
    jobs: Option<mpsc::Sender<Message>>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Run(Job),
    Close(oneshot::Sender<()>),
}

/// A database that is opened again when it is found damaged.
struct Reopening {
    folder: PathBuf,
    schema: Schema,
    check: Check,
    recoveries: u32,
}

impl StoreThread {
    /// Opens the database, checks it, and moves it to a thread of its own.
    pub(super) fn open(folder: PathBuf, schema: Schema, check: Check) -> Result<Self, StoreError> {
        let mut reopening = Reopening { folder, schema, check, recoveries: 0 };
        let opened = reopening.open()?;
        let (jobs, inbox) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("store".into())
            .spawn(move || serve(opened, &inbox, reopening))
            .map_err(StoreError::from)?;
        let running = RunningThread { jobs: Some(jobs), thread: Some(thread) };
        Ok(Self { place: Place::Thread(Arc::new(running)) })
    }

    /// Makes a database in memory, whose jobs run where they are asked for.
    #[cfg(feature = "sandbox")]
    pub(super) fn in_memory(
        schema: Schema,
        check: &Check,
        disk: Arc<dyn PlayedDisk>,
    ) -> Result<Self, StoreError> {
        let mut connection = connection::open_in_memory(schema)?;
        check(&mut connection)?;
        Ok(Self { place: Place::Caller(Arc::new(Mutex::new(Some(connection))), disk) })
    }

    /// Runs a job on the thread and waits for what it comes to.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.place {
            Place::Thread(running) => {
                let (reply, result) = oneshot::channel();
                let job: Job = Box::new(move |connection| {
                    let (done, damage) = match connection {
                        Ok(connection) => run(connection, job),
                        Err(error) => (Err(error), None),
                    };
                    // Nobody waits any more: the work is done all the same.
                    let _ = reply.send(done);
                    damage
                });
                running.send(Message::Run(job))?;
                result.await.map_err(|_| StoreError::Closed)?
            }
            #[cfg(feature = "sandbox")]
            Place::Caller(connection, disk) => {
                disk.before().await?;
                let result = match connection.lock() {
                    Ok(mut open) => open.as_mut().map_or(Err(StoreError::Closed), job),
                    Err(_) => Err(StoreError::Closed),
                };
                disk.after().await;
                result
            }
        }
    }

    /// Closes the file, whatever other handles there are, after the jobs before it.
    pub(super) async fn close(&self) {
        match &self.place {
            Place::Thread(running) => {
                let (reply, closed) = oneshot::channel();
                if running.send(Message::Close(reply)).is_ok() {
                    // An error says that the thread is gone already.
                    let _ = closed.await;
                }
            }
            #[cfg(feature = "sandbox")]
            Place::Caller(connection, _) => {
                connection.lock().map(|mut open| open.take()).ok();
            }
        }
    }
}

impl RunningThread {
    fn send(&self, message: Message) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(message).map_err(|_| StoreError::Closed)
    }
}

impl Drop for RunningThread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a store's thread panicked");
        }
    }
}

impl Reopening {
    fn open(&mut self) -> Result<Opened, StoreError> {
        let mut opened = opening::open(&self.folder, self.schema)?;
        match (self.check)(&mut opened.connection) {
            Ok(()) => Ok(opened),
            Err(damage @ (StoreError::Damaged(_) | StoreError::Foreign)) => {
                self.recover(opened, &damage)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a new file of what a damaged one still says, unless somebody else has.
    fn recover(&mut self, opened: Opened, damage: &StoreError) -> Result<Opened, StoreError> {
        if self.recoveries >= RECOVERIES_MAX {
            return Err(StoreError::Damaged(damage.to_string()));
        }
        self.recoveries += 1;
        opening::recover(&self.folder, self.schema, opened, damage)?;
        let mut opened = opening::open(&self.folder, self.schema)?;
        (self.check)(&mut opened.connection)?;
        Ok(opened)
    }
}

fn serve(opened: Opened, inbox: &mpsc::Receiver<Message>, mut reopening: Reopening) {
    let mut opened = Some(opened);
    while let Ok(message) = inbox.recv() {
        match message {
            Message::Run(job) => {
                let ready = match opened.take() {
                    Some(ready) => Ok(ready),
                    None => reopening.open(),
                };
                opened = match ready {
                    Ok(ready) => serve_job(job, ready, &mut reopening),
                    Err(error) => {
                        job(Err(error));
                        None
                    }
                };
            }
            Message::Close(closed) => {
                drop(opened);
                let _ = closed.send(());
                return;
            }
        }
    }
}

/// Runs a job on an open database, and tells what it found damaged.
fn run<T>(
    connection: &mut Connection,
    job: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> (Result<T, StoreError>, Option<StoreError>) {
    let done = job(connection);
    let damage = match &done {
        Err(StoreError::Damaged(reason)) => Some(StoreError::Damaged(reason.clone())),
        Err(StoreError::Io(_) | StoreError::Full | StoreError::ReadOnly) => {
            // Before anybody hears of it: who was told that nothing was saved can rely on it.
            connection::write_over(connection);
            None
        }
        _ => None,
    };
    (done, damage)
}

/// Runs a job. If it met damage, the next one finds a new file, or opens anew.
fn serve_job(job: Job, mut opened: Opened, reopening: &mut Reopening) -> Option<Opened> {
    let Some(damage) = job(Ok(&mut opened.connection)) else { return Some(opened) };
    match reopening.recover(opened, &damage) {
        Ok(opened) => Some(opened),
        Err(error) => {
            tracing::error!(%error, "a damaged database could not be recovered yet");
            None
        }
    }
}
