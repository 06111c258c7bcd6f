//! The thread that a database lives on, so that nobody else ever waits for the disk.

use std::path::PathBuf;
#[cfg(feature = "sandbox")]
use std::sync::Mutex;
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{self, Schema};
use super::error::StoreError;
#[cfg(feature = "sandbox")]
use super::played_disk::PlayedDisk;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to a database's thread. The thread ends, and the file is closed, with the last handle.
#[derive(Clone, Debug)]
pub(super) struct StoreThread {
    place: Place,
}

/// Where the jobs run.
#[derive(Clone, Debug)]
enum Place {
    /// On the thread that has the other end.
    Thread(Arc<mpsc::Sender<Message>>),
    /// On the caller's, in memory.
    #[cfg(feature = "sandbox")]
    Caller(Arc<Mutex<Option<Connection>>>, Arc<dyn PlayedDisk>),
}

enum Message {
    Run(Job),
    Close(oneshot::Sender<()>),
}

impl StoreThread {
    /// Opens the database, checks it, and moves it to a thread of its own.
    pub(super) fn open(
        folder: PathBuf,
        schema: Schema,
        check: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let mut connection = connection::open(&folder, schema)?;
        check(&mut connection)?;
        let (jobs, inbox) = mpsc::channel();
        thread::Builder::new()
            .name("store".into())
            .spawn(move || serve(connection, &inbox))
            .map_err(StoreError::from)?;
        Ok(Self { place: Place::Thread(Arc::new(jobs)) })
    }

    /// Makes a database in memory, whose jobs run where they are asked for.
    #[cfg(feature = "sandbox")]
    pub(super) fn in_memory(
        schema: Schema,
        check: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
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
            Place::Thread(jobs) => {
                let (reply, result) = oneshot::channel();
                let job: Job = Box::new(move |connection| {
                    // Nobody waits any more: the work is done all the same.
                    let _ = reply.send(job(connection));
                });
                jobs.send(Message::Run(job)).map_err(|_| StoreError::Closed)?;
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
            Place::Thread(jobs) => {
                let (reply, closed) = oneshot::channel();
                if jobs.send(Message::Close(reply)).is_ok() {
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

fn serve(mut connection: Connection, inbox: &mpsc::Receiver<Message>) {
    while let Ok(message) = inbox.recv() {
        match message {
            Message::Run(job) => job(&mut connection),
            Message::Close(closed) => {
                drop(connection);
                let _ = closed.send(());
                return;
            }
        }
    }
}
