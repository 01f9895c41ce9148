// Memory that the host cannot touch but where it says so, as a GPU's.
#pragma once

#include <ugatit/core/error.hpp>

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace ugatit {

/// Memory that is out of reach but while a `Reach` lives.
struct GuardedMemory {
  static constexpr std::size_t alignment = 256;
  static constexpr std::size_t page = alignment;

  /// Makes all of it accessible while it lives.
  class Reach {
   public:
    Reach() {
      if (count()++ == 0) protect(within);
    }
    Reach(const Reach&) = delete;
    Reach& operator=(const Reach&) = delete;
    ~Reach() {
      if (--count() == 0) protect(PROT_NONE);
    }

    static int now() { return count() > 0 ? within : PROT_NONE; }

   private:
    static constexpr int within = PROT_READ | PROT_WRITE;

    static int& count() {
      static int reaches = 0;
      return reaches;
    }
    static void protect(int how) { GuardedMemory::protect(all().begin, all().used, how); }
  };

  static std::byte* take(std::size_t bytes) {
    const std::size_t size = (bytes + large_page - 1) / large_page * large_page;
    if (all().used + size > reserved) throw std::bad_alloc();
    std::byte* const chunk = all().begin + all().used;
    protect(chunk, size, Reach::now());
    all().used += size;
    ++all().chunks;
    return chunk;
  }
  static void give_back(std::byte* /*chunk*/) {
    if (--all().chunks == 0) all().used = 0;
  }

 private:
  static constexpr std::size_t large_page = std::size_t{2} << 20U;
  static constexpr std::size_t reserved = std::size_t{64} << 30U;

  // Of addresses that follow one another, so that all of it is protected by one call, of large pages, so that this is
  // fast. What is given back is used again when all of it is.
  struct Chunks {
    std::byte* begin;
    std::size_t used = 0;
    int chunks = 0;
  };

  static Chunks& all() {
    static Chunks chunks{reserve()};
    return chunks;
  }
  static std::byte* reserve() {
    void* const memory =
        mmap(nullptr, reserved + large_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    const std::size_t beyond = reinterpret_cast<std::uintptr_t>(memory) % large_page;
    auto* const begin = static_cast<std::byte*>(memory) + (large_page - beyond);
    madvise(begin, reserved, MADV_HUGEPAGE);
    return begin;
  }
  static void protect(std::byte* chunk, std::size_t bytes, int how) {
    if (bytes != 0 && mprotect(chunk, bytes, how) != 0) throw Error("a chunk of memory cannot be protected");
  }
};

}  // namespace ugatit
