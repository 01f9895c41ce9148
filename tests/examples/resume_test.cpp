// A training that is stopped at any moment and resumed leaves the files of one that was not, byte for byte.
#include "trained.hpp"

#include <ugatit/io/image_file.hpp>

#include <chrono>
#include <thread>

namespace {

const std::string training =
    tiny + "--light True --iteration 12 --save_freq 3 --print_freq 4 --ema 0.9 --evaluate_every 4 ";

/// The files of an uninterrupted training, and how long it took.
struct Reference {
  std::map<std::string, std::string> files;
  double milliseconds = 0;
};

const Reference& uninterrupted() {
  static const Reference reference = [] {
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(trained().path(), "train_selfie2anime", training + "--result_dir whole").code == 0);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    return Reference{files_in(trained() / "whole/drawn"), time.count()};
  }();
  return reference;
}

/// The files of a result folder; a killed process may leave hidden ones, which are no result.
std::map<std::string, std::string> results_in(const std::filesystem::path& folder) {
  auto files = files_in(folder);
  std::erase_if(files,
                [](const auto& file) { return std::filesystem::path(file.first).filename().native()[0] == '.'; });
  return files;
}

/// The names of files that differ or that one side lacks. Reports say when they were written, so they only must be
/// there.
std::string differences(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  std::string names;
  for (const auto& [name, bytes] : a) {
    const auto other = b.find(name);
    if (other == b.end() || (other->second != bytes && name != "report.html")) names += name + "\n";
  }
  for (const auto& [name, bytes] : b) {
    if (!a.contains(name)) names += name + " (extra)\n";
  }
  return names;
}

}  // namespace

TEST_CASE("A training killed at random moments and resumed leaves the same files") {
  const Reference& whole = uninterrupted();
  REQUIRE(whole.files.contains("model/drawn_params_0000012.safetensors"));
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const TemporaryFolder folder;
  std::filesystem::create_directory_symlink(trained() / "drawn", folder / "drawn");
  // How long a run takes changes with what else the machine does: one that ends by itself is started anew, and killed
  // sooner.
  double longest = 0.8 * whole.milliseconds;
  for (int kills = 0; kills < 5;) {
    Running child(folder.path(), "train_selfie2anime", training + "--resume True");
    const double wait = std::uniform_real_distribution<double>(0, longest)(random);
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(wait));
    child.send(SIGKILL);
    if (child.wait().signal == SIGKILL) {
      ++kills;
    } else {
      std::filesystem::remove_all(folder / "results");
      longest *= 0.8;
    }
  }
  const Outcome end = run(folder.path(), "train_selfie2anime", training + "--resume True");
  INFO(end.err);
  CHECK(end.code == 0);
  CHECK(differences(whole.files, results_in(folder / "results/drawn")) == "");
}

TEST_CASE("SIGTERM and Ctrl-C save before the training ends, and it goes on from there") {
  // Endless as long as nobody stops it, and without a learning rate that depends on the end.
  const std::string endless = tiny + "--light True --save_freq 3 --print_freq 4 --ema 0.9 --decay_flag False ";
  for (const int signal : {SIGTERM, SIGINT}) {
    const TemporaryFolder folder;
    std::filesystem::create_directory_symlink(trained() / "drawn", folder / "drawn");
    Running child(folder.path(), "train_selfie2anime", endless);
    const auto losses = folder / "results/drawn/losses.csv";
    // The header and one row: it is training.
    for (int wait = 0; wait < 20000; ++wait) {
      const std::string text = text_in(losses);
      if (std::count(text.begin(), text.end(), '\n') >= 2) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    child.send(signal);
    // As `timeout` asks: once more, to the whole group.
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    child.send(signal);
    const Outcome stopped = child.wait();
    CHECK(stopped.code == 0);
    CHECK(stopped.err == "");
    const std::string saved = "drawn_params_";
    REQUIRE(contains(stopped.out, "stopped: saved results/drawn/model/" + saved));
    const int iteration = std::stoi(stopped.out.substr(stopped.out.find(saved) + saved.size()));
    const std::string rest = endless + "--iteration " + std::to_string(iteration + 5);
    CHECK(run(folder.path(), "train_selfie2anime", rest + " --resume True").code == 0);
    CHECK(run(folder.path(), "train_selfie2anime", rest + " --result_dir whole").code == 0);
    auto files = files_in(folder / "results/drawn");
    const auto whole = files_in(folder / "whole/drawn");
    // Saved where it was stopped, which need not be a multiple of --save_freq.
    std::erase_if(files, [&](const auto& file) {
      return file.first.starts_with("model/" + saved) && !whole.contains(file.first);
    });
    CHECK(differences(whole, files) == "");
  }
}

TEST_CASE("--start_iter resumes from the checkpoint it names") {
  const Reference& whole = uninterrupted();
  const Copy folder;
  std::filesystem::remove(folder / "whole/drawn/model/drawn_params_0000009.safetensors");
  const Outcome end =
      run(folder.path(), "train_selfie2anime", training + "--result_dir whole --resume True --start_iter 6");
  CHECK(end.code == 0);
  CHECK(contains(end.out, "drawn_params_0000006"));
  CHECK(differences(whole.files, files_in(folder / "whole/drawn")) == "");
}

TEST_CASE("A training in bfloat16 goes on exactly, with any memory, in either precision, and translates") {
  const Copy folder;
  const std::string flags = tiny + "--light True --print_freq 4 --decay_flag False --save_freq 2 ";
  const auto train = [&](const std::string& more) {
    const Outcome end = run(folder.path(), "train_selfie2anime", flags + more);
    INFO(end.err);
    REQUIRE(end.code == 0);
  };
  train("--result_dir whole --precision bfloat16 --iteration 4");
  train("--precision bfloat16 --iteration 2");
  train("--precision bfloat16 --iteration 4 --resume True --memory low");
  for (const char* file : {"model/drawn_params_0000004.safetensors", "losses.csv"}) {
    INFO(file);
    CHECK((text_in(folder / "whole/drawn" / file) == text_in(folder / "results/drawn" / file)));
  }
  train("--iteration 5 --resume True");

  std::filesystem::copy(golden("photo.jpg"), folder / "photo.jpg");
  const std::string weights = "--weights results/drawn/model/drawn_A2B.safetensors --input photo.jpg --output ";
  CHECK(run(folder.path(), "translate", weights + "mixed.png --precision bfloat16").code == 0);
  CHECK(run(folder.path(), "translate", weights + "exact.png").code == 0);
  const ugatit::Image mixed = ugatit::read_image(folder / "mixed.png");
  const ugatit::Image exact = ugatit::read_image(folder / "exact.png");
  REQUIRE(mixed.pixels.size() == exact.pixels.size());
  double distance = 0;
  for (std::size_t i = 0; i < mixed.pixels.size(); ++i)
    distance += std::abs(int{mixed.pixels[i]} - int{exact.pixels[i]});
  CHECK(distance / static_cast<double>(mixed.pixels.size()) < 4);
}

TEST_CASE("A training with gradient penalties goes on exactly, of the largest seed too") {
  const Copy folder;
  const std::string flags = tiny_of_any_seed +
                            "--light True --print_freq 4 --decay_flag False --save_freq 2 --gan_type wgan-gp "
                            "--seed 18446744073709551615 ";
  for (const std::string more : {"--result_dir whole --iteration 4", "--iteration 2", "--iteration 4 --resume True"}) {
    const Outcome end = run(folder.path(), "train_selfie2anime", flags + more);
    INFO(end.err);
    REQUIRE(end.code == 0);
  }
  for (const char* file : {"model/drawn_params_0000004.safetensors", "losses.csv"}) {
    INFO(file);
    CHECK((text_in(folder / "whole/drawn" / file) == text_in(folder / "results/drawn" / file)));
  }
  CHECK(unlike_failure(run(folder.path(), "train_selfie2anime", tiny + "--gan_type unheard"), 2, "--gan_type").empty());
}
