//! The statements of `influence`, one module each: the derivation, then what a run must show.

mod lemma_1;
