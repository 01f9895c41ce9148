// PyTorch checkpoints of both serialisations: whole, cut, damaged, hostile. Made by
// tests/reference/make_torch_files.py.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/weights_file.hpp>

using namespace ugatit;
using namespace std::string_literals;

namespace {

std::vector<double> numbers(const WeightsFile& file, const std::string& name) {
  REQUIRE(file.find(name) != nullptr);
  std::vector<double> values(static_cast<std::size_t>(file.find(name)->elements()));
  file.read_as(name, std::span(values));
  return values;
}

/// Opens a file and reads all that it holds.
void read_all(const std::filesystem::path& path) {
  const WeightsFile file(path);
  for (const TensorInfo& tensor : file.tensors()) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes()));
    file.read(tensor.name, bytes);
  }
}

/// What is wrong with this pickle, or "".
std::string pickle_error(const std::string& program) {
  return error_of([&] {
    const Pickle pickle = PickleReader(bytes_of(program), "file", is_torch_function).read();
    const TorchTensors tensors(pickle, "file");
  });
}

}  // namespace

TEST_CASE("Both serialisations are read as PyTorch wrote them", "[io][torch]") {
  for (const char* name : {"torch_zip.pt", "torch_stream.pt"}) {
    CAPTURE(name);
    const WeightsFile file(golden(name));
    CHECK(!file.is_safetensors());
    CHECK(file.metadata().empty());
    CHECK(file.tensors().size() == 14);
    CHECK(file.tensors().front().name == "genA2B.DownBlock.1.weight");
    CHECK(file.tensors().front().shape == TensorShape{2, 3, 1, 2});
    CHECK(file.tensors().front().dtype == DType::f32);
    const std::vector<double> seven{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5};
    CHECK(numbers(file, "formats.half") == seven);
    CHECK(numbers(file, "formats.bfloat16") == seven);
    CHECK(numbers(file, "formats.double") == seven);
    CHECK(numbers(file, "genA2B.transposed") ==
          std::vector<double>{0, 1, 2, 0.25, 1.25, 2.25, 0.5, 1.5, 2.5, 0.75, 1.75, 2.75});
    CHECK(numbers(file, "genA2B.part") == std::vector<double>{2, 2.25, 2.5, 3.5, 3.75, 4});
    CHECK(numbers(file, "genA2B.row") == std::vector<double>{3, 3.25, 3.5, 3.75, 4, 4.25});
    CHECK(numbers(file, "genA2B.parameter") == std::vector<double>{0, 0.25, 0.5, 0.75, 1});
    CHECK(numbers(file, "genA2B.scalar") == std::vector<double>{0});
    CHECK(numbers(file, "genA2B.expanded") == std::vector<double>(6, 1.5));
    CHECK(numbers(file, "genA2B.empty").empty());
    CHECK(numbers(file, "genA2B.deep.er.1") == std::vector<double>{0, 0.25});

    REQUIRE(file.find("genA2B.num_batches_tracked") != nullptr);
    CHECK(file.find("genA2B.num_batches_tracked")->dtype == DType::i64);
    std::int64_t tracked = 0;
    file.read("genA2B.num_batches_tracked", std::as_writable_bytes(std::span(&tracked, 1)));
    CHECK(tracked == 7);
  }
}

TEST_CASE("A checkpoint that would call a function is refused by the function's name", "[io][torch]") {
  for (const char* name : {"hostile_zip.pt", "hostile_stream.pt", "hostile_pickle.pt"}) {
    CAPTURE(name);
    const std::string error = error_of([&] { WeightsFile file(golden(name)); });
    CHECK(contains(error, name));
    CHECK(contains(error, "posix.system"));
    CHECK(contains(error, "is refused"));
  }
  CHECK(!std::filesystem::exists("a_hostile_checkpoint_ran_this"));
}

TEST_CASE("Pickles that are no programs for plain weights are refused", "[io][torch]") {
  CHECK(pickle_error("\x80\x02}."s).empty());
  CHECK(contains(pickle_error("\x80\x02"
                              "c__builtin__\neval\n."s),
                 "__builtin__.eval"));
  CHECK(contains(pickle_error("\x80\x04\x8c\x02os\x8c\x06system\x93."s), "os.system"));
  CHECK(contains(pickle_error("\x80\x02"
                              "ctorch\nload\n."s),
                 "torch.load"));
  CHECK(contains(pickle_error("\x80\x02"
                              "ccollections\nOrderedDict\nX"s),
                 "truncated or altered"));
  for (const std::string& bad : {""s,
                                 "."s,
                                 "\x80"s,
                                 "(."s,
                                 "\x80\x02]"s,
                                 "\x80\x02"
                                 "0."s,
                                 "a."s,
                                 "}a."s,
                                 "]Na"s,
                                 "h\x05."s,
                                 "X\xff\xff\xff\xff"s,
                                 "\x8d\xff\xff\xff\xff\xff\xff\xff\xff."s,
                                 "(Nd."s,
                                 "}(Nu."s,
                                 "N(\x85."s,
                                 "NN\x93."s,
                                 "NNR."s,
                                 "e."s,
                                 "i"s,
                                 "I1\n."s,
                                 "ccollections\nOrderedDict\nNR."s,
                                 "ctorch._utils\n_rebuild_tensor_v2\n)R."s,
                                 "ctorch._utils\n_rebuild_parameter\n)R."s}) {
    CAPTURE(bad);
    CHECK(!pickle_error(bad).empty());
  }
}

TEST_CASE("Containers that hold themselves or each other without end are refused", "[io][torch]") {
  CHECK(contains(pickle_error("]q\0h\0a."s), "nested too deeply"));
  std::string nested;
  for (int i = 0; i < 1000; ++i) nested += ']';
  nested += std::string(999, 'a') + ".";
  CHECK(contains(pickle_error(nested), "nested too deeply"));
  std::string doubling = "]";  // each list holds the one before twice
  for (int i = 0; i < 30; ++i) doubling += "q\0]h\0ah\0a"s;
  CHECK(contains(pickle_error(doubling + "."), "nested too deeply"));
}

TEST_CASE("A tensor must lie inside its storage", "[io][torch]") {
  // A tensor of 2 x 2 in a storage of `elements`, with the given offset and strides.
  const auto tensor = [](int elements, int offset, int rows, int columns, int row_stride, int column_stride) {
    const auto number = [](int value) { return "K"s + static_cast<char>(value); };
    return "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
           "0X\x03\0\0\0cpu"s +
           number(elements) + "tQ" + number(offset) + number(rows) + number(columns) + "\x86" + number(row_stride) +
           number(column_stride) + "\x86" + "tR.";
  };
  CHECK(pickle_error(tensor(4, 0, 2, 2, 2, 1)).empty());
  CHECK(pickle_error(tensor(5, 1, 2, 2, 1, 2)).empty());
  CHECK(contains(pickle_error(tensor(3, 0, 2, 2, 2, 1)), "impossible size") !=
        contains(pickle_error(tensor(3, 0, 2, 2, 2, 1)), "reaches beyond"));
  CHECK(contains(pickle_error(tensor(4, 1, 2, 2, 2, 1)), "reaches beyond"));
  CHECK(contains(pickle_error(tensor(4, 0, 2, 2, 100, 1)), "reaches beyond"));
  CHECK(contains(pickle_error(tensor(4, 9, 2, 2, 2, 1)), "reaches beyond"));
  CHECK(contains(pickle_error(tensor(0, 0, 1, 1, 1, 1)), "reaches beyond"));
  CHECK(pickle_error(tensor(0, 0, 0, 2, 2, 1)).empty());
}

TEST_CASE("A cut checkpoint is refused wherever it is cut", "[io][torch]") {
  const TemporaryFolder folder;
  for (const char* name : {"torch_zip.pt", "torch_stream.pt"}) {
    const auto whole = read_file(golden(name));
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 200) {
      CAPTURE(name, size);
      put(folder / "cut.pt", std::span(whole).first(size));
      const std::string error = error_of([&] { read_all(folder / "cut.pt"); });
      CHECK(contains(error, "cut.pt"));
      CHECK(error.find('\n') == std::string::npos);
      if (size > 20) CHECK(contains(error, "is truncated"));
    }
  }
}

TEST_CASE("A damaged checkpoint is read or refused, never more", "[io][torch]") {
  const TemporaryFolder folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::vector<double> seven{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5};
  for (const char* name : {"torch_zip.pt", "torch_stream.pt"}) {
    const auto whole = read_file(golden(name));
    for (int i = 0; i < 400; ++i) {
      CAPTURE(name, i);
      put(folder / "damaged.pt", damaged(whole, random));
      const std::string error = error_of([&] { read_all(folder / "damaged.pt"); });
      CHECK(error.find('\n') == std::string::npos);
      // In a zip archive every entry has a CRC, so whole storages are right where they are read at all.
      if (error.empty() && name == "torch_zip.pt"s) {
        CHECK(numbers(WeightsFile(folder / "damaged.pt"), "formats.double") == seven);
      }
    }
  }
}

TEST_CASE("Other files say what they are not", "[io][torch]") {
  const TemporaryFolder folder;
  put(folder / "text.pt", "not weights at all");
  CHECK(contains(error_of([&] { WeightsFile file(folder / "text.pt"); }), "text.pt holds no weights"));
  put(folder / "empty.pt", "");
  CHECK(contains(error_of([&] { WeightsFile file(folder / "empty.pt"); }), "empty.pt is empty"));
  CHECK(contains(error_of([&] { WeightsFile file(folder / "missing.pt"); }), "does not exist"));
  put(folder / "other.pt", "\x80\x02}."s);
  CHECK(contains(error_of([&] { WeightsFile file(folder / "other.pt"); }), "is not a PyTorch checkpoint"));
  // An empty archive is a valid one without data.pkl; libzip may also refuse it.
  put(folder / "zip.pt", "PK\3\4"s);
  CHECK(contains(error_of([&] { WeightsFile file(folder / "zip.pt"); }), "is truncated or altered"));
}
