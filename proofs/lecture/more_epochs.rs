#![doc = include_str!("more-epochs.md")]

decided!("lecture.more-epochs", Empirical);
