//! Supernets on libtorch; run with `--features torch`.

mod core;
mod data;
mod device;
mod estimate;
mod module;
mod run;
mod search;
mod search_runs;
mod setup;
mod space;
