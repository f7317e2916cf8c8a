#![doc = include_str!("appendix-h.2-conv-bn-relu.md")]

decided!("wiring.appendix-h.2-conv-bn-relu", Holds);
