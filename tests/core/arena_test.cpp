// The arena: blocks do not overlap, memory is found again, neighbours merge.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/core/arena.hpp>
#include <ugatit/core/random.hpp>
#include <ugatit/core/tensor.hpp>
#include <ugatit/cpu/device.hpp>

#include <cstring>
#include <vector>

using namespace ugatit;

TEST_CASE("blocks are aligned and do not overlap, whatever the order of taking and giving back", "[arena]") {
  const std::uint64_t seed = testing::fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  Arena<HostMemory> arena(1U << 16U);
  struct Held {
    Block* block;
    std::size_t bytes;
    unsigned char mark;
  };
  std::vector<Held> held;
  const auto check_mark = [](const Held& h) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(h.block->begin);
    return std::all_of(bytes, bytes + h.bytes, [&](unsigned char b) { return b == h.mark; });
  };
  for (int i = 0; i < 3000; ++i) {
    if (held.size() < 40 && random.coin()) {
      const auto bytes = static_cast<std::size_t>(1 + random.below(20000));
      Block* const block = arena.take(bytes);
      REQUIRE(reinterpret_cast<std::uintptr_t>(block->begin) % HostMemory::alignment == 0);
      const auto mark = static_cast<unsigned char>(random.below(256));
      std::memset(block->begin, mark, bytes);
      held.push_back({block, bytes, mark});
    } else if (!held.empty()) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(held.size())));
      REQUIRE(check_mark(held[at]));
      arena.release(held[at].block);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  for (const Held& h : held) arena.release(h.block);
  CHECK(arena.in_use() == 0);

  // All is one free piece a chunk again: what fills a whole chunk is found without a new one.
  const std::size_t reserved = arena.reserved();
  Block* const whole = arena.take(1U << 16U);
  CHECK(arena.reserved() == reserved);
  arena.release(whole);
}

TEST_CASE("an arena that grows takes few chunks, and little more than it needs", "[arena]") {
  Arena<HostMemory> arena(1U << 12U, 4);
  std::vector<Block*> blocks;
  for (int i = 0; i < 4000; ++i) blocks.push_back(arena.take(1U << 10U));
  CHECK(arena.reserved() <= arena.in_use() + arena.in_use() / 4 + (1U << 12U));
  CHECK(arena.chunk_count() <= 40);  // a thousand without growing
  for (Block* const block : blocks) arena.release(block);
}

TEST_CASE("a shared block lives until its last user lets go", "[arena]") {
  Arena<HostMemory> arena(4096);
  Block* const block = arena.take(100);
  arena.share(block);
  arena.release(block);
  CHECK(arena.in_use() > 0);
  arena.release(block);
  CHECK(arena.in_use() == 0);
}

TEST_CASE("parts of a batch are the same memory, and keep it", "[core]") {
  Cpu<float> dev(1);
  Tensor<Map<3>, Cpu<float>> batch(dev, {5, 2, 4});
  Tensor<Map<3>, Cpu<float>> part = batch.part(1, 3);
  const auto last = part.part(2, 1);
  CHECK(part.extent() == Extent{3, 2, 4});
  CHECK(part.size() == 3 * 3 * 8);
  CHECK(part.data() == batch.data() + 3 * 8);
  CHECK(last.data() == batch.data() + 3 * 3 * 8);
  CHECK_FALSE(part.unique());
  batch = {};
  part = {};
  CHECK(last.unique());
  CHECK(dev.arena().in_use() >= 5 * 3 * 8 * sizeof(float));
}

TEST_CASE("what is freed while an arena is held is not given out before it settles", "[core]") {
  Arena<HostMemory> arena(1024);
  Block* const first = arena.take(256);
  Block* const second = arena.take(256);
  arena.hold(true);
  std::byte* const place = first->begin;
  arena.release(first);
  CHECK(arena.in_use() == 512);
  Block* const other = arena.take(256);
  CHECK(other->begin != place);
  arena.hold(false);
  arena.release(second);  // its neighbour is put aside, not free: they do not merge
  Block* const again = arena.take(256);
  CHECK(again->begin != place);
  arena.settle();
  CHECK(arena.in_use() == 512);
  Block* const back = arena.take(256);
  CHECK(back->begin == place);
  for (Block* const block : {other, again, back}) arena.release(block);
  CHECK(arena.in_use() == 0);
  Block* const whole = arena.take(1024);
  CHECK(arena.chunk_count() == 1);
  arena.release(whole);
}
