// Pickles of NumPy arrays, as the Paddle port saves them: whole, cut, damaged, hostile. Made by
// tests/reference/make_paddle_files.py.
#include "catch.hpp"
#include "check_tensors.hpp"
#include "support.hpp"

using namespace ugatit;
using namespace std::string_literals;

namespace {

/// A pickle of one array under the key "a": its shape, its dtype's name and byte order, its bytes.
std::string one_array(const std::string& shape, const std::string& type, const std::string& order,
                      const std::string& bytes) {
  const auto text = [](const std::string& t) { return "X"s + static_cast<char>(t.size()) + "\0\0\0"s + t; };
  return "\x80\x02}"s + text("a") + "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01"s +
         "b\x87R(K\x01"s + shape + "cnumpy\ndtype\n" + text(type) + "K\0K\x01\x87R(K\x03"s + text(order) +
         "NNNtb\x89U"s + static_cast<char>(bytes.size()) + bytes + "tbs.";
}

}  // namespace

TEST_CASE("A Paddle checkpoint is read under PyTorch's names and shapes, bit for bit", "[io][paddle]") {
  const WeightsFile published(golden("paddle_published.pt"));
  for (const std::string name : {"paddle_port.pickle", "paddle_protocol4.pickle", "paddle_saved.pdparams"}) {
    INFO(name);
    const WeightsFile file(golden(name));
    CHECK(file.is_paddle());
    CHECK(file.format() == "Paddle pickle");
    check_same_tensors(file, published);
  }
}

TEST_CASE("Arrays of every kind, and those that are not what they say", "[io][paddle]") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& program) {
    put(folder / "a.pickle", program);
    return error_of([&] { read_all(folder / "a.pickle"); });
  };
  const std::string four = "K\x04\x85";
  CHECK(error(one_array(four, "u1", "|", "1234")).empty());
  const std::string text = "1234";
  const auto digits = bytes_of(text);
  CHECK(bytes_in(WeightsFile(folder / "a.pickle"), "a") == std::vector<std::byte>(digits.begin(), digits.end()));
  CHECK(error(one_array(four, "f4", "<", "1234567812345678")).empty());
  CHECK(contains(error(one_array(four, "f4", "<", "123456781234567")), "a has another size than announced"));
  CHECK(contains(error(one_array(four, "f4", ">", "1234567812345678")), "big-endian"));
  CHECK(contains(error(one_array(four, "O8", "|", "1234567812345678")), "a has the unknown type O8"));
  CHECK(contains(error(one_array("J\xff\xff\xff\xff\x85", "u1", "|", "")), "a has another size than announced"));
  CHECK(contains(error(one_array("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "f8", "<", "1234")), "another size"));
  CHECK(contains(error("\x80\x02}."), "no dictionary of NumPy arrays"));
  CHECK(contains(error("\x80\x02"
                       "cos\nsystem\n."),
                 "os.system"));
  CHECK(contains(error("\x80\x02"
                       "cnumpy\nload\n."),
                 "numpy.load"));
}

TEST_CASE("A cut or damaged pickle is refused in one line or read, never more", "[io][paddle]") {
  const TemporaryFolder folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::string name : {"paddle_port.pickle", "paddle_protocol4.pickle", "paddle_saved.pdparams"}) {
    INFO(name);
    const auto whole = read_file(golden(name));
    for (int i = 0; i < 200; ++i) {
      put(folder / "cut.pickle", std::span(whole).first(random() % whole.size()));
      const std::string error = error_of([&] { read_all(folder / "cut.pickle"); });
      CHECK(contains(error, "cut.pickle"));
      CHECK(error.find('\n') == std::string::npos);
    }
    for (int i = 0; i < 2000; ++i) {
      auto bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1 + random() % 255);
      put(folder / "damaged.pickle", bytes);
      CHECK(error_of([&] { read_all(folder / "damaged.pickle"); }).find('\n') == std::string::npos);
    }
  }
}
