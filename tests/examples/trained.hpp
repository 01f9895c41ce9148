// A tiny drawn data set and tiny trainings on it, made once for all tests that want one.
#pragma once

#include "program.hpp"

/// Flags of a training that takes about a second, but for its seed.
inline const std::string tiny_of_any_seed = "--data_dir . --dataset drawn --ch 8 --n_dis 4 --img_size 32 --threads 2 ";
/// Flags of a training that takes about a second.
inline const std::string tiny = tiny_of_any_seed + "--seed 5 ";

/// A folder with the data set `drawn` and results of two iterations: `light` and `full`.
inline const TemporaryFolder& trained() {
  static const TemporaryFolder folder;
  static const bool is_ready = [] {
    REQUIRE(run(folder.path(), "draw_portraits", "--output drawn --size 64 --train 6 --test 2").code == 0);
    const std::string flags = tiny + "--iteration 2 ";
    REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--light True --result_dir light").code == 0);
    REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--result_dir full").code == 0);
    return true;
  }();
  REQUIRE(is_ready);
  return folder;
}

inline const std::string light_checkpoint = "light/drawn/model/drawn_params_0000002.safetensors";
inline const std::string full_checkpoint = "full/drawn/model/drawn_params_0000002.safetensors";

/// A copy of `trained()` to do harm to.
class Copy : public TemporaryFolder {
 public:
  Copy() { std::filesystem::copy(trained().path(), path(), std::filesystem::copy_options::recursive); }
};
