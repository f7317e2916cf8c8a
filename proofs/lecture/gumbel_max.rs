#![doc = include_str!("gumbel-max.md")]

decided!("lecture.gumbel-max", Refuted => Holds);
