// Reading pickled dictionaries of NumPy arrays, as PaddlePaddle saves its state dictionaries.
//
// NumPy pickles an array as a call of numpy.core.multiarray._reconstruct that is given the state (version, shape,
// dtype, is it in Fortran's order, bytes), and a dtype as a call of numpy.dtype("f4", …) with the state (version, "<",
// …). Protocols before 3 have no bytes: Python writes them as a call of _codecs.encode(text, "latin1"), in which each
// character is one byte, UTF-8 in the file. Paddle 2 writes a tensor as a call of tuple((name, array)).
//
// Nothing is executed (pickle_reader.hpp). The numbers stay in the file's bytes, which are in memory once.
#pragma once

#include <ugatit/io/file.hpp>
#include <ugatit/io/pickle_reader.hpp>

#include <algorithm>
#include <array>

namespace ugatit {

/// An array in a pickle.
struct NumpyArray : TensorInfo {
  std::span<const std::byte> raw;  ///< its elements in the pickle
  bool is_text = false;            ///< `raw` is UTF-8, a character for each byte of the elements
  bool is_fortran = false;         ///< the first index is the fastest
};

/// The functions that may occur in a pickle of arrays. All others are refused.
inline bool is_numpy_function(std::string_view name) {
  return name == "collections.OrderedDict" || name == "numpy.core.multiarray._reconstruct" ||
         name == "numpy._core.multiarray._reconstruct" || name == "numpy.ndarray" || name == "numpy.dtype" ||
         name == "_codecs.encode" || name == "builtins.tuple" || name == "__builtin__.tuple";
}

/// A file with a pickled dictionary of arrays, or of such dictionaries.
class NumpyPickle {
 public:
  /// Throws `Error` for anything that is not a complete pickle of arrays in plain containers.
  explicit NumpyPickle(const std::filesystem::path& path) : path_(path), bytes_(read_file(path, largest)) {
    const Pickle pickle = PickleReader(bytes_, one_line(path), is_numpy_function).read();
    collect(pickle, pickle.root, "", 0);
    if (arrays_.empty()) {
      throw Error(one_line(path) + " is not a PyTorch checkpoint and no dictionary of NumPy arrays; save one of these");
    }
  }

  /// A cheap look: does the file begin as a pickle does?
  static bool recognises(const InputFile& file) {
    if (file.size() < 2) return false;
    std::array<std::byte, 2> start{};
    file.read_at(0, start);
    return start[0] == std::byte{0x80} && start[1] >= std::byte{2} && start[1] <= std::byte{5};
  }

  const std::filesystem::path& path() const { return path_; }  ///< of the file
  /// In the order of the dictionary; an array's name is the path of keys to it, joined with dots.
  const std::vector<NumpyArray>& arrays() const { return arrays_; }

  /// Copies an array's elements in row-major order. Throws `Error` unless `out` has just its size in bytes.
  void read(const NumpyArray& array, std::span<std::byte> out) const {
    if (out.size() != array.bytes()) {
      throw Error(one_line(path_) + ": " + one_line(array.name) + " has " + std::to_string(array.bytes()) +
                  " bytes, not " + std::to_string(out.size()));
    }
    if (!array.is_fortran || array.shape.size() < 2) {
      copy_bytes(array, out);
      return;
    }
    std::vector<std::byte> columns(out.size());
    copy_bytes(array, columns);
    from_fortran(array, columns, out);
  }

 private:
  using Kind = PickleNode::Kind;
  static constexpr std::uint64_t largest = std::uint64_t{16} << 30U;
  static constexpr std::size_t most_visits = 1'000'000;  // shared objects can make a small tree look endless
  static constexpr int deepest = 32;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path_) + " is truncated or altered (" + what + "); copy or download it again");
  }

  void collect(const Pickle& pickle, std::size_t index, const std::string& path, int depth) {
    if (depth > deepest || ++visits_ > most_visits) fail("its containers are nested too deeply");
    const PickleNode& node = pickle[index];
    if (node.kind == Kind::dict) collect_pairs(pickle, node, 0, path, depth);
    if (node.kind != Kind::call) return;
    const std::vector<std::size_t>& arguments = pickle[node.items[0]].items;
    if (node.text == "collections.OrderedDict") {
      collect_pairs(pickle, node, 1, path, depth);
    } else if (node.text.ends_with("multiarray._reconstruct")) {
      if (!node.state) fail("an array without contents");
      add_array(pickle, *node.state, path);
    } else if (node.text.ends_with(".tuple") && arguments.size() == 1 && pickle[arguments[0]].items.size() == 2) {
      collect(pickle, pickle[arguments[0]].items[1], path, depth + 1);
    }
  }

  void collect_pairs(const Pickle& pickle, const PickleNode& node, std::size_t first, const std::string& path,
                     int depth) {
    each_pair(pickle, node, first, path,
              [&](std::size_t value, const std::string& name) { collect(pickle, value, name, depth + 1); });
  }

  void add_array(const Pickle& pickle, std::size_t state, const std::string& path) {
    const std::vector<std::size_t>& parts = pickle[state].items;
    if (pickle[state].kind != Kind::tuple || parts.size() < 5) fail("an array without contents");
    if (arrays_.size() == 100'000) fail("more arrays than any model has");
    NumpyArray array;
    array.name = path;
    array.dtype = dtype(pickle, pickle[parts[2]], path);
    if (pickle[parts[1]].kind != Kind::tuple || pickle[parts[1]].items.size() > 16) fail("an array without a shape");
    for (const std::size_t d : pickle[parts[1]].items) {
      if (pickle[d].kind != Kind::integer || pickle[d].text.size() > 8) fail("a shape that is no whole numbers");
      array.shape.push_back(pickle[d].integer);
    }
    array.is_fortran = pickle[parts[3]].integer != 0;
    const PickleNode& contents = pickle[parts[4]];
    if (contents.kind == Kind::text) {
      array.raw = contents.bytes;
    } else if (contents.kind == Kind::call && contents.text == "_codecs.encode") {
      const std::vector<std::size_t>& arguments = pickle[contents.items[0]].items;
      if (arguments.size() != 2 || pickle[arguments[0]].kind != Kind::text || pickle[arguments[1]].text != "latin1") {
        fail("bytes that are stored in an unknown way");
      }
      array.raw = pickle[arguments[0]].bytes;
      array.is_text = true;
    } else {
      fail("an array without numbers");
    }
    const auto count = element_count(array.shape);
    std::uint64_t held = array.raw.size();
    if (array.is_text) held -= static_cast<std::uint64_t>(std::count_if(array.raw.begin(), array.raw.end(), continues));
    if (!count || *count > array.raw.size() || *count * size_of(array.dtype) != held) {
      fail(one_line(path) + " has another size than announced");
    }
    arrays_.push_back(std::move(array));
  }

  DType dtype(const Pickle& pickle, const PickleNode& call, const std::string& path) const {
    constexpr std::array<std::pair<std::string_view, DType>, 12> types{{{"f4", DType::f32},
                                                                        {"f8", DType::f64},
                                                                        {"f2", DType::f16},
                                                                        {"i8", DType::i64},
                                                                        {"i4", DType::i32},
                                                                        {"i2", DType::i16},
                                                                        {"i1", DType::i8},
                                                                        {"u8", DType::u64},
                                                                        {"u4", DType::u32},
                                                                        {"u2", DType::u16},
                                                                        {"u1", DType::u8},
                                                                        {"b1", DType::boolean}}};
    if (call.kind != Kind::call || call.text != "numpy.dtype" || pickle[call.items[0]].items.empty() || !call.state ||
        pickle[*call.state].items.size() < 2) {
      fail("an array without a type");
    }
    if (pickle[pickle[*call.state].items[1]].text == ">") {
      throw Error(one_line(path_) + " was written on a big-endian machine, which is not read; save it on another one");
    }
    const std::string& name = pickle[pickle[call.items[0]].items[0]].text;
    const auto* found = std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == name; });
    if (found == types.end()) {
      throw Error(one_line(path_) + ": " + one_line(path) + " has the unknown type " + one_line(name) +
                  "; save floating-point numbers");
    }
    return found->second;
  }

  // Whether a byte of UTF-8 belongs to the character that began before it.
  static bool continues(std::byte b) { return (b & std::byte{0xc0}) == std::byte{0x80}; }

  void copy_bytes(const NumpyArray& array, std::span<std::byte> out) const {
    if (!array.is_text) {
      std::copy(array.raw.begin(), array.raw.end(), out.begin());
      return;
    }
    std::size_t from = 0;
    for (std::byte& to : out) {  // as many characters as bytes, as `add_array` has seen to
      to = from < array.raw.size() ? array.raw[from++] : std::byte{0xff};
      if (std::to_integer<unsigned>(to) < 0x80) continue;
      const bool is_pair =
          (to == std::byte{0xc2} || to == std::byte{0xc3}) && from < array.raw.size() && continues(array.raw[from]);
      if (!is_pair) fail(one_line(array.name) + " holds characters that are no bytes");
      to = (to << 6U) | (array.raw[from++] & std::byte{0x3f});
    }
    if (from != array.raw.size()) fail(one_line(array.name) + " holds characters that are no bytes");
  }

  // Counts through the indices in row-major order, the last one fastest.
  static void from_fortran(const NumpyArray& array, std::span<const std::byte> columns, std::span<std::byte> out) {
    const std::size_t size = size_of(array.dtype);
    std::vector<std::int64_t> index(array.shape.size(), 0);
    std::vector<std::size_t> strides(array.shape.size(), size);
    for (std::size_t i = 1; i < strides.size(); ++i) {
      strides[i] = strides[i - 1] * static_cast<std::size_t>(array.shape[i - 1]);
    }
    std::size_t from = 0;
    for (std::size_t to = 0; to < out.size(); to += size) {
      std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(from), size,
                  out.begin() + static_cast<std::ptrdiff_t>(to));
      for (std::size_t i = index.size(); i-- > 0;) {
        from += strides[i];
        if (++index[i] < array.shape[i]) break;
        from -= strides[i] * static_cast<std::size_t>(array.shape[i]);
        index[i] = 0;
      }
    }
  }

  std::filesystem::path path_;
  std::vector<std::byte> bytes_;
  std::vector<NumpyArray> arrays_;
  std::size_t visits_ = 0;
};

}  // namespace ugatit
