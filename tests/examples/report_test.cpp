// The report of a training: its curves, its small pictures, and the page as a whole.
#include "trained.hpp"
#include "training/loss_history.hpp"
#include "training/rho_log.hpp"
#include "training/thumbnails.hpp"

#include <nlohmann/json.hpp>

#include <numeric>

using namespace ugatit;
using namespace ugatit::examples;

namespace {

void append(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

std::string page_of(const TemporaryFolder& folder, const std::string& results) {
  return text_in(folder / (results + "/drawn/report.html"));
}

nlohmann::json data_of(const std::string& page) {
  const std::string before = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(before) + before.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::vector<Index> iterations_of(const nlohmann::json& sheets) {
  std::vector<Index> iterations;
  for (const auto& sheet : sheets) iterations.push_back(sheet.at("iteration"));
  return iterations;
}

}  // namespace

TEST_CASE("A history of losses takes up what the file has gained, whole rows only") {
  const TemporaryFolder folder;
  const auto path = folder / "losses.csv";
  LossHistory history(path);
  history.refresh();  // there is no file yet
  CHECK(history.points().empty());
  append(path, "iteration,d_loss,g_loss\n1,2.5,-1e2\n2,3");
  history.refresh();
  CHECK(history.columns() == std::vector<std::string>{"d_loss", "g_loss"});
  REQUIRE(history.points().size() == 1);
  CHECK(history.points()[0].mean(1) == -100);
  append(path, ".5,4\n");
  history.refresh();
  REQUIRE(history.points().size() == 2);
  CHECK(history.points()[1].first == 2);
  CHECK(history.points()[1].mean(0) == 3.5);
  append(path, "3,1\n");
  CHECK(contains(error_of([&] { history.refresh(); }), "damaged row: 3,1"));
}

TEST_CASE("A history of losses stays short, and keeps means and extremes") {
  const TemporaryFolder folder;
  const auto path = folder / "losses.csv";
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Index count = 1000 + static_cast<Index>(random() % 5000);
  std::vector<double> values;
  std::string rows = "iteration,loss\n";
  for (Index i = 1; i <= count; ++i) {
    values.push_back(static_cast<double>(random() % 1000));
    rows += std::to_string(i) + "," + std::to_string(values.back()) + "\n";
  }
  append(path, rows);
  LossHistory history(path);
  history.refresh();
  CHECK(history.points().size() <= LossHistory::most_points);
  CHECK(history.points().size() > LossHistory::most_points / 3);
  Index next = 1;
  for (const LossHistory::Point& point : history.points()) {
    REQUIRE(point.first == next);
    const auto from = values.begin() + (next - 1);
    next += point.count;
    REQUIRE(point.values[0].sum == std::accumulate(from, from + point.count, 0.0));
    REQUIRE(point.values[0].low == *std::min_element(from, from + point.count));
    REQUIRE(point.values[0].high == *std::max_element(from, from + point.count));
  }
  CHECK(next == count + 1);
}

TEST_CASE("A history of rho keeps evenly spread moments") {
  const TemporaryFolder folder;
  RhoLog log(folder / "rho.csv", 0);
  RhoHistory history(folder / "rho.csv");
  const std::size_t count = 1000;
  for (std::size_t moment = 1; moment <= count; ++moment) {
    RhoHistogram histogram{};
    histogram[moment % rho_bins] = static_cast<int>(moment);
    log.add(static_cast<Index>(10 * moment), "first", histogram);
    histogram.back() = 7;
    log.add(static_cast<Index>(10 * moment), "second", histogram);
    if (moment % 77 == 0) history.refresh();
  }
  history.refresh();
  CHECK(history.names() == std::vector<std::string>{"first", "second"});
  const std::vector<Index>& iterations = history.iterations();
  CHECK(iterations.size() <= RhoHistory::most_moments);
  CHECK(iterations.size() > RhoHistory::most_moments / 3);
  for (const auto& [name, histograms] : history.layers()) {
    REQUIRE(histograms.size() == iterations.size());
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      REQUIRE(iterations[i] == 10 + static_cast<Index>(i) * (iterations[1] - 10));
      const auto moment = static_cast<std::size_t>(iterations[i]) / 10;
      if (moment % rho_bins != rho_bins - 1) REQUIRE(histograms[i][moment % rho_bins] == static_cast<int>(moment));
      REQUIRE((name == "second" ? histograms[i].back() == 7 : histograms[i].back() != 7));
    }
  }
}

TEST_CASE("rho is counted in twentieths of [0, 1]") {
  const RhoHistogram histogram = rho_histogram({0, 0.049, 0.05, 0.99, 1});
  CHECK(histogram[0] == 2);
  CHECK(histogram[1] == 1);
  CHECK(histogram[19] == 2);
  CHECK(mean_of({1, 2, 6}) == 3);
}

TEST_CASE("base64 is that of RFC 4648") {
  const auto encode = [](const std::string& text) { return base64(bytes_of(text)); };
  CHECK(encode("") == "");
  CHECK(encode("f") == "Zg==");
  CHECK(encode("fo") == "Zm8=");
  CHECK(encode("foo") == "Zm9v");
  CHECK(encode("foobar") == "Zm9vYmFy");
  CHECK(encode("\xff\xfe\xfd") == "//79");
}

TEST_CASE("A slider shows first and last, and never takes up again what it has dropped") {
  std::vector<std::size_t> before;
  for (std::size_t count = 1; count < 200; ++count) {
    CAPTURE(count);
    const std::vector<std::size_t> shown = shown_entries(count, 16);
    CHECK(shown.size() <= 17);
    CHECK(shown.front() == 0);
    CHECK(shown.back() == count - 1);
    for (const std::size_t entry : shown) {
      const bool is_known = std::ranges::count(before, entry) == 1 || entry == count - 1;
      CHECK(is_known);
    }
    before = shown;
  }
  CHECK(shown_entries(0, 16).empty());
}

TEST_CASE("A thumbnail is a JPEG of bounded width") {
  const std::string uri = thumbnail(Image(1600, 1120));
  CHECK(uri.starts_with("data:image/jpeg;base64,/9j/"));
  CHECK(uri.size() < 100000);
  CHECK(thumbnail(Image(10, 7)).size() < uri.size());
}

TEST_CASE("A training writes a report that holds all it shows") {
  const Copy folder;
  const std::string page = page_of(folder, "light");
  for (const std::string outside : {"http:", "https:", "src=\"", "@import", "@DATA@"})
    CHECK_FALSE(contains(page, outside));
  const nlohmann::json data = data_of(page);
  CHECK(data.at("dataset") == "drawn");
  CHECK(data.at("iteration") == 2);
  CHECK(data.at("iterations") == 2);
  CHECK(data.at("learning_rate").at("rate").size() == 2);
  CHECK(data.at("curves").at("iteration") == nlohmann::json{1, 2});

  // Each column of losses.csv, in its own numbers.
  std::istringstream rows(text_in(folder / "light/drawn/losses.csv"));
  std::string header;
  std::string first;
  std::getline(rows, header);
  std::getline(rows, first);
  const auto& columns = data.at("curves").at("columns");
  CHECK(static_cast<std::ptrdiff_t>(columns.size()) == std::count(header.begin(), header.end(), ','));
  const auto& rho = data.at("rho");
  CHECK(rho.at("iteration") == nlohmann::json{2});
  REQUIRE(rho.at("layers").size() == 20);
  const std::string layer = rho.at("layers").at(0).at("name");
  CHECK(layer == "genA2B.UpBlock1_1.norm1.rho");
  CHECK(columns.contains(layer));
  CHECK(rho.at("layers").at(0).at("counts").at(0).size() == rho_bins);
  CHECK(data.at("metrics").at("iteration").empty());
  const double d_loss = std::stod(first.substr(first.find(',') + 1));
  CHECK(columns.at("d_loss").at("mean").at(0).get<double>() == Approx(d_loss).epsilon(1e-4));

  for (const std::string direction : {"A2B", "B2A"}) {
    CHECK(iterations_of(data.at("sheets").at(direction)) == std::vector<Index>{2});
    CHECK(data.at("sheets").at(direction).at(0).at("image").get<std::string>().starts_with("data:image/jpeg"));
  }
  bool has_seed = false;
  for (const auto& setting : data.at("settings")) has_seed |= setting == nlohmann::json{"--seed", "5"};
  CHECK(has_seed);
}

TEST_CASE("A report of a resumed training goes on where it was, a new one starts anew") {
  const Copy folder;
  const std::string flags = tiny + "--light True --result_dir light --print_freq 1 ";
  REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--iteration 4 --resume").code == 0);
  nlohmann::json data = data_of(page_of(folder, "light"));
  CHECK(iterations_of(data.at("sheets").at("A2B")) == std::vector<Index>{2, 3, 4});
  CHECK(data.at("curves").at("iteration").size() == 4);

  std::filesystem::remove(folder / "light/drawn/img/B2A_0000002.png");
  REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--iteration 3").code == 0);
  data = data_of(page_of(folder, "light"));
  CHECK(iterations_of(data.at("sheets").at("A2B")) == std::vector<Index>{1, 2, 3});
  CHECK(data.at("curves").at("iteration").size() == 3);
}

TEST_CASE("Names that would end the report's script do not") {
  const Copy folder;
  std::filesystem::rename(folder / "drawn", folder / "<!--<script>");
  const Outcome end = run(folder.path(), "train_selfie2anime",
                          "--data_dir . --dataset <!--<script> --ch 8 --n_dis 4 --img_size 32 --light --iteration 1");
  INFO(end.err);
  REQUIRE(end.code == 0);
  const std::string page = text_in(folder / "results/<!--<script>/report.html");
  CHECK_FALSE(contains(page, "<!--<script>"));
  CHECK(data_of(page).at("dataset") == "<!--<script>");
}
