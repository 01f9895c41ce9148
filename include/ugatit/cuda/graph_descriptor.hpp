// Descriptors of cuDNN's graph API: objects of which each attribute has a name, a type and values.
#pragma once

#include <ugatit/cuda/check.hpp>

#include <algorithm>
#include <cstdint>
#include <cudnn_backend.h>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ugatit::cudnn {

/// What the API calls values of type T. A descriptor is a `void*` there, so data are `const void*` here.
template <class T>
inline constexpr cudnnBackendAttributeType_t attribute_type{};
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<const void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<std::int64_t> = CUDNN_TYPE_INT64;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendDescriptor_t> = CUDNN_TYPE_BACKEND_DESCRIPTOR;

/// One of them, which ends with its owner.
class GraphDescriptor {
 public:
  /// Without attributes.
  explicit GraphDescriptor(cudnnBackendDescriptorType_t type) {
    UGATIT_CHECK(cudnnBackendCreateDescriptor(type, &handle_));
  }
  GraphDescriptor(GraphDescriptor&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  GraphDescriptor& operator=(GraphDescriptor&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  GraphDescriptor(const GraphDescriptor&) = delete;
  GraphDescriptor& operator=(const GraphDescriptor&) = delete;
  ~GraphDescriptor() {
    if (handle_ != nullptr) cudnnBackendDestroyDescriptor(handle_);
  }

  /// Gives it an attribute of several values.
  template <class T, std::size_t N>
  void set(cudnnBackendAttributeName_t name, const T (&values)[N]) {
    UGATIT_CHECK(cudnnBackendSetAttribute(handle_, name, attribute_type<T>, N, values));
  }
  /// Gives it an attribute of one value.
  template <class T>
  void set(cudnnBackendAttributeName_t name, const T& value) {
    set(name, {value});
  }
  /// Gives it another one as a part.
  void set(cudnnBackendAttributeName_t name, const GraphDescriptor& part) { set(name, part.handle_); }

  /// Gives it an attribute that is a text.
  void set_text(cudnnBackendAttributeName_t name, std::string_view text) {
    const auto size = static_cast<std::int64_t>(text.size());
    UGATIT_CHECK(cudnnBackendSetAttribute(handle_, name, CUDNN_TYPE_CHAR, size, text.data()));
  }

  /// Closes it. False where cuDNN has no way to do what it describes.
  bool finalize() { return cudnnBackendFinalize(handle_) == CUDNN_STATUS_SUCCESS; }

  /// An attribute of one value.
  template <class T>
  T get(cudnnBackendAttributeName_t name) const {
    T value{};
    std::int64_t count = 0;
    UGATIT_CHECK(cudnnBackendGetAttribute(handle_, name, attribute_type<T>, 1, &count, &value));
    return value;
  }
  /// Those values of an attribute that there are, at the beginning of `values`: as many as there is room for.
  template <class T>
  std::span<T> get(cudnnBackendAttributeName_t name, std::span<T> values) const {
    std::int64_t count = 0;
    const auto room = static_cast<std::int64_t>(values.size());
    UGATIT_CHECK(cudnnBackendGetAttribute(handle_, name, attribute_type<T>, room, &count, values.data()));
    return values.first(std::min(values.size(), static_cast<std::size_t>(count)));
  }
  /// Those parts of a kind that there are, `most` of them at the most.
  std::vector<GraphDescriptor> get(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type,
                                   std::size_t most) const {
    std::vector<GraphDescriptor> parts;
    std::vector<cudnnBackendDescriptor_t> handles;
    for (std::size_t i = 0; i < most; ++i) handles.push_back(parts.emplace_back(type).handle_);
    const std::size_t count = get(name, std::span(handles)).size();
    while (parts.size() > count) parts.pop_back();
    return parts;
  }

  operator cudnnBackendDescriptor_t() const { return handle_; }  // NOLINT: it stands for the handle

 private:
  cudnnBackendDescriptor_t handle_ = nullptr;
};

}  // namespace ugatit::cudnn
