//! How much memory vectors and panels hold, counted as they come and go.

use std::cell::Cell;

thread_local! {
    static HELD: Cell<u64> = const { Cell::new(0) };
    static MOST: Cell<u64> = const { Cell::new(0) };
}

/// Bytes that are held as long as this is; what was made on another thread is counted there.
#[derive(Debug)]
pub(super) struct Held {
    bytes: u64,
    thread: std::thread::ThreadId,
}

impl Held {
    pub(super) fn new(bytes: u64) -> Self {
        HELD.set(HELD.get() + bytes);
        MOST.set(MOST.get().max(HELD.get()));
        Self { bytes, thread: std::thread::current().id() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // One that was sent to another thread stays on the account of its first.
        if self.thread == std::thread::current().id() {
            HELD.set(HELD.get().saturating_sub(self.bytes));
        }
    }
}

/// The most bytes that the [vectors](super::TensorVector) and [panels](super::TensorPanel) of this thread held during `work`, beyond those held before it.
///
/// A vector counts with all its entries, also where it shares memory with the tensor it was made from; graphs and the network are not counted
/// ([`KeptGraphs`](super::KeptGraphs) tells of graphs).
pub fn most_held<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let (before, outer) = (HELD.get(), MOST.get());
    MOST.set(before);
    let done = work();
    let most = MOST.get();
    MOST.set(outer.max(most));
    (done, most.saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_what_was_alive_together() {
        let outer = Held::new(7);
        let (inner, most) = most_held(|| {
            drop((Held::new(10), Held::new(20)));
            let (kept, most) = most_held(|| Held::new(5));
            assert_eq!(most, 5);
            drop(Held::new(1));
            kept
        });
        assert_eq!(most, 30);
        drop(outer);
        assert_eq!(most_held(|| drop(Held::new(2))).1, 2);
        drop(inner);
    }
}
