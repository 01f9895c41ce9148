// Golden files: what PyTorch computed (tests/golden/README.md), and layers held against them.
#pragma once

#include "catch.hpp"
#include "values.hpp"

#include <ugatit/io/safetensors.hpp>
#include <ugatit/ugatit.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace ugatit::testing {

class Golden {
 public:
  explicit Golden(const std::string& file) : reader_(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / file) {}

  bool has(const std::string& name) const { return reader_.find(name) != nullptr; }

  /// All numbers of a tensor. Throws where the file has none of that name.
  std::vector<double> read(const std::string& name) const {
    const SafetensorsEntry* const entry = reader_.find(name);
    if (entry == nullptr) throw Error("the golden file has no " + name);
    std::vector<std::byte> bytes(static_cast<std::size_t>(entry->bytes()));
    reader_.read(*entry, bytes);
    return entry->dtype == DType::f64 ? numbers<double>(bytes) : numbers<float>(bytes);
  }

  std::vector<Index> shape(const std::string& name) const {
    const SafetensorsEntry* const entry = reader_.find(name);
    if (entry == nullptr) throw Error("the golden file has no " + name);
    return {entry->shape.begin(), entry->shape.end()};
  }

  template <class Scalar>
  void read_into(const std::string& name, Scalar* to, Index size) const {
    const std::vector<double> numbers = read(name);
    if (static_cast<Index>(numbers.size()) != size) throw Error(name + " has another size than the layer's field");
    std::transform(numbers.begin(), numbers.end(), to, [](double x) { return static_cast<Scalar>(x); });
  }

 private:
  template <class T>
  static std::vector<double> numbers(const std::vector<std::byte>& bytes) {
    std::vector<T> read(bytes.size() / sizeof(T));
    std::memcpy(read.data(), bytes.data(), bytes.size());
    return {read.begin(), read.end()};
  }

  SafetensorsReader reader_;
};

/// Where a layer's values stand in a golden file: names in the order in which values and fields are visited.
struct GoldenNames {
  std::vector<std::string> inputs{"x"};
  std::vector<std::string> outputs{"y"};
  std::vector<std::string> fields;
  std::vector<std::string> upstream{"dy"};
};

struct Tolerance {
  double forward;
  double gradient;
};

inline constexpr Tolerance in_double{1e-11, 1e-10};
inline constexpr Tolerance in_float{1e-5, 1e-4};

/// Runs a layer forward and back on a golden case and compares everything, as relative L2.
template <class Layer, class In, class T>
void check_golden(const Golden& golden, const std::string& name, const ExtentOf<In>& extent, const GoldenNames& names,
                  Tolerance tolerance) {
  using D = Cpu<T>;
  using N = On<Layer, In, D>;
  INFO("case " << name << ", " << (sizeof(T) == 8 ? "double" : "float"));
  D dev(2);
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  std::size_t field = 0;
  N::Params::each(
      [&](const char*, auto& f) { golden.read_into(name + "/" + names.fields.at(field++), f.data(), f.size()); }, w);
  typename N::Params dw = zeros_like(dev, w);

  auto x = make_value<In>(dev, extent);
  std::size_t i = 0;
  for_each_tensor(x, [&](auto& t) { golden.read_into(name + "/" + names.inputs.at(i++), t.data(), t.size()); });
  auto dy = make_value<typename N::Out>(dev, N::out(extent));
  i = 0;
  for_each_tensor(dy, [&](auto& t) { golden.read_into(name + "/" + names.upstream.at(i++), t.data(), t.size()); });

  const auto compare = [&](const auto& tensor, const std::string& what, double bound) {
    INFO(what);
    const std::vector<double> ours(tensor.data(), tensor.data() + tensor.size());
    CHECK(relative_l2(ours, golden.read(name + "/" + what)) <= bound);
  };
  typename N::Tape tape;
  auto y = N::forward(dev, w, x, tape);
  i = 0;
  for_each_tensor(y, [&](auto& t) { compare(t, names.outputs.at(i++), tolerance.forward); });
  auto dx = N::backward(dev, w, tape, dy, dw);
  i = 0;
  for_each_tensor(dx, [&](auto& t) { compare(t, "d" + names.inputs.at(i++), tolerance.gradient); });
  field = 0;
  N::Params::each(
      [&](const char*, auto& f, auto& d) {
        const std::string& called = names.fields.at(field++);
        if (f.role == Role::state) {
          const std::vector<double> ours(f.data(), f.data() + f.size());
          INFO(called);
          CHECK(relative_l2(ours, golden.read(name + "/" + called + "_after")) <= tolerance.forward);
        } else {
          compare(Buffer<D>(d.buffer), "d" + called, tolerance.gradient);
        }
      },
      w, dw);
}

}  // namespace ugatit::testing
