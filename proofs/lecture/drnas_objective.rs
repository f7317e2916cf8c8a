#![doc = include_str!("drnas-objective.md")]

decided!("lecture.drnas-objective", Definition);
