// Tasks on other threads: every result comes back, and so does what is thrown.
#include "common/workers.hpp"

#include <ugatit/core/error.hpp>

#include <catch2/catch.hpp>

#include <atomic>

using namespace ugatit;
using namespace ugatit::examples;

TEST_CASE("workers return what tasks return or throw", "[examples]") {
  for (const int threads : {0, 1, 3}) {
    Workers workers(threads);
    std::vector<std::future<int>> results;
    for (int i = 0; i < 100; ++i) {
      results.push_back(workers.run([i] {
        if (i % 10 == 3) throw Error("of task " + std::to_string(i));
        return i;
      }));
    }
    for (int i = 0; i < 100; ++i) {
      INFO(threads << " threads, task " << i);
      if (i % 10 == 3) {
        CHECK_THROWS_AS(results[static_cast<std::size_t>(i)].get(), Error);
      } else {
        CHECK(results[static_cast<std::size_t>(i)].get() == i);
      }
    }
  }
}

TEST_CASE("workers finish what they have begun, and no more", "[examples]") {
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  {
    Workers workers(2);
    for (int i = 0; i < 1000; ++i) {
      workers.run([&] {
        ++begun;
        std::this_thread::yield();
        ++ended;
      });
    }
  }
  CHECK(begun == ended);
}
