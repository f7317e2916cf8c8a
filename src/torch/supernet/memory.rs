//! What the process has allocated.

/// The bytes that the C library's allocator has given out and not got back, those it mapped for single large blocks among them: libtorch's tensors on the
/// CPU are. `None` where there is no such count.
///
/// Unlike the resident memory of the process it does not depend on what was freed before; it is of all threads.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub fn allocated() -> Option<u64> {
    // SAFETY: no arguments, returns numbers by value, takes the locks it needs.
    let info = unsafe { libc::mallinfo2() };
    Some((info.uordblks + info.hblkhd) as u64)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn allocated() -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::allocated;

    /// Much more than other tests allocate at the same time.
    const BYTES: u64 = 1 << 30;

    #[test]
    fn what_is_allocated_is_in_use_and_what_is_freed_is_not() {
        let before = allocated().unwrap();
        let block = std::hint::black_box(vec![0u8; BYTES as usize]);
        let between = allocated().unwrap();
        assert!((between - before).abs_diff(BYTES) < BYTES / 4, "{before} {between} {}", block.len());
        drop(block);
        assert!(allocated().unwrap().abs_diff(before) < BYTES / 4);
    }
}
