// Bad input: one clear line, the right exit code, no crash, nothing half-written.
#include "trained.hpp"

namespace fs = std::filesystem;

namespace {

const std::string light = tiny + "--light True --result_dir light ";
const std::string photo = " --input drawn/testA/portrait_0001.png ";

/// Checks that the program fails with that code and one line that has `part`, and leaves no file behind.
void check_fails(const TemporaryFolder& folder, const std::string& program, const std::string& arguments, int code,
                 const std::string& part) {
  const auto before = files_in(folder.path());
  const Outcome end = run(folder.path(), program, arguments);
  INFO(program << " " << arguments);
  CHECK(unlike_failure(end, code, part) == "");
  CHECK(files_in(folder.path()) == before);
}

void cut(const fs::path& from, const fs::path& to) {
  const std::string bytes = text_in(from);
  put(to, bytes.substr(0, bytes.size() * 2 / 3));
}

}  // namespace

TEST_CASE("Wrong usage ends with exit code 2") {
  const Copy folder;
  const auto refused = [&](const std::string& flags, const std::string& part) {
    check_fails(folder, "train_selfie2anime", flags, 2, part);
  };
  refused("--no_such_flag", "no_such_flag");
  refused("--light Maybe", "takes True or False, not Maybe");
  refused("--img_ch 1", "--img_ch");
  refused("--iteration many", "--iteration");
  refused("--phase sleep", "--phase");
  check_fails(folder, "translate", "--input drawn", 2, "--");
  check_fails(folder, "translate", "--weights w --output o --img_size 30" + photo, 2, "multiple of 4");
}

TEST_CASE("What this build or model cannot do is said") {
  const Copy folder;
  const auto refused = [&](const std::string& flags, const std::string& part) {
    check_fails(folder, "train_selfie2anime", "--data_dir . --dataset drawn --light --result_dir new " + flags, 1,
                part);
  };
  refused("--ch 24", "--ch 24 is not built into this program");
  refused("--ch 8 --n_res 5", "--n_res 5 is not built");
  refused("--ch 8 --n_dis 20", "--n_dis");
  refused("--ch 8 --img_size 32", "--n_dis 6 with --img_size 32 cannot work");
  refused("--ch 8 --img_size 34 --n_dis 4", "multiples of 4");
  refused("--device cuda", "--device cuda is not in this build");
  refused("--precision tf32", "--precision tf32 is for --device cuda");
}

TEST_CASE("Folders without images are named") {
  const Copy folder;
  check_fails(folder, "train_selfie2anime", "--data_dir . --dataset none", 1, "none/trainA does not exist");
  check_fails(folder, "translate", "--weights " + light_checkpoint + " --input none --output o.png", 1, "none");
  fs::create_directory(folder / "empty");
  fs::create_directories(folder / "hollow/trainA");
  check_fails(folder, "translate", "--weights " + light_checkpoint + " --input empty --output o", 1, "empty has no");
  check_fails(folder, "train_selfie2anime", "--data_dir . --dataset hollow", 1, "hollow/trainA has no images");
  put(folder / "notes.png", "This is no image.\n");
  check_fails(folder, "translate", "--weights " + light_checkpoint + " --input notes.png --output o.png", 1,
              "notes.png");
}

TEST_CASE("Files that are no images are skipped and named") {
  const Copy folder;
  cut(golden("photo.jpg"), folder / "drawn/testA/0_cut.jpg");
  Outcome end = run(folder.path(), "translate", "--weights " + light_checkpoint + " --input drawn/testA --output out");
  CHECK(unlike_failure(end, 1, "0_cut.jpg") == "");
  CHECK(files_in(folder / "out").size() == 2);

  cut(golden("photo.jpg"), folder / "drawn/trainA/0_cut.jpg");
  put(folder / "drawn/trainB/0_text.png", "This is no image.\n");
  end = run(folder.path(), "train_selfie2anime", tiny + "--light --iteration 2 --shuffle False --result_dir new");
  INFO(end.err);
  CHECK(end.code == 0);
  CHECK(contains(end.err, "drawn/trainA/0_cut.jpg"));
  CHECK(contains(end.err, "drawn/trainB/0_text.png"));
  CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 2);
}

TEST_CASE("Truncated and altered checkpoints are refused") {
  const Copy folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string good = text_in(folder / light_checkpoint);
  for (int round = 0; round < 6; ++round) {
    std::string bad = good;
    if (round % 2 == 0) {
      bad.resize(random() % good.size());
    } else {
      char& byte = bad[random() % bad.size()];
      byte = static_cast<char>(byte ^ (1 + static_cast<int>(random() % 255)));
    }
    put(folder / light_checkpoint, bad);
    check_fails(folder, "train_selfie2anime", light + "--iteration 3 --resume", 1, light_checkpoint);
    check_fails(folder, "translate", "--output o.png --weights " + light_checkpoint + photo, 1, light_checkpoint);
  }
}

TEST_CASE("A checkpoint that tries to call a function is refused, and does not") {
  const Copy folder;
  for (const std::string name : {"hostile_zip.pt", "hostile_stream.pt", "hostile_pickle.pt"}) {
    fs::copy(golden(name), folder / name);
    check_fails(folder, "translate", "--output o.png --weights " + name + photo, 1, name);
    check_fails(folder, "train_selfie2anime", tiny + "--light --init_weights " + name, 1, name);
  }
  CHECK_FALSE(fs::exists(folder / "a_hostile_checkpoint_ran_this"));
}

TEST_CASE("Flags that contradict a checkpoint are named, with those to use") {
  const Copy folder;
  const auto refused = [&](const std::string& flags, const std::string& part) {
    check_fails(folder, "train_selfie2anime",
                "--data_dir . --dataset drawn --n_dis 4 --img_size 32 --iteration 3 " + flags, 1, part);
  };
  const std::string resume = "--result_dir light --resume --seed 5 ";
  refused(resume + "--ch 8 --light False", "run with --light True");
  refused(resume + "--ch 16 --light", "run with --ch 8");
  refused("--result_dir new --ch 8 --light False --init_weights " + light_checkpoint, "run with --light True");
  refused("--result_dir full --resume --ch 8 --light", "run with --light False");
  refused("--result_dir light --resume --ch 8 --light --seed 6", "--seed 5");
  refused(resume + "--ch 8 --light --batch_size 2", "--batch_size 1");
  refused(resume + "--ch 8 --light --precision float64", "--precision");
  refused(resume + "--ch 8 --light --start_iter 7", "drawn_params_0000007");
}

TEST_CASE("A folder that cannot be written to is named") {
  // Permissions do not bind root, so files stand where folders should be.
  const Copy folder;
  put(folder / "file", "in the way");
  check_fails(folder, "train_selfie2anime", tiny + "--light --result_dir file", 1, "file/drawn");
  check_fails(folder, "train_selfie2anime", tiny + "--light --result_dir /proc/none", 1, "/proc/none");
  check_fails(folder, "translate", "--weights " + light_checkpoint + photo + "--output file/o.png", 1, "file/o.png");
  check_fails(folder, "translate", "--weights " + light_checkpoint + " --input drawn/testA --output file/o", 1,
              "file/o");
  check_fails(folder, "draw_portraits", "--output file/o --train 1 --test 0 --size 16", 1, "file/o");
}

TEST_CASE("A full disk leaves the old checkpoint as it was and nothing half-written") {
  const Copy folder;
  const auto before = files_in(folder / "light/drawn/model");
  for (const std::string flags : {"--iteration 2", "--iteration 3 --resume"}) {
    const Outcome end = run(folder.path(), "train_selfie2anime", light + flags, 1000000);
    CHECK(unlike_failure(end, 1, "free some space") == "");
    CHECK(files_in(folder / "light/drawn/model") == before);
  }
}
