// The portable formats PBM, PGM and PPM, plain (P1, P2, P3) and raw (P4, P5, P6).
//
// "P6 width height maximum", separated by white space and comments from '#' to the end of the line; then one white
// space and the samples: a byte each, two (big-endian) where the maximum is above 255. PBM has no maximum; 1 is black,
// and raw rows are packed into bytes. Samples are scaled from [0, maximum] to [0, 255]; of 65535 the high byte is kept.
//
// Written here and not left to stb, which reads P5 and P6 only, does not scale, and takes a cut file for a whole one.
#pragma once

#include <ugatit/io/image.hpp>

namespace ugatit {

/// Decodes one PNM image; errors come as `Error` whose line begins with `name`.
class PnmReader {
 public:
  /// `name` is for messages; more than `most_pixels` are refused.
  PnmReader(std::span<const std::byte> bytes, std::string name, std::uint64_t most_pixels)
      : bytes_(bytes), name_(std::move(name)), most_pixels_(most_pixels) {}

  /// Throws `Error` where the file is damaged or too large.
  Image read() {
    kind_ = next() == 'P' ? next() - '0' : 0;
    if (kind_ < 1 || kind_ > 6) fail("is not a PNM image");
    const std::uint32_t width = number();
    const std::uint32_t height = number();
    maximum_ = is_bitmap() ? 1 : number();
    if (width == 0 || height == 0 || maximum_ == 0 || maximum_ > 65535) fail("has a PNM header that makes no sense");
    const std::uint64_t pixels = std::uint64_t{width} * height;
    if (pixels > most_pixels_) fail("claims to have too many pixels");
    if (is_raw()) {
      next();  // the one white space
      check_raw_size(width, height);
    } else if (pixels * samples() > bytes_.size() - at_) {
      fail("is truncated");
    }

    Image image(static_cast<int>(width), static_cast<int>(height));
    std::uint8_t* out = image.pixels.data();
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x, out += 3) {
        for (std::uint32_t c = 0; c < samples(); ++c) out[c] = sample(x);
        if (samples() == 1) out[1] = out[2] = out[0];
      }
    }
    return image;
  }

 private:
  bool is_bitmap() const { return kind_ == 1 || kind_ == 4; }
  bool is_raw() const { return kind_ >= 4; }
  std::uint32_t samples() const { return kind_ == 3 || kind_ == 6 ? 3 : 1; }

  void check_raw_size(std::uint64_t width, std::uint64_t height) const {
    const std::uint64_t row = kind_ == 4 ? (width + 7) / 8 : width * samples() * (maximum_ > 255 ? 2 : 1);
    if (row * height > bytes_.size() - at_) fail("is truncated");
  }

  std::uint8_t sample(std::uint32_t x) {
    if (kind_ == 1) return plain_bit();
    if (kind_ == 4) {
      if (x % 8 == 0) packed_ = next();
      return (packed_ >> (7 - x % 8) & 1U) != 0 ? 0 : 255;
    }
    std::uint32_t value = 0;
    if (!is_raw()) {
      value = number();
    } else {
      value = next();
      if (maximum_ > 255) value = value << 8U | next();
    }
    value = std::min(value, maximum_);
    if (maximum_ == 65535) return static_cast<std::uint8_t>(value >> 8U);
    return static_cast<std::uint8_t>((value * 255 + maximum_ / 2) / maximum_);
  }

  std::uint8_t plain_bit() {
    skip_space();
    const std::uint32_t digit = next();
    if (digit != '0' && digit != '1') fail("has something other than 0 and 1 among its bits");
    return digit == '1' ? 0 : 255;
  }

  std::uint32_t next() {
    if (at_ == bytes_.size()) fail("is truncated");
    return std::to_integer<std::uint32_t>(bytes_[at_++]);
  }

  std::uint32_t number() {
    skip_space();
    std::uint32_t value = 0;
    const std::size_t begin = at_;
    for (; at_ < bytes_.size(); ++at_) {
      const std::uint32_t digit = std::to_integer<std::uint32_t>(bytes_[at_]) - '0';
      if (digit > 9) break;
      value = value * 10 + digit;
      if (value > 1U << 24U) fail("has a number that is too large");
    }
    if (at_ == begin) fail(at_ == bytes_.size() ? "is truncated" : "has a letter where PNM wants a number");
    return value;
  }

  void skip_space() {
    for (bool in_comment = false; at_ < bytes_.size(); ++at_) {
      const char c = static_cast<char>(bytes_[at_]);
      if (c == '#') in_comment = true;
      if (c == '\n') in_comment = false;
      if (!in_comment && c != ' ' && (c < '\t' || c > '\r')) return;
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(name_ + " " + what + "; replace or remove the file");
  }

  std::span<const std::byte> bytes_;
  std::string name_;
  std::uint64_t most_pixels_;
  std::size_t at_ = 0;
  std::uint32_t kind_ = 0;     // the digit after 'P'
  std::uint32_t maximum_ = 1;  // the value that means white
  std::uint32_t packed_ = 0;   // eight pixels of a raw bitmap
};

}  // namespace ugatit
