#![doc = include_str!("sdarts-random-objective.md")]

decided!("lecture.sdarts-random-objective", Definition);
