#![doc = include_str!("drnas-selection.md")]

decided!("lecture.drnas-selection", Definition);
