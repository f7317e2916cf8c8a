//! Errors against $K$ and $N$, as SVG.

use plotters::prelude::*;

use super::{Method, Setting};
use crate::report::palette::OKABE_ITO;

/// A line of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub label: String,
    /// $(x, y)$; what is not positive and finite is left out.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The errors of settings as lines against $N$, or against the iterations of conjugate gradient and the summands $K+1$ of a Neumann
    /// series; one line for each choice of everything else, of at least two points.
    pub fn group(points: &[(Setting, f64)], against_n: bool) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        for &(setting, y) in points {
            let neumann = matches!(setting.method, Method::Neumann | Method::StochasticNeumann);
            let x = if against_n { setting.rows } else { setting.terms.map(|k| k + usize::from(neumann)) };
            let Some(x) = x else { continue };
            let rest = Setting {
                terms: setting.terms.filter(|_| against_n),
                rows: setting.rows.filter(|_| !against_n),
                ..setting
            };
            let label = format!("{} {}", setting.method, rest.parameters()).trim().to_owned();
            match out.iter_mut().find(|series| series.label == label) {
                Some(series) => series.points.push((x as f64, y)),
                None => out.push(Self { label, points: vec![(x as f64, y)] }),
            }
        }
        out.retain(|series| series.points.len() > 1);
        out
    }
}

/// One set of axes, both logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Above the panel.
    pub title: String,
    /// Below it.
    pub x: String,
    /// Beside it.
    pub y: String,
    /// The lines.
    pub series: Vec<Series>,
}

/// The width of the axes, and of the legend beside them.
const PLOT: u32 = 520;
const LEGEND: u32 = 250;

type Failure = Box<dyn std::error::Error>;

/// The panels side by side, `columns` a row, as the text of an SVG file.
///
/// # Errors
/// Those of the drawing library.
pub fn svg(panels: &[Panel], columns: usize) -> Result<String, Failure> {
    let columns = columns.clamp(1, panels.len().max(1));
    let rows = panels.len().div_ceil(columns).max(1);
    let mut out = String::new();
    {
        let size = ((PLOT + LEGEND) * columns as u32, 420 * rows as u32);
        let root = SVGBackend::with_string(&mut out, size).into_drawing_area();
        root.fill(&WHITE)?;
        for (area, panel) in root.split_evenly((rows, columns)).iter().zip(panels) {
            draw(area, panel)?;
        }
        root.present()?;
    }
    Ok(out)
}

fn draw(area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>, panel: &Panel) -> Result<(), Failure> {
    let usable = |&(x, y): &(f64, f64)| x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite();
    let all: Vec<(f64, f64)> = panel.series.iter().flat_map(|s| s.points.iter().copied()).filter(usable).collect();
    if all.is_empty() {
        return Ok(());
    }
    let range = |value: fn(&(f64, f64)) -> f64| {
        all.iter().map(value).fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)))
    };
    let ((left, right), (low, high)) = (range(|p| p.0), range(|p| p.1));
    // Whole decades, so that a narrow range of errors has its ticks too.
    let (bottom, top) = (10f64.powf(low.log10().floor()), 10f64.powf(high.log10().floor() + 1.0));
    let (plot, legend) = area.split_horizontally(PLOT);
    let mut chart = ChartBuilder::on(&plot)
        .caption(&panel.title, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(38)
        .y_label_area_size(64)
        .build_cartesian_2d((left / 1.2..right * 1.2).log_scale(), (bottom..top).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(&panel.x)
        .y_desc(&panel.y)
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .x_label_formatter(&|x| format!("{x}"))
        .y_label_formatter(&|y| format!("{y:.0e}"))
        .draw()?;
    for (i, series) in panel.series.iter().enumerate() {
        let colour = OKABE_ITO[i % OKABE_ITO.len()];
        let dashed = i >= OKABE_ITO.len();
        let points: Vec<(f64, f64)> = series.points.iter().copied().filter(usable).collect();
        let filled = if dashed { colour.stroke_width(1) } else { colour.filled() };
        let line = colour.stroke_width(2);
        let y = 40 + 18 * i as i32;
        if dashed {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 5, 4, line))?;
            for x in [0, 9, 18] {
                legend.draw(&PathElement::new([(x, y), (x + 5, y)], line))?;
            }
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), line))?;
            legend.draw(&PathElement::new([(0, y), (23, y)], line))?;
        }
        chart.draw_series(points.iter().map(|&point| Circle::new(point, 3, filled)))?;
        legend.draw(&Text::new(series.label.as_str(), (28, y - 6), ("sans-serif", 12)))?;
    }
    Ok(())
}
