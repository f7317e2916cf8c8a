//! Arguments that the commands on libtorch share.

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use nasproof::{
    space::{self, SpaceName},
    torch::{Normalisation, Place, Precision, run::GateChoice},
};

use crate::output::{Failure, notice};

/// A search space at a size; what is not given is as published.
#[derive(Debug, Clone, Args)]
pub struct SpaceArgs {
    /// The search space: darts, nb201, 1shot1-1 … 3, s1 … s4 (RobustDARTS), minimal, simplified or modified (the cells of the wiring paper).
    #[arg(long, value_name = "SPACE", value_parser = |text: &str| text.parse::<SpaceName>())]
    pub space: Option<SpaceName>,

    /// Partial channels: only the first 1/K of the channels pass the operations of an edge (PC-DARTS: 4).
    #[arg(long, value_name = "K")]
    pub partial: Option<usize>,

    /// Channels C of the first cells.
    #[arg(long, value_name = "C")]
    pub channels: Option<usize>,

    /// Cells; in nb201 the cells of a stage.
    #[arg(long, value_name = "L")]
    pub cells: Option<usize>,

    /// Classes [default: those of the data].
    #[arg(long, value_name = "N")]
    pub classes: Option<usize>,
}

impl SpaceArgs {
    /// The sizes given, over others.
    pub fn over(&self, size: space::Settings) -> space::Settings {
        space::Settings {
            partial: self.partial.unwrap_or(size.partial),
            channels: self.channels.unwrap_or(size.channels),
            cells: self.cells.unwrap_or(size.cells),
            classes: self.classes.unwrap_or(size.classes),
            ..size
        }
    }
}

/// Where tensors live, and in which precision.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// The device: cpu, cuda or cuda:N [default: cpu, or the device of the run].
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,

    /// The precision [default: f32, or that of the run].
    #[arg(long, value_name = "f32|f64", value_parser = dtype())]
    pub dtype: Option<Precision>,
}

impl PlaceArgs {
    /// The place; what is not given is as in `default`.
    pub fn place(&self, default: (&str, Precision)) -> Result<Place, Failure> {
        let device = self.device.as_deref().unwrap_or(default.0);
        let place = Place::new(device, self.dtype.unwrap_or(default.1))
            .map_err(|error| Failure::input(format!("--device: {error}")))?;
        if tf32(&place) == Some(true) {
            notice(&format!(
                "on {place} libtorch may convolve f32 with the 10 bits of TF32, which round at 5e-4; {TF32}=0 in the environment, or --dtype f64, keeps \
                 it from that"
            ));
        }
        Ok(place)
    }
}

/// Whether convolutions may use TF32 there, as far as this program knows: libtorch lets them by itself, and NVIDIA's libraries are told not to by the environment.
/// `None` where there is none, in double precision and on the CPU.
pub fn tf32(place: &Place) -> Option<bool> {
    let single = place.device().is_cuda() && place.precision() == Precision::F32;
    single.then(|| tf32_allowed(std::env::var(TF32).ok().as_deref()))
}

fn tf32_allowed(variable: Option<&str>) -> bool {
    variable != Some("0")
}

/// What NVIDIA's libraries look at before they use TF32.
const TF32: &str = "NVIDIA_TF32_OVERRIDE";

/// `uniform`, `sampled` or a file.
pub fn gates(text: &str) -> Result<GateChoice, String> {
    match text {
        "uniform" => Ok(GateChoice::Uniform),
        "sampled" => Ok(GateChoice::Sampled),
        _ if text.ends_with(".npy") => Ok(GateChoice::File(text.to_owned())),
        _ => Err("give uniform, sampled or a file FILE.npy of gates, (cells × edges, operations)".to_owned()),
    }
}

/// `batch` or `eval`.
pub fn normalisation() -> impl TypedValueParser<Value = Normalisation> {
    PossibleValuesParser::new(["batch", "eval"])
        .map(|text| if text == "eval" { Normalisation::Eval } else { Normalisation::Batch })
}

fn dtype() -> impl TypedValueParser<Value = Precision> {
    PossibleValuesParser::new(["f32", "f64"]).map(|text| if text == "f64" { Precision::F64 } else { Precision::F32 })
}
