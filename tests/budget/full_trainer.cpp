// The compile budget: the whole trainer at full width in one translation unit.
#include <ugatit/ugatit.hpp>

int main() {
  using Device = ugatit::Cpu<float>;
  using Generator = ugatit::ModelNetwork<ugatit::Generator<64, 4, ugatit::StyleFrom::whole_map>, Device>;
  using Global = ugatit::ModelNetwork<ugatit::Discriminator<64, 7>, Device>;
  using Local = ugatit::ModelNetwork<ugatit::Discriminator<64, 5>, Device>;
  Device dev;
  const ugatit::Extent extent{1, 256, 256};
  ugatit::Trainer<Device> trainer(dev,
                                  {std::make_unique<Generator>(dev, extent), std::make_unique<Generator>(dev, extent),
                                   std::make_unique<Global>(dev, extent), std::make_unique<Local>(dev, extent),
                                   std::make_unique<Global>(dev, extent), std::make_unique<Local>(dev, extent)},
                                  {});
  trainer.initialise(1);
  const ugatit::Images<Device> image(dev, extent);
  ugatit::fill(dev, image.size(), 0.5F, image.data());
  trainer.step(image, image);
}
