//! The only crossings between the host and a device.

use ndarray::Array2;
use tch::{Device, Kind, TchError, Tensor};

/// Whether a device is the host.
pub(super) fn is_host(device: Device) -> bool {
    device == Device::Cpu
}

/// Whether the numbers of a tensor lie in the memory of the host.
pub(super) fn holds(tensor: &Tensor) -> bool {
    is_host(tensor.device())
}

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

/// The least and the largest of some integers, `None` where there are none.
pub(super) fn range(tensor: &Tensor) -> Result<Option<(i64, i64)>, TchError> {
    if tensor.numel() == 0 {
        return Ok(None);
    }
    let (least, most) = tensor.f_aminmax(None, false)?;
    Ok(Some((least.f_int64_value(&[])?, most.f_int64_value(&[])?)))
}

/// Integers brought to a device.
pub(super) fn bring_integers(entries: &[i64], device: Device) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(entries)?.f_to_device(device)
}

/// Numbers brought to a device, as a tensor of one dimension.
pub(super) fn bring(entries: &[f64], kind: Kind, device: Device) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(entries)?.f_to_device(device)?.f_to_kind(kind)
}
