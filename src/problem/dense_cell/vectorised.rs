//! Loops compiled for the vectors of the processor they run on.

/// What `pulp` runs. Its own impl for closures goes through `FnOnce`, whose shim is not inlined, so that the loop would be compiled for the
/// narrowest vectors after all.
struct Run<F>(F);

impl<R, F: FnMut() -> R> pulp::WithSimd for Run<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// `f()`, where `f` is a closure marked `#[inline(always)]`.
pub(super) fn vectorised<R>(f: impl FnMut() -> R) -> R {
    pulp::Arch::new().dispatch(Run(f))
}
