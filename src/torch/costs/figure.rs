//! The cost at every operation of the last cell, and $L-H$ over the epochs, as SVG.

use plotters::{coord::Shift, prelude::*};

use super::Part;
use crate::{report::palette::OKABE_ITO, torch::train::Epoch};

/// One panel of costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Above it.
    pub title: String,
    /// (edge, operation, mean, standard error) in the order of the edges.
    pub points: Vec<(String, String, f64, f64)>,
}

impl Panel {
    /// The costs of the last cell.
    pub fn new(title: &str, part: &Part) -> Self {
        let last = part.gates.iter().map(|gate| gate.cell).max();
        let points = part.gates.iter().filter(|gate| Some(gate.cell) == last).filter_map(|gate| {
            Some((
                gate.edge_name(),
                gate.operation.clone(),
                gate.cost.mean()?,
                gate.cost.standard_error().unwrap_or(0.0),
            ))
        });
        Self { title: title.to_owned(), points: points.collect() }
    }
}

/// The operation in column `i`: the first, which is mostly none, is grey.
fn colour(i: usize) -> RGBColor {
    i.checked_sub(1).map_or(RGBColor(153, 153, 153), |i| OKABE_ITO[i % OKABE_ITO.len()])
}

const WIDTH: u32 = 620;
const HEIGHT: u32 = 380;

type Failure = Box<dyn std::error::Error>;

/// The panels one beside the other, and below them, where there is one, the history.
///
/// # Errors
/// Those of the drawing library.
pub fn svg(panels: &[Panel], history: &[Epoch]) -> Result<String, Failure> {
    let mut out = String::new();
    {
        let columns = panels.len().max(1) as u32;
        let rows = 1 + u32::from(history.len() > 1);
        let root = SVGBackend::with_string(&mut out, (WIDTH * columns, HEIGHT * rows)).into_drawing_area();
        root.fill(&WHITE)?;
        let (above, below) = root.split_vertically(HEIGHT);
        for (area, panel) in above.split_evenly((1, columns as usize)).iter().zip(panels) {
            costs(area, panel)?;
        }
        if history.len() > 1 {
            differences(&below, history)?;
        }
        root.present()?;
    }
    Ok(out)
}

fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (low, high) = values.filter(|x| x.is_finite()).fold((0.0f64, 0.0f64), |(l, h), x| (l.min(x), h.max(x)));
    let margin = 0.06 * (high - low).max(1e-12);
    low - margin..high + margin
}

fn costs(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel) -> Result<(), Failure> {
    let names = |of: fn(&(String, String, f64, f64)) -> &String| {
        let mut out: Vec<&String> = Vec::new();
        panel.points.iter().map(of).for_each(|name| {
            if !out.contains(&name) {
                out.push(name);
            }
        });
        out
    };
    let (edges, operations) = (names(|p| &p.0), names(|p| &p.1));
    let reach = range(panel.points.iter().flat_map(|&(_, _, mean, error)| [mean - error, mean + error]));
    // Tick positions are sums of steps: what rounding leaves of zero is labelled zero.
    let height = reach.end - reach.start;
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 16))
        .margin(12)
        .margin_right(150)
        .x_label_area_size(38)
        .y_label_area_size(78)
        .build_cartesian_2d(0.0..edges.len() as f64, reach)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(0)
        .y_desc("mean cost ∂L/∂Z")
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .y_label_formatter(&|y| if y.abs() < 1e-9 * height { "0".to_owned() } else { format!("{y:.1e}") })
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (edges.len() as f64, 0.0)], BLACK.stroke_width(1)))?;
    for (i, operation) in operations.iter().enumerate() {
        let colour = colour(i);
        let place = (i as f64 + 1.0) / (operations.len() as f64 + 1.0);
        let mut drawn = Vec::new();
        for (edge, _, mean, error) in panel.points.iter().filter(|point| point.1 == **operation) {
            let x = edges.iter().position(|name| *name == edge).unwrap_or(0) as f64 + place;
            drawn.push((x, *mean, *error));
        }
        chart.draw_series(drawn.iter().map(|&(x, y, e)| PathElement::new([(x, y - e), (x, y + e)], colour)))?;
        chart.draw_series(drawn.iter().map(|&(x, y, _)| Circle::new((x, y), 3, colour.filled())))?;
    }
    let plot = chart.plotting_area();
    let pixels = plot.get_pixel_range();
    for (i, edge) in edges.iter().enumerate() {
        let x = pixels.0.start + (pixels.0.end - pixels.0.start) * (2 * i as i32 + 1) / (2 * edges.len() as i32);
        let (left, top) = area.get_base_pixel();
        let text = Text::new(format!("edge {edge}"), (x - left - 24, pixels.1.end - top + 8), ("sans-serif", 12));
        area.draw(&text)?;
    }
    let (left, top) = area.get_base_pixel();
    for (i, operation) in operations.iter().enumerate() {
        let (x, y) = (pixels.0.end - left + 14, pixels.1.start - top + 12 + 18 * i as i32);
        area.draw(&Circle::new((x, y), 4, colour(i).filled()))?;
        area.draw(&Text::new(operation.as_str(), (x + 10, y - 6), ("sans-serif", 12)))?;
    }
    Ok(())
}

fn differences(area: &DrawingArea<SVGBackend<'_>, Shift>, history: &[Epoch]) -> Result<(), Failure> {
    let training: Vec<_> = history.iter().map(|e| (e.epoch as f64, e.training.loss - e.training.entropy)).collect();
    let held_out: Vec<_> = history.iter().map(|e| (e.epoch as f64, e.held_out.loss - e.held_out.entropy)).collect();
    let last = history.last().map_or(1.0, |epoch| epoch.epoch as f64);
    let mut chart = ChartBuilder::on(area)
        .caption("L − H over the epochs", ("sans-serif", 16))
        .margin(12)
        .margin_right(150)
        .x_label_area_size(38)
        .y_label_area_size(78)
        .build_cartesian_2d(0.0..last, range(training.iter().chain(&held_out).map(|p| p.1)))?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .y_desc("L − H in nats")
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .y_label_formatter(&|y| format!("{y:.3}"))
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (last, 0.0)], BLACK.stroke_width(1)))?;
    let (left, top) = area.get_base_pixel();
    let pixels = chart.plotting_area().get_pixel_range();
    let lines = [("trained on", training, OKABE_ITO[0]), ("held out", held_out, OKABE_ITO[1])];
    for (i, (name, points, colour)) in lines.into_iter().enumerate() {
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        let (x, y) = (pixels.0.end - left + 14, pixels.1.start - top + 12 + 18 * i as i32);
        area.draw(&PathElement::new([(x - 6, y), (x + 6, y)], colour.stroke_width(2)))?;
        area.draw(&Text::new(name, (x + 10, y - 6), ("sans-serif", 12)))?;
    }
    Ok(())
}
