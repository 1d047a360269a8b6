//! Names of a stream model's states: where in the network each belongs.

use std::fmt;

use serde::{Serialize, Serializer};

/// A state's place, in the order in which a frame goes through the network: blocks and their layers, then the head; in
/// a layer the convolution's buffer before the pooling behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateName {
    place: (u8, u32, u32),
    kind: (u8, String),
    /// With underscores, as newer exports write it.
    plain: String,
}

impl StateName {
    /// Reads `state/b0/l0/pool_buffer` (the hub's files) or `state_block0_layer0_pool_buffer` (newer exports).
    pub fn parse(name: &str) -> Self {
        let plain = name.replace('/', "_");
        let parts: Vec<_> = plain.split('_').filter(|part| *part != "state").collect();
        let number = |part: Option<&&str>, words: [&str; 2]| -> Option<u32> {
            let part = part?;
            words.iter().find_map(|word| part.strip_prefix(word)).and_then(|digits| digits.parse().ok())
        };
        let block = number(parts.first(), ["block", "b"]);
        let layer = number(parts.get(1), ["layer", "l"]);
        let (place, rest) = match (block, layer, parts.first()) {
            (Some(block), Some(layer), _) => ((0, block, layer), &parts[2..]),
            (_, _, Some(&"head")) => ((1, 0, 0), &parts[1..]),
            _ => ((2, 0, 0), &parts[..]),
        };
        let kind = rest.join("_");
        let order = if kind.starts_with("stream") { 0 } else { 1 };
        Self { place, kind: (order, kind), plain }
    }

    /// `block 0, layer 1`, `head`, or nothing where the name tells no place.
    pub fn place(&self) -> String {
        match self.place {
            (0, block, layer) => format!("block {block}, layer {layer}"),
            (1, ..) => "head".into(),
            _ => String::new(),
        }
    }

    /// As the official TF Lite files have it: `state_block0_layer1_pool_buffer`, `state_head_pool_buffer`, and what tells no
    /// place with underscores.
    pub fn official(&self) -> String {
        match self.place {
            (0, block, layer) => format!("state_block{block}_layer{layer}_{}", self.kind()),
            (1, ..) => format!("state_head_{}", self.kind()),
            _ => self.plain.clone(),
        }
    }

    /// `stream_buffer`, `pool_buffer`, `pool_frame_count`, ...
    pub fn kind(&self) -> &str {
        &self.kind.1
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

impl Serialize for StateName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_stand_in_the_networks_order_whoever_wrote_the_names() {
        let mut names: Vec<_> = [
            "state_head_pool_buffer",
            "state_block10_layer0_stream_buffer",
            "state/b2/l1/pool_buffer",
            "state/b2/l1/stream_buffer",
            "state_block2_layer0_pool_frame_count",
        ]
        .map(StateName::parse)
        .into();
        names.sort();
        let described: Vec<_> = names.iter().map(|name| format!("{}: {}", name.place(), name.kind())).collect();
        assert_eq!(
            described,
            [
                "block 2, layer 0: pool_frame_count",
                "block 2, layer 1: stream_buffer",
                "block 2, layer 1: pool_buffer",
                "block 10, layer 0: stream_buffer",
                "head: pool_buffer"
            ]
        );
        assert_eq!(names[1].to_string(), "state_b2_l1_stream_buffer");
        assert_eq!(names[1].official(), "state_block2_layer1_stream_buffer");
    }
}
