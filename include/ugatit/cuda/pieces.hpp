// One kernel for many arrays of any sizes: each team has a piece of one of them.
#pragma once

#include <ugatit/cuda/team.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace ugatit {

namespace pieces {

constexpr Index length = 8192;    ///< numbers of a piece
constexpr std::size_t most = 48;  ///< arrays in one launch: the list travels with it, in at most 4 KB

/// How many pieces an array of that size has.
constexpr Index count(Index size) {
  return (size + length - 1) / length;
}

/// Part of an array: numbers [begin, begin + size) of the item.
struct Piece {
  Index item, begin, size;
};

/// The arrays of one launch.
template <class Item>
struct List {
  std::array<Item, most> items;       ///< what is known of each array; has a `size`
  std::array<Index, most + 1> first;  ///< pieces before each array's
  Index used = 0;                     ///< arrays in the list

  UGATIT_KERNEL const Item& item(Index i) const { return (&items.front())[i]; }
  UGATIT_KERNEL Index pieces_before(Index i) const { return (&first.front())[i]; }
  /// Where the piece of that number is.
  UGATIT_KERNEL Piece find(Index piece) const {
    Index i = 0;
    while (pieces_before(i + 1) <= piece) ++i;
    const Index begin = (piece - pieces_before(i)) * length;
    const Index rest = item(i).size - begin;
    return {i, begin, rest < length ? rest : length};
  }
};

/// The next arrays, as many as fit into one list; they are taken from `items`.
template <class Item>
List<Item> take(std::span<const Item>& items) {
  List<Item> list;
  const std::size_t used = std::min(items.size(), most);
  list.used = static_cast<Index>(used);
  list.first[0] = 0;
  for (std::size_t i = 0; i < used; ++i) {
    list.items[i] = items[i];
    list.first[i + 1] = list.first[i] + count(items[i].size);
  }
  items = items.subspan(used);
  return list;
}

/// How many pieces all of them have.
template <class Item>
Index count(const List<Item>& list) {
  return list.first[static_cast<std::size_t>(list.used)];
}

}  // namespace pieces

}  // namespace ugatit
