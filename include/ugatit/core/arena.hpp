// The memory that all values of a device come from.
//
// Large chunks are taken from the system and never given back before the arena ends; inside them blocks are split,
// merged with their free neighbours, and chosen best fit first. A training iteration frees all that it allocates, so
// from the second one on every block is found here and nothing touches the heap. The bookkeeping lies beside the
// memory, not inside it, so the same arena serves memory that the host cannot touch.
#pragma once

#include <ugatit/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

namespace ugatit {

/// Where chunks come from on the host.
struct HostMemory {
  static constexpr std::size_t alignment = 64;    ///< of every block, in bytes: a cache line, and any packet of numbers
  static constexpr std::size_t page = alignment;  ///< chunks are whole pages

  /// A chunk of memory; throws `std::bad_alloc`.
  static std::byte* take(std::size_t bytes) {
    return static_cast<std::byte*>(::operator new (bytes, std::align_val_t{alignment}));
  }
  /// Returns what `take` gave.
  static void give_back(std::byte* chunk) { ::operator delete (chunk, std::align_val_t{alignment}); }
};

/// Whether the host may read and write what comes out of an arena.
template <class Memory>
inline constexpr bool host_reads = std::is_same_v<Memory, HostMemory>;

/// One piece of a chunk; a block in use counts the handles that share it.
struct Block {
  std::byte* begin = nullptr;      ///< the memory
  std::size_t bytes = 0;           ///< its size
  int users = 0;                   ///< handles that share it; 0: free, below that: put aside
  Block* before = nullptr;         ///< neighbours in the same chunk, by address
  Block* after = nullptr;          ///< the other neighbour
  Block* next_free = nullptr;      ///< neighbours in the list of free blocks of about this size
  Block* previous_free = nullptr;  ///< the other neighbour
};

/// A pool of blocks. Not thread-safe: a device allocates from one thread, workers only see views.
template <class M>
class Arena {
 public:
  using Memory = M;  ///< where chunks come from

  /// Takes memory from the system in chunks of at least `chunk_bytes`, and of at least 1/`growth` of what it has, if
  /// that is not 0: in few large chunks less is lost between blocks, in small ones behind them.
  explicit Arena(std::size_t chunk_bytes = std::size_t{32} << 20U, std::size_t growth = 0)
      : chunk_bytes_(chunk_bytes), growth_(growth) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (std::byte* chunk : chunks_) Memory::give_back(chunk);
  }

  /// A block of at least `bytes`, with one user. Throws `Error` when the system has no more memory.
  Block* take(std::size_t bytes) {
    const std::size_t needed = std::max<std::size_t>(round_up(bytes, Memory::alignment), Memory::alignment);
    Block* block = best_fit(needed);
    if (block == nullptr) block = add_chunk(needed);
    unlink(block);
    if (block->bytes > needed) split(block, needed);
    block->users = 1;
    in_use_ += block->bytes;
    peak_ = std::max(peak_, in_use_);
    return block;
  }

  void share(Block* block) noexcept { ++block->users; }  ///< one handle more

  /// One user less; the last one returns the block.
  void release(Block* block) noexcept {
    if (--block->users > 0) return;
    if (held_) {
      block->users = put_aside;
      block->next_free = aside_;
      aside_ = block;
      return;
    }
    return_to_free(block);
  }

  /// While it is held, blocks that nobody uses any more are put aside: somebody else may still be at them.
  void hold(bool held) noexcept { held_ = held; }

  /// What was put aside may be taken again.
  void settle() noexcept {
    while (aside_ != nullptr) {
      Block* const block = aside_;
      aside_ = block->next_free;
      block->next_free = nullptr;
      block->users = 0;
      return_to_free(block);
    }
  }

  std::size_t in_use() const { return in_use_; }              ///< bytes in blocks that have users
  std::size_t peak() const { return peak_; }                  ///< the most that `in_use` has been
  std::size_t reserved() const { return reserved_; }          ///< bytes taken from the system
  std::size_t chunk_count() const { return chunks_.size(); }  ///< chunks taken from the system and not given back

 private:
  static constexpr int put_aside = -1;

  void return_to_free(Block* block) noexcept {
    in_use_ -= block->bytes;
    if (is_free(block->after)) {
      unlink(block->after);
      absorb_next(block);
    }
    if (is_free(block->before)) {
      block = block->before;
      unlink(block);
      absorb_next(block);
    }
    link(block);
  }

  static std::size_t round_up(std::size_t bytes, std::size_t step) { return (bytes + step - 1) / step * step; }

  static bool is_free(const Block* block) { return block != nullptr && block->users == 0; }

  Block* best_fit(std::size_t bytes) const {
    Block* best = nullptr;
    for (Block* block = free_; block != nullptr; block = block->next_free) {
      if (block->bytes >= bytes && (best == nullptr || block->bytes < best->bytes)) best = block;
    }
    return best;
  }

  Block* add_chunk(std::size_t bytes) {
    const std::size_t least = std::max(chunk_bytes_, growth_ == 0 ? 0 : reserved_ / growth_);
    const std::size_t size = round_up(std::max(bytes, least), Memory::page);
    std::byte* memory = nullptr;
    try {
      memory = Memory::take(size);
    } catch (const std::bad_alloc&) {
      throw Error("out of memory: " + std::to_string(size >> 20U) + " MiB more were wanted beyond " +
                  std::to_string(reserved_ >> 20U) +
                  " MiB; use smaller images, a smaller batch, the light model or, in training, --memory low");
    }
    chunks_.push_back(memory);
    reserved_ += size;
    Block* block = new_node();
    block->begin = memory;
    block->bytes = size;
    link(block);
    return block;
  }

  void split(Block* block, std::size_t bytes) {
    Block* rest = new_node();
    rest->begin = block->begin + bytes;
    rest->bytes = block->bytes - bytes;
    rest->before = block;
    rest->after = block->after;
    if (rest->after != nullptr) rest->after->before = rest;
    block->after = rest;
    block->bytes = bytes;
    link(rest);
  }

  // Neither `block` nor its successor is on the free list.
  void absorb_next(Block* block) noexcept {
    Block* next = block->after;
    block->bytes += next->bytes;
    block->after = next->after;
    if (block->after != nullptr) block->after->before = block;
    next->next_free = spare_;
    spare_ = next;
  }

  void link(Block* block) noexcept {
    block->previous_free = nullptr;
    block->next_free = free_;
    if (free_ != nullptr) free_->previous_free = block;
    free_ = block;
  }

  void unlink(Block* block) noexcept {
    if (block->previous_free != nullptr) block->previous_free->next_free = block->next_free;
    if (block->next_free != nullptr) block->next_free->previous_free = block->previous_free;
    if (free_ == block) free_ = block->next_free;
    block->next_free = block->previous_free = nullptr;
  }

  // Nodes are made in advance, as many again as there are: a later iteration that cuts blocks a little differently
  // finds some left.
  Block* new_node() {
    if (spare_ == nullptr) {
      for (std::size_t more = std::max<std::size_t>(nodes_.size(), 64); more > 0; --more) {
        nodes_.emplace_back().next_free = spare_;
        spare_ = &nodes_.back();
      }
    }
    Block* node = spare_;
    spare_ = node->next_free;
    *node = Block{};
    return node;
  }

  std::size_t chunk_bytes_;
  std::size_t growth_;
  std::vector<std::byte*> chunks_;
  std::deque<Block> nodes_;  // a deque never moves its elements
  Block* free_ = nullptr;
  Block* aside_ = nullptr;  // put aside, linked through next_free
  bool held_ = false;
  Block* spare_ = nullptr;  // nodes that describe nothing at the moment, linked through next_free
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;
  std::size_t reserved_ = 0;
};

}  // namespace ugatit
