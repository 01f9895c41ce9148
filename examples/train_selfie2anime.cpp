// Trains U-GAT-IT on two folders of images, and runs what it has learned on the test images.
#include "training/options.hpp"
#include "training/train.hpp"
#include "training/translate_test_set.hpp"

namespace {

using namespace ugatit;
using namespace ugatit::examples;

template <class D>
int run(D& dev, const TrainingOptions& options) {
  if (options.phase != "train") return translate_test_set(dev, options) == 0 ? done : failed;
  Training<D>(dev, options).run();
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  TrainingOptions options;
  CLI::App app(
      "Trains U-GAT-IT (unpaired image-to-image translation) on DATA_DIR/DATASET/{trainA,trainB,testA,testB}.\n"
      "For a first try:  train_selfie2anime --dataset NAME --light True --ch 16 --n_res 2 --n_dis 4 --img_size 64 "
      "--augment_flag False --iteration 4000\n"
      "Ctrl-C saves a checkpoint first; --resume True goes on from the newest one.",
      "train_selfie2anime");
  add_options(app, options);
  return run_program(app, argc, argv,
                     [&] { return with_device(options.on, [&](auto& dev) { return run(dev, options); }); });
}
