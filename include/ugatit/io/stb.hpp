// The one place that includes stb (https://github.com/nothings/stb): JPEG, PNG, BMP and TGA in, PNG out, and letters.
//
// All are compiled into every program that includes this file, with internal linkage, so the library stays
// header-only. A program that wants stb_image for itself includes it in a translation unit of its own.
#pragma once

#include <cstdlib>

/// @cond
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_TGA
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS  // one of them is a buffer that threads would share
#define STBI_WRITE_NO_STDIO
#define STBIW_MALLOC(bytes) std::malloc((bytes) + 1)  // what 0 bytes are is up to the system
#define STBIW_REALLOC(memory, bytes) std::realloc(memory, bytes)
#define STBIW_FREE(memory) std::free(memory)
#define STB_IMAGE_STATIC
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#if __has_include(<stb/stb_image.h>)
#include <stb/stb_easy_font.h>
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#else  // Conan and vcpkg put the headers where Debian has a folder of them
#include <stb_easy_font.h>
#include <stb_image.h>
#include <stb_image_write.h>
#endif
#undef STB_IMAGE_IMPLEMENTATION
#undef STB_IMAGE_WRITE_IMPLEMENTATION
/// @endcond

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace ugatit {

/// Bytes in memory as stb's decoders read them through callbacks, noticing when they want more than there is.
///
/// Given plain memory, most of stb's decoders go on with zeros where a file ends too early and call the grey remainder
/// a picture.
class DecoderInput {
 public:
  explicit DecoderInput(std::span<const std::byte> bytes) : bytes_(bytes) {}  ///< the file's content

  bool is_truncated() const { return truncated_; }  ///< true once a decoder wanted more than there is

  /// For stb, with the input as its `user`.
  static stbi_io_callbacks callbacks() { return {&read, &skip, &is_at_end}; }

 private:
  static int read(void* user, char* data, int size) {
    auto& input = *static_cast<DecoderInput*>(user);
    // Stb fills its small buffer ahead of what it needs, so there a short read is normal and only an empty one means
    // that a byte is missing. That buffer is recognised by its address: the first read goes there. All other reads ask
    // for exactly what is needed.
    if (input.read_ahead_ == nullptr) input.read_ahead_ = data;
    const std::size_t left = input.bytes_.size() - input.at_;
    const std::size_t count = std::min(left, static_cast<std::size_t>(std::max(size, 0)));
    if (count > 0) std::memcpy(data, input.bytes_.data() + input.at_, count);
    input.at_ += count;
    const bool is_short = data == input.read_ahead_ ? count == 0 : count < static_cast<std::size_t>(size);
    input.truncated_ |= is_short;
    return static_cast<int>(count);
  }

  static void skip(void* user, int count) {
    auto& input = *static_cast<DecoderInput*>(user);
    if (count < 0) return;
    const std::size_t left = input.bytes_.size() - input.at_;
    input.truncated_ |= static_cast<std::size_t>(count) > left;
    input.at_ += std::min(left, static_cast<std::size_t>(count));
  }

  static int is_at_end(void* user) {
    const auto& input = *static_cast<const DecoderInput*>(user);
    return input.at_ == input.bytes_.size() ? 1 : 0;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  const char* read_ahead_ = nullptr;
  bool truncated_ = false;
};

}  // namespace ugatit
