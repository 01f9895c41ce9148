// TensorFlow checkpoints: whole, cut, damaged. Made by tests/reference/make_tensorflow_files.py.
#include "catch.hpp"
#include "check_tensors.hpp"
#include "support.hpp"

using namespace ugatit;

namespace {

std::string reading_error(const std::filesystem::path& path) {
  return error_of([&] { read_all(path); });
}

const std::string index_name = "tensorflow_light.index";
const std::string data_name = "tensorflow_light.data-00000-of-00001";

/// A copy of the light checkpoint.
void put_checkpoint(const TemporaryFolder& folder) {
  for (const std::string& name : {index_name, data_name}) put(folder / name, read_file(golden(name)));
}

}  // namespace

TEST_CASE("A TensorFlow checkpoint is read under PyTorch's names and shapes, bit for bit", "[io][tensorflow]") {
  for (const std::string name : {"tensorflow_light", "tensorflow_full"}) {
    INFO(name);
    const WeightsFile file(golden(name + ".index"));
    const WeightsFile published(golden(name + ".pickle"));
    CHECK(file.is_tensorflow());
    CHECK(file.format() == "TensorFlow checkpoint");
    check_same_tensors(file, published);
  }
}

TEST_CASE("CRC-32C is the published one", "[io][tensorflow]") {
  const std::string digits = "123456789";
  CHECK(crc32c(bytes_of(digits)) == 0xe3069283U);
  CHECK(crc32c(bytes_of(digits).subspan(4), crc32c(bytes_of(digits).first(4))) == 0xe3069283U);
}

TEST_CASE("Files of a TensorFlow checkpoint that are missing or misnamed are named", "[io][tensorflow]") {
  const TemporaryFolder folder;
  put(folder / index_name, read_file(golden(index_name)));
  CHECK(contains(reading_error(folder / index_name), data_name + " does not exist"));
  put_checkpoint(folder);
  CHECK(reading_error(folder / index_name).empty());
  std::filesystem::copy(folder / index_name, folder / "other");
  CHECK(contains(reading_error(folder / "other"), "name it NAME.index"));
  CHECK(!reading_error(folder / data_name).empty());
}

TEST_CASE("A cut or damaged TensorFlow checkpoint is refused in one line, or read as it was", "[io][tensorflow]") {
  const TemporaryFolder folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const WeightsFile good(golden(index_name));
  for (const std::string& name : {index_name, data_name}) {
    INFO(name);
    put_checkpoint(folder);
    const auto whole = read_file(golden(name));
    for (int i = 0; i < 200; ++i) {
      put(folder / name, std::span(whole).first(random() % whole.size()));
      const std::string error = reading_error(folder / index_name);
      CHECK(!error.empty());
      CHECK(error.find('\n') == std::string::npos);
    }
    for (int i = 0; i < 2000; ++i) {
      auto bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1 + random() % 255);
      put(folder / name, bytes);
      const std::string error = reading_error(folder / index_name);
      CHECK(error.find('\n') == std::string::npos);
      if (!error.empty()) continue;
      const WeightsFile file(folder / index_name);
      CHECK(file.tensors().size() == good.tensors().size());
      for (const TensorInfo& tensor : file.tensors()) CHECK(bytes_in(file, tensor.name) == bytes_in(good, tensor.name));
    }
  }
}
