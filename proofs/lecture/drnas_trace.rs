#![doc = include_str!("drnas-trace.md")]

decided!("lecture.drnas-trace", Refuted => Holds);
