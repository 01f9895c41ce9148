// What the tests of other codes' files share: the tensors of a file, and whether two files hold the same.
#pragma once

#include "catch.hpp"

#include <ugatit/io/weights_file.hpp>

inline std::vector<std::byte> bytes_in(const ugatit::WeightsFile& file, const std::string& name) {
  REQUIRE(file.find(name) != nullptr);
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.find(name)->bytes()));
  file.read(name, bytes);
  return bytes;
}

inline void read_all(const std::filesystem::path& path) {
  const ugatit::WeightsFile file(path);
  for (const ugatit::TensorInfo& tensor : file.tensors()) bytes_in(file, tensor.name);
}

/// The same names, shapes, types and bits.
inline void check_same_tensors(const ugatit::WeightsFile& file, const ugatit::WeightsFile& expected) {
  CHECK(file.tensors().size() == expected.tensors().size());
  for (const ugatit::TensorInfo& tensor : expected.tensors()) {
    INFO(tensor.name);
    REQUIRE(file.find(tensor.name) != nullptr);
    CHECK(file.find(tensor.name)->dtype == tensor.dtype);
    CHECK(file.find(tensor.name)->shape == tensor.shape);
    CHECK(bytes_in(file, tensor.name) == bytes_in(expected, tensor.name));
  }
}
