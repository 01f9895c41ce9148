// The loader: what a batch holds depends on its number alone.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/loader.hpp>

#include <set>

using namespace ugatit;

namespace {

/// A folder of `count` images, each of one grey level, 10, 20, …, named in that order.
void draw_levels(const TemporaryFolder& folder, int count) {
  for (int i = 1; i <= count; ++i) {
    Image image(12, 9);
    std::ranges::fill(image.pixels, static_cast<std::uint8_t>(10 * i));
    write_png(folder / ("image" + std::to_string(i) + ".png"), image);
  }
}

LoaderSettings settings(const TemporaryFolder& folder) {
  LoaderSettings s;
  s.samples.folder = folder.path();
  s.samples.size = 8;
  s.samples.seed = 5;
  return s;
}

/// The grey levels that a loader gives, one a sample.
std::vector<int> levels(Loader<float>& loader, int batches) {
  std::vector<int> result;
  for (int i = 0; i < batches; ++i) {
    const auto batch = loader.next();
    for (std::size_t at = 0; at < batch.size(); at += 3 * 8 * 8) {
      result.push_back(static_cast<int>(std::lrint((batch[at] + 1) * 127.5F)));
    }
  }
  return result;
}

std::vector<float> values(Loader<float>& loader, int batches) {
  std::vector<float> result;
  for (int i = 0; i < batches; ++i) {
    const auto batch = loader.next();
    result.insert(result.end(), batch.begin(), batch.end());
  }
  return result;
}

}  // namespace

TEST_CASE("A folder is listed by name, without hidden files and folders", "[io][loader]") {
  const TemporaryFolder folder;
  for (const char* name : {"b.png", "a.jpg", "B.png", ".hidden.png", "10", "9"}) put(folder / name, "x");
  std::filesystem::create_directory(folder / "inner");
  std::vector<std::string> names;
  for (const auto& path : list_images(folder.path())) names.push_back(path.filename().string());
  CHECK(names == std::vector<std::string>{"10", "9", "B.png", "a.jpg", "b.png"});

  CHECK(contains(error_of([&] { list_images(folder / "inner"); }), "inner has no images; put"));
  CHECK(contains(error_of([&] { list_images(folder / "missing"); }), "missing does not exist"));
  CHECK(contains(error_of([&] { list_images(folder / "b.png"); }), "is not a folder"));
}

TEST_CASE("Without shuffling the files come in order, again and again", "[io][loader]") {
  const TemporaryFolder folder;
  draw_levels(folder, 5);
  LoaderSettings s = settings(folder);
  s.samples.shuffle = false;
  s.samples.augment = false;
  s.batch = 2;
  Loader<float> loader(s);
  CHECK(loader.file_count() == 5);
  CHECK(levels(loader, 4) == std::vector<int>{10, 20, 30, 40, 50, 10, 20, 30});
  CHECK(loader.position() == 8);
}

TEST_CASE("Each epoch has every file once, in an order of its own", "[io][loader]") {
  const TemporaryFolder folder;
  draw_levels(folder, 9);
  Loader<float> loader(settings(folder));
  std::set<std::vector<int>> orders;
  for (int epoch = 0; epoch < 4; ++epoch) {
    const std::vector<int> order = levels(loader, 9);
    CHECK(std::set<int>(order.begin(), order.end()).size() == 9);
    orders.insert(order);
  }
  CHECK(orders.size() == 4);
}

TEST_CASE("Seed and domain decide, reading ahead does not", "[io][loader]") {
  const TemporaryFolder folder;
  for (int i = 0; i < 4; ++i) write_png(folder / std::to_string(i), crop(pattern(), i, i, 7, 7));
  const auto with = [&](auto change) {
    LoaderSettings s = settings(folder);
    change(s);
    Loader<float> loader(s);
    return values(loader, 12);
  };
  const auto expected = with([](LoaderSettings&) {});
  CHECK(with([](LoaderSettings& s) { s.ahead = 1; }) == expected);
  CHECK(with([](LoaderSettings& s) { s.ahead = 9; }) == expected);
  CHECK(with([](LoaderSettings& s) { s.samples.seed = 6; }) != expected);
  CHECK(with([](LoaderSettings& s) { s.samples.domain = 1; }) != expected);
}

TEST_CASE("A loader that starts at a saved position goes on exactly", "[io][loader]") {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) write_png(folder / std::to_string(i), crop(pattern(), i, i, 7, 7));
  LoaderSettings s = settings(folder);
  s.batch = 2;
  Loader<float> whole(s);
  values(whole, 5);
  s.start = whole.position();
  CHECK(s.start == 10);
  Loader<float> resumed(s);
  CHECK(values(resumed, 7) == values(whole, 7));
  CHECK(resumed.position() == whole.position());
}

TEST_CASE("A float and a double loader give the same pictures", "[io][loader]") {
  const TemporaryFolder folder;
  write_png(folder / "a", pattern());
  Loader<float> narrow(settings(folder));
  Loader<double> wide(settings(folder));
  const auto a = narrow.next();
  const auto b = wide.next();
  CHECK(std::ranges::equal(a, b, [](float x, double y) { return std::abs(x - y) < 1e-6; }));
}

TEST_CASE("Files that cannot be read are skipped and named once", "[io][loader]") {
  const TemporaryFolder folder;
  draw_levels(folder, 3);
  const auto jpeg = read_file(golden("rgb.jpg"));
  put(folder / "cut.jpg", std::span(jpeg).first(jpeg.size() / 2));
  put(folder / "text.png", "no image");
  LoaderSettings s = settings(folder);
  s.samples.shuffle = false;
  s.samples.augment = false;
  std::vector<std::string> warnings;
  Loader<float> loader(s, [&](const std::string& line) { warnings.push_back(line); });
  // cut.jpg comes first and text.png last; the next file in order takes the place of each.
  CHECK(levels(loader, 10) == std::vector<int>{10, 10, 20, 30, 10, 10, 10, 20, 30, 10});
  REQUIRE(warnings.size() == 2);
  CHECK(contains(warnings[0], "cut.jpg is truncated"));
  CHECK(contains(warnings[1], "text.png is not an image"));

  // A resumed loader meets them at other samples, and still gives the same.
  s.start = 4;
  Loader<float> resumed(s);
  CHECK(levels(resumed, 6) == std::vector<int>{10, 10, 10, 20, 30, 10});
}

TEST_CASE("A folder without a readable image is an error, not an endless search", "[io][loader]") {
  const TemporaryFolder folder;
  put(folder / "a.png", "no image");
  Loader<float> loader(settings(folder));
  CHECK(contains(error_of([&] { loader.next(); }), "has no readable image"));
  CHECK(contains(error_of([&] { loader.next(); }), "has no readable image"));
  CHECK(loader.position() == 0);
}

TEST_CASE("A loader ends at once, whatever its thread is doing", "[io][loader]") {
  const TemporaryFolder folder;
  draw_levels(folder, 2);
  for (int i = 0; i < 50; ++i) {
    LoaderSettings s = settings(folder);
    s.ahead = 1 + i % 3;
    Loader<float> loader(s);
    if (i % 2 == 0) loader.next();
  }
  CHECK(contains(error_of([&] {
                   LoaderSettings s = settings(folder);
                   s.batch = 0;
                   Loader<float> loader(s);
                 }),
                 "makes no sense"));
}
