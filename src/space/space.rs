//! A search space at a size.

use ndarray::Array2;

use super::{Cell, CellKind, Gates, Instance, Settings, SettingsError, Skeleton, SpaceName, Tying};

/// A published search space at a size: everything about a network but its tensors.
///
/// ```
/// use nasproof::space::{Settings, Space, SpaceName};
///
/// let space = Space::published(SpaceName::Darts);
/// assert_eq!(space.gates().shape(), (8 * 14, 8));
///
/// let small = Settings { channels: 4, cells: 4, ..Settings::published(SpaceName::Darts) };
/// let space = Space::new(SpaceName::Darts, small)?;
/// assert_eq!(space.gates().shape(), (4 * 14, 8));
/// # Ok::<(), nasproof::space::SettingsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    name: SpaceName,
    settings: Settings,
    cell: Cell,
    instances: Vec<Instance>,
    gates: Gates,
}

impl Space {
    /// The space at that size.
    ///
    /// # Errors
    /// [`SettingsError`], with what to give instead.
    pub fn new(name: SpaceName, settings: Settings) -> Result<Self, SettingsError> {
        settings.check(name, name.skeleton().halvings(&settings))?;
        Ok(Self::unchecked(name, settings))
    }

    /// The space at its published size.
    pub fn published(name: SpaceName) -> Self {
        Self::unchecked(name, Settings::published(name))
    }

    fn unchecked(name: SpaceName, settings: Settings) -> Self {
        let cell = name.cell();
        let instances = name.skeleton().instances(&settings, &cell);
        let gates = gates(&cell, &instances);
        Self { name, settings, cell, instances, gates }
    }

    /// Its name.
    pub fn name(&self) -> SpaceName {
        self.name
    }

    /// Its size.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The cell.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// What the cells are put into.
    pub fn skeleton(&self) -> Skeleton {
        self.name.skeleton()
    }

    /// The cells in the order of the data flow.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The gates.
    pub fn gates(&self) -> &Gates {
        &self.gates
    }

    /// The kinds of cells that have architecture parameters: both where reduction cells are searched, whether or not so small a network has
    /// both.
    pub fn kinds(&self) -> &'static [CellKind] {
        match self.skeleton() {
            Skeleton::Darts { reductions: true } => &[CellKind::Normal, CellKind::Reduction],
            _ => &[CellKind::Normal],
        }
    }

    /// Which rows of the gates share architecture parameters.
    pub fn tying(&self) -> Tying {
        Tying::new(self)
    }

    /// The features that the classifier reads.
    pub fn features(&self) -> usize {
        let channels = self.instances.last().map_or(self.settings.channels, |last| last.channels);
        match self.skeleton() {
            Skeleton::Darts { .. } => self.cell.output.len() * channels,
            Skeleton::Nb201 | Skeleton::OneShot => channels,
        }
    }
}

fn gates(cell: &Cell, instances: &[Instance]) -> Gates {
    let (rows, columns) = (cell.rows.len(), cell.columns());
    let operations = [CellKind::Normal, CellKind::Reduction].map(|kind| {
        let names = cell.rows.iter().map(|row| {
            let mut names = row.columns(kind);
            names.resize(columns, String::new());
            names
        });
        names.collect::<Vec<_>>()
    });
    let mask = Array2::from_shape_fn((instances.len() * rows, columns), |(row, column)| {
        !operations[instances[row / rows].kind.index()][row % rows][column].is_empty()
    });
    Gates {
        cells: instances.iter().map(|instance| instance.kind).collect(),
        edges: cell.rows.iter().map(super::cell::Row::ends).collect(),
        operations,
        mask,
    }
}
