// JPEG through stb, with libjpeg's arithmetic, so that a photo gives the numbers that Pillow and OpenCV give.
//
// The standard leaves rounding open, and stb's shortcuts differ from libjpeg's by up to 3 levels. Three steps are put
// in place of stb's: the inverse cosine transform (libjpeg's jidctint.c: 13-bit constants, 2 bits kept between the
// passes), the enlarging of chroma stored at half size (jdsample.c: weights 9, 3, 3, 1, rounding that alternates
// between columns), and the colour conversion (jdcolor.c: 16-bit constants).
#pragma once

#include <ugatit/io/stb.hpp>

#include <array>
#include <memory>

namespace ugatit {

/// To the nearest of 0 to 255.
inline stbi_uc clamp_level(std::int64_t level) {
  return static_cast<stbi_uc>(std::clamp<std::int64_t>(level, 0, 255));
}

/// The inverse cosine transform of eight numbers, in units of 2^-13.
inline std::array<std::int64_t, 8> inverse_cosine(const std::array<std::int64_t, 8>& in) {
  const std::int64_t rotated = (in[2] + in[6]) * 4433;
  const std::int64_t even2 = rotated - in[6] * 15137;
  const std::int64_t even3 = rotated + in[2] * 6270;
  const std::int64_t even0 = (in[0] + in[4]) * 8192;
  const std::int64_t even1 = (in[0] - in[4]) * 8192;

  const std::int64_t z5 = (in[7] + in[3] + in[5] + in[1]) * 9633;
  const std::int64_t z1 = (in[7] + in[1]) * -7373;
  const std::int64_t z2 = (in[5] + in[3]) * -20995;
  const std::int64_t z3 = (in[7] + in[3]) * -16069 + z5;
  const std::int64_t z4 = (in[5] + in[1]) * -3196 + z5;
  const std::int64_t odd0 = in[7] * 2446 + z1 + z3;
  const std::int64_t odd1 = in[5] * 16819 + z2 + z4;
  const std::int64_t odd2 = in[3] * 25172 + z2 + z3;
  const std::int64_t odd3 = in[1] * 12299 + z1 + z4;

  return {even0 + even3 + odd3, even1 + even2 + odd2, even1 - even2 + odd1, even0 - even3 + odd0,
          even0 - even3 - odd0, even1 - even2 - odd1, even1 + even2 - odd2, even0 + even3 - odd3};
}

/// One block of 8 × 8 levels from its coefficients.
inline void jpeg_block(stbi_uc* out, int out_stride, short data[64]) {
  std::array<std::array<std::int64_t, 8>, 8> rows{};
  for (std::size_t x = 0; x < 8; ++x) {
    std::array<std::int64_t, 8> column{};
    for (std::size_t y = 0; y < 8; ++y) column[y] = data[8 * y + x];
    column = inverse_cosine(column);
    for (std::size_t y = 0; y < 8; ++y) rows[y][x] = (column[y] + (1 << 10)) >> 11;
  }
  for (std::size_t y = 0; y < 8; ++y, out += out_stride) {
    const auto row = inverse_cosine(rows[y]);
    for (std::size_t x = 0; x < 8; ++x) out[x] = clamp_level(((row[x] + (1 << 17)) >> 18) + 128);
  }
}

/// A row of 2 · `width` chroma levels from the nearer and the farther of two rows of `width`.
inline stbi_uc* jpeg_double_chroma(stbi_uc* out, stbi_uc* near, stbi_uc* far, int width, int) {
  const auto sum = [&](int x) { return 3 * near[x] + far[x]; };
  for (int x = 0; x < width; ++x) {
    const int before = sum(std::max(x - 1, 0));
    const int after = sum(std::min(x + 1, width - 1));
    out[2 * x] = static_cast<stbi_uc>((3 * sum(x) + before + 8) >> 4);
    out[2 * x + 1] = static_cast<stbi_uc>((3 * sum(x) + after + 7) >> 4);
  }
  return out;
}

/// `count` pixels of `step` bytes from luma and the two chroma rows.
inline void jpeg_colours(stbi_uc* out, const stbi_uc* luma, const stbi_uc* blue, const stbi_uc* red, int count,
                         int step) {
  constexpr int half = 1 << 15;
  for (int i = 0; i < count; ++i, out += step) {
    const int cb = blue[i] - 128;
    const int cr = red[i] - 128;
    out[0] = clamp_level(luma[i] + ((91881 * cr + half) >> 16));
    out[1] = clamp_level(luma[i] + ((-22554 * cb - 46802 * cr + half) >> 16));
    out[2] = clamp_level(luma[i] + ((116130 * cb + half) >> 16));
    if (step == 4) out[3] = 255;
  }
}

/// As `stbi_load_from_callbacks`, for JPEG only. Uses parts of stb that are not its public face; they have kept their
/// names since 2014.
inline stbi_uc* load_jpeg(DecoderInput& input, int& width, int& height, int& samples) {
  stbi_io_callbacks callbacks = DecoderInput::callbacks();
  stbi__context context{};
  stbi__start_callbacks(&context, &callbacks, &input);
  const auto decoder = std::make_unique<stbi__jpeg>();
  decoder->s = &context;
  stbi__setup_jpeg(decoder.get());
  decoder->idct_block_kernel = &jpeg_block;
  decoder->resample_row_hv_2_kernel = &jpeg_double_chroma;
  decoder->YCbCr_to_RGB_kernel = &jpeg_colours;
  return load_jpeg_image(decoder.get(), &width, &height, &samples, 0);
}

}  // namespace ugatit
