// The trained generators that come with the repository.
#include "common/pictures.hpp"
#include "program.hpp"

#include <ugatit/metrics/pair.hpp>
#include <ugatit/train/weights.hpp>

#include <string>

using namespace ugatit;

// The table of docs/results.md: of fewer people than these 200, the mean distance varies too much from seed to seed.
TEST_CASE("The trained weights take portraits half the way to their partners or further, in both directions",
          "[slow]") {
  using D = Cpu<float>;
  constexpr int people = 200;
  const TemporaryFolder folder;
  REQUIRE(run(folder.path(), "draw_portraits", "--output . --size 128 --train 0 --test 200 --seed 20261125").code == 0);
  D dev;
  dev.mode = Mode::infer();
  for (const auto& [source, target] : {std::pair("A", "B"), std::pair("B", "A")}) {
    const std::string direction = std::string(source) + "2" + target;
    INFO(direction);
    const WeightsFile file =
        open_weights(std::filesystem::path(UGATIT_WEIGHTS_FOLDER) / ("portraits_" + direction + ".safetensors"));
    ModelNetwork<Generator<16, 2>, D> generator(dev, describe_weights(file).image());
    read_network(file, "gen" + direction, generator);
    double before = 0;
    double after = 0;
    for (const auto& photo : list_images(folder / (std::string("test") + source))) {
      const Image original = read_image(photo);
      const Image partner = read_image(folder / (std::string("test") + target) / photo.filename());
      before += l1(original, partner) / people;
      after += l1(examples::to_picture(dev, generator.forward(examples::to_device(dev, original)).image()), partner) /
               people;
    }
    CHECK(after <= before / 2);
  }
}
