//! Tables, CSV, JSON and SVG.
