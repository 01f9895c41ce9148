// Image files: JPEG, PNG, BMP, TGA and PNM in, PNG out.
//
// The format is told by the contents. Every image becomes 8-bit RGB, by these conventions:
//   grey         is repeated in all three channels,
//   alpha        is composited on white, the paper that drawings are on: c·a + 255·(1 - a), rounded,
//   16 bits      keep their high byte, as Pillow and libpng do,
//   orientation  in a JPEG's Exif block is applied, so that the image is as a viewer shows it.
#pragma once

#include <ugatit/io/atomic_file.hpp>
#include <ugatit/io/exif.hpp>
#include <ugatit/io/image_format.hpp>
#include <ugatit/io/jpeg.hpp>
#include <ugatit/io/jpeg_decoder.hpp>
#include <ugatit/io/png.hpp>
#include <ugatit/io/pnm.hpp>
#include <ugatit/io/stb.hpp>

#include <memory>

namespace ugatit {

/// The most pixels an image may have, so that a few altered bytes in a header cannot ask for all memory.
inline constexpr std::uint64_t most_image_pixels = std::uint64_t{1} << 28U;

/// Converts decoded samples (1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha) to RGB.
inline Image to_rgb(const std::uint8_t* samples, int width, int height, int samples_per_pixel) {
  Image image(width, height);
  const bool is_grey = samples_per_pixel <= 2;
  const bool has_alpha = samples_per_pixel % 2 == 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3, samples += samples_per_pixel) {
    for (std::size_t c = 0; c < 3; ++c) {
      unsigned value = samples[is_grey ? 0 : c];
      if (has_alpha) {
        const unsigned alpha = samples[samples_per_pixel - 1];
        value = (value * alpha + 255 * (255 - alpha) + 127) / 255;
      }
      image.pixels[i + c] = static_cast<std::uint8_t>(value);
    }
  }
  return image;
}

/// Decodes an image file's bytes; `name` is what errors call it.
inline Image decode_image(std::span<const std::byte> bytes, const std::string& name) {
  const auto fail = [&](const std::string& what) -> Error {
    return Error(name + " " + what + "; replace or remove the file");
  };
  if (bytes.empty()) throw fail("is empty");
  const ImageFormat format = image_format(bytes);
  if (format == ImageFormat::none) throw fail("is not an image (JPEG, PNG, BMP, TGA or PNM)");
  if (format >= ImageFormat::gif) {
    throw Error(name + " is a " + std::string(name_of(format)) +
                " image, which is not read; convert it to PNG or JPEG");
  }
  if (format == ImageFormat::pnm) return PnmReader(bytes, name, most_image_pixels).read();

  // What stb would not notice, or trip over.
  const std::string format_name(name_of(format));
  const FileState state = format == ImageFormat::jpeg  ? HuffmanCheck()(bytes)
                          : format == ImageFormat::png ? png_state(bytes)
                                                       : FileState::sound;
  if (state == FileState::truncated) throw fail("is truncated");
  if (state == FileState::damaged) throw fail("is a damaged " + format_name + " image");

  const stbi_io_callbacks callbacks = DecoderInput::callbacks();
  int width = 0;
  int height = 0;
  int samples = 0;
  DecoderInput header(bytes);
  if (stbi_info_from_callbacks(&callbacks, &header, &width, &height, &samples) == 0 || width < 1 || height < 1) {
    throw fail(header.is_truncated() ? "is truncated" : "is a damaged " + format_name + " image");
  }
  // No format packs more pixels into a byte than PNG with one bit a pixel and zlib's best ratio of 1032.
  const std::uint64_t pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  if (pixels > most_image_pixels || pixels / (1032 * 8) > bytes.size()) {
    throw fail("claims to have " + std::to_string(width) + "x" + std::to_string(height) + " pixels, which is too many");
  }

  DecoderInput input(bytes);
  const std::unique_ptr<stbi_uc, decltype(&std::free)> decoded(
      format == ImageFormat::jpeg ? load_jpeg(input, width, height, samples)
                                  : stbi_load_from_callbacks(&callbacks, &input, &width, &height, &samples, 0),
      &std::free);
  if (input.is_truncated()) throw fail("is truncated");
  if (decoded == nullptr) throw fail("is a damaged or unusual " + format_name + " image");
  return apply_orientation(to_rgb(decoded.get(), width, height, samples),
                           format == ImageFormat::jpeg ? exif_orientation(bytes) : 1);
}

/// Reads an image. Throws `Error` with a line that names the file where it is missing, damaged, cut or no image.
inline Image read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), one_line(path));
}

/// The bytes of a PNG file with this image.
inline std::vector<std::byte> encode_png(const Image& image) {
  std::vector<std::byte> bytes;
  const auto append = [](void* user, void* data, int size) {
    const auto* begin = static_cast<const std::byte*>(data);
    auto& out = *static_cast<std::vector<std::byte>*>(user);
    out.insert(out.end(), begin, begin + size);
  };
  if (stbi_write_png_to_func(append, &bytes, image.width, image.height, 3, image.pixels.data(), 3 * image.width) == 0) {
    throw Error("an image of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                " cannot be encoded as PNG; make it smaller");
  }
  return bytes;
}

/// Writes an image as PNG, completely or not at all.
inline void write_png(const std::filesystem::path& path, const Image& image) {
  write_file(path, encode_png(image));
}

}  // namespace ugatit
