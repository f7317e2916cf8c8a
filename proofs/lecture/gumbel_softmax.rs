#![doc = include_str!("gumbel-softmax.md")]

decided!("lecture.gumbel-softmax", Refuted => Holds);
