#![doc = include_str!("sdarts-random.md")]

decided!("lecture.sdarts-random", Refuted => Holds);
