// Draws the demo data set for unpaired translation: photos of people (A) and cartoons of other people (B).
#include "common/program.hpp"
#include "common/progress.hpp"
#include "portraits/dataset.hpp"

#include <string>

namespace {

constexpr const char* description = R"(Draws a data set for unpaired translation.

FOLDER/trainA  softly lit, textured photos of people
FOLDER/trainB  flat, outlined, large-eyed cartoons of other people
FOLDER/testA   photos of a third group of people
FOLDER/testB   cartoons of that same group: testB/portrait_0001.png shows the person of
               testA/portrait_0001.png, so that a translation can be compared with a true partner

All images follow from the seed: the same seed draws the same people, at any size and count.)";

constexpr const char* footer = R"(
Examples:
  draw_portraits --output dataset/portraits
  draw_portraits --output dataset/portraits --size 64 --train 500 --test 50 --seed 7
  train_selfie2anime --dataset portraits --img_size 64
)";

}  // namespace

int main(int argc, char** argv) {
  using namespace ugatit;
  CLI::App app(description, "draw_portraits");
  app.footer(footer);

  portraits::DatasetPlan plan;
  app.add_option("--output", plan.folder, "The folder to write to; it is created where there is none")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--size", plan.size, "Width and height of the images")
      ->check(CLI::Range(16, 2048))
      ->capture_default_str();
  app.add_option("--train", plan.train, "How many people are in trainA, and how many others in trainB")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("--test", plan.test, "How many people are in both testA and testB")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("--seed", plan.seed, "Other people for another seed")->capture_default_str();
  app.add_option("--threads", plan.threads, "How many threads draw; 0: all that the machine has")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();

  return examples::run_program(app, argc, argv, [&] {
    examples::Progress progress(0, static_cast<long>(portraits::portraits_of(plan).size()), "images");
    portraits::write_dataset(plan, [&] { progress.step([] { return std::string(); }); });
    return examples::done;
  });
}
