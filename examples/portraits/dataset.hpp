// The data set: who is drawn in which folder, under which name.
#pragma once

#include "cartoon.hpp"
#include "photo.hpp"

#include <ugatit/io/image_file.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ugatit::portraits {

/// Three groups of people; nobody is in two of them.
enum class Group : std::uint64_t { train_photos = 1, train_cartoons = 2, test = 3 };

/// Person number `index` of a group. Every person is a random stream of their own, so more people change nobody.
inline Identity person(std::uint64_t seed, Group group, int index) {
  return choose_identity(Random(seed, static_cast<std::uint64_t>(group), static_cast<std::uint64_t>(index)));
}

/// What `draw_portraits` draws.
struct DatasetPlan {
  std::filesystem::path folder;
  int size = 256;
  int train = 200;  ///< people in trainA, and others in trainB
  int test = 20;    ///< people in testA, and the same in testB
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all
};

/// One image of a data set.
struct Portrait {
  const char* folder;
  Group group;
  int index;
  bool is_photo;

  std::string name() const {
    char text[32];
    std::snprintf(text, sizeof text, "portrait_%04d.png", index);
    return text;
  }
  Image draw(const DatasetPlan& plan) const {
    const Identity who = person(plan.seed, group, index);
    return is_photo ? draw_photo(who, plan.size) : draw_cartoon(who, plan.size);
  }
};

/// All images of a plan. Numbers begin at 1; those of trainB follow those of trainA, so that no two people share a
/// name.
inline std::vector<Portrait> portraits_of(const DatasetPlan& plan) {
  std::vector<Portrait> all;
  for (int i = 1; i <= plan.train; ++i) {
    all.push_back({"trainA", Group::train_photos, i, true});
    all.push_back({"trainB", Group::train_cartoons, plan.train + i, false});
  }
  for (int i = 1; i <= plan.test; ++i) {
    all.push_back({"testA", Group::test, i, true});
    all.push_back({"testB", Group::test, i, false});
  }
  return all;
}

/// Draws and writes a whole data set; `report()` is called after each image, from one thread at a time.
template <class Report>
void write_dataset(const DatasetPlan& plan, const Report& report) {
  const std::vector<Portrait> all = portraits_of(plan);
  for (const char* folder : {"trainA", "trainB", "testA", "testB"}) {
    std::error_code error;
    std::filesystem::create_directories(plan.folder / folder, error);
    if (error)
      throw Error(one_line(plan.folder / folder) + " cannot be made: " + error.message() + "; give another --output");
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      try {
        write_png(plan.folder / all[i].folder / all[i].name(), all[i].draw(plan));
        const std::lock_guard lock(mutex);
        report();
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = all.size();
      }
    }
  };
  const unsigned count =
      plan.threads > 0 ? static_cast<unsigned>(plan.threads) : std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < count; ++i) workers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ugatit::portraits
