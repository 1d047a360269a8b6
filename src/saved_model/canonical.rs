//! The order in which TensorFlow's C++ code writes the entries of maps, in which it takes the checksum of a graph.
//!
//! Python's protobuf, which writes `saved_model.pb`, orders a key behind longer keys that begin with it (`Tidx` before
//! `T`); C++ the other way round. Lengths are the same in both orders, so that a message is sorted in place.

use Message::*;

use super::wire;

/// Messages that hold maps, or messages that do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Message {
    SavedModel,
    MetaGraph,
    /// `MetaInfoDef`.
    Info,
    Graph,
    Library,
    Function,
    Node,
    /// `AttrValue`.
    Attribute,
    /// `AttrValue.ListValue`.
    Attributes,
    /// `NameAttrList`.
    Named,
    ArgumentAttributes,
    Signature,
    Objects,
    Object,
    /// `SavedFunction`.
    ObjectFunction,
    /// `SavedBareConcreteFunction`.
    BareFunction,
    /// `SavedConcreteFunction`.
    ConcreteFunction,
    FunctionSpec,
    /// `StructuredValue`.
    Value,
    List,
    Dictionary,
    NamedTuple,
    Pair,
    TypeSpec,
    /// Holds no map.
    Other,
}

/// What a field holds.
enum Field {
    One(Message),
    /// A map whose values are these.
    Map(Message),
}

impl Message {
    /// Source: the messages' `.proto` files in `tensorflow/core/framework` and `tensorflow/core/protobuf`.
    fn field(self, number: u32) -> Field {
        use Field::{Map, One};
        match (self, number) {
            (SavedModel, 2) => One(MetaGraph),
            (MetaGraph, 1) => One(Info),
            (Info, 6) => Map(Other),
            (MetaGraph, 2) => One(Graph),
            (MetaGraph, 4) => Map(Other),
            (MetaGraph, 5) => Map(Signature),
            (MetaGraph, 7) => One(Objects),
            (Graph, 1) | (Function, 3) => One(Node),
            (Graph, 2) => One(Library),
            (Library, 1) => One(Function),
            (Function, 4 | 6 | 8) => Map(Other),
            (Function, 5) | (Node, 5) | (Named, 2) | (ArgumentAttributes, 1) => Map(Attribute),
            (Function, 7) => Map(ArgumentAttributes),
            (Attribute, 1) => One(Attributes),
            (Attribute, 10) | (Attributes, 9) => One(Named),
            (Signature, 1 | 2 | 4) => Map(Other),
            (Objects, 1) => One(Object),
            (Objects, 2) => Map(ConcreteFunction),
            (Object, 6) => One(ObjectFunction),
            (Object, 8) => One(BareFunction),
            (Object, 11) => Map(Other),
            (ObjectFunction, 2) | (BareFunction, 4) => One(FunctionSpec),
            (ConcreteFunction, 3 | 4) | (FunctionSpec, 1 | 5) => One(Value),
            (Value, 34) => One(TypeSpec),
            (Value, 51 | 52) => One(List),
            (Value, 53) => One(Dictionary),
            (Value, 54) => One(NamedTuple),
            (List, 1) | (Pair, 2) | (TypeSpec, 2) => One(Value),
            (Dictionary, 1) => Map(Value),
            (NamedTuple, 2) => One(Pair),
            _ => One(Other),
        }
    }
}

/// Sorts the maps of the serialized `message` and of all messages in it; `None` where it is damaged.
pub(super) fn sort(message: &mut [u8], kind: Message) -> Option<()> {
    let mut at = 0;
    // Where the entries of the map that is being read are, tags included, and its field.
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let mut map = None;
    while at < message.len() {
        let wire::Field { number, begin, content } = wire::field(message, &mut at)?;
        let (is_map, value) = match kind.field(number) {
            Field::One(value) => (false, value),
            Field::Map(value) => (true, value),
        };
        if map != Some(number).filter(|_| is_map) {
            in_order(message, &entries);
            entries.clear();
            map = Some(number).filter(|_| is_map);
        }
        let Some((from, to)) = content.filter(|_| value != Other || is_map) else { continue };
        if !is_map {
            sort(&mut message[from..to], value)?;
            continue;
        }
        entries.push((begin, to));
        if value != Other {
            entry(&mut message[from..to], value)?;
        }
    }
    in_order(message, &entries);
    Some(())
}

/// Sorts the value, field 2, of a map's entry.
fn entry(message: &mut [u8], value: Message) -> Option<()> {
    let mut at = 0;
    while at < message.len() {
        let found = wire::field(message, &mut at)?;
        if let (2, Some((from, to))) = (found.number, found.content) {
            sort(&mut message[from..to], value)?;
        }
    }
    Some(())
}

/// Puts the entries, which lie one behind the other, into the order of their keys.
fn in_order(message: &mut [u8], entries: &[(usize, usize)]) {
    let (Some(&(begin, _)), Some(&(_, end))) = (entries.first(), entries.last()) else { return };
    if entries.is_sorted_by_key(|&(from, to)| key(&message[from..to])) {
        return;
    }
    let mut sorted = entries.to_vec();
    sorted.sort_by_key(|&(from, to)| key(&message[from..to]));
    let bytes: Vec<u8> = sorted.into_iter().flat_map(|(from, to)| message[from..to].iter().copied()).collect();
    message[begin..end].copy_from_slice(&bytes);
}

/// The key of a map's entry: its number, or its text.
fn key(entry: &[u8]) -> (u64, &[u8]) {
    let read = || {
        let mut at = 0;
        let (from, _) = wire::field(entry, &mut at)?.content?;
        let mut at = from;
        match wire::field(entry, &mut at)?.content {
            Some((from, to)) => Some((0, &entry[from..to])),
            None => Some((wire::varint(entry, &mut (from + 1))?, &[][..])),
        }
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;
    use std::collections::BTreeMap;

    /// A message with a map in field 5, as a node has.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Node5 {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(btree_map = "string, bytes", tag = "5")]
        attributes: BTreeMap<String, Vec<u8>>,
    }

    #[test]
    fn entries_stand_in_the_order_of_their_keys_whatever_they_stood_in() {
        let node = |keys: &[&str]| Node5 {
            name: "node".into(),
            attributes: keys.iter().map(|&key| (key.to_owned(), vec![0x30, key.len() as u8])).collect(),
        };
        let wanted = node(&["T", "Tidx", "axis"]).encode_to_vec();
        let [t, tidx, axis] = ["T", "Tidx", "axis"].map(|key| {
            let name = Node5 { name: "node".into(), ..Node5::default() }.encode_to_vec();
            node(&[key]).encode_to_vec().split_off(name.len())
        });
        let name = Node5 { name: "node".into(), ..Node5::default() }.encode_to_vec();
        for order in [[&tidx, &t, &axis], [&axis, &tidx, &t], [&t, &tidx, &axis]] {
            let mut given = [&name[..], order[0], order[1], order[2]].concat();
            assert_eq!(sort(&mut given, Node), Some(()));
            assert_eq!(given, wanted);
        }
        for cut in name.len() + 1..wanted.len() - 1 {
            let _ = sort(&mut wanted[..cut].to_vec(), Node); // no panic
        }
    }
}
