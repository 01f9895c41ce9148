// The drawn data set: what follows from a seed, who is in which folder, and that both domains show the same people
// differently.
#include "../../examples/portraits/dataset.hpp"
#include "catch.hpp"

#include <chrono>
#include <cstdlib>
#include <set>
#include <string>

using namespace ugatit;
using namespace ugatit::portraits;

namespace {

/// In 8-bit levels.
double mean_distance(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(int{a.pixels[i]} - int{b.pixels[i]});
  return sum / static_cast<double>(a.pixels.size());
}

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("ugatit_portraits_" + std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())) + "_" +
       std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("A portrait follows from its seed", "[examples][portraits]") {
  const Identity who = person(7, Group::test, 1);
  CHECK(who == person(7, Group::test, 1));
  CHECK_FALSE(who == person(8, Group::test, 1));
  CHECK_FALSE(who == person(7, Group::test, 2));

  // The same people with every compiler: what comes last in the stream has not moved.
  CHECK(person(0, Group::test, 1).salt == 2999609185U);

  CHECK(draw_photo(who, 48) == draw_photo(who, 48));
  CHECK(draw_cartoon(who, 48) == draw_cartoon(who, 48));
  CHECK(mean_distance(draw_photo(who, 48), draw_photo(person(8, Group::test, 1), 48)) > 10);
  CHECK(mean_distance(draw_cartoon(who, 48), draw_cartoon(person(8, Group::test, 1), 48)) > 10);
}

TEST_CASE("A portrait has the size that was asked for and looks the same at any", "[examples][portraits]") {
  const Identity who = person(0, Group::test, 3);
  for (const int size : {64, 97, 128}) {
    CHECK(draw_photo(who, size).width == size);
    CHECK(draw_cartoon(who, size).height == size);
  }
  // Every pixel of the small one against the mean of four of the large one; the edges differ a little.
  const Image small = draw_cartoon(who, 64);
  const Image large = draw_cartoon(who, 128);
  double sum = 0;
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const int mean = (large.at(2 * x, 2 * y)[1] + large.at(2 * x + 1, 2 * y)[1] + large.at(2 * x, 2 * y + 1)[1] +
                        large.at(2 * x + 1, 2 * y + 1)[1]) /
                       4;
      sum += std::abs(mean - small.at(x, y)[1]);
    }
  }
  CHECK(sum / (64 * 64) < 3);
}

TEST_CASE("Photo and cartoon of one person are far apart, but nearer than those of two", "[examples][portraits]") {
  double partners = 0;
  double strangers = 0;
  constexpr int people = 12;
  for (int i = 0; i < people; ++i) {
    const Image photo = draw_photo(person(0, Group::test, i), 32);
    partners += mean_distance(photo, draw_cartoon(person(0, Group::test, i), 32)) / people;
    strangers += mean_distance(photo, draw_cartoon(person(0, Group::test, i + 1), 32)) / people;
  }
  CAPTURE(partners, strangers);
  CHECK(partners > 40);
  CHECK(partners < strangers);
}

TEST_CASE("Nobody is in two groups", "[examples][portraits]") {
  std::set<std::uint32_t> seen;
  constexpr int people = 300;
  for (const Group group : {Group::train_photos, Group::train_cartoons, Group::test}) {
    for (int i = 1; i <= people; ++i) seen.insert(person(0, group, i).salt);
  }
  CHECK(seen.size() == 3 * people);
}

TEST_CASE("A data set is written to four folders, and test names pair up", "[examples][portraits]") {
  const TemporaryFolder folder;
  DatasetPlan plan;
  plan.folder = folder.path;
  plan.size = 24;
  plan.train = 3;
  plan.test = 2;
  plan.seed = 5;
  plan.threads = 2;
  int reports = 0;
  write_dataset(plan, [&] { ++reports; });
  CHECK(reports == 10);

  const auto names = [&](const char* part) {
    std::set<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path / part)) {
      result.insert(entry.path().filename().string());
    }
    return result;
  };
  CHECK(names("trainA") == std::set<std::string>{"portrait_0001.png", "portrait_0002.png", "portrait_0003.png"});
  CHECK(names("trainB") == std::set<std::string>{"portrait_0004.png", "portrait_0005.png", "portrait_0006.png"});
  CHECK(names("testA") == std::set<std::string>{"portrait_0001.png", "portrait_0002.png"});
  CHECK(names("testB") == names("testA"));

  const Identity who = person(5, Group::test, 2);
  CHECK(read_image(folder.path / "testA" / "portrait_0002.png") == draw_photo(who, 24));
  CHECK(read_image(folder.path / "testB" / "portrait_0002.png") == draw_cartoon(who, 24));
}

TEST_CASE("A data set that cannot be written is one clear line", "[examples][portraits]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path);
  write_png(folder.path / "file", Image(1, 1));
  DatasetPlan plan;
  plan.folder = folder.path / "file";
  CHECK_THROWS_AS(write_dataset(plan, [] {}), Error);
}
