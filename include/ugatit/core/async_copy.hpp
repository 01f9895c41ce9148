// Copies between the host's memory and a device's for which the host does not wait.
//
// They are made in the order in which work was given to the device. A device that works while the host goes on brings
// specialisations; on others each copy is made at once.
#pragma once

#include <ugatit/core/shape.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ugatit {

/// Whether a device works on what it was given while the host goes on.
template <class D>
inline constexpr bool works_by_itself = requires {
  requires D::works_by_itself;
};

/// How many copies of one kind may be under way at once: of the work that runs, and of what comes after it.
inline constexpr std::size_t most_under_way = 2;

/// As many copies as may be under way, which take turns.
template <class Copy>
class CopiesInTurn {
 public:
  /// For `size` numbers each.
  explicit CopiesInTurn(Index size) : all_{Copy(size), Copy(size)} {}

  Copy& start() { return all_[started_++ % most_under_way]; }    ///< the one whose turn it is
  Copy& finish() { return all_[finished_++ % most_under_way]; }  ///< of those that were started the first

 private:
  std::array<Copy, most_under_way> all_;
  std::size_t started_ = 0;
  std::size_t finished_ = 0;
};

/// Copies numbers to a device.
template <class D, class Number>
class AsyncWrite {
 public:
  /// For `size` numbers each time.
  AsyncWrite(D& dev, Index size) : dev_(dev), size_(size) {}

  /// `from` may be used again when it returns.
  void start(const Number* from, Number* to) { copy_from_host(dev_, size_, from, to); }

 private:
  D& dev_;
  Index size_;
};

/// Copies numbers from a device: `start` asks for them, `finish` gives them in the same order. `most_under_way` may
/// have been started and not finished.
template <class D, class Number>
class AsyncRead {
 public:
  /// For `size` numbers each time.
  AsyncRead(D& dev, Index size) : dev_(dev), copies_(size) {}

  /// Asks for the numbers as they will be when the work before is done.
  void start(const Number* from) {
    std::vector<Number>& to = copies_.start().numbers;
    copy_to_host(dev_, static_cast<Index>(to.size()), from, to.data());
  }

  /// Those that were asked for first, once they are there; until `start` is called the second time after.
  std::span<const Number> finish() { return copies_.finish().numbers; }

 private:
  struct Copy {
    explicit Copy(Index size) : numbers(static_cast<std::size_t>(size)) {}

    std::vector<Number> numbers;
  };

  D& dev_;
  CopiesInTurn<Copy> copies_;
};

}  // namespace ugatit
