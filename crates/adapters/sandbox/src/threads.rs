//! Where guests run. A guest begins on its caller's thread, because most calls end within a millisecond and a
//! change of threads costs more than they do. One that is still computing after its first slice moves to the
//! guest threads, where it takes turns of a millisecond with the others: nobody waits behind a busy loop, and
//! the server's own threads are free.

use std::sync::Arc;

use emdash_types::{Error, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::running::{Entered, Entry, Running, enter_owned};
use crate::ticker::TickerHandle;

/// The guest threads; they end with the value.
pub(crate) struct Threads {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Threads {
    pub(crate) fn start(count: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(count.max(1))
            .thread_name("sandbox-guest")
            .build()
            .map_err(Error::internal)?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Aborts the task when whoever waits for it goes away.
pub(crate) struct Attached<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Attached<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Enters the guest; `None` when the guest threads are gone because the server stops.
pub(crate) async fn enter(
    running: Box<Running>,
    entry: Entry,
    ticker: &TickerHandle,
    threads: &Handle,
) -> Option<Entered> {
    let _beat = ticker.running();
    let meter = Arc::clone(&running.store.data().meter);
    let slices: BoxFuture<'static, Entered> = enter_owned(running, entry);
    let mut slices = meter.charge(slices);
    if let Some(entered) = first_slice(&mut slices).await {
        return Some(entered);
    }
    (&mut Attached(threads.spawn(slices)).0).await.ok()
}

/// Polls once.
pub(crate) async fn first_slice<F>(future: &mut F) -> Option<F::Output>
where
    F: Future + Unpin,
{
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.poll_unpin(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
