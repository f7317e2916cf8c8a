#![doc = include_str!("drnas-simplex.md")]

decided!("lecture.drnas-simplex", Holds);
