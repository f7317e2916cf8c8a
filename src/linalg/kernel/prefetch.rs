//! Reading ahead.

use super::LINE;

/// A stretch of memory that will be read soon, asked for one cache line at a time.
#[derive(Clone, Copy)]
pub(super) struct Ahead<'a, S>(pub &'a [S]);

impl<S> Ahead<'_, S> {
    /// Asks for the line `k`, if there is one, to be brought into the second-level cache. A hint: it changes nothing but time, and does
    /// nothing on processors without such an instruction.
    #[inline(always)]
    pub fn fetch(&self, k: usize) {
        #[cfg(target_arch = "x86_64")]
        if let (Some(x), Some(sse)) = (self.0.get(k * (LINE / size_of::<S>())), pulp::core_arch::x86::Sse::try_new()) {
            sse._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(std::ptr::from_ref(x).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = k;
    }
}
