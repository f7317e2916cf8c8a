//! Time that a neighbour does not lengthen.

use std::time::Instant;

/// Where the work is done.
pub enum Clock {
    /// On the processor: the time that this process has used of it, on all its threads.
    Processor,
    /// Elsewhere: the wall's.
    Wall(Instant),
}

impl Clock {
    /// For work on a CUDA device, or not.
    pub fn new(cuda: bool) -> Self {
        if cuda || processor().is_none() { Self::Wall(Instant::now()) } else { Self::Processor }
    }

    /// Seconds since some moment.
    pub fn seconds(&self) -> f64 {
        match self {
            Self::Processor => processor().unwrap_or(f64::NAN),
            Self::Wall(start) => start.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds of the processor so far, where they are told.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn processor() -> Option<f64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to `time` alone.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    (status == 0).then_some(time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn processor() -> Option<f64> {
    None
}
