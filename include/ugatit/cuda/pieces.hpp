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

/// Part of an array: numbers [begin, begin + size) of the item.
struct Piece {
  Index item, begin, size;
};

/// The arrays of one launch.
template <class Item, std::size_t Most = most>
struct List {
  std::array<Item, Most> items;       ///< what is known of each array; has a `size`
  std::array<Index, Most + 1> first;  ///< pieces before each array's
  Index used = 0;                     ///< arrays in the list
  Index length = pieces::length;      ///< numbers of a piece

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

  /// Cuts all arrays anew.
  void cut_into(Index numbers) {
    length = numbers;
    first[0] = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(used); ++i) {
      first[i + 1] = first[i] + (items[i].size + length - 1) / length;
    }
  }
};

/// The next arrays, as many as fit into one list, in pieces of that many numbers; they are taken from `items`.
template <class Item, std::size_t Most = most>
List<Item, Most> take(std::span<const Item>& items, Index numbers = length) {
  List<Item, Most> list;
  const std::size_t used = std::min(items.size(), Most);
  list.used = static_cast<Index>(used);
  std::copy_n(items.begin(), used, list.items.begin());
  list.cut_into(numbers);
  items = items.subspan(used);
  return list;
}

/// How many pieces all of them have.
template <class Item, std::size_t Most>
Index count(const List<Item, Most>& list) {
  return list.first[static_cast<std::size_t>(list.used)];
}

}  // namespace pieces

}  // namespace ugatit
