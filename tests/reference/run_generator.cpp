// Runs a generator on an image and writes what comes out as raw floats: the image, the CAM logits, the heat map. For
// compare_onnx.py, which wants more than the 8 bits of a PNG.
//
//   run_generator WEIGHTS NETWORK IMAGE WIDTH HEIGHT OUTPUT
#include "common/pictures.hpp"
#include "networks/networks.hpp"

#include <ugatit/train/weights.hpp>

#include <cstdio>
#include <fstream>

using namespace ugatit;
using namespace ugatit::examples;

int main(int argc, char** argv) try {
  if (argc != 7) throw Error("usage: run_generator WEIGHTS NETWORK IMAGE WIDTH HEIGHT OUTPUT");
  const WeightsFile file = open_weights(argv[1]);
  const ModelDescription model = describe_weights(file);
  const Image photo = resize(read_image(argv[3]), std::stoi(argv[4]), std::stoi(argv[5]));
  Cpu<float> dev;
  dev.mode = Mode::infer();
  const auto generator = make_generator(dev, model, {1, photo.height, photo.width});
  read_network(file, argv[2], *generator);
  const auto pass = generator->forward(to_device(dev, photo));
  std::ofstream out(argv[6], std::ios::binary);
  const auto write = [&](const std::vector<float>& values) {
    out.write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(float)));
  };
  write(to_host(dev, pass.image()));
  write(to_host(dev, pass.logits()));
  write(to_host(dev, pass.heat_map()));
  if (!out) throw Error(std::string(argv[6]) + " cannot be written");
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
