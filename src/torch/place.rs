//! Where tensors live and in which precision: chosen once, carried everywhere.

use std::str::FromStr;

use tch::{Cuda, Device, Kind, Tensor};

use super::{Error, error::Doing, host};

/// The precision of weights, gates and images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

/// A device and a precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    device: Device,
    precision: Precision,
}

/// Why a device cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Not the name of a device.
    #[error("`{0}` is no device; give cpu, cuda or cuda:N")]
    Unknown(String),
    /// CUDA asked for and absent.
    #[error(
        "{0} was asked for and this machine offers {1} CUDA devices to libtorch; use --device cpu, or, where there is a GPU and its driver, \
         run scripts/setup-torch cuda and build again"
    )]
    Absent(String, i64),
}

impl Place {
    /// The device of that name (`cpu`, `cuda`, `cuda:N`), in that precision.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn new(device: &str, precision: Precision) -> Result<Self, PlaceError> {
        let unknown = || PlaceError::Unknown(device.to_owned());
        let index = match device.split_once(':') {
            None if device == "cpu" => return Ok(Self { device: Device::Cpu, precision }),
            None if device == "cuda" => 0,
            Some(("cuda", index)) => usize::from_str(index).map_err(|_| unknown())?,
            _ => return Err(unknown()),
        };
        let count = if Cuda::is_available() { Cuda::device_count() } else { 0 };
        if i64::try_from(index).is_ok_and(|index| index < count) {
            Ok(Self { device: Device::Cuda(index), precision })
        } else {
            Err(PlaceError::Absent(device.to_owned(), count))
        }
    }

    /// The device.
    pub fn device(&self) -> Device {
        self.device
    }

    /// The precision.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The precision, as libtorch names it.
    pub fn kind(&self) -> Kind {
        match self.precision {
            Precision::F32 => Kind::Float,
            Precision::F64 => Kind::Double,
        }
    }

    /// Numbers brought here, in the given shape.
    ///
    /// # Errors
    /// [`Error`] when the shape does not fit or memory is short.
    pub fn tensor(&self, entries: &[f64], shape: &[i64]) -> Result<Tensor, Error> {
        let there = host::bring(entries, self.kind(), self.device).and_then(|x| x.f_reshape(shape));
        there.doing("bringing numbers to the device")
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.device {
            Device::Cuda(index) => write!(f, "cuda:{index}"),
            _ => f.write_str("cpu"),
        }
    }
}
