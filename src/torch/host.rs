//! The only crossings between the host and a device.

use ndarray::Array2;
use tch::{Device, Kind, TchError, Tensor};

/// The number in a tensor of one element.
pub(super) fn number(tensor: &Tensor) -> Result<f64, TchError> {
    tensor.f_double_value(&[])
}

/// The entries in row-major order.
pub(super) fn entries(tensor: &Tensor) -> Result<Vec<f64>, TchError> {
    let tensor = tensor.f_detach()?.f_to_kind(Kind::Double)?.f_contiguous()?;
    let mut out = vec![0.0; tensor.numel()];
    let count = out.len();
    // Copies from whatever device the tensor is on.
    tensor.f_copy_data(&mut out, count)?;
    Ok(out)
}

/// A matrix.
pub(super) fn matrix(tensor: &Tensor) -> Result<Array2<f64>, TchError> {
    let (rows, columns) = tensor.size2()?;
    Array2::from_shape_vec((rows as usize, columns as usize), entries(tensor)?)
        .map_err(|error| TchError::Shape(error.to_string()))
}

/// Numbers brought to a device, as a tensor of one dimension.
pub(super) fn bring(entries: &[f64], kind: Kind, device: Device) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(entries)?.f_to_device(device)?.f_to_kind(kind)
}
