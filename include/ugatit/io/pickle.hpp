// What a Python pickle holds, as a tree of plain nodes (pickle_reader.hpp builds it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ugatit {

/// One object of a pickle. Objects refer to each other by their index in `Pickle::nodes`; cycles are possible.
struct PickleNode {
  /// What a node is.
  enum class Kind {
    none,
    boolean,   ///< `integer` is 0 or 1
    integer,   ///< `integer`; one of more than 8 bytes is only in `text`, as little-endian bytes
    real,      ///< `real`
    text,      ///< `text`, UTF-8 or bytes
    list,      ///< `items`
    tuple,     ///< `items`
    dict,      ///< `items` are key, value, key, value, …
    function,  ///< `text` is "module.name"
    call,  ///< of the function `text`; `items` are its arguments (a tuple), then what was put into it as into a dict
    persistent,  ///< something stored elsewhere; `items` is its identifier
  };

  Kind kind = Kind::none;            ///< which of the others counts
  std::int64_t integer = 0;          ///< of a whole number or truth value
  double real = 0;                   ///< of a floating number
  std::string text;                  ///< of a string, bytes, or a name
  std::span<const std::byte> bytes;  ///< of a text, in the pickle; one of more than 64 KB is only here
  std::vector<std::size_t> items;    ///< indices of the nodes inside
  std::optional<std::size_t> state;  ///< what a call's result was given for its attributes
};

/// The objects of one pickle.
struct Pickle {
  std::vector<PickleNode> nodes;  ///< all of it; a node names others by their index
  std::size_t root = 0;           ///< the index of the result
  std::size_t length = 0;         ///< how many bytes the pickle took

  const PickleNode& operator[](std::size_t index) const { return nodes[index]; }  ///< one of them
};

/// The name of a thing in a container: the keys to it, joined with dots.
inline std::string join_keys(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

/// Calls f(index of the value, path) for each pair of a dictionary, whose pairs begin at item `first`; its path is that
/// of the dictionary and the key, joined with a dot.
template <class F>
void each_pair(const Pickle& pickle, const PickleNode& node, std::size_t first, const std::string& path, const F& f) {
  for (std::size_t i = first; i + 1 < node.items.size(); i += 2) {
    const PickleNode& key = pickle[node.items[i]];
    const std::string name = key.kind == PickleNode::Kind::text ? key.text : std::to_string(key.integer);
    f(node.items[i + 1], join_keys(path, name));
  }
}

}  // namespace ugatit
