//! Exceptions of libtorch where a call returns none but panics.

use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

use tch::TchError;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// What `work` gives, or as an exception the panic that it ended in, of which nothing is printed. What it was changing is not to be used after that.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, TchError> {
    // Other panics, those of other threads meanwhile among them, are reported as before.
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    done.map_err(|panic| TchError::Torch(message(&*panic)))
}

/// What a panic says; of a result that was unwrapped, the text of its error on one line.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("an exception without a text");
    let inside = text.split_once("value: Torch(\"").map_or(text, |(_, inside)| inside.trim_end_matches("\")"));
    inside.split("\\n").next().unwrap_or(inside).to_owned()
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    use super::*;

    #[test]
    fn an_exception_that_would_panic_is_an_error() {
        let x = Tensor::f_from_slice(&[1.0, 2.0]).unwrap();
        // As tch makes its calls that return nothing: the result is unwrapped inside.
        let error = caught(|| x.f_dot(&x.f_reshape([2, 1]).unwrap()).unwrap()).unwrap_err().to_string();
        assert!(
            error.contains("1D tensors expected") && !error.contains("unwrap") && error.lines().count() == 1,
            "{error}"
        );
        assert_eq!(caught(|| 3).unwrap(), 3);
        assert!(caught(|| panic!("{}", "as said")).map(|(): ()| ()).unwrap_err().to_string().contains("as said"));
        assert!(!QUIET.get());
    }
}
