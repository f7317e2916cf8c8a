#![doc = include_str!("step.md")]

decided!("lecture.step", Refuted => Holds);
