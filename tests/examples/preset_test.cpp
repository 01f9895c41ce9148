// --preset in the programs: each preset trains, resumes exactly and translates; another one than was asked for is
// named.
#include "trained.hpp"

namespace {

/// The checkpoint of two iterations in a result folder.
std::string checkpoint_in(const std::string& results) {
  return results + "/drawn/model/drawn_params_0000002.safetensors";
}

}  // namespace

TEST_CASE("Each preset trains, resumes exactly, translates and is drawn") {
  const Copy folder;
  for (const std::string preset : {"tensorflow", "paddle"}) {
    INFO(preset);
    const auto train = [&](const std::string& flags) {
      const Outcome end = run(folder.path(), "train_selfie2anime",
                              tiny + "--light True --preset " + preset + " --decay_flag False " + flags);
      INFO(end.err);
      CHECK(end.code == 0);
    };
    train("--iteration 3 --save_freq 2 --result_dir whole_" + preset);
    const std::string results = "parts_" + preset, last = "/drawn/model/drawn_params_0000003.safetensors";
    train("--iteration 2 --result_dir " + results);
    train("--iteration 3 --resume True --result_dir " + results);
    CHECK(text_in(folder / (results + last)) == text_in(folder / ("whole_" + preset + last)));

    const std::string weights = " --weights " + checkpoint_in(results);
    for (const std::string flags : {"translate --output t.png", "figure --output f.png"}) {
      const std::size_t blank = flags.find(' ');
      const std::string with_input = flags.substr(blank + 1) + weights + " --input drawn/testA/portrait_0001.png";
      const std::string program = flags.substr(0, blank);
      CHECK(run(folder.path(), program, with_input).code == 0);
      CHECK(run(folder.path(), program, with_input + " --preset " + preset).code == 0);
      CHECK(unlike_failure(run(folder.path(), program, with_input + " --preset pytorch"), 1,
                           "is of the preset " + preset + ", but the preset pytorch was asked for; run with --preset " +
                               preset) == "");
    }
    CHECK(contains(run(folder.path(), "convert", "--info " + checkpoint_in(results)).out, "--preset " + preset));
  }
}

TEST_CASE("A training of another preset is neither resumed nor started from") {
  const Copy folder;
  const std::string refused = light_checkpoint + " is of the preset pytorch, but the preset paddle was asked for";
  const std::string flags = tiny + "--light True --preset paddle --iteration 3 ";
  CHECK(unlike_failure(run(folder.path(), "train_selfie2anime", flags + "--result_dir light --resume True"), 1,
                       refused) == "");
  CHECK(unlike_failure(run(folder.path(), "train_selfie2anime", flags + "--init_weights " + light_checkpoint), 1,
                       refused) == "");
  CHECK(
      unlike_failure(run(folder.path(), "train_selfie2anime", tiny + "--phase test --preset paddle --result_dir light"),
                     1, refused) == "");
  CHECK(unlike_failure(run(folder.path(), "train_selfie2anime", "--preset torch"), 2, "--preset") == "");
}
