// What convert writes, and what it says of files.
#include "trained.hpp"

#include <ugatit/io/image_file.hpp>

namespace {

const std::string photo = " --input drawn/testA/portrait_0001.png --output ";

}  // namespace

TEST_CASE("A checkpoint goes to .pt and back, and translates the same") {
  const Copy folder;
  for (const auto& [kind, checkpoint] : {std::pair("light", light_checkpoint), std::pair("full", full_checkpoint)}) {
    INFO(kind);
    CHECK(run(folder.path(), "convert", "--input " + checkpoint + " --output a.pt").code == 0);
    CHECK(run(folder.path(), "convert", "--input a.pt --output b.safetensors").code == 0);
    CHECK(run(folder.path(), "convert", "--input b.safetensors --output c.pt").code == 0);
    CHECK(text_in(folder / "a.pt") == text_in(folder / "c.pt"));
    for (const std::string& weights : {checkpoint, std::string("a.pt"), std::string("b.safetensors")}) {
      const Outcome end =
          run(folder.path(), "translate", "--img_size 32 --weights " + weights + photo + weights + ".png");
      INFO(end.err);
      CHECK(end.code == 0);
      CHECK(text_in(folder / (weights + ".png")) == text_in(folder / (checkpoint + ".png")));
    }
  }
  CHECK(run(folder.path(), "convert", "--input " + light_checkpoint + " --output a.pt").code == 0);
  const Outcome end = run(folder.path(), "train_selfie2anime",
                          tiny + "--iteration 1 --light True --result_dir again --init_weights a.pt");
  INFO(end.err);
  CHECK(end.code == 0);
}

TEST_CASE("One generator alone translates as the one that a training writes") {
  const Copy folder;
  for (const std::string direction : {"A2B", "B2A"}) {
    const std::string more = " --output " + direction + ".safetensors --direction " + direction;
    CHECK(run(folder.path(), "convert", "--input " + light_checkpoint + more).code == 0);
    CHECK(run(folder.path(), "translate",
              "--weights " + direction + ".safetensors --direction " + direction + photo + "one.png")
              .code == 0);
    CHECK(run(folder.path(), "translate",
              "--weights light/drawn/model/drawn_" + direction + ".safetensors --direction " + direction + photo +
                  "two.png")
              .code == 0);
    CHECK(text_in(folder / "one.png") == text_in(folder / "two.png"));
  }
  const Outcome end = run(folder.path(), "convert", "--input A2B.safetensors --output b.safetensors --direction B2A");
  CHECK(unlike_failure(end, 1, "A2B.safetensors has no tensor genB2A.") == "");
  CHECK_FALSE(std::filesystem::exists(folder / "b.safetensors"));
}

TEST_CASE("A copy in our own format is the same file, a training's state included") {
  const Copy folder;
  CHECK(run(folder.path(), "convert", "--input " + light_checkpoint + " --output copy.safetensors").code == 0);
  CHECK(text_in(folder / "copy.safetensors") == text_in(folder / light_checkpoint));
}

TEST_CASE("In float16 a generator is half as large and translates nearly the same") {
  const Copy folder;
  const std::string input = "--input " + light_checkpoint + " --direction A2B --output ";
  CHECK(run(folder.path(), "convert", input + "whole.safetensors").code == 0);
  CHECK(run(folder.path(), "convert", input + "half.safetensors --half True").code == 0);
  const auto size = [&](const char* file) { return static_cast<double>(std::filesystem::file_size(folder / file)); };
  CHECK(size("half.safetensors") < 0.6 * size("whole.safetensors"));
  for (const std::string weights : {"whole", "half"}) {
    CHECK(run(folder.path(), "translate", "--weights " + weights + ".safetensors" + photo + weights + ".png").code ==
          0);
  }
  const ugatit::Image whole = ugatit::read_image(folder / "whole.png");
  const ugatit::Image half = ugatit::read_image(folder / "half.png");
  int worst = 0;
  for (std::size_t i = 0; i < whole.pixels.size(); ++i)
    worst = std::max(worst, std::abs(whole.pixels[i] - half.pixels[i]));
  CHECK(worst <= 4);
  const Outcome end = run(folder.path(), "convert", input + "half.pt --half True");
  CHECK(unlike_failure(end, 2, "--half: is for .safetensors alone") == "");
}

TEST_CASE("A generator becomes an ONNX model, with all outputs or the image alone") {
  const Copy folder;
  for (const std::string& checkpoint : {light_checkpoint, full_checkpoint}) {
    CHECK(run(folder.path(), "convert", "--input " + checkpoint + " --output all.onnx").code == 0);
    CHECK(run(folder.path(), "convert", "--input " + checkpoint + " --output image.onnx --image_only").code == 0);
    CHECK(contains(text_in(folder / "all.onnx"), "heat_map"));
    CHECK_FALSE(contains(text_in(folder / "image.onnx"), "heat_map"));
  }
  // The only generator of a file, without being asked for.
  const std::string alone = "light/drawn/model/drawn_B2A.safetensors";
  CHECK(run(folder.path(), "convert", "--input " + alone + " --output one.onnx").code == 0);
  CHECK(run(folder.path(), "convert", "--input " + light_checkpoint + " --output two.onnx --direction B2A").code == 0);
  CHECK(text_in(folder / "one.onnx") == text_in(folder / "two.onnx"));
}

TEST_CASE("--info says what a file holds and which flags it wants") {
  const Copy folder;
  const Outcome light = run(folder.path(), "convert", "--info " + light_checkpoint);
  CHECK(light.code == 0);
  CHECK(contains(light.out, "safetensors"));
  CHECK(contains(light.out, "iteration  2\n"));
  CHECK(contains(light.out, "genA2B, genB2A, disGA, disGB, disLA, disLB\n"));
  CHECK(contains(light.out, "--light True --ch 8 --n_res 4 --n_dis 4 --img_size 32\n"));
  CHECK(contains(light.out, "genA2B.DownBlock.1.weight"));
  CHECK(contains(light.out, "\nadam.m: "));

  CHECK(run(folder.path(), "convert", "--input " + full_checkpoint + " --output x_params_0123000.pt").code == 0);
  const Outcome full = run(folder.path(), "convert", "--info x_params_0123000.pt");
  CHECK(full.code == 0);
  CHECK(contains(full.out, "PyTorch zip archive"));
  CHECK(contains(full.out, "iteration  123000 (from the file's name)\n"));
  CHECK(contains(full.out, "--light False --ch 8 --n_res 4 --n_dis 4 --img_size 32\n"));

  CHECK(unlike_failure(run(folder.path(), "convert", "--info drawn/testA/portrait_0001.png"), 1, "holds no weights") ==
        "");
}

TEST_CASE("Flags that make no sense together are wrong usage") {
  const TemporaryFolder folder;
  for (const std::string flags :
       {"", "--input a.pt", "--output a.pt", "--info a.pt --input b.pt", "--input a.pt --output b.jpg",
        "--input a.pt --output b.pt --direction C2D", "--input a.pt --output b.pt --image_only True"}) {
    INFO(flags);
    CHECK(unlike_failure(run(folder.path(), "convert", flags), 2, "convert: ") == "");
  }
  CHECK(unlike_failure(run(folder.path(), "convert", "--input a.pt --output b.pt"), 1, "a.pt does not exist") == "");
}
