//! A thread that keeps one blocking store and does what others ask of it, in order.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// Requests waiting for a store. More make the asker wait, which holds back that asker alone.
const MAILBOX: usize = 256;

/// What is asked; nothing is there to ask once the store is closed.
type Request<T> = Box<dyn FnOnce(&mut Option<T>) + Send>;

/// The way to a store's thread. The thread ends when the last one is dropped.
pub struct Keeper<T>(mpsc::Sender<Request<T>>);

impl<T> Clone for Keeper<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The store did not answer: what was asked of it panicked, or it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the store did not answer; see the log, and restart lika if it goes on")]
pub struct NoAnswer;

impl<T: Send + 'static> Keeper<T> {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the operating system has no more threads.
    pub fn start(name: &str, store: T) -> io::Result<Self> {
        let (requests, mut waiting) = mpsc::channel::<Request<T>>(MAILBOX);
        thread::Builder::new().name(name.into()).spawn(move || {
            let mut store = Some(store);
            while let Some(request) = waiting.blocking_recv() {
                // Stores keep their invariants in transactions, which end when the panic passes them: the next request
                // finds the store as it was.
                if catch_unwind(AssertUnwindSafe(|| request(&mut store))).is_err() {
                    tracing::error!("a request to a store panicked");
                }
            }
        })?;
        Ok(Self(requests))
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn ask<R: Send + 'static>(&self, what: impl FnOnce(&mut T) -> R + Send + 'static) -> Result<R, NoAnswer> {
        let (reply, answer) = oneshot::channel();
        let request: Request<T> = Box::new(move |store| {
            if let Some(store) = store {
                // Nobody waits for the answer any longer: then it is not needed.
                let _ = reply.send(what(store));
            }
        });
        self.0.send(request).await.map_err(|_| NoAnswer)?;
        answer.await.map_err(|_| NoAnswer)
    }

    /// Closes the store, after what was asked before. When it returns, its files and locks are free for others.
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        let request: Request<T> = Box::new(move |store| {
            drop(store.take());
            let _ = reply.send(());
        });
        if self.0.send(request).await.is_err() || closed.await.is_err() {
            tracing::error!("a store could not be closed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Keeper, NoAnswer};

    #[tokio::test]
    async fn a_panic_costs_one_answer_and_not_the_store() {
        let keeper = Keeper::start("counter", 1).unwrap();
        let failed: Result<(), NoAnswer> = keeper.ask(|_| panic!("on purpose")).await;
        assert_eq!(failed, Err(NoAnswer));
        let counted = keeper
            .ask(|count| {
                *count += 1;
                *count
            })
            .await;
        assert_eq!(counted, Ok(2));
    }

    #[tokio::test]
    async fn a_closed_store_answers_nothing() {
        let keeper = Keeper::start("counter", 1).unwrap();
        keeper.close().await;
        assert_eq!(keeper.ask(|count| *count).await, Err(NoAnswer));
    }
}
