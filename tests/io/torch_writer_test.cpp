// Writing PyTorch checkpoints. That PyTorch itself reads them is checked by tests/reference/check_torch_files.py.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/io/torch_writer.hpp>
#include <ugatit/io/weights_file.hpp>

#include <numeric>

using namespace ugatit;

namespace {

/// A tensor with bytes of its own.
struct Owned {
  TensorInfo info;
  std::vector<std::byte> bytes;
};

/// Random tensors of two networks, of every element type that PyTorch has, some without dimensions, one empty.
std::vector<Owned> random_tensors(std::mt19937& random) {
  std::vector<Owned> tensors;
  for (const char* network : {"genA2B.", "disGA."}) {
    for (const auto& [storage, dtype] : torch_storage_types) {
      Owned tensor;
      tensor.info.name = std::string(network) + "model." + std::string(storage);
      tensor.info.dtype = dtype;
      for (auto rank = random() % 5; rank-- > 0;) tensor.info.shape.push_back(1 + random() % 6);
      tensor.bytes.resize(static_cast<std::size_t>(tensor.info.bytes()));
      for (std::byte& b : tensor.bytes) b = static_cast<std::byte>(random());
      tensors.push_back(std::move(tensor));
    }
  }
  tensors.push_back({{"disGA.empty", DType::f32, {3, 0}}, {}});
  return tensors;
}

std::vector<TensorSource> sources(const std::vector<Owned>& tensors) {
  std::vector<TensorSource> result;
  for (const Owned& t : tensors) result.push_back({t.info.name, t.info.dtype, t.info.shape, t.bytes});
  return result;
}

std::vector<Owned> read_all(const std::filesystem::path& path) {
  const WeightsFile file(path);
  std::vector<Owned> tensors;
  for (const TensorInfo& info : file.tensors()) {
    tensors.push_back({info, std::vector<std::byte>(static_cast<std::size_t>(info.bytes()))});
    file.read(info.name, tensors.back().bytes);
  }
  return tensors;
}

void check_equal(const std::vector<Owned>& a, const std::vector<Owned>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].info.name);
    CHECK(a[i].info.name == b[i].info.name);
    CHECK(a[i].info.dtype == b[i].info.dtype);
    CHECK(a[i].info.shape == b[i].info.shape);
    CHECK(a[i].bytes == b[i].bytes);
  }
}

}  // namespace

TEST_CASE("What is written as .pt comes back bit for bit, and through safetensors too", "[io][torch]") {
  const TemporaryFolder folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto tensors = random_tensors(random);
  write_torch(folder / "a.pt", sources(tensors));
  const auto back = read_all(folder / "a.pt");
  check_equal(back, tensors);
  write_safetensors(folder / "b.safetensors", {}, sources(back));
  write_torch(folder / "c.pt", sources(read_all(folder / "b.safetensors")));
  CHECK(read_file(folder / "a.pt") == read_file(folder / "c.pt"));
  CHECK(folder.count() == 3);
}

TEST_CASE("The numbers of a .pt begin at multiples of 64 bytes", "[io][torch]") {
  const TemporaryFolder folder;
  std::vector<std::byte> bytes(64);
  std::iota(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<unsigned char*>(bytes.data()) + 64, 1);
  std::vector<TensorSource> tensors;
  for (std::size_t i = 0; i < 30; ++i) {
    tensors.push_back({"genA2B." + std::string(i + 1, 'x'),
                       DType::u8,
                       {static_cast<std::int64_t>(64 - i)},
                       std::span(bytes).first(64 - i)});
  }
  write_torch(folder / "a.pt", tensors);
  const auto file = read_file(folder / "a.pt");
  std::size_t found = 0;
  for (std::size_t at = 0; at < file.size(); at += 64) {
    std::size_t same = 0;
    while (same < 30 && at + same < file.size() && file[at + same] == bytes[same]) ++same;
    if (same == 30) ++found;
  }
  CHECK(found == tensors.size());
}

TEST_CASE("What makes no checkpoint is refused, and nothing remains of it", "[io][torch]") {
  const TemporaryFolder folder;
  const std::vector<std::byte> bytes(8);
  const auto error = [&](const std::vector<TensorSource>& tensors) {
    return error_of([&] { write_torch(folder / "a.pt", tensors); });
  };
  CHECK(contains(error({{"weight", DType::f32, {2}, bytes}}), "weight belongs to no network"));
  CHECK(contains(error({{"a.b", DType::u32, {2}, bytes}}), "a type that PyTorch lacks"));
  CHECK(contains(error({{"a.b", DType::f32, {3}, bytes}}), "do not fit F32 [3]"));
  CHECK(contains(error({{"a.b", DType::f32, {2}, bytes}, {"a.b", DType::f32, {2}, bytes}}), "two tensors named a.b"));
  CHECK(contains(
      error({{"a.b", DType::f32, {2}, bytes}, {"c.b", DType::f32, {2}, bytes}, {"a.c", DType::f32, {2}, bytes}}),
      "do not stand together"));
  CHECK(contains(error_of([&] { write_torch(folder / "missing/a.pt", {}); }), "missing/a.pt cannot be written"));
  CHECK(folder.count() == 0);
}

TEST_CASE("A dictionary of nothing is a checkpoint too", "[io][torch]") {
  const TemporaryFolder folder;
  write_torch(folder / "a.pt", {});
  CHECK(read_all(folder / "a.pt").empty());
}
