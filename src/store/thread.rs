//! The thread that a database lives on, so that nobody else ever waits for the disk.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{self, Schema};
use super::error::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to a database's thread. The thread ends, and the file is closed, with the last handle.
#[derive(Clone, Debug)]
pub(super) struct StoreThread {
    jobs: Arc<mpsc::Sender<Message>>,
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
        Ok(Self { jobs: Arc::new(jobs) })
    }

    /// Runs a job on the thread and waits for what it comes to.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more: the work is done all the same.
            let _ = reply.send(job(connection));
        });
        self.jobs.send(Message::Run(job)).map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }

    /// Closes the file, whatever other handles there are, after the jobs before it.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.jobs.send(Message::Close(reply)).is_ok() {
            // An error says that the thread is gone already.
            let _ = closed.await;
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
