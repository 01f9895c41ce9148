// Safetensors: written, read back, cut, altered, hostile.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/number_formats.hpp>
#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/io/weights_file.hpp>

using namespace ugatit;
using namespace std::string_literals;

namespace {

struct Example {
  std::vector<float> weight{1, 2, 3, 4, 5, 6};
  std::vector<double> moment{0.1, -0.2};
  std::vector<std::uint8_t> flag{7};
  std::map<std::string, std::string> metadata{{"iteration", "12"}, {"note", "quotes \" and \\, ümlauts"}};

  std::vector<TensorSource> tensors() const {
    return {{"z.weight", DType::f32, {2, 3}, std::as_bytes(std::span(weight))},
            {"flag", DType::u8, {}, std::as_bytes(std::span(flag))},
            {"empty", DType::f32, {0, 4}, {}},
            {"a.moment", DType::f64, {2}, std::as_bytes(std::span(moment))}};
  }
};

/// A file with this header text and `data` zeros behind it.
void put_file(const std::filesystem::path& path, const std::string& header, std::size_t data) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  put(path, bytes + header + std::string(data, '\0'));
}

}  // namespace

TEST_CASE("XXH64 gives its published values, in any pieces", "[io][safetensors]") {
  const auto of = [](const std::string& text) {
    Checksum checksum;
    checksum.add(bytes_of(text));
    return checksum.value();
  };
  CHECK(of("") == 0xef46db3751d8e999U);
  CHECK(of("a") == 0xd24ec4f1a98c6e5bU);
  CHECK(of("abc") == 0x44bc2cf5ad770999U);
  CHECK(of("Nobody inspects the spammish repetition") == 0xfbcea83c8a378bf1U);

  const std::string text(1000, 'x');
  for (const std::size_t piece : {1U, 7U, 31U, 32U, 33U, 500U}) {
    Checksum checksum;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      checksum.add(bytes_of(text).subspan(at, std::min(piece, text.size() - at)));
    }
    CHECK(checksum.value() == of(text));
  }
}

TEST_CASE("What is written is read back", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Example example;
  write_safetensors(folder / "a", example.metadata, example.tensors());
  const SafetensorsReader reader(folder / "a");
  CHECK(reader.verify());
  CHECK(reader.metadata().at("note") == example.metadata.at("note"));
  REQUIRE(reader.tensors().size() == 4);
  REQUIRE(reader.find("z.weight") != nullptr);
  CHECK(reader.find("z.weight")->shape == TensorShape{2, 3});
  CHECK(reader.find("z.weight")->begin == 0);
  CHECK(reader.find("flag")->shape.empty());
  CHECK(reader.find("weight") == nullptr);
  std::vector<double> moment(2);
  reader.read(*reader.find("a.moment"), std::as_writable_bytes(std::span(moment)));
  CHECK(moment == example.moment);
  CHECK(contains(error_of([&] { reader.read(*reader.find("flag"), std::as_writable_bytes(std::span(moment))); }),
                 "flag has 1 bytes, not 16"));

  const auto bytes = read_file(folder / "a");
  CHECK(load_number<std::uint64_t>(bytes.data()) % 8 == 0);
  CHECK(folder.count() == 1);
}

TEST_CASE("A file without tensors or metadata is a file too", "[io][safetensors]") {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", {}, {});
  CHECK(SafetensorsReader(folder / "a").verify());
  put_file(folder / "b", "{}", 0);
  CHECK(!SafetensorsReader(folder / "b").verify());
}

TEST_CASE("The writer refuses what makes no file", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Example example;
  auto tensors = example.tensors();
  tensors[0].shape = {2, 4};
  CHECK(contains(error_of([&] { write_safetensors(folder / "a", {}, tensors); }), "do not fit F32 [2, 4]"));
  tensors = example.tensors();
  tensors[1].name = tensors[0].name;
  CHECK(contains(error_of([&] { write_safetensors(folder / "a", {}, tensors); }), "two tensors named z.weight"));
  CHECK(contains(error_of([&] { write_safetensors(folder / "no" / "a", {}, {}); }), "cannot be written"));
  CHECK(folder.count() == 0);
}

TEST_CASE("A cut file is refused wherever it is cut", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Example example;
  write_safetensors(folder / "a", example.metadata, example.tensors());
  const auto whole = read_file(folder / "a");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    put(folder / "cut", std::span(whole).first(size));
    CHECK(contains(error_of([&] { SafetensorsReader reader(folder / "cut"); }), "cut is truncated or altered"));
  }
  auto longer = whole;
  longer.push_back(std::byte{0});
  put(folder / "longer", longer);
  CHECK(contains(error_of([&] { SafetensorsReader reader(folder / "longer"); }), "is truncated or altered"));
}

TEST_CASE("Every altered byte is noticed", "[io][safetensors]") {
  const TemporaryFolder folder;
  const Example example;
  write_safetensors(folder / "a", example.metadata, example.tensors());
  const auto whole = read_file(folder / "a");
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    auto bytes = whole;
    bytes[at] ^= static_cast<std::byte>(1 + random() % 255);
    put(folder / "altered", bytes);
    bool is_verified = false;
    const std::string error = error_of([&] { is_verified = SafetensorsReader(folder / "altered").verify(); });
    // An alteration of the checksum's own name leaves a file without a checksum.
    CHECK(!is_verified);
    if (!error.empty()) CHECK(contains(error, "altered is truncated or altered"));
  }
}

TEST_CASE("Hostile headers are refused", "[io][safetensors]") {
  const TemporaryFolder folder;
  const std::string good = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  put_file(folder / "f", "{" + good + "}", 8);
  CHECK(SafetensorsReader(folder / "f").tensors().size() == 1);

  const std::string deep(100'000, '[');
  for (const std::string& header : {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}})"s,
                                    R"({"a":{"dtype":"F32","shape":[2]}})"s,
                                    R"({"a":{"shape":[2],"data_offsets":[0,8]}})"s,
                                    R"({"a":7})"s,
                                    "{" + good + "," + good + "}",
                                    R"({"__metadata__":{"x":1},)"s + good + "}",
                                    R"({"__metadata__":[],)"s + good + "}",
                                    R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"s + good + "}",
                                    "[]"s,
                                    "{"s,
                                    "{}x"s,
                                    ""s,
                                    R"({"a":)"s + deep,
                                    "{\"\xff\":{}}"s}) {
    CAPTURE(header.substr(0, 100));
    put_file(folder / "f", header, 8);
    const std::string error = error_of([&] { SafetensorsReader reader(folder / "f"); });
    CHECK(contains(error, "f is truncated or altered"));
    CHECK(error.find('\n') == std::string::npos);
  }
  put(folder / "f", std::string(8, '\xff') + "{}");
  CHECK(contains(error_of([&] { SafetensorsReader reader(folder / "f"); }), "does not end within the file"));
}

TEST_CASE("Half and bfloat16 are read exactly", "[io][safetensors]") {
  CHECK(half_to_float(0x3c00) == 1);
  CHECK(half_to_float(0xc000) == -2);
  CHECK(half_to_float(0x7bff) == 65504);
  CHECK(half_to_float(0x0001) == 0x1p-24F);
  CHECK(half_to_float(0x83ff) == -1023 * 0x1p-24F);
  CHECK(half_to_float(0x0400) == 0x1p-14F);
  CHECK(std::isinf(half_to_float(0xfc00)));
  CHECK(std::isnan(half_to_float(0x7e00)));
  CHECK(std::signbit(half_to_float(0x8000)));
  CHECK(bfloat16_to_float(0x3f80) == 1);
  CHECK(bfloat16_to_float(0xc049) == -3.140625F);
}

TEST_CASE("A weights file converts to the numbers wanted", "[io][safetensors]") {
  const TemporaryFolder folder;
  const std::vector<float> floats{1.5F, -2.25F, 3e-8F};
  const std::vector<double> doubles{0.1, 0.2, 0.3};
  const std::vector<std::uint16_t> halves{0x3c00, 0xc000, 0x0001};
  const std::vector<TensorSource> tensors{{"f", DType::f32, {3}, std::as_bytes(std::span(floats))},
                                          {"d", DType::f64, {3}, std::as_bytes(std::span(doubles))},
                                          {"h", DType::f16, {3}, std::as_bytes(std::span(halves))},
                                          {"i", DType::i16, {3}, std::as_bytes(std::span(halves))}};
  write_safetensors(folder / "a", {{"preset", "pytorch"}}, tensors);
  const WeightsFile file(folder / "a");
  CHECK(file.is_safetensors());
  CHECK(file.verify());
  CHECK(file.metadata().at("preset") == "pytorch");
  CHECK(file.tensors().size() == 4);

  std::vector<double> wide(3);
  std::vector<float> narrow(3);
  file.read_as("f", std::span(wide));
  CHECK(wide == std::vector<double>(floats.begin(), floats.end()));
  file.read_as("f", std::span(narrow));
  CHECK(narrow == floats);
  file.read_as("d", std::span(wide));
  CHECK(wide == doubles);
  file.read_as("d", std::span(narrow));
  CHECK(narrow == std::vector<float>{0.1F, 0.2F, 0.3F});
  file.read_as("h", std::span(narrow));
  CHECK(narrow == std::vector<float>{1, -2, 0x1p-24F});
  file.read_as("h", std::span(wide));
  CHECK(wide == std::vector<double>{1, -2, 0x1p-24});
  CHECK(contains(error_of([&] { file.read_as("i", std::span(wide)); }), "whole numbers"));
  CHECK(contains(error_of([&] { file.read_as("g", std::span(wide)); }), "no tensor named g"));
  CHECK(contains(error_of([&] { file.read_as("f", std::span(wide).first(2)); }), "f [3] has 3 numbers, not 2"));
}
