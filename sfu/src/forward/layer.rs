//! Which layer of a picture a receiver is shown.

use crate::Layer;

/// All layers, lowest first.
pub const LAYERS: [Layer; 3] = [Layer::Low, Layer::Mid, Layer::High];

impl Layer {
    /// 0 for the lowest.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// The layer to show: the highest active one not above `wanted`, else the lowest active one.
#[must_use]
pub fn choose(wanted: Layer, active: [bool; 3]) -> Option<Layer> {
    let is_active = |layer: &&Layer| active[layer.index()];
    LAYERS[..=wanted.index()]
        .iter()
        .rev()
        .find(is_active)
        .or_else(|| LAYERS.iter().find(is_active))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_layer_not_above_the_wanted_one() {
        assert_eq!(choose(Layer::High, [true, true, true]), Some(Layer::High));
        assert_eq!(choose(Layer::High, [true, true, false]), Some(Layer::Mid));
        assert_eq!(choose(Layer::Low, [true, true, true]), Some(Layer::Low));
        assert_eq!(
            choose(Layer::Low, [false, true, true]),
            Some(Layer::Mid),
            "better too much than nothing"
        );
        assert_eq!(choose(Layer::Mid, [false; 3]), None);
    }
}
